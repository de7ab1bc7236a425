# SPDX-License-Identifier: MIT
"""podman with storage of its own, and `podman kube play`."""
import os, subprocess, time

import image
from lab import hierarchies, rmdir, write

CONFIG = f"""[containers]
default_ulimits = []
[engine]
infra_image = "{image.NAME}"
"""

POD = """apiVersion: v1
kind: ConfigMap
metadata: {{name: settings}}
data: {{app.conf: "listen 8080"}}
---
apiVersion: v1
kind: Pod
metadata: {{name: {pod}}}
spec:
  hostNetwork: true
  restartPolicy: Never
  containers:
  - name: {container}
    image: {image}
    imagePullPolicy: Never
    command: [/bin/sh, -c, "{script}"]
    volumeMounts: [{{name: v, mountPath: /etc/app, readOnly: true}}]
  volumes: [{{name: v, configMap: {{name: settings}}}}]
"""


class Runtime:
    def __init__(self, work, oci="runc"):
        self.work, self.oci = work, oci
        write(f"{work}/containers.conf", CONFIG)
        self.podman("load", "--input", f"{work}/image.tar")

    def podman(self, *args):
        env = dict(os.environ, CONTAINERS_CONF=f"{self.work}/containers.conf")
        done = subprocess.run(
            ["podman", "--root", f"{self.work}/root", "--runroot", f"{self.work}/runroot", "--tmpdir", f"{self.work}/tmp", "--runtime",
             self.oci, "--cgroup-manager", "cgroupfs", "--events-backend", "file", *args],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=30)
        if done.returncode:
            raise OSError(f"podman {args[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    def play(self, pod, container, script):
        """Plays a pod of one container, with a ConfigMap at /etc/app -> the container's id."""
        write(f"{self.work}/pod.yaml", POD.format(pod=pod, container=container, script=script, image=image.NAME))
        self.podman("kube", "play", f"{self.work}/pod.yaml")
        return self.ended(f"{pod}-{container}")

    def run(self, name, script):
        self.podman("run", "--detach", "--network", "none", "--pull", "never", "--name", name, image.NAME, "/bin/sh", "-c", script)
        return self.ended(name)

    def ended(self, name):
        end = time.time() + 20
        while self.podman("inspect", "--format", "{{.State.Status}}", name) != "exited":
            if time.time() > end:
                raise SystemExit(f"podman: container {name} did not end")
        return self.podman("inspect", "--format", "{{.Id}}", name)

    def sandbox_of(self, cid):
        pod = self.podman("inspect", "--format", "{{.Pod}}", cid)
        return self.podman("inspect", "--format", "{{.Id}}", f"{pod[:12]}-infra")      # `pod inspect` takes 10 s

    def stop(self):
        pods = self.podman("pod", "ps", "--quiet", "--no-trunc").split()
        self.podman("pod", "rm", "--all", "--force", "--time", "0")
        self.podman("rm", "--all", "--force", "--time", "0")
        subprocess.run(["umount", f"{self.work}/root/overlay"], stderr=subprocess.DEVNULL)
        for h in hierarchies():
            for pod in [*pods, "conmon"]:                        # podman leaves them behind
                rmdir(f"{h}/libpod_parent/{pod}")
            rmdir(f"{h}/libpod_parent")
