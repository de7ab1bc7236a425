#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is not told one by one is counted: equal failures that are folded, output over a container's budget. And all
else that the kernel side made was delivered, or is counted as lost.
"""
import os, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenarios"))
from lab import Agent, action, unified_hierarchy

KTRACE = os.environ.get("KTRACE", os.path.join(HERE, "..", "..", "..", "build", "ktrace"))
FOLDED, OVER_RATE = 1000, 50
# The budget is 64 KiB in a second; on a slow machine this may take two.
NOISE = f"""
import os
for _ in range({FOLDED} + 100):
    try:
        os.stat("/nope/settings.yaml")
    except FileNotFoundError:
        pass
for _ in range(2 * 64 + {OVER_RATE}):
    os.write(1, b"x" * 1023 + b"\\n")
"""


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    watched = unified_hierarchy()
    if not watched:
        print("SKIP: no cgroup v2 is mounted")
        sys.exit(77)
    group = f"{watched}/{os.urandom(32).hex()}"

    def enter():
        with open(f"{group}/cgroup.procs", "w") as f:
            f.write(str(os.getpid()))
    with tempfile.TemporaryDirectory() as work:
        agent = Agent(KTRACE, work, [])
        try:
            agent.ready()
            os.mkdir(group)
            subprocess.run([sys.executable, "-c", NOISE], preexec_fn=enter, stdout=subprocess.DEVNULL, check=True)
            agent.stop()
            last = agent.read()[-1]
        finally:
            agent.stop()
            if os.path.isdir(group):
                os.rmdir(group)
    counts = last["ktrace"]["agent"]
    produced, delivered, lost = (sum(counts[k].values()) for k in ("produced", "delivered", "lost"))
    wrong = [what for what, holds in {
        f"the last record is {action(last)}": action(last) == "agent_stopped",
        f"produced {produced} is not delivered {delivered} and lost {lost}": produced == delivered + lost > 0,
        f"{counts['left_out']} left out": counts["left_out"]["folded"] >= FOLDED and counts["left_out"]["rate"] >= OVER_RATE,
    }.items() if not holds]
    if wrong:
        raise SystemExit(f"FAIL: {'; '.join(wrong)}")


main()
