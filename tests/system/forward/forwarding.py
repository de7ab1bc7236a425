# SPDX-License-Identifier: MIT
"""What the cases of tests/system/forward/run share: a folder each, servers, senders, and the comparison."""
import collections
import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
DRIVER = BUILD / "forward" / "driver"
BATCH = 20


class Skip(Exception):
    """The case cannot run here, and why."""


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def wait_for(seconds, what, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.05)
    raise AssertionError(f"no {what} in {seconds} s")


def same(a, b):
    """Equal in type as well: 1 is not 1.0 and not true."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def doubles(value):
    """The one kind of number that JavaScript has."""
    if isinstance(value, dict):
        return {k: doubles(v) for k, v in value.items()}
    if isinstance(value, list):
        return list(map(doubles, value))
    return float(value) if type(value) is int else value


def read_lines(path):
    """Lines of JSON; one that a killed process left torn is nobody's."""
    for line in path.read_bytes().split(b"\n") if path.exists() else []:
        try:
            yield json.loads(line)
        except ValueError:
            continue


def key_of(record):
    """What a store that is to hold each record once knows it by."""
    return record["event"]["id"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def address(server):
    """A port of this machine, or HOST:PORT."""
    return f"127.0.0.1:{server}" if isinstance(server, int) else server


class Lab:
    def __init__(self, folder, name, ktrace):
        self.folder, self.ktrace = folder / name, ktrace
        self.folder.mkdir()
        self.store, self.log = self.folder / "store", self.folder / "log"
        self.messages = open(self.folder / "messages", "w+b")
        self.processes = []

    def start(self, *command, **how):
        process = subprocess.Popen(list(map(str, command)), **{"stdout": subprocess.PIPE, "stderr": self.messages} | how)
        self.processes.append(process)
        return process

    def serve(self, *options, port=0):
        server = self.start("/usr/bin/python3", HERE / "server.py", "--store", self.store, "--port", port, *options)
        return server, int(server.stdout.readline())

    def drive(self, *servers, node="node-1", **options):
        named = [o for name, value in options.items() for o in ("--" + name.replace("_", "-"), value)]
        return self.start(DRIVER, *(o for s in servers for o in ("--server", address(s))), "--buffer", self.folder / "buffer",
                          "--log", self.log, "--node", node, "--batch", BATCH, *named)  # of two that are equal the last counts

    def stats(self, driver, timeout=280):
        out, _ = driver.communicate(timeout=timeout)
        check(driver.returncode == 0, f"the driver ended with {driver.returncode}: {self.said()}")
        return json.loads(out)

    def empty(self, buffer, *servers):
        """Sends what an agent that ended has left in its buffer."""
        stats = self.stats(self.drive(*servers, node="last", count=1, buffer=buffer, backoff_ms=10))
        check(stats["waiting"] == 0 and stats["lost"] == 0, stats)

    def said(self):
        return (self.folder / "messages").read_text(errors="replace")

    def said_all(self):
        return self.said() + "".join(path.read_text(errors="replace") for path in self.folder.glob("*.stderr"))

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def key(self, key, name="key"):
        path = self.folder / name
        path.write_text(key + "\n")
        return path

    def certificate(self, name, subject):
        """Its own authority; key and certificate in one file as well."""
        pem, key, both = (self.folder / f"{name}.{kind}" for kind in ("pem", "key", "both"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                        "-addext", f"subjectAltName={subject}", "-keyout", key, "-out", pem],
                       check=True, stderr=subprocess.DEVNULL)
        both.write_bytes(key.read_bytes() + pem.read_bytes())
        return pem, both

    def compare(self, extra=0, resent=True, typed=True, kills=0):
        """Every logged record is stored as it is -> (records, of these twice).

        `extra` may be stored that one of `kills` kept out of the log. A record may be there twice only in a chunk that was
        sent twice, and that only when it was not acknowledged; but a sender that ended may have left the answer unread.
        """
        logged = {key_of(r): r for r in read_lines(self.log)}
        stored = collections.defaultdict(list)
        for entry in read_lines(self.store):
            stored[key_of(entry["record"])].append(entry)
        again = {e["chunk"] for entries in stored.values() for e in entries if e["acked"]}
        check(len(again) <= kills, f"{len(again)} chunks came again after they were acknowledged")
        for key, record in logged.items():
            check(key in stored, f"lost: {key}")
            for entry in stored[key]:
                equal = same(entry["record"], record) if typed else doubles(entry["record"]) == doubles(record)
                check(equal, f"changed: {record} is {entry['record']}")
                stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(entry['time'][0]))}.{entry['time'][1]:09}Z"
                check(stamp == record["@timestamp"], f"time {stamp} of {record['@timestamp']}")
        check(len(stored) <= len(logged) + extra, f"{len(stored) - len(logged)} stored that nobody wrote")
        twice = [entries for entries in stored.values() if len(entries) > 1]
        check(resent or not twice, f"{len(twice)} records came twice")
        for entries in twice:
            check(len({e["chunk"] for e in entries}) == 1, "a record came twice in different chunks")
        return len(logged), len(twice)


class Agent:
    """`ktrace agent --forward`, in the lab's log and buffer, with metrics."""

    def __init__(self, lab, *servers, node="node-1", within=(), name="agent", **options):
        if os.geteuid() != 0 or not os.access(lab.ktrace, os.X_OK):
            raise Skip("needs root and a built ktrace")
        self.log, self.port = lab.log, free_port()
        self.path, self.buffer = lab.folder / f"{name}.stderr", lab.folder / f"{name}.buffer"
        named = [o for key, value in options.items() for o in ("--" + key.replace("_", "-"), value)]
        with open(self.path, "ab") as err:
            self.process = lab.start(*within, lab.ktrace, "agent", "--log-file", self.log, "--socket", "off",
                                     "--listen", f"127.0.0.1:{self.port}", "--buffer-dir", self.buffer,
                                     *(o for s in servers for o in ("--forward", address(s))), *named, stderr=err,
                                     env=os.environ | {"NODE_NAME": node})
        wait_for(60, f"agent: {self.said()}", self.is_up)

    def is_up(self):
        check(self.process.poll() is None, f"the agent ended with {self.process.returncode}: {self.said()}")
        try:
            return self.metrics()
        except OSError:
            return None

    def said(self):
        return self.path.read_text(errors="replace")

    def metrics(self):
        """What /metrics has of Forward: {"errors_total{error=\"key\"}": 1.0, ...}."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as reply:
            lines = reply.read().decode().splitlines()
        prefix = "ktrace_forward_"
        return {name[len(prefix):]: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)
                if name.startswith(prefix)}

    def errors(self):
        """{"key": 2.0}, those that there were."""
        return {name.split('"')[1]: n for name, n in self.metrics().items() if name.startswith("errors_total") and n}

    def acked(self):
        return self.metrics()["acked_records_total"]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        check(self.process.wait(30) == 0, f"the agent ended with {self.process.returncode}: {self.said()}")
