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
import argparse, copy, datetime, fnmatch, gzip, json, os, re, subprocess, sys, tempfile, threading, time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios"))
from lab import Agent, action, be_a_shim, live
from changed_cases import SECRET, SOME, all_cases


class Run:
    def __init__(self, ktrace, work, options=()):
        self.ktrace, self.work, self.options = ktrace, work, ["--events", "errors", *options]
        self.agent = Agent(ktrace, work, self.options)
        self.agent.ready()
        self.wrong, self.first, self.named = [], 0, 0

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

    def restart(self, under=()):
        """Another agent, which appends to the same log, in the place of this one."""
        if self.agent.proc.poll() is None:
            self.agent.stop()
        since = datetime.datetime.utcnow().isoformat()
        self.agent = Agent(self.ktrace, self.work, self.options, under)
        if not self.agent.wait(lambda rs: any(action(r) == "agent_started" and r["@timestamp"] > since for r in rs[-20000:]), 60):
            raise SystemExit("the agent does not start again")

    def case(self, c):
        if c["kernel"]:
            self.restart(c["kernel"])
        for _ in range(3):
            self.healthy(c)
        if c["kernel"]:
            self.restart()
        with c["node"]():
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

    def recorded(self, c):
        """A failed start in a recording of `ktrace record`."""
        path = f"{self.work}/recording"
        recorder = subprocess.Popen([self.ktrace, "record", "-o", path], stderr=subprocess.PIPE, text=True)
        recorder.stderr.readline()                              # it records
        cid = self.seen(c, True)
        recorder.terminate()
        if recorder.wait(30) or cid not in gzip.open(path, "rt").read():
            self.wrong.append(f"FALSE: {cid} is not in a recording: {recorder.stderr.read()}")

    def nothing_leaked(self):
        for name in "memory", "events.ndjson", "diagnoses", "agent.stderr", "agent.stdout", "recording":
            with (gzip.open if name == "recording" else open)(f"{self.work}/{name}", "rb") as f:
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
        try:
            for c in chosen:
                run.case(c)
            for i in range(40 if a.all else 4):
                run.healthy(chosen[i % len(chosen)])
            run.restart()                                       # what failed is in the store alone
            run.diff(chosen[0])
            run.recorded(chosen[0])
            trouble = run.agent.stop()
        finally:
            if run.agent.proc.poll() is None:
                run.agent.stop()
        run.same_in_replay()
        run.nothing_leaked()
    for w in run.wrong:
        print("  " + w)
    print(f"{len(chosen)} cases, {sum('second' in c for c in chosen)} with a second change: the one that matters is told first in {run.first}, "
          f"as the cause in {run.named} of {sum(c['cause'] for c in chosen)}; {time.time() - began:.0f} s")
    false = [w for w in run.wrong if "FALSE" in w or "healthy start was" in w or "replay" in w or "is in" in w]
    return bool(trouble or false or run.first < 0.9 * len(chosen) or run.named < 0.9 * sum(c["cause"] for c in chosen))


if __name__ == "__main__":
    sys.exit(main())
