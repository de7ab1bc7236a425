#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each cgroup hierarchy numbers its groups by itself: one that goes away in another hierarchy, with the number of a
container, must not take the container's place in the kernel's map with it.
"""
import os, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenarios"))
from lab import Agent, action

KTRACE = os.environ.get("KTRACE", os.path.join(HERE, "..", "..", "..", "build", "ktrace"))
ID = os.urandom(32).hex()
FARTHEST = 3_000_000        # numbers on the way, eight or so for each group that is made and removed


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def mounts(fstype):
    return [f[1] for f in map(str.split, open("/proc/self/mounts")) if f[2] == fstype]


def number_of(path):
    return os.stat(path).st_ino


def next_number(hierarchy):
    path = f"{hierarchy}/{ID}-next"
    os.mkdir(path)
    number = number_of(path)
    os.rmdir(path)
    return number


def near(watched, others):
    """The hierarchies that are some way behind the watched one, the nearest first."""
    now = next_number(watched)
    behind = sorted((now - next_number(h), h) for h in others)
    return [h for distance, h in behind if 0 < distance < FARTHEST]


def make_reachable(group, hierarchy):
    """Makes the group with a number that the hierarchy will come to: a group and each of its files takes one."""
    for _ in range(20):
        first, second = next_number(hierarchy), next_number(hierarchy)
        os.mkdir(group)
        if (number_of(group) - second) % (second - first) == 0:
            return True
        os.rmdir(group)
    return False


def remove_namesake(hierarchy, group):
    """Makes the group, and in that hierarchy groups that go at once, up to the one with its number."""
    if not make_reachable(group, hierarchy):
        return False
    while (now := next_number(hierarchy)) < number_of(group):
        pass
    if now == number_of(group):
        return True
    os.rmdir(group)                 # somebody else's group took the number
    return False


def fail_inside(group):
    """A process in the group looks for a file that is not there."""
    def enter():
        with open(f"{group}/cgroup.procs", "w") as f:
            f.write(str(os.getpid()))
    subprocess.run(["cat", "/nope/settings.yaml"], preexec_fn=enter, stderr=subprocess.DEVNULL)


def saw_failure(records):
    return any(action(r) == "file_error" and r["file"]["path"] == "/nope/settings.yaml" and
               r.get("container", {}).get("id") == ID for r in records)


def main():
    if os.geteuid() != 0:
        skip("needs root")
    watched, others = (mounts("cgroup2") or [""])[0], mounts("cgroup")
    if not watched or not others:
        skip("needs two cgroup hierarchies, and this machine has one")
    group = f"{watched}/{ID}"
    with tempfile.TemporaryDirectory() as work:
        agent = Agent(KTRACE, work, ["--events", "all"])
        try:
            agent.ready()
            if not any(remove_namesake(h, group) for h in near(watched, others)):
                skip("no other hierarchy comes to the number of the container's group")
            fail_inside(group)
            if not agent.wait(saw_failure, 5):
                raise SystemExit("FAIL: a failure inside the container is not in the log")
        finally:
            agent.stop()
            if os.path.isdir(group):
                os.rmdir(group)


main()
