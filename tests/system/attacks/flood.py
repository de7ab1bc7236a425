#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One container does one thing as fast as it can, while the agent has less than half the share of a processor that its
DaemonSet asks for: what is said of others is right, or is said to be unsure, and nothing of theirs is lost. How long the kubelet's probes
wait meanwhile is printed.

usage: flood.py [N [MODE...]]      N containers that fail beside each flood (3), of all modes of flood.c
       SHARES=off flood.py ...     the agent's share of a processor is like everybody's
       SHARES=stop flood.py ...    the agent is stopped, for ten seconds at least
"""
import contextlib, multiprocessing, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time, urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, Container, action, be_a_shim, live, remove_pod, rmdir, sh

KTRACE = os.environ.get("KTRACE", "build/ktrace")
SHARES = os.environ.get("SHARES", "20")     # less than the half of requests.cpu
SECONDS = 120           # for what comes at once on a machine that has nothing else to do
WORKERS = 4
FLOOD_SECONDS = 10 if SHARES == "stop" else 3   # at least


def family(pid):
    """A process and all below it: the agent and its helper are in one pod."""
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [pid] + [p for child in f.read().split() for p in family(int(child))]


class Share:
    """Processes beside pods that take all the rest, where the machine can share out its processors so."""

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

    def move(self, path):
        for pid in family(self.pid) if self.top else []:
            self.put(path + "/cgroup.procs", pid)

    def __enter__(self):
        self.move(self.path)

    def __exit__(self, *_):
        """What was lost by now is lost: the rest may come as fast as it can."""
        self.move(self.top)

    def remove(self):
        if self.top:
            rmdir(self.path)


class Probes(multiprocessing.Process):
    """A kubelet that asks how the agent is, ten times a second: a process of its own, so that what we do does not hold it up."""

    def __init__(self):
        super().__init__()
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.answers, self.over, self.began = multiprocessing.SimpleQueue(), multiprocessing.Event(), multiprocessing.Value("d")
        self.wrong = []

    def run(self):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))      # how long the agent takes is asked, not how long we do
        while not self.over.wait(0.1):
            for page in ("healthz", "readyz"):
                self.began.value, wrong = time.monotonic(), None
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{page}", timeout=60).read()
                except OSError as e:
                    wrong = f"{page}: {e}"
                self.answers.put((time.monotonic() - self.began.value, wrong))
                self.began.value = 0

    def read(self):
        """-> seconds that each probe took since the last time"""
        took = []
        while not self.answers.empty():
            seconds, wrong = self.answers.get()
            took.append(seconds)
            self.wrong += [wrong] if wrong else []
        return took

    def looks(self):
        """How the agent's looks at containers ended."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=60) as page:
            return re.findall(r'ktrace_looks_total\{result="(\w+)"\} (\d+)', page.read().decode())

    def said(self):
        """Of those since the last time, the one that waits among them."""
        began, took = self.began.value, self.read()
        took = sorted(took + ([time.monotonic() - began] if began else []))
        if not took:
            return "not probed"
        late = sum(t > 0.1 for t in took)
        return f"{len(took)} probes, half within {took[len(took) // 2] * 1000:.0f} ms, {late} after more than 100 ms, slowest {took[-1] * 1000:.0f} ms"


class Stopped:
    """A process that gets nothing at all."""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


def share_of(pid):
    return {"off": contextlib.nullcontext, "stop": Stopped}.get(SHARES, Share)(pid)


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


def flood(agent, share, probes, work, mode, count):
    case = {"name": f"flood-{mode}", "container": "evil", "namespace": "evil", "image": "busybox", "stop_after": 600, "grace": 0.1,
            "args": ["/flood", mode, "600", str(WORKERS)], "files": [{"path": "/flood", "type": "copy", "from": work + "/flood", "mode": "755"}]}
    evil = Container(work, case)
    evil.build()
    thread = threading.Thread(target=evil.run)
    thread.start()
    try:
        wait_for_program(evil)
        probes.said()
        with share:
            end = time.monotonic() + FLOOD_SECONDS
            boxes = [live(work, victim(mode, i))[0] for i in range(count)]
            time.sleep(max(0, end - time.monotonic()))
            waited = probes.said() if SHARES != "stop" else "stopped meanwhile"
    finally:
        evil.runc("kill", evil.id, "KILL", stderr=subprocess.DEVNULL)
        thread.join()
        evil.destroy()
        remove_pod(case)
    for box in boxes:
        if not agent.wait(lambda rs, b=box: agent.diagnoses.get(b.id), SECONDS):
            raise SystemExit(f"{mode}: no diagnosis of {box.case['name']}")
    told = [judge(b, agent.diagnoses[b.id][-1]) for b in boxes]
    for box, (good, doubted) in zip(boxes, told):
        if not good and not doubted:
            d = agent.diagnoses[box.id][-1]
            print(f"wrong: {d['message']} {d['ktrace']['diagnosis']['confidence']} {d.get('file')}")
    right, unsure = sum(r for r, _ in told), sum(u and not r for r, u in told)
    lost = sum(agent.diagnoses[b.id][-1]["ktrace"]["diagnosis"]["lost"] for b in boxes)
    print(f"{mode}: {right} of {count} right, {unsure} unsure, {count - right - unsure} wrong; {lost} events of theirs lost; {waited}", flush=True)
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
        probes = Probes()
        agent = Agent(KTRACE, work, ["--listen", f"127.0.0.1:{probes.port}"])
        try:
            agent.ready()
            probes.start()
            share = share_of(agent.proc.pid)
            good = [flood(agent, share, probes, work, mode, count) for mode in modes]
            print("looks:", ", ".join(f"{n} {result}" for result, n in probes.looks()))
            probes.over.set()
            probes.join()
            probes.read()
            good.append(check(agent) and not probes.wrong)
        finally:
            probes.over.set()
            agent.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if isinstance(share, Share):
            share.remove()
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
