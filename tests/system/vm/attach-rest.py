#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the agent attaches when it has started: all calls are seen then, the first ones before, and who attached is gone.

    attach-rest.py KTRACE      (every_call is beside it)
"""
import os, re, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "scenarios"), os.path.join(HERE, "..", "..", "bench")]
from lab import Agent
from measure import in_container

ATTACHER_RIGHTS = 1 << 38 | 1 << 39 | 1 << 24       # PERFMON, BPF, SYS_RESOURCE


def said(agent):
    with open(agent.err.name, errors="replace") as f:
        return f.read()


def attacher(agent):
    """-> the effective rights of the process that attaches, None when there is none"""
    for pid in subprocess.run(["pgrep", "-P", str(agent.proc.pid)], stdout=subprocess.PIPE, text=True).stdout.split():
        with open(f"/proc/{pid}/status") as f:
            status = f.read()
        if status.startswith("Name:\tktrace-attach\n"):
            return int(re.search(r"^CapEff:\s*(\w+)", status, re.M)[1], 16)
    return None


def failed_calls(agent, program, but=()):
    """Makes each call fail in a container -> those of which no record comes"""
    made = {line.split(" ")[0]: int(line.split(" ")[1]) for line in in_container([program]).splitlines()}
    end = time.monotonic() + 10
    while True:
        seen = {(r["ktrace"]["syscall"], r["error"]["number"]) for r in agent.read() if "syscall" in r.get("ktrace", {}) and "error" in r}
        lacking = [call for call, number in made.items() if call not in but and (call, number) not in seen]
        if not lacking or time.monotonic() > end:
            return len(made), lacking
        time.sleep(0.1)


def main():
    ktrace = os.path.abspath(sys.argv[1])
    program = os.path.join(os.path.dirname(ktrace), "every_call")
    wrong = []
    with tempfile.TemporaryDirectory(dir="/dev/shm") as work:
        agent = Agent(ktrace, work, ["--events", "all"])
        agent.wait(lambda _: "attached within a second" in said(agent), 60)
        rights = attacher(agent)
        named = re.search(r"not seen until then: (.*)", said(agent))
        if not named or rights is None or rights & ~ATTACHER_RIGHTS:
            sys.exit(f"nothing is left to attach, or who does has rights {rights}: {said(agent)}")
        later = [name for name in named[1].split(", ") if " " not in name]
        n, lacking = failed_calls(agent, program, later)
        if lacking:
            wrong.append(f"right after the start no record of {lacking}")
        agent.ready(60)
        agent.records.clear()
        n, lacking = failed_calls(agent, program)
        if lacking:
            wrong.append(f"no record of {lacking}")
        if attacher(agent) is not None:
            wrong.append("who attached is still there")
        end = agent.stop()
        if end:
            wrong.append(end)
    print("\n".join(wrong) or f"{n} calls are seen, {len(later)} of the table from a second after the start")
    return bool(wrong)


sys.exit(main())
