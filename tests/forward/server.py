#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A strict Forward server that misbehaves on purpose: stores first, acknowledges then.

   server.py --store FILE [--port N] [--key KEY] [--cert FILE] [--auth] [--like PEER] [--faults NAME:PERCENT,...]

PEER is whose handshake it speaks: fluentd (nonce as bin, a connection for each chunk), fluent-bit (nonce as a
str of any bytes, hangs up without a word at a wrong key) or liar (knows no key and says that all is well).

Faults, drawn for each chunk: lose (hangs up without a word), close (hangs up in the middle of a chunk),
noack (stores, never acknowledges), refuse (acknowledges another chunk), forget (stores, then hangs up),
delay (half a second), garbage (answers with what is no msgpack), die (kills itself, before storing).
What a client must not send ends the server with status 3 and the reason on stderr.
"""
import argparse
import hashlib
import json
import os
import random
import select
import signal
import socket
import ssl
import sys
import threading
import time

import msgpack


def fail(why):
    print("server: the client " + why, file=sys.stderr, flush=True)
    os._exit(3)


class Server:
    def __init__(self, options):
        self.options = options
        self.store = os.open(options.store, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(self.store, b"\n")  # the end of a line that an earlier server died in
        faults = [fault.split(":") for fault in options.faults.split(",") if fault]
        self.faults = [(name, float(percent)) for name, percent in faults]
        self.random = random.Random(options.seed)
        self.lock = threading.Lock()
        self.acked = set()  # ids of chunks: one of these needs not come again

    def fault(self):
        at = self.random.uniform(0, 100)
        for name, percent in self.faults:
            at -= percent
            if at < 0:
                return name
        return None

    def greet(self, connection, messages):
        like, key, name = self.options.like, self.options.key.encode(), b"strict"
        nonce, auth = os.urandom(16), os.urandom(16) if self.options.auth else ""
        helo = {"nonce": nonce, "auth": auth} | ({"keepalive": False} if like == "fluentd" else {})
        for byte in msgpack.packb(["HELO", helo], use_bin_type=like != "fluent-bit"):
            connection.sendall(bytes([byte]))
        ping = next(messages, None)
        if ping is None:
            return False
        if not (isinstance(ping, list) and len(ping) == 6 and ping[0] == "PING" and isinstance(ping[2], str)):
            fail(f"sent {ping!r} for a PING")
        salt, host = ping[2].encode(), ping[1].encode()
        good = like == "liar" or hashlib.sha512(salt + host + nonce + key).hexdigest() == ping[3]
        proof = hashlib.sha512(salt + name + nonce + key).hexdigest()
        if good or like != "fluent-bit":
            why = "" if good else "shared_key mismatch"
            connection.sendall(msgpack.packb(["PONG", good, why, name.decode(), proof]))
        return good

    def entries(self, message):
        """What is stored of a chunk, after a check of everything that a real server may trip over."""
        if not (isinstance(message, list) and len(message) == 3 and isinstance(message[0], str)):
            fail(f"sent {message!r:.80}")
        tag, packed, option = message
        if not isinstance(packed, bytes) or not isinstance(option.get("chunk"), str):
            fail("sent no PackedForward with a chunk that is a str")
        unpacker = msgpack.Unpacker(raw=False, max_buffer_size=1 << 24)
        unpacker.feed(packed)
        lines = []
        for entry in unpacker:
            when, record = entry
            if not isinstance(record, dict):
                fail("sent a record that is no map")
            if not isinstance(when, msgpack.ExtType) or when.code != 0 or len(when.data) != 8:
                fail(f"sent {when!r} for a time")
            at = [int.from_bytes(when.data[:4], "big"), int.from_bytes(when.data[4:], "big")]
            lines.append(json.dumps({"tag": tag, "time": at, "chunk": option["chunk"],
                                     "acked": option["chunk"] in self.acked, "record": record}))
        if option.get("size") != len(lines):
            fail("sent another size than entries")
        return option["chunk"], ("\n".join(lines) + "\n").encode()

    def save(self, data):
        with self.lock:
            while data:
                data = data[os.write(self.store, data):]

    def take(self, connection, message):
        """False: the connection ends."""
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
        gone = select.select([connection], [], [], 0)[0]  # a client that waits says nothing
        connection.sendall(msgpack.packb({"ack": "another" if fault == "refuse" else chunk}))
        if fault != "refuse" and not gone:
            self.acked.add(chunk)
        return self.options.like != "fluentd"

    def messages(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        unpacker = msgpack.Unpacker(raw=False, max_buffer_size=1 << 24)
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data or (len(data) > 8192 and self.random.uniform(0, 100) < dict(self.faults).get("close", 0)):
                return
            unpacker.feed(data)
            yield from unpacker

    def serve(self, connection):
        try:
            if self.options.cert:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.options.cert)
                connection = context.wrap_socket(connection, server_side=True)
            messages = self.messages(connection)
            if not self.options.key or self.greet(connection, messages):
                for message in messages:
                    if not self.take(connection, message):
                        break
        except (OSError, ssl.SSLError) as error:
            print("server:", error, file=sys.stderr)
        except ValueError as error:
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
parser.add_argument("--key", default="")
parser.add_argument("--cert")
parser.add_argument("--auth", action="store_true")
parser.add_argument("--like", choices=("fluentd", "fluent-bit", "liar"))
parser.add_argument("--faults", default="")
parser.add_argument("--seed", type=int, default=1)
Server(parser.parse_args()).run()
