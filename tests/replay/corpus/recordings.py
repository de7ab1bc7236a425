# SPDX-License-Identifier: MIT
"""Recordings of real containers: what an agent with `--events all` logged of one case, behind a head line, compressed."""
import gzip, json, os, platform, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "system", "scenarios"))
from lab import Container, action, remove_pod

MACHINES = {"x86_64": 62, "aarch64": 183}           # e_machine of <elf.h>


def cases_of(directory):
    """The cases of a set, each with the file that it stands in."""
    for name in sorted(os.listdir(directory)):
        if name.endswith(".json"):
            with open(f"{directory}/{name}") as f:
                for case in json.load(f):
                    yield name[:-len(".json")], case


def head_of(agent):
    """The first line of a recording, as `ktrace record` writes it."""
    started = next(r for r in agent.read() if action(r) == "agent_started")
    return {"ktrace": {"recording": 1, "version": started["ktrace"]["agent"]["version"], "node": started["host"]["name"],
                       "machine": MACHINES.get(platform.machine(), 0), "missing_probes": ""}}


def run(agent, work, case, enough=None):
    """Runs a case as often as it says -> the records of its containers, in the order of the log.

    enough(box), where it is given, says that one that runs need not run any longer.
    """
    ids, last = set(), None
    try:
        for attempt in range(case.get("restarts", 0) + 1):
            box = Container(work, case, attempt)
            ids.add(box.id)
            box.enough = enough
            last = box.id
            try:
                box.build()
                box.run()
            finally:
                box.destroy()
    finally:
        remove_pod(case)
    agent.wait(lambda rs: any(action(r) == "container_removed" and r["container"]["id"] == last for r in rs[-2000:]), 5)
    return [r for r in agent.read() if r.get("container", {}).get("id") in ids]


def write(path, head, records):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with gzip.GzipFile(path, "wb", mtime=0) as out:
        for record in [head, *records]:
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
