#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the agent itself takes: time to its agent_started, memory, and memory again after many containers.

Exit status 1 when a target is missed.
"""
import argparse, os, shutil, statistics, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "scenarios"), os.path.join(HERE, "..", "containers")]
from lab import Agent, be_a_shim
from storm import storm

FORGET = 65         # seconds after which the agent has let go of containers that are gone


def resident(agent):
    """MiB in memory now."""
    with open(f"/proc/{agent.proc.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:")) / 1024


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
    print(f"{'ok    ' if value <= limit else 'MISSED'} {what}: {value:.1f} {unit} (target {limit} {unit})", flush=True)
    return value <= limit


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--starts", type=int, default=11)
    ap.add_argument("--containers", type=int, default=1000)
    ap.add_argument("--forget", type=int, default=FORGET, help="seconds to wait before memory is read")
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
        good.append(judge("resident after the start", resident(agent), "MiB", 16))
        # The allocator keeps what the first containers made it fetch: growth is what comes after those.
        storm(work, max(a.containers // 5, 1), 4)
        time.sleep(a.forget)
        before = resident(agent)
        storm(work, a.containers, 4, first=a.containers)
        print(f"resident with {a.containers} containers just gone: {resident(agent):.1f} MiB (was {before:.1f})", flush=True)
        time.sleep(a.forget)
        good.append(judge(f"growth after {a.containers} containers", resident(agent) - before, "MiB", 0.2))
    finally:
        if agent:
            agent.stop()
        shutil.rmtree(work, ignore_errors=True)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
