# SPDX-License-Identifier: MIT
"""What the agent must have said of a container, and what the containers of the tests share."""
import os

from lab import action, write

COPY = "cp /etc/app/app.conf /etc/app/live.conf 2>/dev/null; exec cat /etc/app/live.conf"


class Want:
    """What the agent must have said of one container."""

    def __init__(self, cid, cause, **fields):       # a__b is the member b of a; None: it must not be there
        self.cid, self.cause, self.fields = cid, cause, fields

    def complaints(self, records):
        mine = [r for r in records if r.get("container", {}).get("id") == self.cid]
        last = [r for r in mine if action(r) == "diagnosis"][-1:]
        cause = last[0]["ktrace"]["diagnosis"]["root_cause"] if last else None
        if cause != self.cause:
            yield f"the cause is {cause}, not {self.cause}"
        if not mine:
            yield "there is no record of it"
        for name, value in self.fields.items():
            got = [v for v in (dig(r, name) for r in last + mine) if v is not None]
            if got[:1] != ([] if value is None else [value]):
                yield f"{name} is {got[0] if got else None}, not {value}"


def dig(record, name):
    for key in name.split("__"):
        record = record.get(key) if isinstance(record, dict) else None
    return record


def config_map(work, uid):
    """A volume of a pod as the kubelet's atomic writer leaves it."""
    path = f"{work}/kubelet/pods/{uid}/volumes/kubernetes.io~configmap/settings"
    write(f"{path}/..2026_11_20/app.conf", "listen 8080\n", "644")
    os.symlink("..2026_11_20", f"{path}/..data")
    os.symlink("..data/app.conf", f"{path}/app.conf")
    return path


def names(namespace, pod, container, restarts=0):
    return dict(k8s__namespace__name=namespace, k8s__pod__name=pod, k8s__container__name=container, container__name=container,
                k8s__container__restart_count=restarts)


class Gate:
    """A volume in which containers wait until they are let go on."""

    def __init__(self, work):
        self.path = f"{work}/gate"
        self.mount = ("/gate", self.path, False)
        os.mkdir(self.path)

    def waits(self, name):
        """The beginning of a script that goes on when the gate of that name opens."""
        os.mkfifo(f"{self.path}/{name}")
        return f"read go </gate/{name}; "

    def open(self, name):
        write(f"{self.path}/{name}", "go\n")
