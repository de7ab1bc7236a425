#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Peers that hold as many connections as they can, with a byte a second each and a new one for each that is closed, keep
no probe of the kubelet's out. How long the slowest took, and what the agent grew by, is printed: both depend on what else the machine
does. (That there are no more connections than 256, of a few KiB each, is shown by tests/unit/serve_http.c.)

usage: slow_peers.py [SECONDS [CONNECTIONS]]      how long (12), and how many (600)
"""
import os, resource, shutil, socket, sys, tempfile, threading, time, urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../scenarios")
from lab import Agent

KTRACE = os.environ.get("KTRACE", "build/ktrace")
TIMEOUT = 60


def hold(port, wanted, over):
    """Holds connections until told that it is over."""
    held = {}
    while not over.wait(0.3):
        while len(held) < wanted:
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", port))
            held[s] = 0
        for s in list(held):
            try:
                s.send(b"GET /metrics HTTP/1.1\r\n" if not held[s] else b"X-%d: y\r\n" % held[s])
                held[s] += 1
            except BlockingIOError:
                pass
            except OSError:
                s.close()
                del held[s]
    for s in held:
        s.close()


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))


def attack(work, seconds, wanted):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    agent = Agent(KTRACE, work, ["--memory", "off", "--listen", f"127.0.0.1:{port}"])
    over, took, wrong = threading.Event(), [], []
    thread = threading.Thread(target=hold, args=(port, wanted, over))
    try:
        agent.ready()
        before = resident(agent.proc.pid)
        thread.start()
        end = time.time() + seconds
        while time.time() < end:
            for page in ("healthz", "readyz"):
                began = time.time()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=TIMEOUT).read()
                except OSError as e:
                    wrong.append(f"{page}: {e}")
                took.append(time.time() - began)
            time.sleep(0.5)
        grown = resident(agent.proc.pid) - before
        print(f"{len(took)} probes, slowest {max(took) * 1000:.0f} ms; {grown} KiB more")
    finally:
        over.set()
        if thread.is_alive():
            thread.join()
        ended = agent.stop()
    if wrong or ended:
        raise SystemExit("FAIL: " + "; ".join([*wrong, ended or ""]))


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    seconds, wanted = (int(a) for a in (sys.argv[1:] + ["12", "600"][len(sys.argv) - 1:]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    work = tempfile.mkdtemp(prefix="ktrace-peers-")
    try:
        attack(work, seconds, wanted)
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
