# SPDX-License-Identifier: MIT
"""The cases of tests/system/forward/run with the real agent: killed, told to read its files again, left alone by its servers."""
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[1:1] = [str(HERE.parent / "scenarios"), str(HERE.parent / "containers")]
from forwarding import Agent, check, read_lines, wait_for
from lab import be_a_shim
from storm import run_many


def case_agent_named(lab):
    """What is wrong with a server is named in the log and counted under its name, and nothing is dropped."""
    pem, both = lab.certificate("server", "IP:127.0.0.1")
    other, stranger = lab.certificate("other", "DNS:elsewhere")
    right, wrong = lab.key("right"), lab.key("wrong", "wrong")
    with_key, shared = ["--key", "right"], "forward_shared_key_file"
    cases = {
        "mute": (["--faults", "noack:100"], {}, "ack", "did not acknowledge in time"),
        "quitter": (["--faults", "lose:100"], {}, "closed", "closed the connection"),
        "babbler": (["--faults", "garbage:100"], {}, "protocol", "answered with what is no msgpack"),
        "wrong-key": (with_key, {shared: wrong}, "key", "refused the shared key: shared_key mismatch"),
        "no-key": (with_key, {}, "key", "asks for a shared key: give it with --forward-shared-key-file"),
        "silent-key": ([*with_key, "--like", "fluent-bit"], {shared: wrong}, "key", "closed the connection at the shared key"),
        "user": ([*with_key, "--user", "a:b"], {shared: right}, "user", "asks for a user and a password"),
        "refused": ([*with_key, "--user", "a:b"], {shared: right, "forward_user": "a", "forward_password_file": wrong}, "user",
                    'refused the user "a" and the password: username/password mismatch'),
        "mutual": (["--cert", both, "--client-ca", pem], {"forward_ca": pem}, "client_certificate", "wants a certificate of the client"),
        "stranger": (["--cert", stranger], {"forward_ca": pem}, "certificate", "no authority that is trusted here has signed it"),
        "other-host": (["--cert", stranger], {"forward_ca": other}, "certificate", "it is for another host name or address"),
        "no-tls": (with_key, {"forward_ca": pem}, "tls", "does not speak TLS"),
        "tls-there": (["--cert", both], {}, "tls_wanted", "speaks TLS: give --forward-ca PATH, or --forward-tls"),
        "tls-there-key": (["--cert", both, *with_key], {shared: right}, "tls_wanted", "speaks TLS"),
        "no-handshake": ([], {shared: right}, "timeout", "did not finish the handshake: does it have a shared key?"),
    }
    agents = []

    def expect(name, seconds):
        server, options, error, words = cases[name]
        _, port = lab.serve(*server)
        agent = Agent(lab, port, name=name, **options)

        def look():
            errors = wait_for(seconds, f"error of {name}", agent.errors)
            metrics = agent.metrics()
            check(set(errors) == {error}, f"{name}: errors are {errors}")
            said = next((line for line in agent.said().splitlines() if f"forward: 127.0.0.1:{port} " in line), "")
            check(words in said, f"{name}: '{words}' is not in '{said}'")
            check(metrics["acked_records_total"] == 0 and metrics["waiting_records"] > 0, f"{name}: {metrics}")
            check(not any(n for key, n in metrics.items() if key.startswith("dropped")), f"{name}: {metrics}")
            agent.stop()
        return look

    slow = expect("mute", 90)
    for name in cases:
        if name != "mute":
            expect(name, 20)()
    slow()


def case_agent(lab):
    """What the agent logs is what arrives, all of it before a clean stop ends; the server is told that it was the end."""
    pem, both = lab.certificate("server", "IP:127.0.0.1")
    secured = {"forward_ca": pem, "forward_shared_key_file": lab.key("k")}
    for n, (server, client) in enumerate([([], {}), (["--cert", both, "--like", "fluentd", "--key", "k"], secured)]):
        _, port = lab.serve(*server)
        agent = Agent(lab, port, node=f"way-{n}", events="all", **client)
        run_many(lab.folder, range(2), 1)
        agent.stop()
        check(not list(agent.buffer.iterdir()), f"left in the buffer: {list(agent.buffer.iterdir())}")
    logged, twice = lab.compare()
    check(logged > 40 and not twice, f"{logged} records, {twice} of them twice: {agent.said()}")
    check("unexpected eof" not in lab.said(), f"a TLS connection ended without a word: {lab.said()}")


def case_agent_finish(lab):
    """A clean stop takes a bounded time whatever the server does, and what was not sent waits on disk."""
    _, mute = lab.serve("--faults", "noack:100")
    rows = [(1, 0, 3), (mute, 4, 8)]  # server, seconds that it takes: at least, at most
    for n, (port, least, most) in enumerate(rows):
        agent = Agent(lab, port, name=f"agent-{n}", events="all")
        run_many(lab.folder, range(2), 1)
        start = time.monotonic()
        agent.stop()
        took = time.monotonic() - start
        check(least <= took <= most, f"the agent took {took:.1f} s to end")
        check(list(agent.buffer.iterdir()), "nothing waits in the buffer")


def case_agent_killed(lab):
    """The agent is killed five times while containers start and end; what its log has is at the server."""
    _, port = lab.serve("--faults", "delay:20,lose:10,noack:1,forget:5")
    ended = threading.Event()

    def keep_busy():
        n = 0
        while not ended.is_set():
            run_many(lab.folder, range(n, n + 4), 2)
            n += 4

    busy = threading.Thread(target=keep_busy)
    busy.start()
    try:
        for n in range(5):
            agent = Agent(lab, port, node=f"run-{n}", events="all")
            wait_for(30, "acknowledgement", agent.acked)
            time.sleep(0.3 + 0.2 * n)
            agent.kill()
    finally:
        ended.set()
        busy.join()
    lab.empty(agent.buffer, port)
    # what was in the buffer and not in the log yet when a run ended
    logged, twice = lab.compare(extra=5 * 200, kills=5)
    runs = {r["host"]["name"] for r in read_lines(lab.log)}
    check(len(runs) == 6 and logged > 500, f"only {logged} records of {runs}")
    print(f"     agent_killed: {logged} records, {twice} of them twice, 0 lost", flush=True)


def case_agent_reload(lab):
    """Key and certificates are changed under way: the connection stays, the next one has the new ones."""
    files = {name: lab.folder / name for name in ("key", "ca")}

    def put(key, ca):
        files["key"].write_text(key)
        files["ca"].write_bytes(ca.read_bytes())

    def hang_up():
        before = agent.said()
        agent.process.send_signal(signal.SIGHUP)
        return lambda words: wait_for(5, f"'{words}'", lambda: words in agent.said()[len(before):])

    def is_taken(since):
        wait_for(20, f"acknowledgement: {agent.said()}", lambda: agent.acked() > since)

    def work():
        before = agent.acked()
        run_many(lab.folder, range(1), 1)
        is_taken(before)

    first, first_both = lab.certificate("first", "IP:127.0.0.1")
    second, second_both = lab.certificate("second", "IP:127.0.0.1")
    put("one", first)
    server, port = lab.serve("--key", "one", "--cert", first_both)
    agent = Agent(lab, port, events="all", forward_shared_key_file=files["key"], forward_ca=files["ca"])
    is_taken(0)

    put("", pathlib.Path("/dev/null"))
    said = hang_up()
    said(f"cannot use the shared key in {files['key']}: it is empty")
    said(f"{files['ca']} holds no certificate in PEM form")
    said("what was read from there before stays in use")
    work()
    files["key"].unlink()
    hang_up()(f"cannot use the shared key in {files['key']}: No such file")
    put("two", second)
    hang_up()
    work()
    check(agent.metrics()["connections_total"] == 1 and not agent.errors(), agent.metrics())

    server.kill()
    server.wait()
    server, _ = lab.serve("--key", "two", "--cert", second_both, port=port)
    work()
    check(set(agent.errors()) <= {"closed", "connect"}, agent.errors())

    # one that is wrong, and mended: tried again at once, not when the pause is over
    server.kill()
    server.wait()
    lab.serve("--key", "three", "--cert", first_both, port=port)
    run_many(lab.folder, range(1), 1)
    wait_for(20, "certificate error", lambda: "certificate" in agent.errors())
    files["ca"].write_bytes(first.read_bytes())
    hang_up()
    wait_for(20, "key error", lambda: "key" in agent.errors())
    files["key"].write_text("three")
    hang_up()
    work()
    agent.stop()


class NameService(threading.Thread):
    """A name server on an address of its own that says nothing until it is told to; each name is 127.0.0.1."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = next(a for a in (f"127.53.{n}.1" for n in range(1, 250)) if self.bind(a))
        self.answers, self.questions = False, 0
        self.start()

    def bind(self, host):
        try:
            self.socket.bind((host, 53))
            return True
        except OSError:
            return False

    def run(self):
        while True:
            data, client = self.socket.recvfrom(512)
            self.questions += 1
            if self.answers:
                self.socket.sendto(self.answer(data), client)

    @staticmethod
    def answer(question):
        end = question.index(b"\0", 12) + 5
        is_a = question[end - 4:end - 2] == b"\0\1"
        head = question[:2] + struct.pack(">5H", 0x8180, 1, is_a, 0, 0)
        record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 1, 4) + bytes([127, 0, 0, 1])
        return head + question[12:end] + (record if is_a else b"")


def case_agent_resolver(lab):
    """The name service hangs: the agent goes on, says so, and sends once it answers again."""
    service = NameService()
    resolv = lab.folder / "resolv.conf"
    resolv.write_text(f"nameserver {service.address}\noptions timeout:30 attempts:3\n")
    _, port = lab.serve()
    agent = Agent(lab, f"logs.example:{port}", events="all",
                  within=["unshare", "--mount", "sh", "-c", f'mount --bind {resolv} /etc/resolv.conf && exec "$@"', "sh"])
    wait_for(5, "question", lambda: service.questions)
    run_many(lab.folder, range(2), 1)
    logged = len(list(read_lines(lab.log)))
    start = time.monotonic()
    metrics = agent.metrics()
    check(time.monotonic() - start < 2, "the agent does not answer while the name service hangs")
    check(logged > 20 and metrics["waiting_records"] >= logged, f"{logged} records are in the log: {metrics}")
    check(metrics['state{state="resolving"}'] == 1, metrics)
    wait_for(20, "error", agent.errors)
    check(set(agent.errors()) == {"resolve"}, agent.errors())
    check(f"logs.example:{port} has no address: the name service does not answer" in agent.said(), agent.said())
    service.answers = True
    wait_for(40, "empty buffer", lambda: not agent.metrics()["waiting_records"])
    check("takes records" in agent.said(), agent.said())
    start = time.monotonic()
    agent.stop()
    check(time.monotonic() - start < 5, "a look-up that hangs holds up the end")
    lab.empty(agent.buffer, port)
    lab.compare(kills=1)
