#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the agent takes while containers run and nothing happens to them: workers that sleep, and some that poll.

Counts the run time of the agent and its helpers, and that of its BPF programs, in shares of one CPU: first while the
containers are young and looked at often, then from the age on from which they are looked at rarely. What else runs on
the machine costs the agent too: that is measured before the containers are made and after they are gone, and the lesser
of both is taken off. On a machine where other containers come and go the rest is theirs.
Exit status 1 when the agent's own share is over the target in the end.
"""
import argparse, concurrent.futures, os, shutil, sys, tempfile, threading, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "system", "scenarios"), os.path.join(HERE, "..", "system", "containers")]
from agent import bpf_stats, judge, start
from lab import be_a_shim, live
from meter import bpf_seconds

TARGET = 0.5            # per cent of one CPU
YOUNG_SECONDS = 90      # src/container/watch.c
SETTLE_SECONDS = 10     # after the containers' ends
POLLERS = [             # each asks once a second for something that is not there
    "while :; do [ -e /tmp/job ] && cat /tmp/job; sleep 1; done",
    "while :; do busybox wget -q -O /dev/null http://127.0.0.1:4318/ 2>/dev/null; sleep 1; done",
]


def family(pid):
    """The process and all below it."""
    yield pid
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        for child in f.read().split():
            yield from family(int(child))


def run_seconds(pid):
    """The time that it and its helpers had a CPU, to the nanosecond, by process."""
    spent = {}
    for p in family(pid):
        for task in os.listdir(f"/proc/{p}/task"):
            with open(f"/proc/{p}/task/{task}/schedstat") as f:
                spent[p] = spent.get(p, 0) + int(f.read().split()[0]) / 1e9
    return spent


def share(pid, seconds):
    """-> (agent, BPF programs): per cent of one CPU, over so many seconds from now. A helper may be replaced meanwhile."""
    before, bpf, begin = run_seconds(pid), bpf_seconds(pid), time.monotonic()
    time.sleep(seconds)
    after, took = run_seconds(pid), time.monotonic() - begin
    own = sum(spent - before.get(p, 0) for p, spent in after.items())
    return own / took * 100, (bpf_seconds(pid) - bpf) / took * 100


def case_of(number, pollers):
    args = ["sh", "-c", POLLERS[number % len(POLLERS)]] if number < pollers else ["sleep", "3600"]
    return {"name": f"idle-{number}", "container": f"idle-{number}", "image": "busybox", "args": args, "grace": 1, "stop_after": 3600}


def started(pool, work, count, pollers, over):
    """Starts the containers, one after the other; they run until `over` is set."""
    up = threading.Semaphore(0)

    def one(number):
        seen = threading.Event()

        def enough(_):
            if not seen.is_set():
                seen.set()
                up.release()
            return over.wait(2)
        live(work, case_of(number, pollers), enough)

    for number in range(count):
        box = pool.submit(one, number)
        if not up.acquire(timeout=60):
            raise SystemExit(f"container {number} did not start: {box.exception() if box.done() else 'no answer'}")


def measure(pid, work, count, pollers, seconds):
    """-> (agent, BPF programs): their shares with the containers young, and grown, less what the rest of the machine takes."""
    over, with_them = threading.Event(), []
    with bpf_stats():
        without = [share(pid, seconds)]
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            try:
                started(pool, work, count, pollers, over)
                with_them.append(share(pid, seconds))
                time.sleep(max(0, YOUNG_SECONDS - seconds))
                with_them.append(share(pid, seconds))
            finally:
                over.set()
        time.sleep(SETTLE_SECONDS)
        without.append(share(pid, seconds))
    print("the rest of the machine: " + ", ".join(f"{agent:.2f} %, BPF programs {bpf:.2f} %" for agent, bpf in without))
    rest = [min(column) for column in zip(*without)]
    return [[one - other for one, other in zip(row, rest)] for row in with_them]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--containers", type=int, default=100)
    ap.add_argument("--pollers", type=int, default=10)
    ap.add_argument("--seconds", type=float, default=60, help="how long each of the two measurements takes")
    a = ap.parse_args()
    be_a_shim()
    work = tempfile.mkdtemp(prefix="idle-bench.")
    agent = None
    try:
        agent, _ = start(os.path.abspath(a.ktrace), work)
        young, grown = measure(agent.proc.pid, work, a.containers, a.pollers, a.seconds)
        print(f"{a.containers} containers, {a.pollers} of which poll: young {young[0]:.2f} % of a CPU, BPF programs {young[1]:.2f} %; "
              f"grown {grown[0]:.2f} %, BPF programs {grown[1]:.2f} %")
        good = judge(f"idle, {a.containers} running containers", grown[0], "% of a CPU", TARGET)
    finally:
        if agent:
            agent.stop()
        shutil.rmtree(work, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
