#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`ktrace mcp` answers as the Model Context Protocol wants it, quotes what the agent found, and survives what nobody should send."""
import json, os, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenarios"))
from lab import Agent, Container, be_a_shim, remove_pod

KTRACE = os.environ.get("KTRACE", os.path.join(HERE, "..", "..", "..", "build", "ktrace"))


class Client:
    def __init__(self, *options):
        self.server = subprocess.Popen([KTRACE, "mcp", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.n = 0

    def send(self, line):
        self.server.stdin.write(line + b"\n")
        self.server.stdin.flush()

    def read(self):
        return json.loads(self.server.stdout.readline())

    def ask(self, method, **params):
        self.n += 1
        self.send(json.dumps({"jsonrpc": "2.0", "id": self.n, "method": method, "params": params}).encode())
        reply = self.read()
        check(reply["jsonrpc"] == "2.0" and reply["id"] == self.n and ("result" in reply) != ("error" in reply), reply)
        return reply

    def call(self, tool, **arguments):
        result = self.ask("tools/call", name=tool, arguments=arguments)["result"]
        check([c["type"] for c in result["content"]] == ["text"] and type(result["isError"]) is bool, result)
        return result["content"][0]["text"], result["isError"]

    def end(self):
        self.server.stdin.close()
        return self.server.wait(30)


def check(condition, what):
    if not condition:
        raise SystemExit(f"FAIL {what}")


def talk(client):
    reply = client.ask("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "test", "version": "1"})["result"]
    check(reply["protocolVersion"] == "2025-06-18" and reply["capabilities"] == {"tools": {}} and reply["serverInfo"]["name"] == "ktrace", reply)
    check(client.ask("initialize", protocolVersion="1999-01-01")["result"]["protocolVersion"] == "2025-06-18", "an unknown version")
    client.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
    check(client.ask("ping")["result"] == {}, "ping")
    tools = {t["name"]: t for t in client.ask("tools/list")["result"]["tools"]}
    check(set(tools) == {"list_failing", "explain", "rules"}, tools)
    check(tools["explain"]["inputSchema"]["required"] == ["target"] and tools["explain"]["description"], tools)


def be_hostile(client):
    for line, code in ((b"garbage", -32700), (b'"\xff\xfe"', -32600), (b"[]", -32600), (b"[" * 5000, -32700), (b'{"jsonrpc":"2.0","id":1}', -32600),
                       (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600), (b'{"jsonrpc":"2.0","id":{"a":1},"method":"x"}', -32601)):
        client.send(line)
        check(client.read()["error"]["code"] == code, line)
    client.send(b"")
    client.send(b'{"jsonrpc":"2.0","id":"\\u001b[2J","method":"ping"}')
    raw = client.server.stdout.readline()
    check(b"\x1b" not in raw and json.loads(raw)["id"] == "\x1b[2J", raw)
    for params in ({}, {"name": "rm"}, {"name": "explain"}, {"name": "explain", "arguments": {"target": 1}},
                   {"name": "explain", "arguments": {"target": "a", "more": "b"}}, {"name": "explain", "arguments": {"target": "a" * 5000}},
                   {"name": ["explain"]}, {"name": "explain", "arguments": ["a"]}):
        check(client.ask("tools/call", **params)["error"]["code"] == -32602, params)
    for target in ("", "../../etc/passwd", "a\n{}", "--all", "a/b/c/d/e"):
        text, failed = client.call("explain", target=target)
        check(failed and text, target)
    check(client.call("rules", root_cause="no_such")[1], "an unknown root cause")


def main():
    if os.geteuid() != 0:
        print("SKIP: needs root")
        sys.exit(77)
    be_a_shim()
    with tempfile.TemporaryDirectory() as work:
        box = Container(work, {"name": "missing", "args": ["/bin/sh", "-c", "exec cat /etc/shop/settings.yaml"]})
        box.build()
        agent = Agent(KTRACE, work, [])
        try:
            agent.ready()
            box.runc("run", "--bundle", box.bundle, box.id, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            check(agent.wait(lambda rs: any(r["event"]["action"] == "diagnosis" for r in rs), 30), "no diagnosis")
            client = Client("--socket", f"{work}/ktrace.sock")
            talk(client)
            text, failed = client.call("list_failing")
            check(not failed and "scenarios/missing-0" in text and "missing_file" in text, text)
            text, failed = client.call("list_failing", namespace="other")
            check(not failed and "No container" in text, text)
            text, failed = client.call("explain", target="scenarios/missing-0")
            check(not failed and "/etc/shop/settings.yaml" in text and "What to do" in text, text)
            text, failed = client.call("rules", root_cause="missing_file")
            check(not failed and "Fixed by" in text, text)
            be_hostile(client)
            check(client.end() == 0, "it did not end with its input")
        finally:
            box.destroy()
            remove_pod(box.case)
            trouble = agent.stop()
        check(not trouble, trouble)
        alone = Client("--socket", f"{work}/ktrace.sock")
        text, failed = alone.call("list_failing")
        check(failed and "no agent serves" in text, text)
        try:
            alone.send(b"x" * (2 << 20))
        except BrokenPipeError:
            pass  # it ended before it had all
        check(alone.server.wait(30) == 1, "a message of two megabytes")
    print("all as it should be")


if __name__ == "__main__":
    main()
