#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the agent itself takes: time to its agent_started, memory, and for each of many short containers.

Exit status 1 when a target is missed.
"""
import argparse, contextlib, os, shutil, statistics, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "system", "scenarios"), os.path.join(HERE, "..", "system", "containers")]
from lab import Agent, be_a_shim
from meter import memory
from storm import storm

BPF_STATS = "/proc/sys/kernel/bpf_stats_enabled"


@contextlib.contextmanager
def bpf_stats():
    """The kernel counts the run time of BPF programs meanwhile."""
    with open(BPF_STATS) as f:
        before = f.read()
    try:
        with open(BPF_STATS, "w") as f:
            f.write("1")
        yield
    finally:
        with open(BPF_STATS, "w") as f:
            f.write(before)


def start(ktrace, work):
    """-> (agent, milliseconds from its start to its first record)"""
    folder = tempfile.mkdtemp(dir=work)
    begin = time.monotonic()
    agent = Agent(ktrace, folder, [])
    while not os.path.exists(agent.path) or not os.path.getsize(agent.path):
        if agent.proc.poll() is not None:
            break
        time.sleep(0.001)
    took = (time.monotonic() - begin) * 1000
    agent.ready()
    return agent, took


def judge(what, value, unit, limit):
    print(f"{'ok    ' if value <= limit else 'MISSED'} {what}: {value:.4g} {unit} (target {limit} {unit})", flush=True)
    return value <= limit


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--starts", type=int, default=11)
    ap.add_argument("--containers", type=int, default=2000)
    ap.add_argument("--at-once", type=int, default=6)
    a = ap.parse_args()
    be_a_shim()
    work = tempfile.mkdtemp(prefix="agent-bench.")
    agent = None
    try:
        times = []
        for _ in range(a.starts):
            agent, took = start(os.path.abspath(a.ktrace), work)
            times.append(took)
            agent.stop()
        print(f"start: {min(times):.0f} to {max(times):.0f} ms in {a.starts} starts")
        good = [judge("start to agent_started, median", statistics.median(times), "ms", 150)]

        agent, _ = start(os.path.abspath(a.ktrace), work)
        time.sleep(1)
        good.append(judge("resident after the start", memory(agent.proc.pid)[0], "MiB", 16))
        with bpf_stats():
            _, meter = storm(agent, work, a.containers, a.at_once)
        grown = list(meter.complaints())
        print("\n".join(f"MISSED {g}" for g in grown) or "ok     memory is flat")
        good.append(not grown)
    finally:
        if agent:
            agent.stop()
        shutil.rmtree(work, ignore_errors=True)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
