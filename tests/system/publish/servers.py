# SPDX-License-Identifier: MIT
"""What the servers of tests/publish share: HTTP/1.1 in a thread, with or without TLS, and faults that a case asks for."""
import gzip
import http.server
import json
import ssl
import threading
import time


class Server:
    """Answers with what answer(method, path, headers, body) returns: (status, headers, body), or None to hang up."""

    def __init__(self, certificate=None, port=0):
        self.lock = threading.Lock()
        self.faults = []    # of the next requests, first one first: a function of the request that returns an answer, or None
        self.times = []     # of each request
        self.asked = []     # path and body of each
        self.refusals = []  # requests that the real one would not have taken, and why
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_request(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                reply = outer.respond(self.command, self.path, self.headers, body)
                if reply is None:
                    self.close_connection = True
                    return
                status, headers, text = reply
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_PATCH = do_GET = do_PUT = handle_request

            def log_message(self, *_):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.httpd.daemon_threads = True
        self.port = self.httpd.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.httpd.socket = context.wrap_socket(self.httpd.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def respond(self, method, path, headers, body):
        with self.lock:
            self.times.append(time.monotonic())
            self.asked.append((path, body.decode(errors="replace")))
            fault = self.faults.pop(0) if self.faults else None
            wait, reply = fault(self, method, path, headers, body) if fault else (0, self.answer(method, path, headers, body))
        time.sleep(wait)
        return reply

    def refuse(self, status, why, body):
        self.refusals.append((status, why, body[:2000]))
        return status, {"Content-Type": "application/json"}, json.dumps({"message": why}).encode()

    def close(self):
        self.httpd.shutdown()
        self.httpd.server_close()


def status(code, **headers):
    """A fault: this status, and nothing is taken."""
    return lambda server, *request: (0, (code, {"Content-Type": "text/plain", **headers}, b"not now"))


def lost(server, *request):
    """A fault: the request is taken, and the answer lost."""
    server.answer(*request)
    return 0, None


def forget(server, *request):
    """A fault: what was taken is gone, as Events are after an hour."""
    server.events.clear()
    return 0, server.answer(*request)


def slow(seconds):
    return lambda server, *request: (seconds, server.answer(*request))
