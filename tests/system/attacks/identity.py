#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Nobody becomes another container: claims by whoever can start a program called runc, and cgroups with another's name.

usage: identity.py [N]      N containers for each way of claiming (2)
"""
import json, os, shutil, subprocess, sys, tempfile, threading, uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../scenarios")
from lab import Agent, Container, action, be_a_shim, hierarchies, live, remove_pod, rmdir, write

KTRACE = os.environ.get("KTRACE", "build/ktrace")
SECONDS = 60
NOBODY = 65534


def cgroup_root():
    """Where the hierarchy is that ktrace watches."""
    with open("/proc/self/mounts") as f:
        mounts = [m.split() for m in f]
    return next((m[1] for m in mounts if m[2] == "cgroup2"), None) or \
        next(m[1] for m in mounts if m[2] == "cgroup" and "memory" in m[3].split(","))


def victim(i, seconds=0.2):
    return {"name": f"victim{i}", "container": "app", "namespace": "shop", "image": "busybox",
            "args": ["sh", "-c", f"sleep {seconds}; cat /config/needed-{i}.conf; exit 3"]}


class Evil:
    """Bundles that say that their container is prod/payments-0, and programs called runc."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="ktrace-evil-")
        os.chmod(self.dir, 0o755)
        config = {"process": {"args": ["x"]}, "root": {"path": "/"}, "mounts": [], "annotations": {
            "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": "pay",
            "io.kubernetes.cri.sandbox-name": "payments-0", "io.kubernetes.cri.sandbox-namespace": "prod"}}
        for name, uid in (("nobodys", NOBODY), ("roots", 0)):
            write(f"{self.dir}/{name}/config.json", json.dumps(config), "644", uid, uid)
            os.chown(f"{self.dir}/{name}", uid, uid)
        os.symlink(f"{self.dir}/roots", f"{self.dir}/link")
        for name, mode in (("plain", 0o755), ("setuid", 0o4755)):
            os.mkdir(f"{self.dir}/{name}")
            shutil.copy("/bin/true", f"{self.dir}/{name}/runc")
            os.chmod(f"{self.dir}/{name}/runc", mode)

    def claim(self, way, cid):
        runc = f"{self.dir}/{'setuid' if way == 'set-uid program' else 'plain'}/runc"
        bundle = {"a user's bundle": "nobodys", "bundle by link": "link"}.get(way, "roots")
        call = [runc, "create", "--bundle", f"{self.dir}/{bundle}", cid]
        if way == "user namespace":                 # root in it is root's own number, and has none of its rights
            subprocess.run(["unshare", "--user", "--map-root-user", *call], check=True)
        else:
            subprocess.run(call, user=NOBODY, group=NOBODY, extra_groups=[], check=True)

    def claim_in_container(self, work, cid):
        case = {"name": "claimer", "container": "evil", "namespace": "evil", "image": "busybox",
                "files": [{"path": "/runc", "type": "copy", "from": "/bin/busybox", "mode": "755"}],
                "args": ["/runc", "create", "--bundle", f"{self.dir}/roots", cid]}
        live(work, case)


WAYS = ["a user's bundle", "root's bundle", "user namespace", "in a container", "bundle by link", "set-uid program"]


def claimed(evil, work, way, i, cid=None):
    """A real container whose id was claimed before it was made, and is claimed all the while."""
    case = victim(i)
    box, over = Container(work, case, cid=cid), threading.Event()

    def claim():
        (evil.claim_in_container(work, box.id) if way == "in a container" else evil.claim(way, box.id))

    def go_on():
        while not over.wait(0.01):
            claim()
    claim()
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        box.build()
        box.run()
    finally:
        over.set()
        thread.join()
        box.destroy()
        remove_pod(case)
    return box


def check_claims(agent, work, count):
    evil = Evil()
    try:
        for n, way in enumerate(WAYS):
            numbers = range(n * count, (n + 1) * count)
            boxes = [claimed(evil, work, way, i, f"plain-{i}" if i % 2 else None) for i in numbers]
            for box in boxes:
                if not agent.wait(lambda rs, b=box: agent.diagnoses.get(b.id), SECONDS):
                    raise SystemExit(f"{way}: no diagnosis of {box.case['name']}")
            ids = {b.id: b.case["name"] + "-0" for b in boxes}
            pods = [(r["container"]["id"], r.get("k8s", {}).get("pod", {}).get("name")) for r in agent.records
                    if r.get("container", {}).get("id") in ids]
            wrong = {i for i, pod in pods if pod != ids[i]}
            print(f"{way}: {len(wrong)} of {count} told as another pod")
            if wrong:
                raise SystemExit(f"{way}: " + repr([p for p in pods if p[0] in wrong][:3]))
        check_plain_names(agent, evil)
    finally:
        shutil.rmtree(evil.dir)


def check_plain_names(agent, evil):
    """Cgroups called as a user claimed, or as systemd's are, are no containers: what fails in them is not told."""
    def fails_in(name, why):
        path = f"{cgroup_root()}/{name}"
        os.mkdir(path)
        in_cgroup(path, f"cat /ktrace-test/{why}/{name}")
        os.rmdir(path)
    evil.claim("a user's bundle", "claimed")
    for name in ("claimed", "runc-claimed.scope", "machine-asked.scope", "asked.service"):
        fails_in(name, "not-told")
    for name in ("asked", "runc-asked.scope", "asked.scope"):        # as systemd makes them for the runtime
        subprocess.run([f"{evil.dir}/plain/runc", "create", "--bundle", f"{evil.dir}/roots", "asked"], check=True)
        fails_in(name, "told")
        assert container_that_fails(agent, f"/ktrace-test/told/{name}")["id"] == "asked", name
    told = agent.wait(lambda rs: [r for r in rs if "not-told" in r.get("file", {}).get("path", "")], 1)
    if told:
        raise SystemExit(f"a cgroup became a container by a user's claim: {told[0]['container']}")
    print("plain names: nothing that root's runtime was not asked for is a container")


def in_cgroup(path, script):
    """Runs a shell script that enters the cgroup first."""
    subprocess.run(["sh", "-c", f"echo $$ >{path}/cgroup.procs; {script}"], stderr=subprocess.DEVNULL)


def container_that_fails(agent, path):
    """The container that the failure over that path was told of."""
    found = agent.wait(lambda rs: [r for r in rs if r.get("file", {}).get("path") == path], SECONDS)
    if not found:
        raise SystemExit(f"the failure over {path} was not told at all")
    return found[0]["container"]


def check_cgroups(agent, work):
    root, case = cgroup_root(), {**victim(99), "name": "bank", "args": ["sleep", "60"], "stop_after": 60}
    box = Container(work, case)
    other, hidden = f"{root}/ktrace-foreign-{os.getpid()}", "x" + "ab" * 32
    thread = threading.Thread(target=box.run)
    try:
        box.build()
        thread.start()
        if not agent.wait(lambda rs: any(action(r) == "container_started" and r["container"]["id"] == box.id for r in rs), SECONDS):
            raise SystemExit("the container did not start")
        own = f"{root}/kubepods/burstable/pod{box.pod_uid}/{box.id}"
        os.makedirs(f"{other}/{box.id}")
        in_cgroup(f"{other}/{box.id}", "cat /ktrace-test/foreign")
        seen = container_that_fails(agent, "/ktrace-test/foreign")
        assert seen["id"].startswith("foreign-") and seen["runtime"] == "foreign", seen
        # below its own, by names that look like another's and like nobody's
        for name in (hidden, uuid.uuid4().hex * 2, "conmon-" + uuid.uuid4().hex * 2):
            os.mkdir(f"{own}/{name}")
            in_cgroup(f"{own}/{name}", f"cat /ktrace-test/{name}")
            seen = container_that_fails(agent, f"/ktrace-test/{name}")
            assert seen["id"] == box.id, (name, seen)
            os.rmdir(f"{own}/{name}")
        # made by a process of the container, elsewhere
        elsewhere = f"{other}/{uuid.uuid4().hex * 2}"
        in_cgroup(own, f"mkdir {elsewhere}; echo $$ >{elsewhere}/cgroup.procs; cat /ktrace-test/elsewhere")
        seen = container_that_fails(agent, "/ktrace-test/elsewhere")
        assert seen["id"] == box.id, seen
        rmdir(elsewhere)
        print("cgroups: another's name is told as foreign, hidden ones as their container")
    finally:
        box.runc("kill", box.id, "KILL", stderr=subprocess.DEVNULL)
        thread.join()
        rmdir(f"{other}/{box.id}")
        rmdir(other)
        box.destroy()
        remove_pod(case)


def main():
    if os.geteuid() or not shutil.which("runc") or not hierarchies():
        print("needs root, runc and cgroups")
        sys.exit(77)
    be_a_shim()
    work = tempfile.mkdtemp(prefix="ktrace-identity-")
    os.chmod(work, 0o755)
    try:
        agent = Agent(KTRACE, work, ["--events", "all"])
        try:
            agent.ready()
            check_claims(agent, work, int(sys.argv[1]) if len(sys.argv) > 1 else 2)
            check_cgroups(agent, work)
        finally:
            agent.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
