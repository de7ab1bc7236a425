#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Workloads that start well three times and then differ in one thing: is that thing named first, and as the cause?

Each case is a container as a node has it (lab.py). Every third one differs in a second thing too, which has nothing to
do with the failure. After them come healthy starts of all, unchanged: none may be diagnosed. Values of variables and
keys are planted in each, and must be in no file that the agent wrote; and a replay of the log gives the same diagnoses.

    changed.py               a dozen cases, for `make test`
    changed.py --all         all of them, and 40 healthy starts
    changed.py --only 'key*' some of them
"""
import argparse, copy, fnmatch, json, os, re, subprocess, sys, tempfile, threading, time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios"))
from lab import CAPS, Agent, action, be_a_shim, live

KILLS = 3
SECRET = "planted-value-7301"
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}


def volume(at="/etc/app", kind="configmap", name="settings", files=None, **more):
    files = {"app.yaml": f"password: {SECRET}\n", "other.yaml": "a: 1\n"} if files is None else files
    return {"kind": kind, "name": name, "at": at, "files": files, **more}


def python(*lines):
    return ["python3", "-c", "\n".join(lines)]


READS = python("print(len(open('/etc/app/app.yaml').read()))")
WRITES = python("open('/data/x','w').write('x')")
NEEDS = python("import os,sys", "if 'DATABASE_URL' not in os.environ: sys.exit('error: required variable DATABASE_URL is not set')")
CHECKS = python("import os,sys", "if os.environ.get('LOG_LEVEL')!='info': sys.exit('error: invalid value of LOG_LEVEL: no such level')")
PARSES = python("import sys", "t=open('/etc/app/app.yaml').read()", "if ':' not in t: sys.exit('error: /etc/app/app.yaml: line 1: expected a mapping')")
BINDS = python("import socket", "s=socket.socket()", "s.bind(('127.0.0.1',80))")
OWNS = python("import os", "open('/tmp/f','w').close()", "os.chown('/tmp/f',1234,1234)")
FILES = python("f=[open('/etc/passwd') for i in range(200)]")
FORKS = python("import subprocess", "p=[subprocess.Popen(['sleep','0.3']) for i in range(12)]", "[q.wait() for q in p]")
EATS = python("x=bytearray(96<<20)")
OPTION = ["python3", "-c", "import argparse;p=argparse.ArgumentParser();p.add_argument('--port');p.parse_args()"]
TOOL = "#!/bin/sh\nexit 0\n"
FILE = {"path": "/opt/app/data.txt", "content": "x"}


def case(name, base, change, what, cause=True, same_way=()):
    """change(case): what is done to it after three good starts; what: of the change that is to be told first;
    same_way: of others that come with it."""
    return {"name": name, "base": base, "change": change, "what": what, "cause": cause, "same_way": same_way}


def having(**members):
    return lambda c: c.update(members)


def of_volume(**members):
    return lambda c: c["mounts"][0].update(members)


def without_key(c):
    del c["mounts"][0]["files"]["app.yaml"]


def without_mount(c):
    c["mounts"].pop(0)


def env(*variables):
    return lambda c: c.update(env=[*c.get("env", []), *variables])


def volumes_of_all_kinds():
    for kind in "configmap", "secret", "projected":
        yield case(f"key-gone-{kind}", {"args": READS, "mounts": [volume(kind=kind)]}, without_key, "key `app.yaml` of .*`settings`")
        yield case(f"mount-gone-{kind}", {"args": READS, "mounts": [volume(kind=kind)]}, without_mount, "mount /etc/app")
        yield case(f"key-contents-{kind}", {"args": PARSES, "mounts": [volume(kind=kind)]},
                   of_volume(files={"app.yaml": "nothing", "other.yaml": "a: 1\n"}), "key `app.yaml`")
        yield case(f"key-mode-{kind}", {"args": READS, "uid": 1000, "mounts": [volume(kind=kind)]}, of_volume(file_mode="600"), "key `app.yaml`", same_way=["key `other.yaml`"])
        yield case(f"key-renamed-{kind}", {"args": READS, "mounts": [volume(kind=kind)]},
                   of_volume(files={"app.yml": "a: 1\n", "other.yaml": "a: 1\n"}), "key `app.yaml`")


def other_volumes():
    for kind in "emptydir", "pvc", "hostpath":
        yield case(f"read-only-{kind}", {"args": WRITES, "mounts": [volume("/data", kind, "data", {})]}, of_volume(ro=True), "mount /data")
        yield case(f"mount-gone-{kind}", {"args": WRITES, "mounts": [volume("/data", kind, "data", {})]}, without_mount, "mount /data")
    yield case("mount-noexec", {"args": ["/work/run"], "mounts": [volume("/work", "pvc", "work", {"run": TOOL}, file_mode="755")]},
               of_volume(options=["noexec"]), "mount /work")
    yield case("mount-new", {"args": python("open('/opt/app/data.txt')"), "files": [FILE]},
               having(mounts=[volume("/opt/app", "emptydir", "cache", {})]), "mount /opt/app")
    yield case("mount-other", {"args": python("open('/data/table')"), "mounts": [volume("/data", "pvc", "data", {"table": "x"})]},
               having(mounts=[volume("/data", "pvc", "data-new", {})]), "mount /data")


def environment():
    yield case("variable-gone", {"args": NEEDS, "env": [f"DATABASE_URL=db://{SECRET}@db"]}, having(env=[]), "variable `DATABASE_URL`")
    yield case("variable-value", {"args": CHECKS, "env": ["LOG_LEVEL=info"]}, having(env=["LOG_LEVEL=loud"]), "variable `LOG_LEVEL`")
    yield case("variable-new", {"args": python("import os,sys", "if 'TRACE_MODE' in os.environ: sys.exit('error: invalid value of TRACE_MODE')")},
               env("TRACE_MODE=x"), "variable `TRACE_MODE`")
    yield case("variable-path", {"args": ["sh", "-c", "mytool || exit 127"], "env": ["PATH=/opt/tool:/usr/bin:/bin"],
                                 "files": [{"path": "/opt/tool/mytool", "content": TOOL, "mode": "755"}]},
               having(env=[]), "variable `PATH`")
    yield case("variable-pythonpath", {"args": python("import ours"), "env": ["PYTHONPATH=/opt/lib"],
                                       "files": [{"path": "/opt/lib/ours.py", "content": ""}]}, having(env=[]), "variable `PYTHONPATH`")
    yield case("variable-address", {"args": python("import os,socket", "h=os.environ['DB_HOST']", "if h!='none': socket.create_connection((h,5432),2)"),
                                    "env": ["DB_HOST=none"]}, having(env=["DB_HOST=127.0.0.1"]), "variable `DB_HOST`", cause=False)


def commands_and_images():
    yield case("command-typo", {"args": ["/usr/bin/env", "true"]}, having(args=["/usr/bin/env", "treu"]), "command")
    yield case("command-option", {"args": OPTION + ["--port", "80"]}, having(args=OPTION + ["--prot", "80"]), "command")
    yield case("command-file", {"args": ["cat", "/etc/hostname"]}, having(args=["cat", "/etc/hostname.conf"]), "command")
    yield case("working-directory", {"args": ["cat", "data.txt"], "cwd": "/opt/app", "files": [FILE]}, having(cwd="/opt"), "working directory")
    yield case("image-file", {"args": python("open('/opt/app/data.txt')"), "files": [FILE], "image_name": "registry.example/app:1.4.2"},
               having(files=[], image_name="registry.example/app:1.5.0"), "image")
    yield case("image-program", {"args": ["/opt/tool/run"], "files": [{"path": "/opt/tool/run", "content": TOOL, "mode": "755"}],
                                 "image_name": "registry.example/app:1.4.2"},
               having(files=[{"path": "/opt/tool/README", "content": ""}], image_name="registry.example/app:1.5.0"), "image")
    yield case("image-module", {"args": ["python3", "/opt/app/main.py"], "image_name": "registry.example/app:1.4.2",
                                "files": [{"path": "/opt/app/main.py", "content": "import helper\n"}, {"path": "/opt/app/helper.py", "content": ""}]},
               having(files=[{"path": "/opt/app/main.py", "content": "import helper\n"}], image_name="registry.example/app:1.5.0"), "image")
    yield case("image-crash", {"args": ["python3", "/opt/app/main.py"], "image_name": "registry.example/app:1.4.2",
                               "files": [{"path": "/opt/app/main.py", "content": ""}]},
               having(files=[{"path": "/opt/app/main.py", "content": "raise RuntimeError('no luck')\n"}], image_name="registry.example/app:1.5.0"),
               "image", cause=False)


def users_and_rights():
    private = [{"path": "/opt/app/key", "content": "x", "mode": "600"}]
    yield case("uid-read", {"args": python("open('/opt/app/key')"), "files": private}, having(uid=1000), "uid")
    yield case("uid-write", {"args": python("open('/opt/app/new','w')"), "files": private}, having(uid=1000), "uid")
    yield case("uid-port", {"args": BINDS}, having(uid=1000), "uid")
    group = [{"path": "/opt/app/key", "content": "x", "mode": "640", "uid": 2000}]
    yield case("groups", {"args": python("open('/opt/app/key')"), "uid": 1000, "groups": [2000], "files": group}, having(groups=[]),
               "supplementary groups")
    yield case("gid", {"args": python("open('/opt/app/key')"), "uid": 1000, "gid": 2000, "files": group}, having(gid=1000), "gid")
    yield case("capability-bind", {"args": BINDS}, having(caps=[c for c in CAPS if c != "CAP_NET_BIND_SERVICE"]), "capabilities")
    yield case("capability-chown", {"args": OWNS}, having(caps=[c for c in CAPS if c != "CAP_CHOWN"]), "capabilities")
    yield case("read-only-root", {"args": python("open('/opt/app/x','w')"), "files": [FILE]}, having(read_only_root=True), "read-only root")
    yield case("seccomp", {"args": python("import os", "os.mkdir('/tmp/new')")}, having(seccomp=PROFILE), "seccomp profile")


def shells():
    reads = ["sh", "-c", "cp /etc/app/app.yaml /tmp/app.yaml 2>/dev/null; cat /tmp/app.yaml"]
    yield case("shell-key-copied", {"args": reads, "mounts": [volume()]}, without_key, "key `app.yaml`")
    yield case("shell-key-gone", {"args": ["sh", "-c", "exec cat /etc/app/app.yaml"], "mounts": [volume()]}, without_key, "key `app.yaml`")
    yield case("shell-variable", {"args": ["sh", "-c", ": ${API_KEY:?must be set}"], "env": ["API_KEY=none"]}, having(env=[]), "variable `API_KEY`")
    yield case("shell-mount-gone", {"args": ["sh", "-c", "echo x >/data/out"], "mounts": [volume("/data", "pvc", "data", {})]}, without_mount, "mount /data")
    yield case("shell-command", {"args": ["/opt/tool/run"], "files": [{"path": "/opt/tool/run", "content": TOOL, "mode": "755"}]},
               having(args=["/opt/tool/runs"]), "command")
    yield case("shell-memory-child", {"args": ["sh", "-c", "python3 -c 'x=bytearray(96<<20)' || exit 1"], "memory": 256 << 20},
               having(memory=48 << 20), "memory limit")
    yield case("shell-read-only-mkdir", {"args": ["sh", "-c", "mkdir /opt/app/new"], "files": [FILE]}, having(read_only_root=True), "read-only root")
    yield case("shell-uid-mkdir", {"args": ["sh", "-c", "mkdir /opt/app/new"], "files": [FILE]}, having(uid=1000), "uid")
    yield case("shell-override", {"args": ["cat", "/opt/app/key"], "files": [{"path": "/opt/app/key", "content": "x", "mode": "600", "uid": 1000}]},
               having(caps=[c for c in CAPS if c not in ("CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH")]), "capabilities")


def limits():
    yield case("memory", {"args": EATS, "memory": 256 << 20}, having(memory=48 << 20), "memory limit")
    yield case("memory-new", {"args": EATS}, having(memory=48 << 20), "memory limit")
    yield case("processes", {"args": FORKS, "pids": 64}, having(pids=6), "limit of processes")
    yield case("open-files", {"args": FILES, "nofile": 1024}, having(nofile=64), "limit of open files")


# Something else that changed as well, and did no harm.
HARMLESS = (("variable `BUILD_ID`", env("BUILD_ID=77")), ("limit of processes", having(pids=500)),
            ("mount /var/cache/app", lambda c: c.setdefault("mounts", []).append(volume("/var/cache/app", "emptydir", "cache", {}))))
SOME = ("key-gone-configmap", "mount-gone-secret", "key-mode-projected", "read-only-pvc", "variable-gone", "variable-address", "command-typo",
        "image-file", "image-crash", "uid-read", "capability-bind", "memory")


def all_cases():
    cases = [c for group in (volumes_of_all_kinds, other_volumes, environment, commands_and_images, users_and_rights, limits, shells) for c in group()]
    for i, c in enumerate(cases):
        what, second = HARMLESS[i // 3 % len(HARMLESS)]
        if i % 3 == 0 and what != c["what"]:
            c.update(second=second, second_what=what)
    return cases


class Run:
    def __init__(self, ktrace, work):
        self.ktrace, self.work = ktrace, work
        self.agent = Agent(ktrace, work, ["--events", "errors"])
        self.agent.ready()
        self.wrong, self.first, self.named, self.kills, self.forgotten = [], 0, 0, 0, 0

    def start(self, c, changed):
        box = copy.deepcopy(c["base"])
        box["name"] = "changed-" + c["name"]
        box.setdefault("env", []).append(f"TOKEN={SECRET}")
        box.setdefault("stop_after", 20)
        if changed:
            keep = box["env"].pop()
            c["change"](box)
            c.get("second", lambda b: None)(box)
            box["env"] = [*box.get("env", []), keep]
        return live(self.work, box)[0].id

    def wait_for_end(self, cid):
        ended = lambda rs: any(action(r) == "container_removed" and r["container"]["id"] == cid for r in rs[-20000:])
        if not self.agent.wait(ended, 30):
            raise SystemExit(f"no end of {cid} was seen")

    def seen(self, c, changed):
        """A start of which the agent read the bundle: on a machine that is busy it may come too late for one of 60 ms."""
        for _ in range(10):
            cid = self.start(c, changed)
            self.wait_for_end(cid)
            if any(r["container"].get("image") for r in self.agent.read()[-20000:] if action(r) == "container_created" and r["container"]["id"] == cid):
                return cid
        raise SystemExit(f"{c['name']}: the agent comes too late, ten times in a row")

    def healthy(self, c):
        cid = self.seen(c, False)
        for r in self.agent.diagnoses_of(cid):
            self.wrong.append(f"{c['name']}: a healthy start was diagnosed: {r['message']}")

    def kill(self, cases):
        """The agent is killed while it writes, three times, and finds again what it knew."""
        for c in cases:
            lost = threading.Thread(target=self.start, args=(c, False))
            lost.start()
            time.sleep(0.2)
            self.agent.proc.kill()
            self.agent.proc.wait()
            lost.join()
            self.agent = Agent(self.ktrace, self.work, ["--events", "errors"])
            if not self.agent.wait(lambda rs: sum(action(r) == "agent_started" for r in rs) > self.kills + 1, 60):
                raise SystemExit("the agent does not start again")
            self.kills += 1
            with open(f"{self.work}/agent.stderr") as f:
                said = f.read()
            if "damaged" in said or "in memory only" in said:
                self.wrong.append(f"after a kill: FALSE: {said}")
            cid = self.seen(c, True)
            d = (self.agent.diagnoses_of(cid) or [{"ktrace": {"diagnosis": {}}}])[-1]["ktrace"]["diagnosis"]
            if not d.get("last_healthy"):
                self.wrong.append(f"{c['name']}: forgotten after a kill ({d.get('title')})")
                self.forgotten += 1

    def case(self, c):
        for _ in range(3):
            self.healthy(c)
        cid = self.seen(c, True)
        given = self.agent.diagnoses_of(cid)
        if not given:
            return self.wrong.append(f"{c['name']}: no diagnosis")
        self.judge(c, given[-1]["ktrace"]["diagnosis"])

    def judge(self, c, d):
        changes, name = d.get("changes", []), c["name"]
        told = changes[0]["what"] if changes else "nothing"
        summary = d["summary"].startswith("What changed")
        right = bool(re.match(c["what"], told))
        self.first += right
        if not right:
            self.wrong.append(f"{name}: {told} is told first, and not {c['what']} ({d['root_cause']}: {d['title']})")
        elif c["cause"] and not summary:
            self.wrong.append(f"{name}: not said to be the cause ({d['root_cause']}: {d['title']})")
        self.named += right and summary
        if summary and not right:
            self.wrong.append(f"{name}: FALSE: {d['summary']}")
        both = [c["what"], c.get("second_what", "nothing")]
        for extra in changes:
            # no_new_privs is the lab's for each user but root
            if not any(re.match(w, extra["what"]) for w in [*both, "key `app.yml`", "no_new_privs", "gid", *c["same_way"]]):
                self.wrong.append(f"{name}: FALSE: {extra['what']} did not change")

    def same_in_replay(self):
        """Diagnoses of the log, made again without the memory."""
        out = subprocess.run([self.ktrace, "replay", "-o", "json", "--action", "diagnosis", self.agent.path], capture_output=True, text=True)
        again = [json.loads(line) for line in out.stdout.splitlines()]
        pick = lambda rs: {r["container"]["id"]: r["ktrace"]["diagnosis"] for r in rs if r.get("k8s", {}).get("pod", {}).get("name", "").startswith("changed-")}
        mine, theirs = pick(r for r in self.agent.read() if action(r) == "diagnosis"), pick(again)
        for cid, d in mine.items():
            for key in "root_cause", "summary", "changes", "last_healthy", "recommendations":
                if theirs.get(cid, {}).get(key) != d.get(key):
                    self.wrong.append(f"the replay of {d['title']} has another {key}: {theirs.get(cid, {}).get(key)}, and not {d.get(key)}")
        if not mine:
            self.wrong.append("nothing to replay")

    def diff(self, c):
        """`ktrace diff` of a container that runs, from the agent; and of the same from its log."""
        box = copy.deepcopy(c["base"])
        box.update(name="changed-" + c["name"], args=["sleep", "600"], image_name="registry.example/app:2", stop_after=600, grace=1)
        thread = threading.Thread(target=live, args=(self.work, box))
        thread.start()
        started = lambda rs: [r["container"]["id"] for r in rs[-20000:] if action(r) == "container_started"
                              and r["container"].get("image", {}).get("name") == box["image_name"]]
        mine = self.agent.wait(started, 60)
        if not mine:
            self.wrong.append("diff: FALSE: the container does not start")
        target = f"scenarios/{box['name']}-0"
        for where in (["--socket", f"{self.work}/ktrace.sock"], ["--from", self.agent.path]):
            run = subprocess.run([self.ktrace, "diff", "-o", "json", *where, target], capture_output=True, text=True)
            told = {x["what"]: x["after"] for x in json.loads(run.stdout or "{}").get("ktrace", {}).get("changes", [])}
            if run.returncode or told.get("image") != box["image_name"] or "command" not in told:
                self.wrong.append(f"diff {' '.join(where)}: FALSE: {run.stdout}{run.stderr}")
            text = subprocess.run([self.ktrace, "diff", *where, target], capture_output=True, text=True).stdout
            if "last started well" not in text or box["image_name"] not in text:
                self.wrong.append(f"diff {' '.join(where)}: FALSE: {text}")
        for cid in mine or []:
            subprocess.run(["runc", "--root", f"{self.work}/run/containerd/runc/k8s.io", "kill", cid, "KILL"], capture_output=True)
        thread.join()

    def nothing_leaked(self):
        for name in "memory", "events.ndjson", "diagnoses", "agent.stderr", "agent.stdout":
            with open(f"{self.work}/{name}", "rb") as f:
                if SECRET.encode() in f.read():
                    self.wrong.append(f"a value of a variable or a key is in {name}")


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--all", action="store_true", help="all cases, and 40 healthy starts after them")
    ap.add_argument("--only", help="cases by name, as a shell matches")
    a = ap.parse_args()
    be_a_shim()
    cases = all_cases()
    chosen = [c for c in cases if fnmatch.fnmatch(c["name"], a.only)] if a.only else cases if a.all else [c for c in cases if c["name"] in SOME]
    began = time.time()
    with tempfile.TemporaryDirectory() as work:
        run = Run(os.path.abspath(a.ktrace), work)
        for c in chosen:
            run.case(c)
        for i in range(40 if a.all else 4):
            run.healthy(chosen[i % len(chosen)])
        run.kill(chosen[:KILLS])
        run.diff(chosen[0])
        trouble = run.agent.stop()
        run.same_in_replay()
        run.nothing_leaked()
    for w in run.wrong:
        print("  " + w)
    print(f"{len(chosen)} cases, {sum('second' in c for c in chosen)} with a second change: the one that matters is told first in {run.first}, "
          f"as the cause in {run.named} of {sum(c['cause'] for c in chosen)}; {time.time() - began:.0f} s")
    false = [w for w in run.wrong if "FALSE" in w or "healthy start was" in w or "replay" in w or "is in" in w]
    return bool(trouble or false or run.forgotten == KILLS or run.first < 0.9 * len(chosen) or run.named < 0.9 * sum(c["cause"] for c in chosen))


if __name__ == "__main__":
    sys.exit(main())
