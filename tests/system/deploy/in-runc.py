#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The image of `make image` under runc, as a manifest has it, explains a container that fails.

    in-runc.py IMAGE.tar MANIFEST.yaml [--agent-arg ARG]...

What a kubelet and containerd would make of the DaemonSet is made here: its capabilities, read-only root, mounts,
host pid namespace, memory limit, a cgroup namespace of its own. Needs root and runc.
"""
import argparse, json, os, shutil, subprocess, sys, tarfile, tempfile, time, urllib.request, uuid

import yaml

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "scenarios"))
from lab import CAPS, Agent, Container, action, be_a_shim, remove_pod, write

CASE = {
    "name": "web", "container": "web", "namespace": "demo", "image_name": "registry.example/web:1", "uid": 1000,
    "args": ["sh", "-c", "cp /source/app.conf /app/ 2>/dev/null; exec cat /app/app.conf"],
    "mounts": [{"kind": "configmap", "name": "conf", "at": "/source", "files": {"app.conf": "x=1\n"}},
               {"kind": "emptydir", "name": "app", "at": "/app", "mode": "755"}],
}
OOM = {"name": "hog", "container": "hog", "namespace": "demo", "args": ["tail", "/dev/zero"], "memory": 32 << 20}
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
BASE_MOUNTS = [("/proc", "proc", "nosuid,noexec,nodev"), ("/dev", "tmpfs", "nosuid,mode=755,size=65536k"),
               ("/sys", "sysfs", "nosuid,noexec,nodev,ro")]
UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


def reachable(text):
    """Some test machines keep their first process to themselves, from root too: then any other process of the node will do."""
    return text if os.access("/proc/1/root/etc", os.R_OK) else text.replace("/proc/1/root", f"/proc/{os.getpid()}/root")


def unpack(archive, folder):
    """The root file system of the OCI archive's one layer."""
    with tarfile.open(archive) as outer:
        def blob(digest):
            return outer.extractfile("blobs/" + digest.replace(":", "/"))
        manifest = json.load(blob(json.load(outer.extractfile("index.json"))["manifests"][0]["digest"]))
        config = json.load(blob(manifest["config"]["digest"]))["config"]
        with tarfile.open(fileobj=blob(manifest["layers"][0]["digest"]), mode="r:gz") as layer:
            layer.extractall(folder)
    return config


CAP_SYS_RESOURCE = 24


def may(capability):
    """Could we give it to anybody? Machines for CI may lack one."""
    with open("/proc/self/status") as f:
        bounding = next(line.split()[1] for line in f if line.startswith("CapBnd:"))
    return int(bounding, 16) >> capability & 1


class Pod:
    """The DaemonSet's pod on this node."""

    def __init__(self, work, archive, manifest, more_args):
        with open(manifest) as f:
            objects = [o for o in yaml.safe_load_all(f) if o]
        self.work, self.id = work, f"ktrace-{uuid.uuid4().hex[:12]}"
        self.config_maps = {o["metadata"]["name"]: o["data"] for o in objects if o["kind"] == "ConfigMap"}
        self.spec = next(o for o in objects if o["kind"] == "DaemonSet")["spec"]["template"]["spec"]
        self.container = next(c for c in self.spec["containers"] if c["name"] == "ktrace")
        os.makedirs(f"{work}/bundle")
        image = unpack(archive, f"{work}/bundle/rootfs")
        self.args = image["Entrypoint"] + self.container["args"] + [reachable(a) for a in more_args]
        self.env = image["Env"] + ["NODE_NAME=node-1"]
        write(f"{work}/bundle/config.json", json.dumps(self.oci()))

    def source(self, volume):
        """A volume as the kubelet would lay it out; what belongs to ktrace alone is below our own folder."""
        folder = f"{self.work}/volumes/{volume['name']}"
        if "hostPath" in volume and volume["hostPath"]["type"] == "Directory":
            return volume["hostPath"]["path"]
        os.makedirs(folder, 0o755)
        for name, text in self.config_maps.get(volume.get("configMap", {}).get("name"), {}).items():
            write(f"{folder}/{name}", reachable(text))
        return folder

    def oci(self):
        security = self.container["securityContext"]
        privileged = security.get("privileged", False)
        caps = ["CAP_" + c for c in security.get("capabilities", {}).get("add", [])]
        if privileged:
            caps = CAPS + ["CAP_" + c for c in "SYS_ADMIN SYS_PTRACE DAC_READ_SEARCH BPF PERFMON SYS_NICE".split()]
            if may(CAP_SYS_RESOURCE):
                caps.append("CAP_SYS_RESOURCE")
        volumes = {v["name"]: v for v in self.spec["volumes"]}
        mounts = [{"destination": at, "type": kind, "source": kind, "options": options.split(",")}
                  for at, kind, options in BASE_MOUNTS]
        for m in self.container["volumeMounts"]:
            mounts.append({"destination": m["mountPath"], "type": "bind", "source": self.source(volumes[m["name"]]),
                           "options": ["rbind", "rprivate", "ro" if m.get("readOnly") else "rw"]})
        limit = self.container["resources"]["limits"]["memory"]
        return {"ociVersion": "1.0.2", "hostname": "ktrace",
                "root": {"path": "rootfs", "readonly": security["readOnlyRootFilesystem"]},
                "process": {"args": self.args, "env": self.env, "cwd": "/", "user": {"uid": 0, "gid": 0},
                            "noNewPrivileges": not security.get("allowPrivilegeEscalation", True),
                            "capabilities": {s: caps for s in ("bounding", "effective", "permitted")}},
                "mounts": mounts,
                "linux": {"namespaces": [{"type": n} for n in ("mount", "ipc", "uts", "cgroup")],
                          "cgroupsPath": f"/ktrace-test/{self.id}",
                          "resources": {"memory": {"limit": int(limit[:-2]) * UNITS[limit[-2:]]}},
                          "maskedPaths": [] if privileged else MASKED, "readonlyPaths": [] if privileged else READ_ONLY}}

    def runc(self, *args, **more):
        return subprocess.run(["runc", "--root", f"{self.work}/runc", *args], stdin=subprocess.DEVNULL, text=True, **more)

    def exec(self, *args):
        done = self.runc("exec", self.id, *args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout


class PodAgent(Agent):
    """lab.Agent, but in its pod: what it starts takes no options, they are in the manifest."""

    def __init__(self, pod):
        start = f"{pod.work}/start"
        write(start, f"#!/bin/sh\nexec runc --root {pod.work}/runc run --bundle {pod.work}/bundle {pod.id}\n", "755")
        super().__init__(start, pod.work, [])
        self.path = f"{pod.work}/volumes/log/ktrace.log"


def get(path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:9435{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except (OSError, urllib.error.URLError) as error:
        return getattr(error, "code", 0), str(error)


failures = []


def expect(what, ok, said=""):
    print(f"{'ok  ' if ok else 'FAIL'} {what}" + ("" if ok else f"\n{said}"), flush=True)
    if not ok:
        failures.append(what)


def explains(agent, pod, work, case, cause):
    box = Container(work, case)
    try:
        box.build()
        box.run()
        def told(records):
            return [r for r in records if action(r) == "diagnosis" and r["container"]["id"] == box.id]
        found = agent.wait(told, 10)
        last = found[-1] if found else {}
        expect(f"{cause} is diagnosed", last.get("ktrace", {}).get("diagnosis", {}).get("root_cause") == cause, last)
        expect("with the names of the node and the pod", (last.get("host", {}).get("name"),
               last.get("k8s", {}).get("pod", {}).get("name")) == ("node-1", f"{case['name']}-0"), last)
        status, text = pod.exec("ktrace", "explain", f"demo/{case['name']}-0")
        expect("ktrace explain in the pod tells it", status == 0 and cause in text, text)
        print(text)
    finally:
        box.destroy()
        remove_pod(case)


def check(agent, pod, work):
    agent.ready()
    for path in ("/healthz", "/readyz"):
        end = time.time() + 10
        while (answer := get(path))[0] != 200 and time.time() < end:
            time.sleep(0.2)
        expect(f"{path} answers 200", answer[0] == 200, answer)
    explains(agent, pod, work, CASE, "read_only_copy")
    explains(agent, pod, work, OOM, "oom_killed")
    status, text = pod.exec("ktrace", "doctor")
    expect("no probe is missing", status == 0 and "missing" not in text, text)
    expect("doctor finds the node's runtimes", "runtimes      none" not in text and "runc" in text, text)
    with open(f"{work}/volumes/state/diagnoses", encoding="utf-8") as f:
        kept = f.read()
    expect("the diagnoses are kept on the node", "read_only_copy" in kept and "oom_killed" in kept, kept)
    status, text = get("/metrics")
    expect("metrics count it", 'ktrace_diagnoses_total{' in text and "read_only_copy" in text, text)
    mode = os.stat(agent.path).st_mode & 0o777
    expect("the log is for root alone", mode & 0o007 == 0, oct(mode))
    mode = os.stat(os.path.dirname(agent.path)).st_mode & 0o7777
    expect("and its folder on the node", mode == 0o750, oct(mode))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("image")
    parser.add_argument("manifest")
    parser.add_argument("--agent-arg", action="append", default=[])
    given = parser.parse_args()
    be_a_shim()
    work = tempfile.mkdtemp(prefix="ktrace-deploy.")
    pod = agent = None
    try:
        pod = Pod(work, given.image, given.manifest, given.agent_arg)
        agent = PodAgent(pod)
        check(agent, pod, work)
        pod.runc("kill", pod.id, "TERM")
        agent.proc.wait(15)
        expect("SIGTERM ends it cleanly", agent.proc.returncode == 0, agent.proc.returncode)
    finally:
        if pod:
            pod.runc("delete", "--force", pod.id, stderr=subprocess.DEVNULL)
        if agent:
            agent.stop()
        shutil.rmtree(work, ignore_errors=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
