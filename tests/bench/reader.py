#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an event costs the agent in user space, in instructions (valgrind counts them, so a busy machine changes nothing).

Prints lines "SETUP OPERATION COST TARGET"; exit status 1 when a target is missed.
"""
import argparse, json, os, re, subprocess, sys, tempfile

HEAD = {"ktrace": {"recording": 1, "version": "bench", "node": "node-1", "machine": 62, "missing_probes": ""}}


def instructions(command):
    """-> how many the command takes"""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    return int(found.group(1))


def each(command_of, n):
    """-> instructions for each of n more, start and end of the program left out"""
    return (instructions(command_of(2 * n)) - instructions(command_of(n))) / n


def recording(build, work, n):
    """A recording of n programs that start and end: two records each."""
    path, log = f"{work}/{n}.ktrace", f"{work}/{n}.log"
    subprocess.run([f"{build}/bench/reader", "process", "all", str(n), log], check=True)
    with open(path, "w") as out, open(log) as lines:
        out.write(json.dumps(HEAD) + "\n")
        out.writelines(lines)
    return path


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--build", default="build")
    ap.add_argument("--count", type=int, default=1000)
    a = ap.parse_args()
    missed = 0

    def judge(setup, operation, cost, target):
        nonlocal missed
        missed += cost > target
        print(f"{setup} {operation} {cost:.0f} {target}", flush=True)

    with tempfile.TemporaryDirectory(prefix="reader-bench.") as work:
        for what, level, target in (("open", "errors", 12000), ("open", "diagnoses", 6000),
                                    ("process", "all", 40000), ("process", "diagnoses", 15000)):
            judge(f"reader-{level}", what,
                  each(lambda n: [f"{a.build}/bench/reader", what, level, str(n), f"{work}/log"], a.count), target)
        judge("replay", "record",
              each(lambda n: [f"{a.build}/ktrace", "replay", recording(a.build, work, n), "--action", "diagnosis"],
                   a.count) / 2, 30000)
    return missed > 0


if __name__ == "__main__":
    sys.exit(main())
