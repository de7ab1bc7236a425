#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file system that never answers the agent holds up nobody: other containers are told as before, and SIGTERM ends it.

usage: hanging_files.py [N]      N victims beside each of the two containers with such files (3)

One container has the FUSE file system as a volume: that is known by the list of mounts, and nothing of it is touched. The
other one has a directory of the host's below which it is mounted, and does not see it: there the agent's helper hangs.
"""
import json, os, shutil, subprocess, sys, tempfile, time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/../scenarios")
from lab import Agent, Container, be_a_shim, remove_pod

KTRACE = os.environ.get("KTRACE", "build/ktrace")
SECONDS = 60


def victim(name):
    return {"name": name, "container": "app", "namespace": "shop", "image": "busybox", "args": ["sh", "-c", "cat /config/needed.conf; exit 3"]}


def run(work, case, source=None, options=()):
    box = Container(work, case)
    box.build()
    if source:
        with open(box.bundle + "/config.json") as f:
            config = json.load(f)
        config["mounts"].append({"destination": "/data", "type": "bind", "source": source, "options": [*options, "rprivate", "rw"]})
        with open(box.bundle + "/config.json", "w") as f:
            json.dump(config, f)
    box.run()
    return box


def helper_of(agent):
    """State of each process of the agent's helper."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name == "ktrace-helper":
            found[int(pid)] = (rest.split()[0], int(rest.split()[1]))
    starters = [pid for pid, (_, parent) in found.items() if parent == agent.proc.pid]
    return {pid: state for pid, (state, parent) in found.items() if parent in starters}


def attack(work, n):
    hang, mount = f"{work}/hang", f"{work}/host/slow"
    os.makedirs(mount)
    server = subprocess.Popen([f"{work}/hangfs", mount, hang], stdout=subprocess.PIPE, text=True)
    if server.stdout.readline() != "mounted\n":
        print("SKIP: this kernel has no FUSE")
        sys.exit(77)
    agent = Agent(KTRACE, work, ["--memory", "off"])
    cases, boxes, wrong = [], [], []
    try:
        agent.ready()
        open(hang, "w").close()
        for i, (path, source, options) in enumerate([("/data/x", mount, ["rbind"]), ("/data/slow/x", f"{work}/host", ["bind"])]):
            cases.append({"name": f"evil{i}", "container": "evil", "namespace": "evil", "image": "busybox",
                          "args": ["sh", "-c", f"cat {path}; sleep 1; exit 1"]})
            boxes.append(run(work, cases[-1], source, options))
            for k in range(n):
                cases.append(victim(f"victim{i}{k}"))
                boxes.append(run(work, cases[-1]))
        for case, box in zip(cases, boxes):
            told = agent.wait(lambda _: agent.diagnoses.get(box.id), SECONDS)
            if not told:
                wrong.append(f"{case['name']} is not told")
            elif case["container"] == "app" and told[-1]["ktrace"]["diagnosis"]["root_cause"] != "missing_file":
                wrong.append(f"{case['name']} is told as {told[-1]['ktrace']['diagnosis']['root_cause']}")
        states = helper_of(agent)
        began = time.time()
        ended = agent.stop()
        print(f"{len(boxes)} containers told; workers {states}; SIGTERM took {time.time() - began:.2f} s")
        if ended:
            wrong.append(f"while files hang: {ended}")
        if len(states) < 2:
            wrong.append(f"nothing hung, so nothing was shown: workers {states}")
    finally:
        if os.path.exists(hang):
            os.unlink(hang)
        agent.stop()
        for case, box in zip(cases, boxes):
            box.destroy()
            remove_pod(case)
        subprocess.run(["umount", "-l", mount], check=False)
        server.kill()
        server.wait()
    if wrong:
        raise SystemExit("FAIL: " + "; ".join(wrong))


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    be_a_shim()
    work = tempfile.mkdtemp(prefix="ktrace-hang-")
    try:
        subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-o", f"{work}/hangfs", f"{HERE}/hangfs.c"], check=True)
        attack(work, int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    finally:
        shutil.rmtree(work, ignore_errors=True)


main()
