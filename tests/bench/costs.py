# SPDX-License-Identifier: MIT
"""The table of what ktrace costs: costs.tsv, which each measuring program fills in for its own rows.

A row is a path on a kernel ("any": whatever this machine has). `issue` is what was there when the targets were set, with
another measuring program, `before` the same by the ones here, `now` what was measured last. `reason`: why a target is missed.
"""
import csv, os

HERE = os.path.dirname(os.path.abspath(__file__))
COSTS, PEERS = f"{HERE}/costs.tsv", f"{HERE}/peers.tsv"

WHAT = {
    "unrelated": "a call that is not watched (getppid)",
    "open-good": "a good open and its close",
    "open-new": "a failing open, new path",
    "open-folded": "a failing open, repeated",
    "write-file": "a write of 80 bytes to a file",
    "write-stdout": "a write of 80 bytes to stdout",
    "connect-refused": "a connection that is refused",
    "runc-run": "`runc run` of `python3 -c pass`",
    "agent-start": "the agent's own start",
    "reader-open-errors": "reader, each failing open, `errors`",
    "reader-open-diagnoses": "reader, each failing open, `diagnoses`",
    "reader-exec-exit-all": "reader, each exec and exit, `all`",
    "reader-exec-exit-diagnoses": "reader, each exec and exit, `diagnoses`",
    "memory-living": "1000 living containers with 500 failed opens each",
    "memory-ended": "after 1000 containers have ended, 90 s later",
    "replay-record": "replay, each record",
    "explain-log": "`explain --from` a log of 1 GB",
    "ps-client": "`ps` with 1000 containers, the client's part",
    "exit-to-diagnosis": "exit to diagnosis, 99th percentile under load",
}


def read(path=COSTS):
    with open(path, newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(rows, path=COSTS):
    with open(path, "w", newline="") as f:
        out = csv.DictWriter(f, rows[0].keys(), delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def number(text):
    return float(text) if text else None


def shown(value):
    """-> text: three digits are what any of these is worth"""
    if value is None or value == "":
        return "-"
    value = float(value)
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"


def record(measured):
    """Enters what was measured, {(path, kernel): value}, into the table."""
    rows = read()
    for row in rows:
        value = measured.get((row["path"], row["kernel"]))
        if value is not None:
            row["now"] = f"{value:.1f}".removesuffix(".0") if abs(value) < 100 else f"{value:.0f}"
    write(rows)


def is_missed(row, now):
    return now is not None and now > float(row["target"]) + 0.5 * (row["unit"] == "instructions")


def judge(measured, rows=None):
    """Prints the table, with what was measured just now or, in brackets, before -> how many targets were missed just now"""
    missed = []
    print(f"{'path':<52} {'kernel':>6} {'issue':>9} {'before':>9} {'now':>11} {'target':>9}")
    for row in rows or read():
        fresh = measured.get((row["path"], row["kernel"]))
        now = fresh if fresh is not None else number(row["now"])
        text = shown(now) if fresh is not None else f"[{shown(now)}]"
        print(f"{WHAT[row['path']]:<52} {row['kernel']:>6} {shown(row['issue']):>9} {shown(row['before']):>9} {text:>11} "
              f"{shown(row['target']):>9} {row['unit']}")
        if is_missed(row, now):
            missed.append((row, now, fresh))
    for row, now, fresh in missed:
        print(f"MISSED {WHAT[row['path']]}, {row['kernel']}: {shown(now)} (target {shown(row['target'])} {row['unit']})"
              f"{'; ' + row['reason'] if row['reason'] else ''}")
    return sum(fresh is not None for _, _, fresh in missed)
