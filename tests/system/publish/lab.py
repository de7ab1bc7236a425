# SPDX-License-Identifier: MIT
"""What the cases of tests/system/publish share: a folder with a certificate and a token, and the driver."""
import json
import os
import pathlib
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
DRIVER = HERE.parents[2] / os.environ.get("BUILD", "build") / "publish" / "driver"


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"no {what} in {seconds} s")
        time.sleep(0.005)


class Lab:
    """A folder with a certificate and a token."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.ca, self.key, self.both, self.token = (folder / name for name in ("ca.pem", "key.pem", "both.pem", "token"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.ca],
                       check=True, stderr=subprocess.DEVNULL)
        self.both.write_bytes(self.key.read_bytes() + self.ca.read_bytes())
        self.token.write_text("first\n")
        self.started = time.monotonic()

    def events(self, port, **options):
        """The driver as it posts Events: quick, unless the case says otherwise."""
        quick = {"server": f"https://127.0.0.1:{port}", "token": self.token, "ca": self.ca, "each_ms": 1, "pod_each_ms": 1, "repeat_ms": 10, "backoff_ms": 50}
        return self.drive(quick | options)

    def drive(self, options):
        named = [str(o) for name, value in options.items() for o in ("--" + name.replace("_", "-"), value)]
        self.started = time.monotonic()
        return subprocess.Popen([DRIVER, *named], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, driver):
        """-> its statistics; what it said is in self.said."""
        out, self.said = driver.communicate(timeout=150)
        check(driver.returncode == 0, f"the driver ended with {driver.returncode}: {self.said}")
        return json.loads(out)
