#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One container that fails and talks as fast as it can fills no log: what others were told before, meanwhile and after is
there, and what was left out of its own is counted and said once.

usage: log_room.py          with a small budget, 8 seconds
       log_room.py long     with the agent's own, 60 seconds
"""
import os, shutil, subprocess, sys, tempfile, threading, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, Container, action, be_a_shim, live, remove_pod, sh

KTRACE = os.environ.get("KTRACE", "build/ktrace")
FORMS = {"short": (8, 4 << 10, ["--log-rate", "4K"]), "long": (60, 64 << 10, [])}
AT_ONCE = 256           # seconds' worth
RECORD_MAX = 16384
SECONDS = 60


def victim(i):
    return {"name": f"victim{i}", "container": "app", "namespace": "shop", "image": "busybox", "args": ["sh", "-c", f"cat /config/{i}.conf; exit 3"]}


def size_of(path, cid):
    """Bytes of a container's events in the log and what it was rotated to."""
    size = 0
    for name in [path] + [f"{path}.{n}" for n in range(1, 4)]:
        if os.path.exists(name):
            with open(name) as f:
                size += sum(len(line) for line in f if cid in line and '"action":"diagnosis"' not in line)
    return size


def attack(agent, work, seconds):
    """-> the flooding container, and those that failed before, beside and after it."""
    case = {"name": "flood", "container": "evil", "namespace": "evil", "image": "busybox", "stop_after": 600, "grace": 0.1,
            "args": ["sh", "-c", f"/flood missing {seconds} 2 & exec /flood output {seconds} 2"],
            "files": [{"path": "/flood", "type": "copy", "from": work + "/flood", "mode": "755"}]}
    boxes = [live(work, victim(0))[0]]
    evil = Container(work, case)
    evil.build()
    began = time.time()
    thread = threading.Thread(target=evil.run)
    thread.start()
    time.sleep(seconds / 2)
    boxes.append(live(work, victim(1))[0])
    thread.join()
    evil.destroy()
    remove_pod(case)
    boxes.append(live(work, victim(2))[0])
    for box in boxes:
        agent.wait(lambda rs, b=box: agent.diagnoses.get(b.id), SECONDS)
    agent.wait(lambda rs: any(action(r) == "container_exited" and r["container"]["id"] == evil.id for r in rs), SECONDS)
    return evil, boxes, time.time() - began


def check(agent, rate, evil, boxes, took):
    wrong = [f"{b.case['name']} is not in the log" for b in boxes
             if not any(d["ktrace"]["diagnosis"]["root_cause"] == "missing_file" for d in agent.diagnoses.get(b.id, []))]
    ended = next((r for r in agent.read() if action(r) == "container_exited" and r["container"]["id"] == evil.id), {})
    counted = ended.get("ktrace", {}).get("exit", {}).get("left_out", 0)
    stopped = [r for r in agent.read() if action(r) == "agent_stopped"][-1]["ktrace"]["agent"]["left_out"]
    size, most = size_of(agent.path, evil.id), int(rate * (AT_ONCE + took)) + RECORD_MAX
    with open(agent.err.name) as f:
        said = f.read().count("evil/flood-0/evil has more events than --log-rate")
    print(f"{size} bytes of it in the log, {most} at most; {counted} left out, {stopped['log']} by the agent's count, said {said} times")
    if size > most:
        wrong.append("it has more than its budget")
    if not counted or counted > stopped["log"] or said != 1:
        wrong.append("what was left out is not counted, or not said once")
    return wrong


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    be_a_shim()
    seconds, rate, options = FORMS[sys.argv[1] if len(sys.argv) > 1 else "short"]
    work = tempfile.mkdtemp(prefix="ktrace-log-")
    try:
        sh("gcc", "-O2", "-static", "-D_GNU_SOURCE", "-o", work + "/flood", HERE + "/flood.c")
        agent = Agent(KTRACE, work, ["--events", "all", *options])
        try:
            agent.ready()
            told = attack(agent, work, seconds)
        finally:
            agent.stop()
        wrong = check(agent, rate, *told)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if wrong:
        raise SystemExit("FAIL: " + "; ".join(wrong))


main()
