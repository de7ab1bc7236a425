#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many short containers at once: does the agent see each of them whole, count what it loses, and stay small?

Runs --count containers of some 60 ms, --at-once at a time, each with an exit status of its own. Each
must have its container_created, container_started and container_exited record, in this order, with its
name and that status; at the end all that the probes produced was delivered or is counted as lost. After
the first ones neither memory nor open files grow.
"""
import argparse, concurrent.futures, os, sys, shutil, tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios"))
from lab import Agent, action, be_a_shim, live
from meter import Meter

LIFE = ["container_created", "container_started", "container_exited"]


def one(work, number):
    """Runs one container -> (id, name, exit status)."""
    # Few of them fail: diagnoses are kept, up to a bound of their own (8 MiB), which would hide what else grows.
    status = number // 16 % 4 if number % 16 == 0 else 0
    case = {"name": f"storm-{number}", "container": f"storm-{number}", "image": "busybox",
            "args": ["sh", "-c", f"sleep 0.06; exit {status}"]}
    box, how = live(work, case)
    if how != "exited":
        raise SystemExit(f"container {number} did not run: {how}; {open(box.log).read()}")
    return box.id, case["name"], os.waitstatus_to_exitcode(box.status)


def run_many(work, numbers, at_once, done=lambda: None):
    """Runs a container of each number, calling done() after each -> [(id, name, exit status)]"""
    def run(number):
        box = one(work, number)
        done()
        return box
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(run, numbers))


def storm(agent, work, count, at_once):
    """-> ([(id, name, exit status) of each container], the meter that watched the agent meanwhile)"""
    meter = Meter(agent.proc.pid)
    boxes = run_many(work, range(count), at_once, meter.one_more)
    meter.stop()
    return boxes, meter


def complaints(records, boxes):
    """What is missing or wrong about the containers in the agent's records."""
    lives = {}
    for r in records:
        if action(r) in LIFE:
            lives.setdefault(r.get("container", {}).get("id"), []).append(r)
    for cid, name, status in boxes:
        life = lives.get(cid, [])
        if [action(r) for r in life] != LIFE:
            yield f"{name}: records are {[action(r) for r in life]}"
            continue
        if any(r["container"].get("name") != name for r in life[1:]):
            yield f"{name}: is called {[r['container'].get('name') for r in life]}"
        if life[-1].get("process", {}).get("exit_code") != status:
            yield f"{name}: ended with {status}, the record says {life[-1].get('process', {}).get('exit_code')}"


def unbalanced(records):
    """The last record's sums: what was produced, and what came of it, or None when they agree."""
    last = [r for r in records if action(r) == "agent_stopped"]
    if not last:
        return "there is no agent_stopped record"
    sums = {k: sum(last[-1]["ktrace"]["agent"][k].values()) for k in ("produced", "delivered", "lost")}
    print(" ".join(f"{k} {v}" for k, v in sums.items()))
    if sums["produced"] == 0 or sums["produced"] != sums["delivered"] + sums["lost"]:
        return "produced is not delivered + lost"
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--count", type=int, default=2000)
    ap.add_argument("--at-once", type=int, default=6)
    a = ap.parse_args()
    be_a_shim()
    work = tempfile.mkdtemp(prefix="storm.")
    wrong = []
    try:
        # Each of these containers is a workload of its own: what is remembered of them would fill the memory's 4 MiB, whose
        # bound `make bench-memory` shows, and hide what else grows.
        agent = Agent(os.path.abspath(a.ktrace), work, ["--memory", "off"])
        try:
            agent.ready()
            boxes, meter = storm(agent, work, a.count, a.at_once)
            wrong = list(meter.complaints())
            agent.wait(lambda rs: not list(complaints(rs, boxes)), 5)
        finally:
            trouble = agent.stop()
        wrong += list(complaints(agent.read(), boxes)) + [t for t in (unbalanced(agent.records), trouble) if t]
        if agent.invalid:
            wrong.append(f"{agent.invalid} lines of the log are not valid UTF-8 JSON")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for line in wrong:
        print(line)
    print(f"{len(boxes)} containers, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
