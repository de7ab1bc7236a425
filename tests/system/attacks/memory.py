#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The agent stays small, whatever containers there are: thousands of cgroups with containers' names, hundreds that fail
hundreds of times, and processes by the thousand that talk and have long arguments.

usage: memory.py            an eighth of it, in seconds
       memory.py long       16,000 cgroups, 1000 containers with 500 failures each, 4 with 1000 processes each, 10,000 short ones
"""
import os, shutil, signal, sys, tempfile, time, uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../scenarios")
from lab import Agent, be_a_shim, rmdir

KTRACE = os.environ.get("KTRACE", "build/ktrace")
MOST = 48               # MiB
SECONDS = 120
SIZES = {"short": (2000, 120, 500, 1, 60, 1200), "long": (16000, 1000, 500, 4, 1000, 10000)}
BATCH = 20              # short containers at a time
PARTS = 4
GROWTH = 1              # MiB


def cgroup_root():
    """Where the hierarchy is that ktrace watches."""
    with open("/proc/self/mounts") as f:
        mounts = [m.split() for m in f]
    return next((m[1] for m in mounts if m[2] == "cgroup2"), None) or \
        next(m[1] for m in mounts if m[2] == "cgroup" and "memory" in m[3].split(","))


class Cgroups:
    """Cgroups with the names of containers, and processes in them."""

    def __init__(self):
        self.top = f"{cgroup_root()}/ktrace-memory-{os.getpid()}"
        self.made, self.pids = [], []
        os.mkdir(self.top)

    def make(self):
        path = f"{self.top}/{uuid.uuid4().hex * 2}"
        os.mkdir(path)
        self.made.append(path)
        return path

    def run(self, what, *arguments):
        """`what` in a process of a new one."""
        path, pid = self.make(), os.fork()
        if pid:
            self.pids.append(pid)
            return
        try:
            with open(path + "/cgroup.procs", "w") as f:
                f.write(str(os.getpid()))
            what(*arguments)
            time.sleep(3600)
        finally:
            os._exit(1)

    def end(self):
        for path in self.made:
            with open(path + "/cgroup.procs") as f:
                for pid in f.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        for pid in self.pids:
            os.waitpid(pid, 0)
        for path in self.made:
            end = time.time() + SECONDS
            while os.path.isdir(path) and time.time() < end:
                rmdir(path)
        rmdir(self.top)


def fail(times):
    for i in range(times):
        try:
            os.open(f"/etc/passwd/{os.getpid()}/{i}", os.O_RDONLY)
        except OSError:
            pass


def fail_on(path):
    """Again and again: what comes while the rings are full is lost, and counted."""
    while True:
        try:
            os.open(path, os.O_RDONLY)
        except OSError:
            time.sleep(1)


def talk(processes):
    """Each says four KiB in lines, within the container's budget of output, and has arguments of two."""
    quiet = os.open("/dev/null", os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    script = "for i in 1 2 3 4; do printf '%01000d\\n' $i; printf '%01000d\\n' $i >&2; done; exec sleep 3600"
    for _ in range(processes):
        if not os.fork():
            os.execv("/bin/sh", ["sh", "-c", script, "A" * 1900])
        time.sleep(0.08)


def size_of(agent, field):
    with open(f"/proc/{agent.proc.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field + ":")) / 1024


def largest(agent):
    return size_of(agent, "VmHWM")


def resident(agent):
    return size_of(agent, "VmRSS")


def check(agent, cgroups, what):
    """Everything has come through when the failure of a last process has."""
    mark = f"/etc/passwd/{uuid.uuid4().hex}"
    cgroups.run(fail_on, mark)
    if not agent.wait(lambda rs: any(r.get("file", {}).get("path") == mark for r in rs), SECONDS):
        raise SystemExit(f"{what}: a later failure was not told")
    print(f"{what}: {largest(agent):.1f} MiB at most", flush=True)
    return largest(agent) < MOST


def measure(what, count, make, *arguments):
    work, cgroups = tempfile.mkdtemp(prefix="ktrace-memory-"), Cgroups()
    try:
        agent = Agent(KTRACE, work, [])
        try:
            agent.ready()
            for _ in range(count):
                make(cgroups, *arguments)
            if talk in arguments:
                time.sleep(arguments[-1] * 0.1)     # they do it as fast as their budget allows
            return check(agent, cgroups, what)
        finally:
            agent.stop()
    finally:
        cgroups.end()
        shutil.rmtree(work, ignore_errors=True)


def come_and_go(cgroups, count):
    """Containers that fail a few calls, end with an error, and are gone: a batch of them at a time."""
    def fail_once():
        fail(3)
        os._exit(3)
    living = len(cgroups.made)
    for first in range(0, count, BATCH):
        for _ in range(min(BATCH, count - first)):
            cgroups.run(fail_once)
        while len(cgroups.pids) > living:
            os.waitpid(cgroups.pids.pop(), 0)
        while len(cgroups.made) > living:
            path = cgroups.made.pop()
            while os.path.isdir(path):
                rmdir(path)


def measure_short(count):
    """What is kept of the ended has a bound: from where it is reached, more of them take no more."""
    work, cgroups, sizes = tempfile.mkdtemp(prefix="ktrace-memory-"), Cgroups(), []
    try:
        agent = Agent(KTRACE, work, [])
        try:
            agent.ready()
            good = True
            for part in range(PARTS):
                come_and_go(cgroups, count // PARTS)
                good &= check(agent, cgroups, f"{(part + 1) * count // PARTS} short containers")
                sizes.append(resident(agent))
            print("resident after each part:", ", ".join(f"{s:.1f} MiB" for s in sizes))
            return good and sizes[-1] <= max(sizes[:-1]) + GROWTH
        finally:
            agent.stop()
    finally:
        cgroups.end()
        shutil.rmtree(work, ignore_errors=True)


def main():
    if os.geteuid():
        print("needs root")
        sys.exit(77)
    be_a_shim()
    n_cgroups, n_failing, n_failures, n_talking, n_processes, n_short = SIZES[sys.argv[1] if len(sys.argv) > 1 else "short"]
    good = [measure(f"{n_cgroups} cgroups", n_cgroups, Cgroups.make),
            measure(f"{n_failing} containers with {n_failures} failures each", n_failing, Cgroups.run, fail, n_failures),
            measure(f"{n_talking} with {n_processes} processes each", n_talking, Cgroups.run, talk, n_processes),
            measure_short(n_short)]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
