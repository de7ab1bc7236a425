#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Connections of one container that wait by the thousand push out nothing of another one's: a connection of that which
fails seconds after it was asked for is told, and is the cause.

usage: late_connects.py [WAITING]      how many wait (8000)
"""
import os, shutil, sys, tempfile, threading, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, Container, action, be_a_shim, remove_pod, sh

KTRACE = os.environ.get("KTRACE", "build/ktrace")
VICTIMS = 4
SECONDS = 60


def container(work, name, namespace, argument):
    box = Container(work, {"name": name, "container": "app", "namespace": namespace, "image": "busybox", "stop_after": 60, "grace": 0.1,
                           "args": ["/late", argument],
                           "files": [{"path": "/late", "type": "copy", "from": work + "/late", "mode": "755"}]})
    box.build()
    thread = threading.Thread(target=box.run)
    thread.start()
    return box, thread


def told(agent, box):
    """Whether its late failure is on record, and its diagnosis names it."""
    late = any(action(r) == "network_error" and r.get("error", {}).get("code") == "ETIMEDOUT" and r["container"]["id"] == box.id for r in agent.read())
    d = agent.diagnoses.get(box.id)
    return late and bool(d) and d[-1]["ktrace"]["diagnosis"]["root_cause"] == "dependency_unreachable"


def attack(agent, work, waiting):
    flood = container(work, "waiting", "evil", str(waiting))
    time.sleep(2)
    victims = [container(work, f"victim{i}", "shop", "victim") for i in range(VICTIMS)]
    for _, thread in victims:
        thread.join()
    agent.wait(lambda rs: all(told(agent, box) for box, _ in victims), SECONDS)
    right = sum(told(agent, box) for box, _ in victims)
    flood[1].join()
    for box, _ in [flood, *victims]:
        box.destroy()
        remove_pod(box.case)
    return right


def main():
    if os.geteuid() or not shutil.which("runc"):
        print("needs root and runc")
        sys.exit(77)
    be_a_shim()
    waiting = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    work = tempfile.mkdtemp(prefix="ktrace-late-")
    try:
        sh("gcc", "-O2", "-static", "-D_GNU_SOURCE", "-o", work + "/late", HERE + "/late_connects.c")
        agent = Agent(KTRACE, work, [])
        try:
            agent.ready()
            right = attack(agent, work, waiting)
        finally:
            agent.stop()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{right} of {VICTIMS} late failures told beside {waiting} connections that wait")
    sys.exit(right != VICTIMS)


if __name__ == "__main__":
    main()
