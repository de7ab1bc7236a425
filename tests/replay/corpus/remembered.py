# SPDX-License-Identifier: MIT
"""Recordings with what an agent's memory would have held of earlier, healthy starts of the same workload.

A healthy start makes every failure of this one but those that it ends for: a healthy recording's own failures, and of a
failing one those before the first that its case expects or its right diagnosis rests on. The rest is as a recording
carries it (`ktrace.container.remembered`), with signatures from the program (signatures.c).
"""
import re, subprocess

from recordings import action
from twist import copy, format_time, parse_time

KEPT = 64               # HARMLESS_MAX
LATE = 3


def signatures(tool, path):
    out = subprocess.run([tool, path], capture_output=True, text=True, check=True).stdout
    return {int(sequence): signature for sequence, signature in map(str.split, out.splitlines())}


def failures_of(records, signed):
    return [r for r in records if r.get("event", {}).get("sequence") in signed]


def is_of_the_cause(r, case, diagnosis, record):
    evidence = diagnosis.get("evidence") or []
    if r["@timestamp"] in [e.get("timestamp") for e in evidence]:      # a runtime's own paths are told as the container's
        return True
    path = r.get("file", {}).get("path")
    if not path:
        return r.get("error", {}).get("code") in [e.get("error") for e in evidence]
    return path in [record.get("file", {}).get("path"), *(e.get("path") for e in evidence)] or bool(re.fullmatch(case["expect"].get("path") or r"$^", path))


def known_noise(case, records, signed, record):
    """Of the failures those that healthy starts make too, in their order. record: of the diagnosis, {} for none."""
    failures = failures_of(records, signed)
    if case["expect"].get("healthy"):
        return failures
    of_cause = [r for r in failures if is_of_the_cause(r, case, record.get("ktrace", {}).get("diagnosis", {}), record)]
    first = min((parse_time(r["@timestamp"]) for r in of_cause), default=None)
    bad = {signed[r["event"]["sequence"]] for r in of_cause}
    return [r for r in failures if signed[r["event"]["sequence"]] not in bad and (first is None or parse_time(r["@timestamp"]) < first)]


def with_memory(records, noise, signed):
    harmless = list(dict.fromkeys(signed[r["event"]["sequence"]] for r in noise))[:KEPT]
    changed = []
    for r in records:
        if action(r) == "container_created":
            r = copy(r)
            at = parse_time(r["@timestamp"]) - 86400 * 10 ** 9
            r["ktrace"]["container"]["remembered"] = {"healthy_at": str(at), "starts": 3, "changes": [], "harmless": harmless}
        changed.append(r)
    return changed


def with_late_noise(records, noise):
    """The latest of the noise once more, right before its process ends: where it misleads most. None: there is none."""
    end = next((r for r in reversed(records) if action(r) == "process_exited"), None)
    mine = [r for r in noise if end and r.get("process", {}).get("pid") == end.get("process", {}).get("pid")][-LATE:]
    if not mine:
        return None
    late = copy(mine)
    for i, r in enumerate(late):
        r["@timestamp"] = format_time(parse_time(end["@timestamp"]) - (len(late) - i) * 1000)
    at = records.index(end)
    return records[:at] + late + records[at:]
