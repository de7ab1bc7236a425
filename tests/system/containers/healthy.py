#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Healthy programs, started again and again in varied order: ktrace must keep silent about all of them.

Takes every healthy case of the scenarios that runs in a network of its own; servers are stopped after a
second. The order is drawn from --seed, so that a run can be repeated.
"""
import argparse, concurrent.futures, copy, glob, os, random, shutil, sys, tempfile, time

sys.dont_write_bytecode = True
SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios")
sys.path.insert(0, SCENARIOS)
from lab import Agent, action, be_a_shim, live, read_cases


def healthy_cases():
    cases = []
    for path in sorted(glob.glob(f"{SCENARIOS}/*/*.json")):
        cases += read_cases(path)
    return [c for c in cases if c["expect"].get("healthy") and c.get("network", "none") == "none"
            and not c.get("restarts") and all(shutil.which(n) for n in c.get("needs", []))]


def one(work, case, number):
    case = copy.deepcopy(case)
    name, case["name"] = case["name"], f"{case['name']}-{number}"
    if "stop_after" in case:
        case["stop_after"] = min(case["stop_after"], 1)
    case["grace"] = min(case.get("grace", 2), 1)
    return live(work, case)[0].id, name


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--count", type=int, default=300)
    ap.add_argument("--at-once", type=int, default=3)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    be_a_shim()
    rng, cases = random.Random(a.seed), healthy_cases()
    work = tempfile.mkdtemp(prefix="healthy.")
    try:
        agent = Agent(os.path.abspath(a.ktrace), work, [])
        try:
            agent.ready()
            with concurrent.futures.ThreadPoolExecutor(a.at_once) as pool:
                boxes = dict(pool.map(lambda n: one(work, rng.choice(cases), n), range(a.count)))
            time.sleep(2)
        finally:
            trouble = agent.stop()
        alarms = [r for r in agent.read() if action(r) == "diagnosis" and r["container"]["id"] in boxes]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for r in alarms:
        d = r["ktrace"]["diagnosis"]
        print(f"{boxes[r['container']['id']]}: {d['root_cause']}: {d['title']}\n    {d['summary']}")
    if trouble:
        print("agent:", trouble)
    print(f"{len(boxes)} healthy starts of {len(cases)} kinds, {len(alarms)} diagnoses")
    return 1 if alarms or trouble else 0


if __name__ == "__main__":
    sys.exit(main())
