#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One container does one thing as fast as it can, while the agent has the share of a processor that its DaemonSet asks
for: what is said of others is right, or is said to be unsure, and nothing of theirs is lost.

usage: flood.py [N [MODE...]]      N containers that fail beside each flood (3), of all modes of flood.c
"""
import os, re, shutil, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, Container, action, be_a_shim, live, remove_pod, rmdir, sh

KTRACE = os.environ.get("KTRACE", "build/ktrace")
SHARES = 20             # requests.cpu: 20m
SECONDS = 120           # for what comes at once on a machine that has nothing else to do
WORKERS = 4


class Share:
    """A process beside pods that take all the rest, where the machine can share out its processors so."""

    def __init__(self, pid):
        with open("/proc/self/mounts") as f:
            mounts = [m.split() for m in f]
        self.pid = pid
        self.top = next((m[1] for m in mounts if m[2] == "cgroup" and "cpu" in m[3].split(",")), None)
        self.path = f"{self.top}/ktrace-flood-{os.getpid()}"
        if self.top:
            os.mkdir(self.path)
            self.put(self.path + "/cpu.shares", SHARES)

    @staticmethod
    def put(path, value):
        with open(path, "w") as f:
            f.write(str(value))

    def __enter__(self):
        if self.top:
            self.put(self.path + "/cgroup.procs", self.pid)

    def __exit__(self, *_):
        """What was lost by now is lost: the rest may come as fast as it can."""
        if self.top:
            self.put(self.top + "/cgroup.procs", self.pid)

    def remove(self):
        if self.top:
            rmdir(self.path)


def victim(mode, i):
    return {"name": f"{mode}{i}", "container": "app", "namespace": "shop", "image": "busybox",
            "args": ["sh", "-c", f"cat /config/{mode}-{i}.conf; exit 3"]}


def judge(box, d):
    """-> right, and whether it is said that it may not be."""
    told = d["ktrace"]["diagnosis"]
    path = box.case["args"][2].split()[1].rstrip(";")
    right = told["root_cause"] == "missing_file" and d.get("file", {}).get("path") == path
    return right, told["lost"] > 0 and told["confidence"] < 0.5


def wait_for_program(box):
    end = time.time() + SECONDS
    while time.time() < end:
        try:
            with open(f"{box.bundle}/init.pid") as f, open(f"/proc/{f.read()}/comm") as comm:
                if comm.read() == "flood\n":
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"{box.case['name']} did not start")


def flood(agent, share, work, mode, count):
    case = {"name": f"flood-{mode}", "container": "evil", "namespace": "evil", "image": "busybox", "stop_after": 600, "grace": 0.1,
            "args": ["/flood", mode, "600", str(WORKERS)], "files": [{"path": "/flood", "type": "copy", "from": work + "/flood", "mode": "755"}]}
    evil = Container(work, case)
    evil.build()
    thread = threading.Thread(target=evil.run)
    thread.start()
    try:
        wait_for_program(evil)
        with share:
            boxes = [live(work, victim(mode, i))[0] for i in range(count)]
    finally:
        evil.runc("kill", evil.id, "KILL", stderr=subprocess.DEVNULL)
        thread.join()
        evil.destroy()
        remove_pod(case)
    for box in boxes:
        if not agent.wait(lambda rs, b=box: agent.diagnoses.get(b.id), SECONDS):
            raise SystemExit(f"{mode}: no diagnosis of {box.case['name']}")
    told = [judge(b, agent.diagnoses[b.id][-1]) for b in boxes]
    right, unsure = sum(r for r, _ in told), sum(u and not r for r, u in told)
    lost = sum(agent.diagnoses[b.id][-1]["ktrace"]["diagnosis"]["lost"] for b in boxes)
    print(f"{mode}: {right} of {count} right, {unsure} unsure, {count - right - unsure} wrong; {lost} events of theirs lost", flush=True)
    return right + unsure == count and right * 5 >= count * 4 and not lost


def check(agent):
    agent.stop()
    counts = [r for r in agent.read() if action(r) == "agent_stopped"][-1]["ktrace"]["agent"]
    produced, delivered = sum(counts["produced"].values()), sum(counts["delivered"].values())
    lost = counts["lost"]["full"] + counts["lost"]["busy"]
    print(f"produced {produced}, delivered {delivered}, lost {lost}, left out {counts['left_out']}")
    return produced == delivered + lost


def main():
    if os.geteuid() or not shutil.which("runc"):
        print("needs root and runc")
        sys.exit(77)
    be_a_shim()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with open(HERE + "/flood.c") as f:
        modes = sys.argv[2:] or re.findall(r'\{ "([a-z-]+)", \w+ \}', f.read())
    work = tempfile.mkdtemp(prefix="ktrace-flood-")
    share = None
    try:
        sh("gcc", "-O2", "-static", "-D_GNU_SOURCE", "-o", work + "/flood", HERE + "/flood.c")
        agent = Agent(KTRACE, work, [])
        try:
            agent.ready()
            share = Share(agent.proc.pid)
            good = [flood(agent, share, work, mode, count) for mode in modes]
            good.append(check(agent))
        finally:
            agent.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if share:
            share.remove()
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
