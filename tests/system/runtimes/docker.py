# SPDX-License-Identifier: MIT
"""A dockerd of our own, that leaves the node's network alone."""
import subprocess, time

import image
from lab import hierarchies, rmdir


class Runtime:
    def __init__(self, work):
        self.work = work
        self.log = open(f"{work}/dockerd.log", "wb")
        self.daemon = subprocess.Popen(
            ["dockerd", "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--storage-driver=overlay2",
             f"--data-root={work}/data", f"--exec-root={work}/exec", f"--pidfile={work}/pid", f"--host=unix://{work}/docker.sock"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self.ready()
            self.docker("load", "--input", f"{work}/image.tar")
        except BaseException:
            self.stop()
            raise

    def ready(self):
        for _ in range(150):
            if self.docker("version", check=False) is not None:
                return
            if self.daemon.poll() is not None:
                break
            time.sleep(0.1)
        with open(self.log.name, errors="replace") as f:
            raise OSError("dockerd: " + f.read()[-300:].strip().split("\n")[-1])

    def docker(self, *args, check=True):
        done = subprocess.run(["docker", "--host", f"unix://{self.work}/docker.sock", *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)
        if done.returncode and check:
            raise SystemExit(f"docker {args[0]}: {done.stderr}")
        return None if done.returncode else done.stdout.strip()

    def run(self, name, script, *options):
        """Runs a container until it ends -> its id."""
        cid = self.docker("run", "--detach", "--network=none", "--name", name, *options, image.NAME, "/bin/sh", "-c", script)
        self.docker("wait", cid)
        return cid

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait(20)
        self.log.close()
        subprocess.run(["umount", f"{self.work}/exec/netns/default"], stderr=subprocess.DEVNULL)
        for h in hierarchies():
            rmdir(f"{h}/docker")
