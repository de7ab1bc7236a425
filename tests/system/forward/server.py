#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Forward server that behaves as a real one does, and misbehaves on purpose: stores first, acknowledges then.

   server.py --store FILE [--port N] [--like PEER] [--key KEY] [--user NAME:PASSWORD] [--cert FILE [--client-ca FILE]
             [--tls12]] [--dies WHEN] [--faults NAME:PERCENT,...]

PEER is whom it is like, in its handshake and at what a client must not send (PEERS below): fluentd, fluent-bit, or
liar (knows no key and says that all is well). Without it what a real server may trip over ends it, with status 3 and
the reason on stderr.

WHEN it dies, for each connection: helo (before its HELO), tls (at the client's first message of TLS).
Faults, drawn for each chunk: lose (hangs up without a word), close (hangs up in the middle of a chunk),
noack (stores, never acknowledges), refuse (acknowledges another chunk, then hangs up), forget (stores, then hangs up),
delay (half a second), garbage (answers with what is no msgpack), die (kills itself, before storing).
"""
import argparse
import gzip
import hashlib
import json
import os
import random
import signal
import socket
import ssl
import sys
import threading
import time

import msgpack

TAKE, CLOSE, SKIP, EMPTY, STOP = "take", "close", "skip", "empty", "stop"
# What each does with: a message that is no array, a PING's salt as bin, a time as float, a chunk's id as bin, a record
# that is no map, a heartbeat (nil), a text that is no UTF-8; and its HELO: a salt for users even without users, texts as bin or str,
# more members; whether a wrong key is answered.
PEERS = {
    "fluentd": {"message": SKIP, "salt": TAKE, "time": TAKE, "chunk": TAKE, "record": SKIP, "heartbeat": TAKE,
                "text": SKIP, "always_salted": True, "bin": True, "helo": {"keepalive": True}, "answers": True},
    "fluent-bit": {"message": CLOSE, "salt": CLOSE, "time": CLOSE, "chunk": CLOSE, "record": CLOSE, "heartbeat": CLOSE,
                   "text": EMPTY, "always_salted": True, "bin": False, "helo": {}, "answers": False},
    "liar": {"always_salted": False, "bin": True, "helo": {}, "answers": True},
    # deny_keepalive of Fluentd: a connection for each chunk
    "brief": {"always_salted": True, "bin": True, "helo": {"keepalive": False}, "answers": True},
    None: {"always_salted": False, "bin": True, "helo": {}, "answers": True},
}
ESTABLISHED = 1  # of TCP_INFO
TLS_HANDSHAKE = 0x16  # how a ClientHello begins


class Close(Exception):
    """The connection ends without a word."""


def fail(why):
    print("server: the client " + why, file=sys.stderr, flush=True)
    os._exit(3)


def digest(*parts):
    return hashlib.sha512(b"".join(parts)).hexdigest()


def text(value):
    """The bytes of a str or bin."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def is_broken(value):
    """Whether some text in it was no UTF-8."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def emptied(value):
    """Broken texts as "", as Fluent Bit stores them."""
    if isinstance(value, dict):
        return {emptied(k): emptied(v) for k, v in value.items()}
    if isinstance(value, list):
        return list(map(emptied, value))
    return "" if is_broken(value) else value


def unpacker():
    return msgpack.Unpacker(raw=False, max_buffer_size=1 << 24, unicode_errors="surrogateescape")


def entries_of(packed):
    found = unpacker()
    found.feed(packed)
    return list(found)


class Server:
    def __init__(self, options):
        self.options, self.peer = options, PEERS[options.like]
        self.store = os.open(options.store, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(self.store, b"\n")  # the end of a line that an earlier server died in
        faults = [fault.split(":") for fault in options.faults.split(",") if fault]
        self.faults = [(name, float(percent)) for name, percent in faults]
        self.random = random.Random(options.seed)
        self.lock = threading.Lock()
        self.acked = set()  # ids of chunks: one of these needs not come again

    def odd(self, name, what):
        """What this peer does with that: TAKE, SKIP or EMPTY."""
        # a client may ask, once, whether this is TLS
        action = self.peer.get(name, CLOSE if what == TLS_HANDSHAKE else STOP)
        if action == STOP:
            fail(f"sent {what!r:.80} for a {name}")
        if action == CLOSE:
            raise Close(f"{what!r:.80} for a {name}")
        return action

    def fault(self):
        at = self.random.uniform(0, 100)
        for name, percent in self.faults:
            at -= percent
            if at < 0:
                return name
        return None

    def refusal(self, ping, nonce, salt):
        """Why the PING is not good, "" if it is."""
        if not (isinstance(ping, list) and len(ping) == 6 and ping[0] == "PING"):
            fail(f"sent {ping!r} for a PING")
        if not isinstance(ping[2], str):
            self.odd("salt", ping[2])
        if digest(text(ping[2]), text(ping[1]), nonce, self.options.key.encode()) != ping[3]:
            return "shared_key mismatch"
        name, _, password = self.options.user.partition(":")
        if name and (name, digest(salt, name.encode(), password.encode())) != (ping[4], ping[5]):
            return "username/password mismatch"
        return ""

    def greet(self, connection, messages):
        name, key = b"strict", self.options.key.encode()
        nonce, salt = os.urandom(16), os.urandom(16)
        is_salted = self.options.user or self.peer["always_salted"]
        helo = {"nonce": nonce, "auth": salt if is_salted else ""} | self.peer["helo"]
        for byte in msgpack.packb(["HELO", helo], use_bin_type=self.peer["bin"]):
            connection.sendall(bytes([byte]))
        ping = next(messages, None)
        if ping is None:
            return False
        why = "" if self.options.like == "liar" else self.refusal(ping, nonce, salt)
        if "shared_key" in why and not self.peer["answers"]:
            return False
        pong = ["PONG", not why, why] + (["", ""] if why else [name.decode(), digest(text(ping[2]), name, nonce, key)])
        connection.sendall(msgpack.packb(pong))
        return not why

    def entry(self, when, record, chunk):
        """A line of what is stored; None: it is not."""
        if isinstance(when, float):
            self.odd("time", when)
            at = [int(when), int(when % 1 * 1e9)]
        elif isinstance(when, msgpack.ExtType) and when.code == 0 and len(when.data) == 8:
            at = [int.from_bytes(when.data[:4], "big"), int.from_bytes(when.data[4:], "big")]
        else:
            fail(f"sent {when!r} for a time")
        if not isinstance(record, dict):
            return self.odd("record", record) and None
        if is_broken(record):
            if self.odd("text", record) == SKIP:
                return None
            record = emptied(record)
        return {"time": at, "chunk": chunk, "acked": chunk in self.acked, "record": record}

    def entries(self, message):
        """The id of a chunk and the lines that are stored of it."""
        tag, packed, option = message
        if not isinstance(tag, str) or option.get("compressed", "text") not in ("text", "gzip"):
            fail(f"sent a chunk with the tag {tag!r:.20} and the options {option}")
        if option.get("compressed") == "gzip":
            packed = gzip.decompress(packed)
        chunk = option.get("chunk")
        if not isinstance(chunk, str):
            self.odd("chunk", chunk)
        found = entries_of(packed)
        if option.get("size") != len(found):
            fail("sent another size than entries")
        stored = (self.entry(when, record, text(chunk).decode()) for when, record in found)
        return chunk, "".join(json.dumps({"tag": tag} | entry) + "\n" for entry in stored if entry is not None).encode()

    def save(self, data):
        with self.lock:
            while data:
                data = data[os.write(self.store, data):]

    def take(self, connection, message):
        """False: the connection ends."""
        if message is None:
            return self.odd("heartbeat", None) == TAKE
        if not (isinstance(message, list) and len(message) == 3 and isinstance(message[1], bytes)):
            return self.odd("message", message) == SKIP
        fault = self.fault()
        chunk, lines = self.entries(message)
        if fault == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "garbage":
            connection.sendall(b"\xc1 no message")
            return False
        if fault != "lose":
            self.save(lines)
        if fault in ("lose", "forget"):
            return False
        if fault == "noack":
            return True
        if fault == "delay":
            time.sleep(0.5)
        gone = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED
        connection.sendall(msgpack.packb({"ack": "another" if fault == "refuse" else chunk}))
        if fault != "refuse" and not gone:
            self.acked.add(chunk)
        return fault != "refuse" and self.peer["helo"].get("keepalive", True)

    def messages(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = unpacker()
        while True:
            try:
                data = connection.recv(65536)
            except ssl.SSLEOFError:
                print("server: unexpected eof", file=sys.stderr, flush=True)
                return
            except OSError:
                return
            if not data or (len(data) > 8192 and self.random.uniform(0, 100) < dict(self.faults).get("close", 0)):
                return
            received.feed(data)
            yield from received

    def secure(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.options.cert)
        if self.options.tls12:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if self.options.client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.options.client_ca)
        return context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False)

    def serve(self, connection):
        try:
            if self.options.dies == "helo" or self.options.dies == "tls" and connection.recv(1):
                return
            if self.options.cert:
                connection = self.secure(connection)
            messages = self.messages(connection)
            if not (self.options.key or self.options.user) or self.greet(connection, messages):
                for message in messages:
                    if not self.take(connection, message):
                        break
        except (OSError, ssl.SSLError, Close) as error:
            print("server:", error, file=sys.stderr, flush=True)
        except ValueError as error:
            print("server: no msgpack:", error, file=sys.stderr, flush=True)
            if self.options.like is None:
                fail(f"sent no msgpack: {error}")
        finally:
            connection.close()

    def run(self):
        listener = socket.create_server(("127.0.0.1", self.options.port))
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()


parser = argparse.ArgumentParser()
parser.add_argument("--store", required=True)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--like", choices=[name for name in PEERS if name])
parser.add_argument("--key", default="")
parser.add_argument("--user", default="")
parser.add_argument("--cert")
parser.add_argument("--client-ca")
parser.add_argument("--tls12", action="store_true")
parser.add_argument("--dies", choices=("helo", "tls"))
parser.add_argument("--faults", default="")
parser.add_argument("--seed", type=int, default=1)
if __name__ == "__main__":
    Server(parser.parse_args()).run()
