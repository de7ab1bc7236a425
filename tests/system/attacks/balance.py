#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The books balance for each container: what it produced is what was delivered, lost and left out, also when many do as much
as they can while the agent is stopped and the rings overflow.

usage: balance.py [SECONDS]     how long the agent is stopped (3)
"""
import json, os, re, shutil, signal, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, be_a_shim, sh
from memory import Cgroups

KTRACE = os.environ.get("KTRACE", "build/ktrace")
EACH = 2                # containers of each mode
SECONDS = 60


def flood(program, mode, seconds):
    """Lives on quietly afterwards, so that all that it did can be counted before it is forgotten."""
    os.execv("/bin/sh", ["sh", "-c", f"{program} {mode} {seconds} 1 2>/dev/null; exec sleep 3600"])


def books(work, ids):
    """-> events of each container by its id, as the agent has them"""
    out = subprocess.run([KTRACE, "ps", "-o", "json", "--socket", f"{work}/ktrace.sock"], check=True, capture_output=True, text=True).stdout
    states = [json.loads(line) for line in out.splitlines()]
    return {s["container"]["id"]: s["ktrace"]["state"]["events"] for s in states if s["container"]["id"] in ids}


def balances(e):
    return e["produced"] == e["delivered"] + e["lost"] + e["left_out"]


def attack(work, modes, seconds):
    agent, cgroups = Agent(KTRACE, work, []), Cgroups()
    try:
        agent.ready()
        os.kill(agent.proc.pid, signal.SIGSTOP)
        for mode in modes * EACH:
            cgroups.run(flood, work + "/flood", mode, seconds)
        time.sleep(seconds + 1)
        os.kill(agent.proc.pid, signal.SIGCONT)
        ids, seen, end = {os.path.basename(p) for p in cgroups.made}, {}, time.time() + SECONDS
        while time.time() < end and not (len(seen) == len(ids) and all(map(balances, seen.values()))):
            seen.update(books(work, ids))
            time.sleep(0.1)
        return ids, seen
    finally:
        agent.proc.send_signal(signal.SIGCONT)
        agent.stop()
        cgroups.end()


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    be_a_shim()
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with open(HERE + "/flood.c") as f:
        modes = re.findall(r'\{ "([a-z-]+)", \w+ \}', f.read())
    work = tempfile.mkdtemp(prefix="ktrace-balance-")
    try:
        sh("gcc", "-O2", "-static", "-D_GNU_SOURCE", "-o", work + "/flood", HERE + "/flood.c")
        ids, found = attack(work, modes, seconds)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    sums = {k: sum(e[k] for e in found.values()) for k in ("produced", "delivered", "lost", "left_out")}
    wrong = [e for e in found.values() if not balances(e)]
    print(f"{len(found)} of {len(ids)} containers: {sums}; {len(wrong)} do not balance: {wrong}")
    sys.exit(bool(wrong) or len(found) != len(ids) or not sums["lost"])


if __name__ == "__main__":
    main()
