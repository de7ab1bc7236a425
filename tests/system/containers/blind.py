#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A container that lives through the time in which its node has no agent is marked: its record says from when to when, and a
diagnosis soon after says so; one that starts later has no such mark.

usage: blind.py
"""
import os, shutil, signal, sys, tempfile, threading, time
from datetime import datetime

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../scenarios")
from lab import Agent, action, be_a_shim, live

KTRACE = os.environ.get("KTRACE", "build/ktrace")
SECONDS = 60


def case(name, seconds):
    return {"name": name, "container": "app", "namespace": "shop", "image": "busybox", "args": ["sh", "-c", f"sleep {seconds}; cat /config/needed.conf; exit 3"]}


def seconds_of(text):
    return datetime.fromisoformat(text[:26] + "+00:00").timestamp()


def gap_of(agent, box):
    made = [r for r in agent.read() if action(r) == "container_created" and r["container"]["id"] == box.id]
    described = made[-1]["ktrace"]["container"] if made else {}
    return [seconds_of(described[k]) for k in ("blind_since", "blind_until") if k in described]


def check(agent, box, killed, started):
    told = agent.wait(lambda _: agent.diagnoses.get(box.id), SECONDS)
    if not told:
        return [f"{box.case['name']} is not told"]
    d, gap = told[-1]["ktrace"]["diagnosis"], gap_of(agent, box)
    print(f"{box.case['name']}: {d['title']}, {d['confidence']}, {d.get('cannot_tell')}; blind {gap}")
    lived_through = killed is not None
    wrong = []
    if d["root_cause"] != "missing_file":
        wrong.append(f"{box.case['name']} is told as {d['root_cause']}")
    if lived_through != ("no agent watched" in d.get("cannot_tell", "")) or lived_through != bool(gap):
        wrong.append(f"{box.case['name']} is marked wrongly")
    if lived_through and gap and not (gap[0] <= killed and started <= gap[1]):
        wrong.append(f"the gap was {killed} to {started}, and {gap} is said")
    return wrong


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    be_a_shim()
    work, boxes = tempfile.mkdtemp(prefix="ktrace-blind-"), {}
    try:
        first = Agent(KTRACE, work, [])
        first.ready()
        thread = threading.Thread(target=lambda: boxes.update(old=live(work, case("old", 15))[0]))
        thread.start()
        first.wait(lambda rs: any(action(r) == "container_started" and "shop/old" in r["message"] for r in rs), SECONDS)
        killed = time.time()
        first.proc.send_signal(signal.SIGKILL)
        first.proc.wait()
        time.sleep(2)
        started = time.time()
        agent = Agent(KTRACE, work, [])
        agent.wait(lambda rs: sum(action(r) == "agent_started" for r in rs) == 2, SECONDS)
        boxes["new"] = live(work, case("new", 0.1))[0]
        thread.join()
        wrong = check(agent, boxes["old"], killed, started) + check(agent, boxes["new"], None, None)
        agent.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if wrong:
        raise SystemExit("FAIL: " + "; ".join(wrong))


main()
