#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What system calls, a container's start and the agent's own start cost on this kernel, beside the peers.

Prints lines "SETUP PATH COST": nanoseconds, or instructions where the clock counts these. bench.py runs it in virtual
machines; by itself it measures here, for what a busy machine's clock is worth.
"""
import argparse, contextlib, os, shutil, signal, subprocess, sys, tempfile, time, uuid

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "system", "scenarios")]
from lab import Container, be_a_shim, remove_pod

CALLS = ("unrelated", "open-good", "open-new", "open-folded", "write-file", "write-stdout", "connect-refused")
AGENT = ["agent", "--log-file", "-", "--socket", "off", "--listen", "off", "--store", "off", "--memory", "off"]

# How each is started, and a line that it prints when it is ready.
SETUPS = {
    "nothing": None,
    "empty": (["{build}/bench/empty", "fexit"], "ready"),
    "empty-sys_exit": (["{build}/bench/empty", "sys_exit"], "ready"),
    "ktrace": (["{build}/ktrace", *AGENT], "agent_started"),
    "ktrace-sys_exit": (["{build}/ktrace", *AGENT, "--disable-probe", "syscalls/fexit"], "agent_started"),
    "opensnoop": (["opensnoop"], "COMM"),
    "bpftrace": (["opensnoop.bt"], "Tracing"),
    "strace": None,                                 # around the program and not beside it
}


def cpu_time(pid):
    """Nanoseconds, of its first thread, with what the kernel did for it."""
    with open(f"/proc/{pid}/schedstat") as f:
        return int(f.read().split()[0])


class Refused(Exception):
    pass


@contextlib.contextmanager
def beside(name, build, work):
    """The setup's program runs meanwhile -> the CPU time that it took until it was ready; what it prints after that is
    thrown away."""
    if not SETUPS[name]:
        yield 0
        return
    command, ready = SETUPS[name]
    errors = open(f"{work}/errors", "w+")
    proc = subprocess.Popen(["stdbuf", "-oL", *(a.format(build=build) for a in command)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=errors)
    drain = None
    try:
        while True:
            line = proc.stdout.readline()
            if ready.encode() in line:
                break
            if not line:
                proc.wait()
                errors.seek(0)
                raise Refused(" ".join(errors.read(300).split()) or f"it ended with status {proc.returncode}")
        drain = subprocess.Popen(["cat"], stdin=proc.stdout, stdout=subprocess.DEVNULL)
        yield cpu_time(proc.pid)
    finally:
        if proc.poll() is None:
            proc.send_signal(signal.SIGTERM)
        proc.stdout.close()
        proc.wait()
        if drain:
            drain.wait()
        errors.close()


def traced():
    """-> how many of the kernel's functions have something attached"""
    try:
        with open("/sys/kernel/tracing/enabled_functions") as f:
            return sum(1 for _ in f)
    except OSError:
        return 0


def until_detached(before, seconds=120):
    """Waits until no more is attached than before: what an agent leaves to others at its end slows down whatever attaches meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and traced() > before:
        time.sleep(0.5)


def in_container(command):
    """Runs it in a cgroup that looks like a container's -> its stdout"""
    top = f"/sys/fs/cgroup{'/unified' if os.path.isdir('/sys/fs/cgroup/unified') else ''}"
    tops = [top] + [d for d in ("/sys/fs/cgroup/memory",) if os.path.isdir(d)]
    name = f"kubepods-bench/pod{uuid.uuid4()}/{uuid.uuid4().hex}{uuid.uuid4().hex}"
    groups = [f"{t}/{name}" for t in tops]
    for g in groups:
        os.makedirs(g)

    def enter():
        for g in groups:
            with open(f"{g}/cgroup.procs", "w") as f:
                f.write(str(os.getpid()))
    try:
        return subprocess.run(command, preexec_fn=enter, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, text=True).stdout
    finally:
        for g in groups:
            for d in (g, os.path.dirname(g), os.path.dirname(os.path.dirname(g))):
                os.rmdir(d)


def ran():
    """Nanoseconds that the CPUs ran anything, by the kernel's count of each switch; /proc/uptime has steps of 10 ms."""
    with open("/proc/schedstat") as f:
        return sum(int(line.split()[7]) for line in f if line.startswith("cpu"))


@contextlib.contextmanager
def busy(out):
    """Appends the time that anything ran, in the block and in the moment after it: who watches it comes later."""
    before = ran()
    yield
    time.sleep(0.5)
    out.append(ran() - before)


def run_containers(work, n):
    """-> the cost of each `runc run` of an interpreter that does nothing, from the second one on

    One differs from the next by some percent, as runc's own threads (Go's) come in another order each time: many of them
    are needed for a steady median."""
    costs = []
    for _ in range(n + 1):
        case = {"name": "bench", "args": ["python3", "-c", "pass"]}
        box = Container(work, case)
        try:
            box.build()
            time.sleep(1)                           # whatever the making caused is over
            with busy(costs):
                box.runc("run", "--bundle", box.bundle, box.id, check=True)
        finally:
            box.destroy()
            remove_pod(case)
    return costs[1:]


def say(setup, path, cost):
    print(f"{setup} {path} {cost:.1f}", flush=True)


def measure(name, a, work, starts):
    """Adds to starts, {setup: costs}, what containers' starts cost; says all else."""
    build = os.path.abspath(a.build)
    start = name == "ktrace" and "agent-start" in a.paths
    if start:
        before = traced()
        with beside(name, build, work):
            pass                                    # once before, so that its files are in memory
        until_detached(before)
    with beside(name, build, work) as took:
        if start:
            say(name, "agent-start", took)
        calls = [p for p in a.paths if p in CALLS]
        if calls:
            time.sleep(2)                           # what it does at its start is over
            around = ["strace", "-f", "-o", "/dev/null"] if name == "strace" else []
            out = in_container([*around, f"{build}/bench/paths", "-n", "1" if around else str(a.chunks), *calls])
            for path, cost in (line.split() for line in out.splitlines()):
                say(name, path, float(cost))
        if "runc-run" in a.paths and name in ("nothing", "ktrace"):
            starts.setdefault(name, []).extend(run_containers(work, a.containers))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--build", default=os.environ.get("BUILD", "build"))
    ap.add_argument("--setups", default=",".join(SETUPS))
    ap.add_argument("--paths", default=",".join([*CALLS, "runc-run", "agent-start"]))
    ap.add_argument("--chunks", type=int, default=5)
    ap.add_argument("--containers", type=int, default=21)
    a = ap.parse_args()
    a.paths = a.paths.split(",")
    be_a_shim()
    work = tempfile.mkdtemp(prefix="ktrace-bench.", dir=os.environ.get("TMPDIR", "/tmp"))
    try:
        starts = {}
        for name in a.setups.split(","):
            try:
                measure(name, a, work, starts)
            except (Refused, OSError, subprocess.CalledProcessError) as e:
                print(f"{name} refused {e}", flush=True)
        if len(starts) > 1:                         # the machine is not the one that it was before: once more without anything
            starts["nothing"] += run_containers(work, a.containers)
        for name, costs in starts.items():
            say(name, "runc-run", sorted(costs)[len(costs) // 2])
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
