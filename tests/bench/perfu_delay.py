#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long after a container's end its diagnosis can be read in the log: what a user waits.

From the kernel's time of the exit to the moment at which a reader of the log finds the line, over
--count failing containers. Exit status 1 when a target is missed.
"""
import argparse, concurrent.futures, datetime, os, shutil, statistics, sys, tempfile, threading, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system", "scenarios"))
from lab import Agent, action, be_a_shim, live

FAILURES = [["sh", "-c", "cat /etc/app/settings.yaml || exit 3"],
            ["sh", "-c", "exec gunicorn app:app"],
            ["sh", "-c", "echo x > /proc/nope/y 2>/dev/null; cat /run/y"]]


def one(work, number):
    live(work, {"name": f"delay-{number}", "image": "busybox", "args": FAILURES[number % len(FAILURES)]})


def nanoseconds(stamp):
    whole, part = stamp.rstrip("Z").split(".")
    return int(datetime.datetime.fromisoformat(whole + "+00:00").timestamp()) * 10 ** 9 + int(part)


def follow(agent, done, delays):
    """Reads the log each millisecond and notes when each diagnosis is there."""
    seen, ended = 0, {}
    while not done.is_set() or len(delays) < len(ended):
        records = agent.read()
        now = time.time_ns()
        for r in records[seen:]:
            if not r.get("k8s", {}).get("pod", {}).get("name", "").startswith("delay-"):
                continue                            # somebody else's container
            if action(r) == "container_exited":
                ended[r["container"]["id"]] = nanoseconds(r["@timestamp"])
            if action(r) == "diagnosis" and r["container"]["id"] in ended:
                delays.append((now - ended[r["container"]["id"]]) / 1e6)
        seen = len(records)
        if done.wait(0.001) and time.time() > done.limit:
            break


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--count", type=int, default=300)
    ap.add_argument("--at-once", type=int, default=1)
    a = ap.parse_args()
    be_a_shim()
    work, done, delays = tempfile.mkdtemp(prefix="delay."), threading.Event(), []
    done.limit = float("inf")
    agent = Agent(os.path.abspath(a.ktrace), work, [])
    try:
        agent.ready()
        reader = threading.Thread(target=follow, args=(agent, done, delays))
        reader.start()
        with concurrent.futures.ThreadPoolExecutor(a.at_once) as pool:
            list(pool.map(lambda n: one(work, n), range(a.count)))
        done.limit = time.time() + 5
        done.set()
        reader.join()
    finally:
        agent.stop()
        shutil.copy(f"{work}/agent.stderr","/tmp/perfu-stderr"); shutil.rmtree(work, ignore_errors=True)
    delays.sort()
    print(f"{len(delays)} diagnoses of {a.count} failing containers")
    good = len(delays) == a.count
    for what, value, target in (("median", statistics.median(delays), 20), ("99 %", delays[len(delays) * 99 // 100], 100)):
        print(f"{'ok    ' if value <= target else 'MISSED'} exit to diagnosis, {what}: {value:.1f} ms (target {target} ms)")
        good = good and value <= target
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
