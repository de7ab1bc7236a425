# SPDX-License-Identifier: MIT
"""containerd with its CRI plugin, driven as the kubelet drives it."""
import os, shutil, subprocess, sys, time, uuid

import grpc

import image
from lab import remove_pod, sh, write

CONFIG = """version = 2
root = "{work}/root"
state = "{work}/state"
[grpc]
address = "{work}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{image}"
restrict_oom_score_adj = true
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{work}/cni"
conf_dir = "{work}/cni.d"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = "{oci}"
"""

# Pods get a network of their own with lo alone, and an address that nobody uses.
CNI_PLUGIN = """#!/bin/sh
[ "$CNI_COMMAND" != ADD ] || nsenter --net="$CNI_NETNS" /bin/busybox ip link set lo up
[ "$CNI_COMMAND" != VERSION ] || exec echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}'
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"0.4.0","interfaces":[{"name":"'$CNI_IFNAME'","sandbox":"'$CNI_NETNS'"}],
	"ips":[{"version":"4","address":"10.88.0.2/16","interface":0}]}'
"""
CNI_CONFIG = '{"cniVersion":"0.4.0","name":"test","plugins":[{"type":"test"}]}'
POD, NODE, EXITED = 0, 2, 2
HERE = os.path.dirname(os.path.abspath(__file__))


def unpacked(suite):
    got = subprocess.run([f"{HERE}/../get-package", suite, "containerd", f"{os.environ.get('BUILD', 'build')}/packages"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if got.returncode:
        raise OSError(f"no containerd of Debian {suite}, is the package mirror within reach? {got.stderr.strip()}")
    return os.path.abspath(got.stdout.strip())


class Runtime:
    def __init__(self, work, oci="runc", suite=None):
        """suite: the Debian release whose containerd it is, this machine's when there is none."""
        self.work, self.pods = work, []
        self.path = (f"{unpacked(suite)}/usr/bin:" if suite else "") + os.environ["PATH"]
        write(f"{work}/config.toml", CONFIG.format(work=work, image=image.NAME, oci=shutil.which(oci)))
        for name in ("test", "loopback"):
            write(f"{work}/cni/{name}", CNI_PLUGIN, "755")
        write(f"{work}/cni.d/test.conflist", CNI_CONFIG)
        self.log = open(f"{work}/containerd.log", "wb")
        self.daemon = subprocess.Popen(["containerd", "--config", f"{work}/config.toml"],
                                       executable=shutil.which("containerd", path=self.path), env=dict(os.environ, PATH=self.path),
                                       stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.channel = grpc.insecure_channel(f"unix:{work}/containerd.sock", options=[("grpc.default_authority", "localhost")])
        try:
            self.compile()
            self.ready()
        except BaseException:
            self.stop()
            raise

    def ready(self):
        try:
            version = self.call("Version", self.api.VersionRequest(), wait_for_ready=True)
        except grpc.RpcError as why:
            raise OSError(f"containerd: {why.details()}") from why
        print(f"{version.runtime_name} {version.runtime_version}")
        sh("ctr", "--address", f"{self.work}/containerd.sock", "--namespace", "k8s.io", "images", "import", f"{self.work}/image.tar",
           executable=shutil.which("ctr", path=self.path))

    def compile(self):
        sh("protoc", f"--proto_path={HERE}", f"--python_out={self.work}", "cri.proto")
        sys.path.insert(0, self.work)
        import cri_pb2
        self.api = cri_pb2
        self.answers = {m.name: cri_pb2.__dict__[m.output_type.name]
                        for m in cri_pb2.DESCRIPTOR.services_by_name["RuntimeService"].methods}

    def call(self, method, request, **more):
        rpc = self.channel.unary_unary(f"/runtime.v1.RuntimeService/{method}", lambda m: m.SerializeToString(),
                                       self.answers[method].FromString)
        return rpc(request, timeout=60, **more)

    def pod(self, namespace, name, host_network=False):
        pod = Pod(self, namespace, name, host_network)
        self.pods.append(pod)
        return pod

    def stop(self):
        try:
            for pod in self.pods:
                pod.remove()
        finally:
            self.channel.close()
            self.daemon.terminate()
            self.daemon.wait(10)
            self.log.close()


class Pod:
    def __init__(self, cri, namespace, name, host_network):
        self.cri, self.containers = cri, []
        self.namespace, self.name, self.uid = namespace, name, str(uuid.uuid4())
        self.logs = f"/var/log/pods/{namespace}_{name}_{self.uid}"
        self.namespaces = cri.api.NamespaceOption(network=NODE if host_network else POD, pid=1)
        self.config = cri.api.PodSandboxConfig(
            metadata={"name": name, "uid": self.uid, "namespace": namespace},
            hostname="" if host_network else name, log_directory=self.logs,
            linux={"cgroup_parent": f"/kubepods/burstable/pod{self.uid}", "security_context": {"namespace_options": self.namespaces}})
        self.sandbox = cri.call("RunPodSandbox", cri.api.RunPodSandboxRequest(config=self.config)).pod_sandbox_id

    def start(self, name, script, attempt=0, mounts=(), memory=0):
        """Starts a container of the pod -> its id. mounts: (path, folder on the host, read-only)."""
        api = self.cri.api
        os.makedirs(f"{self.logs}/{name}", exist_ok=True)
        config = api.ContainerConfig(
            metadata={"name": name, "attempt": attempt}, image={"image": image.NAME}, command=["/bin/sh", "-c", script],
            mounts=[{"container_path": at, "host_path": host, "readonly": ro} for at, host, ro in mounts],
            annotations={"io.kubernetes.container.restartCount": str(attempt)}, log_path=f"{name}/{attempt}.log",
            linux={"resources": {"memory_limit_in_bytes": memory}, "security_context": {"namespace_options": self.namespaces}})
        made = self.cri.call("CreateContainer", api.CreateContainerRequest(
            pod_sandbox_id=self.sandbox, config=config, sandbox_config=self.config))
        self.containers.append(made)
        self.cri.call("StartContainer", made)
        return made.container_id

    def run(self, *a, **k):
        """The same, until it ends -> id, exit status, what CRI gives as the reason."""
        cid = self.start(*a, **k)
        status = self.ended(cid)
        return cid, status.exit_code, status.reason

    def ended(self, cid):
        """Waits until CRI knows that it ended, which is later than the agent does -> its status."""
        end = time.time() + 60
        while time.time() < end:
            status = self.cri.call("ContainerStatus", self.cri.api.Container(container_id=cid)).status
            if status.state == EXITED:
                return status
            time.sleep(0.05)
        raise SystemExit(f"{self.name}: container {cid} did not end")

    def remove(self):
        sandbox = self.cri.api.Sandbox(pod_sandbox_id=self.sandbox)
        self.cri.call("StopPodSandbox", sandbox)                # ends the containers as well, and waits for that
        for container in self.containers:
            self.cri.call("RemoveContainer", container)
        self.cri.call("RemovePodSandbox", sandbox)
        shutil.rmtree(self.logs, ignore_errors=True)
        remove_pod({"_pod_uid": self.uid})
