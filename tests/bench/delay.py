#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long after a container's end its diagnosis can be read in the log: what a user waits.

From the kernel's time of the exit to the moment at which a reader of the log finds the line, over
--count failing containers. Exit status 1 when a target is missed.
"""
import argparse, concurrent.futures, ctypes, datetime, json, multiprocessing, os, select, shutil, statistics, sys, tempfile, time

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


IN_MODIFY = 2
GIVEN_UP = 5    # seconds after the last container


def written(path):
    """-> descriptor that can be read once something was written to the file, as `tail -F` waits for it"""
    libc = ctypes.CDLL(None)
    fd = libc.inotify_init1(os.O_NONBLOCK)
    assert fd >= 0 and libc.inotify_add_watch(fd, path.encode(), IN_MODIFY) >= 0
    return fd


def follow(path, ready, done, found):
    """Reads the log as it grows and notes when each diagnosis is there; found: how many ms after each container's end."""
    changed, ended, delays, rest, limit = written(path), {}, [], b"", float("inf")
    with open(path, "rb") as log:
        ready.set()
        while (not done.is_set() or len(delays) < len(ended)) and time.time() < limit:
            if select.select([changed], [], [], 0.1)[0]:
                os.read(changed, 65536)
            data = log.read()
            now = time.time_ns()
            *lines, rest = (rest + data).split(b"\n")
            for r in map(json.loads, lines):
                if not r.get("k8s", {}).get("pod", {}).get("name", "").startswith("delay-"):
                    continue                        # somebody else's container
                if action(r) == "container_exited":
                    ended[r["container"]["id"]] = nanoseconds(r["@timestamp"])
                if action(r) == "diagnosis" and r["container"]["id"] in ended:
                    delays.append((now - ended[r["container"]["id"]]) / 1e6)
            if done.is_set():
                limit = min(limit, time.time() + GIVEN_UP)
    found.put(delays)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--count", type=int, default=300)
    ap.add_argument("--at-once", type=int, default=1)
    a = ap.parse_args()
    be_a_shim()
    work, ready, done, found = tempfile.mkdtemp(prefix="delay."), multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    agent = Agent(os.path.abspath(a.ktrace), work, [])
    try:
        agent.ready()
        # A process of its own: what starts the containers would keep it waiting.
        reader = multiprocessing.Process(target=follow, args=(agent.path, ready, done, found))
        reader.start()
        ready.wait()
        with concurrent.futures.ThreadPoolExecutor(a.at_once) as pool:
            list(pool.map(lambda n: one(work, n), range(a.count)))
        done.set()
        delays = sorted(found.get())
        reader.join()
    finally:
        agent.stop()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(delays)} diagnoses of {a.count} failing containers")
    good = len(delays) == a.count
    for what, value, target in (("median", statistics.median(delays), 20), ("99 %", delays[len(delays) * 99 // 100], 100)):
        print(f"{'ok    ' if value <= target else 'MISSED'} exit to diagnosis, {what}: {value:.1f} ms (target {target} ms)")
        good = good and value <= target
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
