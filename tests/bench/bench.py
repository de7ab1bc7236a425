#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What ktrace adds to system calls, to a container's start and what its own start takes, beside its peers.

In virtual machines whose clock counts instructions, which say the same however busy this machine is. Prints what each
setup adds, beside empty programs on ktrace's hooks, then the table of costs.tsv with its targets; with --write it enters
what it measured there and in peers.tsv, and draws costs.svg anew. Some of it, in a minute:

    bench.py --kernels bookworm --setups ktrace --paths open-new,write-file

Exit status 1 when a target is missed.
"""
import argparse, os, subprocess, sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import costs
from measure import CALLS, SETUPS
from picture import draw

VM = os.path.join(HERE, "..", "system", "vm")
KERNELS = {"bullseye": "5.10", "bookworm": "6.1", "bookworm-backports": "6.12", "sid": "7.2"}
EVERYTHING_ON = ("bookworm", "bookworm-backports")      # the other two only show the agent's own start
# Zeroed allocations would double the price of every open, and hide what is added.
MACHINE = {"VM_APPEND": "init_on_alloc=0", "VM_QEMU": "-icount shift=0,sleep=off", "VM_CPUS": "1", "VM_MEM": "1500", "VM_TIMEOUT": "1500"}


def run(suite, setups, paths, build):
    """-> {(setup, path): cost}"""
    kernel = subprocess.run([f"{VM}/get-kernel", suite], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    command = [f"{VM}/vmrun", kernel, "env", "TMPDIR=/dev/shm", f"{HERE}/measure.py", "--build", build, "--setups", ",".join(setups), "--paths", ",".join(paths)]
    proc = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env={**os.environ, **MACHINE})
    found = {}
    for line in proc.stdout:
        words = line.split()
        if len(words) == 3 and words[0] in SETUPS and words[1] != "refused":
            found[words[0], words[1]] = float(words[2])
            print(f"{KERNELS[suite]}: {line.rstrip()}", file=sys.stderr, flush=True)
        else:
            print(line.rstrip())
    if proc.wait():
        sys.exit(f"bench: the machine with {suite} ended with status {proc.returncode}")
    return found


def added(found):
    """-> {(setup, path): what the setup adds to the call}"""
    return {(s, p): cost - found["nothing", p] for (s, p), cost in found.items() if p in CALLS and s != "nothing" and ("nothing", p) in found}


def show(kernel, found):
    more = added(found)
    setups = [s for s in SETUPS if any(k[0] == s for k in more)]
    if not setups:
        return
    print(f"\n== Linux {kernel}: instructions of the call, and what each adds to it")
    print(f"{'':<18} {'nothing':>9}" + "".join(f" {s:>15}" for s in setups) + f" {'ktrace/empty':>13}")
    for p in CALLS:
        if ("nothing", p) not in found:
            continue
        whole = {s: found.get((s, p)) for s in ("empty", "ktrace")}
        ratio = f"{whole['ktrace'] / whole['empty']:.2f}" if all(whole.values()) else ""
        print(f"{p:<18} {found['nothing', p]:>9.0f}" + "".join(f" {more.get((s, p), float('nan')):>15.0f}" for s in setups) + f" {ratio:>13}")


def measured(kernel, found):
    """-> {(path, kernel): value}, as costs.tsv has them"""
    rows = {(p, kernel): value for (s, p), value in added(found).items() if s == "ktrace"}
    if ("ktrace", "agent-start") in found:
        rows["agent-start", kernel] = found["ktrace", "agent-start"] / 1e6
    if ("ktrace", "runc-run") in found and ("nothing", "runc-run") in found:
        rows["runc-run", kernel] = (found["ktrace", "runc-run"] / found["nothing", "runc-run"] - 1) * 100
    return rows


def write(now, peers):
    costs.record(now)
    old = {(r["kernel"], r["path"], r["setup"]): r for r in (costs.read(costs.PEERS) if os.path.exists(costs.PEERS) else [])}
    for (kernel, path, setup), value in peers.items():
        old[kernel, path, setup] = {"kernel": kernel, "path": path, "setup": setup, "added": f"{value:.0f}"}
    order = {s: n for n, s in enumerate(SETUPS)}
    costs.write(sorted(old.values(), key=lambda r: (float(r["kernel"].split(".")[1]), CALLS.index(r["path"]), order[r["setup"]])), costs.PEERS)
    draw()


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--build", default=os.environ.get("BUILD", "build"))
    ap.add_argument("--kernels", default=",".join(KERNELS), help="of " + ",".join(KERNELS))
    ap.add_argument("--setups", default=",".join(SETUPS), help="of " + ",".join(SETUPS))
    ap.add_argument("--paths", default=",".join([*CALLS, "runc-run", "agent-start"]))
    ap.add_argument("--write", action="store_true", help="enter what was measured into costs.tsv and peers.tsv, draw costs.svg")
    a = ap.parse_args()
    now, peers = {}, {}
    for suite in a.kernels.split(","):
        all_of_it = suite in EVERYTHING_ON or a.kernels == suite
        setups = ["nothing", *(s for s in a.setups.split(",") if s != "nothing")] if all_of_it else ["ktrace"]
        paths = a.paths.split(",") if all_of_it else ["agent-start"]
        found = run(suite, setups, paths, os.path.abspath(a.build))
        show(KERNELS[suite], found)
        now.update(measured(KERNELS[suite], found))
        peers.update({(KERNELS[suite], p, s): value for (s, p), value in added(found).items()})
    print()
    missed = costs.judge(now)
    if a.write:
        write(now, peers)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
