# SPDX-License-Identifier: MIT
"""An image without a registry: busybox alone, as an archive that every runtime can load.

It is an OCI layout (containerd) and a Docker archive (Docker, podman) at once, over the same layer.
"""
import hashlib, io, json, platform, subprocess, tarfile

NAME = "localhost/ktrace-test:1"


def member(tar, name, data=b"", mode=0o755, kind=tarfile.REGTYPE, target=""):
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.type, info.linkname = len(data), mode, kind, target
    tar.addfile(info, io.BytesIO(data))


def layer():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("bin", "etc", "proc", "sys", "dev", "tmp"):
            member(tar, name, kind=tarfile.DIRTYPE, mode=0o1777 if name == "tmp" else 0o755)
        member(tar, "etc/passwd", b"root:x:0:0::/:/bin/sh\n", 0o644)
        with open("/bin/busybox", "rb") as f:
            member(tar, "bin/busybox", f.read())
        applets = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
        for applet in set(applets) - {"busybox"}:
            member(tar, f"bin/{applet}", kind=tarfile.SYMTYPE, target="busybox")
    return out.getvalue()


def make(path):
    """Writes the archive. Its command sleeps and is killed without a wait, so that it does for a pod's sandbox as well."""
    blobs = {}

    def blob(kind, data):
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data)}

    rootfs = blob("layer.v1.tar", layer())
    config = blob("config.v1+json", json.dumps({
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()], "os": "linux",
        "config": {"Cmd": ["/bin/sleep", "1000000"], "StopSignal": "SIGKILL", "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [rootfs["digest"]]}}).encode())
    manifest = blob("manifest.v1+json", json.dumps({"schemaVersion": 2, "config": config, "layers": [rootfs]}).encode())
    manifest["annotations"] = {"io.containerd.image.name": NAME, "org.opencontainers.image.ref.name": NAME}
    files = {"oci-layout": {"imageLayoutVersion": "1.0.0"}, "index.json": {"schemaVersion": 2, "manifests": [manifest]},
             "manifest.json": [{"Config": blob_path(config), "RepoTags": [NAME], "Layers": [blob_path(rootfs)]}]}
    with tarfile.open(path, "w") as tar:
        for name, data in blobs.items():
            member(tar, name, data, 0o644)
        for name, value in files.items():
            member(tar, name, json.dumps(value).encode(), 0o644)


def blob_path(descriptor):
    return "blobs/" + descriptor["digest"].replace(":", "/")
