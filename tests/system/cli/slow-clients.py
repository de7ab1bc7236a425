#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients that take their time change nothing for the others: neither for the log nor for who reads along.

One asks the agent for all events and never reads, 200 hold an idle HTTP connection. Beside them containers
fail as before: each must have the same records and its diagnosis, as fast; `ktrace live` must get them all.
"""
import collections, json, os, shutil, socket, subprocess, sys, tempfile, threading, time, urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenarios"))
from lab import Agent, action, be_a_shim, live

FAILURE = "cat /etc/app/settings.yaml || exit 3"
# Failed calls that fill the slow reader's buffer, with pauses for those who do read: several containers', as each has a
# budget of some 4,000.
FLOOD = f"i=0; while [ $i -lt 4000 ]; do [ -e /nope/$i ]; i=$((i+1)); [ $((i % 500)) != 0 ] || sleep 0.05; done; {FAILURE}"
FLOODS = 4
EACH = 20               # failing containers, without and with the clients
IDLE = 200
SLOWER, SLACK = 5, 20e-3    # a delay may be so many times the one before, and so many seconds more
GROWTH_MAX = 20 << 20   # bytes: 8 MiB of records for the slow reader, and what they grew by; 200 connections; the flood's story


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as r:
        return {k: float(v) for k, v in (line.rsplit(" ", 1) for line in r.read().decode().splitlines() if line[0] != "#")}


class IdleConnections(threading.Thread):
    """Holds so many; the agent closes them after a while, and they come again."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.over, self.held = port, threading.Event(), []
        self.fill()
        self.start()

    def fill(self):
        while len(self.held) < IDLE:
            s = socket.create_connection(("127.0.0.1", self.port))
            s.setblocking(False)
            self.held.append(s)

    def run(self):
        while not self.over.wait(0.2):
            for s in list(self.held):
                try:
                    gone = s.recv(1) == b""
                except BlockingIOError:
                    gone = False
                if gone:
                    s.close()
                    self.held.remove(s)
            self.fill()

    def stop(self):
        self.over.set()
        self.join()
        for s in self.held:
            s.close()


class Watched:
    """The agent, and what it says of itself before and after."""

    def __init__(self, ktrace, work):
        self.work, self.port = work, free_port()
        self.agent = Agent(ktrace, work, ["--listen", f"127.0.0.1:{self.port}", "--events", "all"])
        self.agent.ready()

    def fail(self, name, script=FAILURE):
        """One container to its diagnosis -> its id"""
        box, how = live(self.work, {"name": name, "image": "busybox", "args": ["sh", "-c", script]})
        check(how == "exited" and os.waitstatus_to_exitcode(box.status) == 3, f"{name}: {how}")
        check(self.agent.wait(lambda _: self.agent.diagnoses_of(box.id), 5), f"{name}: no diagnosis")
        return box.id

    def fail_each(self, name):
        """-> ([the actions of each container's records], seconds from exit to diagnosis in the mean)"""
        before = metrics(self.port)
        ids = [self.fail(f"{name}-{n}") for n in range(EACH)]
        time.sleep(0.5)             # for the last one's removal
        after = metrics(self.port)
        count, total = (after[f"ktrace_diagnosis_delay_seconds_{k}"] - before[f"ktrace_diagnosis_delay_seconds_{k}"]
                        for k in ("count", "sum"))
        check(count >= EACH, f"{count} diagnoses of {EACH}")
        return [self.records_of(i) for i in ids], total / count

    def records_of(self, cid):
        return [r for r in self.agent.read() if r.get("container", {}).get("id") == cid]


def actions(lives):
    """How often each action but those of the runtime's own making comes in a container's life."""
    telling = ("container_created", "container_started", "container_exited", "container_removed", "diagnosis", "output")
    return [collections.Counter(action(r) for r in life if action(r) in telling) for life in lives]


def start_live(ktrace, work):
    path = f"{work}/live.ndjson"
    with open(path, "wb") as out, open(f"{work}/live.err", "wb") as err:
        reader = subprocess.Popen([ktrace, "live", "-a", "-o", "json", "--socket", f"{work}/ktrace.sock"], stdout=out, stderr=err)
    end = time.time() + 10
    while "connected to the agent" not in open(err.name).read():
        check(time.time() < end, "live does not join")
        time.sleep(0.05)
    return reader, path


def ask_and_never_read(work):
    s = socket.socket(socket.AF_UNIX)
    s.connect(f"{work}/ktrace.sock")
    s.sendall(b'{"command":"live","events":"all"}\n')
    return s


def drain(s):
    """What was sent before the end -> whole lines; fails when there is no end."""
    s.settimeout(5)
    data = b""
    while part := s.recv(1 << 20):
        data += part
    lines = data.split(b"\n")
    for line in lines[:-1]:
        json.loads(line)
    return len(lines) - 1


def key(r):
    """A record without the number that it has in its own output."""
    return r["@timestamp"], action(r), json.dumps(r.get("ktrace"), sort_keys=True)


def check_slow_clients(ktrace, work):
    w = Watched(ktrace, work)
    try:
        quiet, quick = w.fail_each("quiet")
        before = metrics(w.port)
        check(before["ktrace_live_records_lost_total"] == 0, "records are lost to nobody")
        reader, path = start_live(ktrace, work)
        slow, idle = ask_and_never_read(work), IdleConnections(w.port)
        floods = [w.fail(f"flood-{n}", FLOOD) for n in range(FLOODS)]
        busy, delay = w.fail_each("busy")
        idle.stop()
        after = metrics(w.port)
        taken, lost = drain(slow), int(after["ktrace_live_records_lost_total"])
        trouble = w.agent.stop()
        reader.wait(10)
    finally:
        w.agent.stop()
    check(not trouble, trouble)
    check(actions(busy) == actions(quiet), f"records: {actions(busy)}, without the clients: {actions(quiet)}")
    check(delay < quick * SLOWER + SLACK, f"a diagnosis takes {delay * 1000:.1f} ms, and {quick * 1000:.1f} without the clients")
    check(taken and lost, f"the slow reader took {taken}, {lost} were counted as lost")
    said = open(w.agent.err.name).read()
    check(said.count("too slowly") == 1 and f"{lost} records were lost" in said, f"the agent says: {said}")
    grown = after["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]
    check(grown < GROWTH_MAX, f"{grown} bytes more")
    with open(path) as f:
        got = collections.Counter(key(r) for r in map(json.loads, f))
    missed = [r for life in (*map(w.records_of, floods), *busy) for r in life if not got[key(r)]]
    check(not missed, f"live missed {len(missed)} records: {missed[:3]}")
    print(f"diagnosis after {delay * 1000:.1f} ms, {quick * 1000:.1f} without the clients; the slow reader took {taken}, "
          f"lost {lost}; live got {got.total()}; {grown / (1 << 20):.1f} MiB more")


def main():
    if os.geteuid():
        print("needs root")
        return 77
    be_a_shim()
    work = tempfile.mkdtemp(prefix="slow-clients.")
    try:
        check_slow_clients(os.path.abspath(os.environ.get("KTRACE", "build/ktrace")), work)
    except AssertionError as error:
        print(f"FAIL: {error}")
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
