#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Containers that were made while the rings were full, and have been quiet since, are found all the same.

usage: lost_births.py
"""
import os, shutil, signal, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, be_a_shim
from memory import Cgroups

KTRACE = os.environ.get("KTRACE", "build/ktrace")
LOUD, PROGRAMS, QUIET = 60, 16, 5      # the rare ring has a MiB, of which each program with such an argument takes two KiB
SECONDS = 120


def run_programs(done):
    for _ in range(PROGRAMS):
        subprocess.run(["/bin/true", "A" * 1900], check=True)
    os.write(done, b".")


def attack(agent, cgroups, work):
    """-> how many of the quiet ones are known in the end"""
    ended, done = os.pipe()
    os.kill(agent.proc.pid, signal.SIGSTOP)
    try:
        for _ in range(LOUD):
            cgroups.run(run_programs, done)
        for _ in range(LOUD):
            os.read(ended, 1)
        for _ in range(QUIET):
            cgroups.run(lambda: None)
        time.sleep(1)
    finally:
        os.kill(agent.proc.pid, signal.SIGCONT)
    ids, known, end = [os.path.basename(p) for p in cgroups.made[-QUIET:]], 0, time.time() + SECONDS
    while known < QUIET and time.time() < end:
        out = subprocess.run([KTRACE, "ps", "-o", "json", "--socket", f"{work}/ktrace.sock"], check=True, capture_output=True, text=True).stdout
        known = sum(cid in out for cid in ids)
        time.sleep(0.2)
    return known


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    be_a_shim()
    work = tempfile.mkdtemp(prefix="ktrace-births-")
    agent, cgroups = Agent(KTRACE, work, []), Cgroups()
    try:
        agent.ready()
        known = attack(agent, cgroups, work)
    finally:
        agent.stop()
        cgroups.end()
        stopped = agent.read()[-1].get("ktrace", {}).get("agent", {})
        shutil.rmtree(work, ignore_errors=True)
    lost = stopped.get("produced", {}).get("cgroup", 0) - stopped.get("delivered", {}).get("cgroup", 0)
    print(f"{known} of {QUIET} quiet containers known, {lost} records of cgroups lost")
    sys.exit(known != QUIET or not lost)


if __name__ == "__main__":
    main()
