#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Secrets that a container has in its arguments and its output are nowhere in what the agent keeps or gives away: log,
store, socket. With --redact off they are, so that the look for them is one; with --no-args there are no arguments.
"""
import os, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenarios"))
from lab import Agent, action, unified_hierarchy

KTRACE = os.environ.get("KTRACE", os.path.join(HERE, "..", "..", "..", "build", "ktrace"))
SECRETS = ["hunter2plain", "hunter2quoted", "hunter2next", "hunter2url", "hunter2basic", "hunter2env", "hunter2json", "hunter2bearer",
           "IOSFODNN7SECRETS", "dozjgNryP4J3jVmN", "MIIEpAIBAAKCAQEAhunter2", "hunter2parts"]
PROGRAM = r"""
import os, subprocess, sys, time
subprocess.run(["/bin/true", "--password=hunter2plain", "--secret", "hunter2next", "http://me:hunter2url@db/", "-H",
                "Authorization: Basic hunter2basic"])
subprocess.run(["sh", "-c", "API_TOKEN=hunter2env true; echo 'db_password: \"hunter2quoted\"'"])
print('{"apiKey":"hunter2json"}', flush=True)
print("-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEAhunter2\n-----END PRIVATE KEY-----", flush=True)
for part in ("password=", "hunter2parts\n"):
    os.write(1, part.encode())
print("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN and AKIAIOSFODNN7SECRETS", file=sys.stderr, flush=True)
print("fatal: login failed with token=hunter2bearer", file=sys.stderr, flush=True)
sys.exit(3)
"""


def contents(work):
    found = b""
    for folder, _, files in os.walk(work):
        for name in files:
            with open(os.path.join(folder, name), "rb") as f:
                found += f.read()
    return found


def run(watched, options):
    """All that the agent kept and gave away about one container that failed, and its records."""
    group = f"{watched}/{os.urandom(32).hex()}"
    cid = os.path.basename(group)

    def enter():
        with open(f"{group}/cgroup.procs", "w") as f:
            f.write(str(os.getpid()))
    with tempfile.TemporaryDirectory() as work:
        agent = Agent(KTRACE, work, ["--events", "all", *options])
        try:
            agent.ready()
            live = subprocess.Popen([KTRACE, "live", "--socket", f"{work}/ktrace.sock", "-o", "json", "--events", "all"],
                                    stdout=open(f"{work}/live.json", "wb"), stderr=subprocess.PIPE)
            live.stderr.readline()  # connected
            os.mkdir(group)
            # From stdin: its own text is no argument.
            subprocess.run([sys.executable, "-"], input=PROGRAM.encode(), preexec_fn=enter, capture_output=True)
            if not agent.wait(lambda rs: agent.diagnoses.get(cid), 60):
                raise SystemExit("FAIL: no diagnosis")
            answers = [subprocess.run([KTRACE, "explain", "--socket", f"{work}/ktrace.sock", "-o", kind, cid], capture_output=True).stdout
                       for kind in ("text", "json")]
            agent.stop()
            live.wait(60)
            stored = subprocess.run([KTRACE, "explain", "--socket", f"{work}/none", "--store", f"{work}/diagnoses", cid], capture_output=True)
            return contents(work) + b"".join(answers) + stored.stdout, agent.read()
        finally:
            agent.stop()
            if os.path.isdir(group):
                os.rmdir(group)


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    watched = unified_hierarchy()
    if not watched:
        print("SKIP: no cgroup v2 is mounted")
        sys.exit(77)
    kept, _ = run(watched, [])
    told = [s for s in SECRETS if s.encode() in kept]
    if told:
        raise SystemExit(f"FAIL: not masked: {told}")
    kept, _ = run(watched, ["--redact", "off"])
    missed = [s for s in SECRETS if s.encode() not in kept]
    if missed:
        raise SystemExit(f"FAIL: --redact off, and not recorded at all: {missed}")
    _, records = run(watched, ["--no-args"])
    more = [r["process"]["args"] for r in records if len(r.get("process", {}).get("args", [])) > 1]
    if more or not any(action(r) == "exec" for r in records):
        raise SystemExit(f"FAIL: --no-args, and recorded: {more}")


main()
