#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Each system call that ktrace watches is made to fail once (every_call.c): the record names it, its errno, paths and flags.

    every-call.py [WAY]      WAY: forces that way of attaching (fexit, sys_exit, raw_sys_exit)      (KTRACE, BUILD: what is run)
"""
import json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
KTRACE = os.environ.get("KTRACE", os.path.join(BUILD, "ktrace"))
WAYS = ["fexit", "sys_exit", "raw_sys_exit"]


def main():
    if os.geteuid():
        print("SKIP: needs root")
        return 77
    options = [word for way in WAYS if sys.argv[1:] and way != sys.argv[1] for word in ("--disable-probe", f"syscalls/{way}")]
    with tempfile.NamedTemporaryFile() as report:
        made = subprocess.run([KTRACE, "run", "--events", "-o", "json", "--report", report.name, *options, "--",
                               os.path.join(BUILD, "every_call")], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
        records = [json.loads(line) for line in open(report.name, encoding="utf-8", errors="surrogateescape")]
    seen = {}
    for r in records:
        k = r["ktrace"]
        if "syscall" in k and r.get("error"):
            seen.setdefault((k["syscall"], r["error"]["number"]), []).append(
                (r.get("file", {}).get("path", "-"), r.get("file", {}).get("target_path", k.get("path2", "-")), k.get("flags", "-")))
    wrong = 0
    lines = made.stdout.splitlines()
    for line in lines:
        call, number, *want = line.split(" ")
        got = seen.get((call, int(number)), [])
        if not any(all(w in ("-", g) for w, g in zip(want, one)) for one in got):
            print(f"FAIL {line}: {got or 'no such record'}")
            wrong += 1
    print(f"{len(lines) - wrong} of {len(lines)} calls have their record")
    return 1 if wrong or len(lines) < 50 else 0


sys.exit(main())
