# SPDX-License-Identifier: MIT
"""Real containers as a Kubernetes node has them, and an agent that watches them.

What run-scenarios, the storm, the agent's measurements and the demo share. Needs root, runc and overlayfs.
"""
import atexit, ctypes, json, os, platform, select, shutil, signal, subprocess, sys, threading, time, uuid

os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"

STDENV = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=pod"]
NS = ["pid", "ipc", "uts", "mount"]
CAPS = ["CAP_" + c for c in ("CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP "
                             "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE").split()]
VOLUME_DIR = {"configmap": "kubernetes.io~configmap", "secret": "kubernetes.io~secret",
              "emptydir": "kubernetes.io~empty-dir", "projected": "kubernetes.io~projected", "pvc": "kubernetes.io~csi"}


# What cases name as it is on amd64, and another machine otherwise.
MACHINE_NAMES = {"aarch64": {"x86_64-linux-gnu": "aarch64-linux-gnu", "SCMP_ARCH_X86_64": "SCMP_ARCH_AARCH64",
                             "/lib64/ld-linux-x86-64": "/lib/ld-linux-aarch64"}}
FOREIGN_ELF = {"x86_64": "b700", "aarch64": "3e00"}    # e_machine of the other one


def read_cases(path):
    """The cases of a file, as they are on this machine."""
    with open(path) as f:
        text = f.read()
    for there, here in MACHINE_NAMES.get(platform.machine(), {}).items():
        text = text.replace(there, here)
    return json.loads(text)


def sh(*a, **k):
    return subprocess.run(a, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **k)


def write(path, content, mode=None, uid=0, gid=0):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content.encode("latin-1") if isinstance(content, str) else content)
    os.chown(path, uid, gid)
    if mode is not None:
        os.chmod(path, int(str(mode), 8))


_image_lock = threading.Lock()


def slim_image(work, image):
    """The folder of an image with nothing (or nothing but busybox) in it, made once for each run."""
    lower = f"{work}/images/{image}"
    with _image_lock:
        if os.path.isdir(lower):
            return lower
        for d in ("bin", "etc", "tmp", "proc", "sys", "dev", "lib", "usr/bin", "var", "run"):
            os.makedirs(f"{lower}/{d}")
        os.chmod(f"{lower}/tmp", 0o1777)
        write(f"{lower}/etc/passwd", "root:x:0:0::/:/bin/sh\n")
        if image == "busybox":
            shutil.copy("/bin/busybox", f"{lower}/bin/busybox")
            names = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True).stdout.split()
            for n in names:
                if n != "busybox":
                    os.symlink("busybox", f"{lower}/bin/{n}")
    return lower


def be_a_shim():
    """Containers' first processes become our children, and a signal ends us through our clean-up."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)         # PR_SET_CHILD_SUBREAPER
    for s in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, lambda *_: sys.exit(2))


def hierarchies():
    """The mounted cgroup file systems: one on a v2 machine, one for each controller on others."""
    with open("/proc/self/mounts") as f:
        return [m[1] for m in map(str.split, f) if m[2] in ("cgroup", "cgroup2")]


def unified_hierarchy():
    """Where cgroup v2 is mounted; None: nowhere."""
    with open("/proc/self/mounts") as f:
        return next((m[1] for m in map(str.split, f) if m[2] == "cgroup2"), None)


POD_PARENTS = ("kubepods/burstable", "kubepods")
_found_parents = {f"{h}/{p}" for h in hierarchies() for p in POD_PARENTS if os.path.isdir(f"{h}/{p}")}


def rmdir(path):
    try:
        os.rmdir(path)
    except OSError:
        pass                                        # not there, or in use


def remove_pod(case):
    """The pod's cgroups, which runc leaves behind."""
    for h in hierarchies():
        rmdir(f"{h}/kubepods/burstable/pod{case.get('_pod_uid')}")


@atexit.register
def remove_parents():
    """At the very end, since another thread may be starting a container below them."""
    for h in hierarchies():
        for parent in POD_PARENTS:
            if f"{h}/{parent}" not in _found_parents:
                rmdir(f"{h}/{parent}")


class Kubelet(threading.Thread):
    """What the kubelet does: connects to ports of the container from the node's own network, or has the runtime run a
    command in it (`exec`), each with its period.

    The container has a network of its own, joined to the node's by a pair of interfaces. With `kills_after` a probe
    that failed for so many seconds has the container stopped.
    """
    ASKER = ("import ctypes,socket,sys,time\nctypes.CDLL(None).prctl(15, b'kubelet')\nask = (sys.argv[1], int(sys.argv[2]))\n"
             "while True:\n    try:\n        socket.create_connection(ask, 1).close(); print('open', flush=True)\n"
             "    except OSError:\n        print('refused', flush=True)\n    time.sleep(float(sys.argv[3]))\n")
    numbers = iter(range(1, 16000))

    def __init__(self, pid, probes, execute, stop):
        super().__init__(daemon=True)
        self.probes, self.execute, self.stop, self.askers, number = probes, execute, stop, [], next(self.numbers)
        self.over = threading.Event()
        base = number * 4
        self.address = f"10.213.{base // 256}.{base % 256 + 2}"
        self.link = f"kt{os.getpid() % 10000}x{number}"
        node = f"10.213.{base // 256}.{base % 256 + 1}"
        inside = ["nsenter", "-t", str(pid), "-n"]
        sh("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
        sh("ip", "addr", "add", f"{node}/30", "dev", self.link)
        sh("ip", "link", "set", self.link, "up")
        sh(*inside, "ip", "addr", "add", f"{self.address}/30", "dev", "eth0")
        sh(*inside, "ip", "link", "set", "eth0", "up")
        sh(*inside, "ip", "link", "set", "lo", "up")

    def run(self):
        for probe in sorted(self.probes, key=lambda p: p.get("delay", 1)):
            threading.Timer(probe.get("delay", 1), self.ask, [probe]).start()

    def answers(self, probe):
        """Whether each try of the probe went well, until the end."""
        if "exec" in probe:
            while not self.over.wait(probe["period"]):
                yield self.execute(probe["exec"])
            return
        asker = subprocess.Popen([sys.executable, "-c", self.ASKER, self.address, str(probe["port"]), str(probe["period"])],
                                 stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.askers.append(asker)
        for line in asker.stdout:
            yield line == "open\n"

    def ask(self, probe):
        if self.over.is_set():
            return
        since = None
        for well in self.answers(probe):
            if well or "kills_after" not in probe:
                since = None
            elif since is None:
                since = time.monotonic()
            elif time.monotonic() - since > probe["kills_after"]:
                self.stop()
                break

    def end(self):
        self.over.set()
        for asker in self.askers:
            asker.kill()
            asker.wait()
        subprocess.run(["ip", "link", "del", self.link], stderr=subprocess.DEVNULL)


class Container:
    """One case as an OCI container, made from nothing and removed again."""

    def __init__(self, work, case, attempt=0, cid=None):
        self.case, self.work, self.attempt = case, work, attempt
        self.id = cid or (uuid.uuid4().hex + uuid.uuid4().hex)
        self.pod_uid = case.setdefault("_pod_uid", str(uuid.uuid4()))
        self.sandbox = uuid.uuid4().hex + uuid.uuid4().hex
        self.bundle = f"{work}/run/containerd/io.containerd.runtime.v2.task/k8s.io/{self.id}"
        self.pod_dir = f"{work}/var/lib/kubelet/pods/{self.pod_uid}"
        self.state = f"{work}/run/containerd/runc/k8s.io"
        self.mounted, self.enough = [], None
        self.log = f"{work}/logs/{case['name']}.{attempt}.log"

    # -- building -----------------------------------------------------------------------------
    def build(self):
        os.makedirs(self.bundle)
        os.makedirs(self.state, exist_ok=True)
        os.makedirs(os.path.dirname(self.log), exist_ok=True)
        self.rootfs()
        with open(f"{self.bundle}/config.json", "w") as f:
            json.dump(self.config(), f, indent=1)

    def rootfs(self):
        root, image = f"{self.bundle}/rootfs", self.case.get("image", "host")
        up, wk = f"{self.bundle}/upper", f"{self.bundle}/work"
        for d in (root, up, wk):
            os.makedirs(d)
        if image == "host":
            lower = ":".join([*filter(None, [os.environ.get("LAB_LAYER")]), "/"])   # programs that this machine has not installed
        else:
            lower = slim_image(self.work, image)
        for spec in self.case.get("files", []):
            self.put(up, spec)
        sh("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={up},workdir={wk}", root)
        self.mounted.append(root)
        for path in self.case.get("remove", []):
            p = root + path
            (shutil.rmtree if os.path.isdir(p) and not os.path.islink(p) else os.unlink)(p)

    @staticmethod
    def put(base, spec):
        path = base + spec["path"]
        kind = spec.get("type", "file")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        uid = spec.get("uid", 0)
        if kind == "dir":
            os.makedirs(path, exist_ok=True)
            os.chown(path, uid, uid)
            os.chmod(path, int(str(spec.get("mode", "755")), 8))
        elif kind == "symlink":
            os.symlink(spec["target"], path)
        elif kind == "copy":
            shutil.copy(spec["from"], path)
            os.chown(path, uid, uid)
            if "mode" in spec:
                os.chmod(path, int(str(spec["mode"]), 8))
        elif kind == "elf-foreign":
            head = bytes.fromhex("7f454c46020101000000000000000000" "0200" + FOREIGN_ELF[platform.machine()] + "01000000") + bytes(1000)
            write(path, head, "755")
        elif kind == "c":
            src = path + ".c"
            write(src, spec["content"])
            sh("gcc", *spec.get("cflags", []), "-o", path, src)
            os.unlink(src)
        elif kind == "go":
            src = path + ".go"
            write(src, spec["content"])
            sh("go", "build", "-o", path, src, env={**os.environ, "CGO_ENABLED": "0", "GO111MODULE": "off"})
            os.unlink(src)
        else:
            write(path, spec.get("content", ""), spec.get("mode", "644"), uid, uid)

    def volume(self, m):
        kind = m["kind"]
        if kind == "hostpath":
            src = f"{self.work}/host/{self.id[:12]}/{m['name']}"
        else:
            src = f"{self.pod_dir}/volumes/{VOLUME_DIR[kind]}/{m['name']}" + ("/mount" if kind == "pvc" else "")
        if not os.path.isdir(src):
            os.makedirs(src)
            files = m.get("files", {})
            if kind in ("configmap", "secret", "projected"):   # the kubelet's atomic writer
                gen = "..2026_11_20_00_00_00.1"
                for name, content in files.items():
                    write(f"{src}/{gen}/{name}", content, m.get("file_mode", "644"))
                    if not os.path.lexists(f"{src}/{name}"):
                        os.symlink(f"..data/{name}", f"{src}/{name}")
                os.makedirs(f"{src}/{gen}", exist_ok=True)
                os.symlink(gen, f"{src}/..data")
            else:
                for name, content in files.items():
                    write(f"{src}/{name}", content, m.get("file_mode", "644"))
            os.chown(src, m.get("uid", 0), m.get("gid", m.get("uid", 0)))
            os.chmod(src, int(str(m.get("mode", "777" if kind == "emptydir" else "755")), 8))
            if m.get("tmpfs_size"):
                sh("mount", "-t", "tmpfs", "-o", f"size={m['tmpfs_size']},mode=777", "tmpfs", src)
                self.mounted.append(src)
        sub = m.get("sub_path")
        if sub:
            target = f"{src}/{sub}"
            if m.get("sub_path_is_dir"):
                os.makedirs(target, exist_ok=True)
            return target
        return src

    def termination_log(self):
        """The file that the kubelet makes for each start: 0666 in directories that only root enters."""
        directory = f"{self.pod_dir}/containers/{self.case.get('container', 'app')}"
        self.message = f"{directory}/{self.id[:8]}"
        os.makedirs(directory, mode=0o750, exist_ok=True)
        write(self.message, "", "666")
        return self.message

    def config(self):
        c, name = self.case, self.case["name"]
        mounts = [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]},
        ]
        for m in c.get("mounts", []):
            src = self.volume(m)
            opts = ["rbind", "rprivate", "ro" if m.get("ro", m["kind"] in ("configmap", "secret", "projected")) else "rw"]
            mounts.append({"destination": m["at"], "type": "bind", "source": src, "options": opts + m.get("options", [])})
        mounts.append({"destination": "/dev/termination-log", "type": "bind", "source": self.termination_log(),
                       "options": ["rbind", "rprivate", "rw"]})
        uid, gid = c.get("uid", 0), c.get("gid", c.get("uid", 0))
        caps = c.get("caps", CAPS if uid == 0 else [])
        namespaces = [{"type": n} for n in NS if n != "pid" or not c.get("host_pid")]
        if c.get("network", "none") == "none":
            namespaces.append({"type": "network"})
        process = {"terminal": False, "user": {"uid": uid, "gid": gid, "additionalGids": c.get("groups", [])},
                   "args": c["args"], "env": STDENV + c.get("env", []), "cwd": c.get("cwd", "/"), "noNewPrivileges": c.get("no_new_privileges", uid != 0),
                   "capabilities": {k: caps for k in ("bounding", "effective", "permitted")}}
        if c.get("nofile"):
            process["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": c["nofile"], "soft": c["nofile"]}]
        if c.get("apparmor"):
            process["apparmorProfile"] = c["apparmor"]
        linux = {"namespaces": namespaces, "cgroupsPath": f"/kubepods/burstable/pod{self.pod_uid}/{self.id}",
                 "resources": {"devices": [{"allow": False, "access": "rwm"}]}, "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"]}
        if c.get("memory"):
            linux["resources"]["memory"] = {"limit": c["memory"]}
        if c.get("pids"):
            linux["resources"]["pids"] = {"limit": c["pids"]}
        if c.get("sysctls"):
            linux["sysctl"] = c["sysctls"]
        if c.get("cpu"):
            linux["resources"]["cpu"] = {"quota": int(c["cpu"] * 100000), "period": 100000}
        if c.get("seccomp"):
            linux["seccomp"] = c["seccomp"]
        return {"ociVersion": c.get("oci", "1.0.2"), "process": process, "hostname": "pod", "mounts": mounts, "linux": linux,
                "root": {"path": "rootfs", "readonly": bool(c.get("read_only_root"))},
                "annotations": {
                    "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": c.get("container", "app"),
                    "io.kubernetes.cri.image-name": c.get("image_name", f"registry.example/{name}:1"),
                    "io.kubernetes.cri.sandbox-id": self.sandbox, "io.kubernetes.cri.sandbox-name": f"{name}-0",
                    "io.kubernetes.cri.sandbox-namespace": c.get("namespace", "scenarios"), "io.kubernetes.cri.sandbox-uid": self.pod_uid, **c.get("annotations", {})}}

    # -- running ------------------------------------------------------------------------------
    def runc(self, *a, **k):
        return subprocess.run(["runc", "--root", self.state, *a], stdin=subprocess.DEVNULL, **k)

    def run(self):
        """create, start, wait, delete: the order in which a shim drives runc."""
        pidfile = f"{self.bundle}/init.pid"
        with open(self.log, "wb") as out:
            r = self.runc("create", "--bundle", self.bundle, "--pid-file", pidfile, self.id, stdout=out, stderr=out)
            if r.returncode:
                return "create failed"
            pid = int(open(pidfile).read())
            fd = os.pidfd_open(pid)
            kubelet = None
            if self.case.get("kubelet"):
                kubelet = Kubelet(pid, self.case["kubelet"], self.execute, self.kill)
            self.runc("start", self.id, stdout=out, stderr=out)
            if kubelet:
                kubelet.start()
            limit = self.case.get("stop_after", 30)
            if self.case.get("probes"):
                self.probe(fd)
                limit = 0.1
            ended = self.wait(fd, limit)
            how = "exited"
            if not ended:
                how = "stopped"
                for s, grace in ((self.case.get("stop_signal", "TERM"), self.case.get("grace", 2)), ("KILL", 5)):
                    self.runc("kill", self.id, s, stdout=out, stderr=out)
                    if select.select([fd], [], [], grace)[0]:
                        break
            if kubelet:
                kubelet.end()
            os.close(fd)
            self.status = os.waitpid(pid, 0)[1]     # ours since we are its subreaper, as a shim is
            self.runc("delete", "--force", self.id, stdout=out, stderr=out)
            return how

    def wait(self, fd, limit):
        """Until it ends, at most so long; or until `enough` says that there is no more to wait for."""
        end = time.monotonic() + limit
        while time.monotonic() < end and not (self.enough and self.enough(self)):
            if select.select([fd], [], [], min(0.5 if self.enough else limit, max(0, end - time.monotonic())))[0]:
                return True
        return bool(select.select([fd], [], [], 0)[0])

    def execute(self, command):
        """As an exec probe: whether it ended well."""
        return not self.runc("exec", self.id, *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def kill(self):
        for s in ("TERM", "KILL"):
            self.runc("kill", self.id, s, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(2)

    def probe(self, fd):
        """The case's exec probe, as the kubelet has the runtime run it; then the container is stopped."""
        for _ in range(self.case["probes"]):
            if select.select([fd], [], [], 0.5)[0]:
                return
            self.execute(self.case["probe"])

    def destroy(self):
        self.runc("delete", "--force", self.id, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for m in reversed(self.mounted):
            subprocess.run(["umount", "-l", m], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.bundle, ignore_errors=True)


def live(work, case, enough=None):
    """A case's container from its making to its removal, as often as it restarts -> (the last one, how it ended)."""
    try:
        for attempt in range(case.get("restarts", 0) + 1):
            box = Container(work, case, attempt)
            box.enough = enough
            try:
                box.build()
                how = box.run()
            finally:
                box.destroy()
        return box, how
    finally:
        remove_pod(case)


class Agent:
    """`ktrace agent` writing NDJSON to a file that we read as it grows."""

    def __init__(self, ktrace, work, extra, under=()):
        self.path = f"{work}/events.ndjson"
        self.err = open(f"{work}/agent.stderr", "wb")
        cmd = [*under, ktrace, "agent", "--log-file", self.path, "--store", f"{work}/diagnoses", "--memory", f"{work}/memory", "--socket", f"{work}/ktrace.sock", "--listen", "off", *extra]
        self.out = open(f"{work}/agent.stdout", "wb")    # a line for each diagnosis
        self.proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err)
        self.records, self.inode, self.offset, self.partial, self.invalid = [], None, 0, b"", 0
        self.diagnoses = {}                         # by container id, as they came
        self.reading = threading.Lock()

    def read(self):
        with self.reading:
            return self.read_on()

    def read_on(self):
        for path in self.unread():
            with open(path, "rb") as f:
                inode = os.fstat(f.fileno()).st_ino
                if inode != self.inode:
                    self.inode, self.offset = inode, 0
                f.seek(self.offset)
                data = f.read()
            self.offset += len(data)
            self.take_lines(data)
        return self.records

    def unread(self):
        """The log, after what it was rotated to since it was last read: other containers may fill it fast."""
        paths = [p for p in [self.path] + [f"{self.path}.{n}" for n in range(1, 10)] if os.path.exists(p)]
        last = next((i for i, p in enumerate(paths) if os.stat(p).st_ino == self.inode), len(paths) - 1)
        return paths[last::-1] if paths else []

    def take_lines(self, data):
        lines = (self.partial + data).split(b"\n")
        self.partial = lines.pop()
        for line in lines:
            try:
                r = json.loads(line.decode("utf-8"))
            except ValueError:
                self.invalid += 1
                continue
            self.records.append(r)
            if action(r) == "diagnosis":
                self.diagnoses.setdefault(r.get("container", {}).get("id"), []).append(r)

    def diagnoses_of(self, cid):
        self.read()
        return self.diagnoses.get(cid, [])

    def wait(self, want, seconds):
        end = time.monotonic() + seconds
        while True:
            got = want(self.read())
            if got or time.monotonic() > end:
                return got
            if self.proc.poll() is not None:
                with open(self.err.name, errors="replace") as f:
                    raise SystemExit(f"ktrace agent ended with status {self.proc.returncode}:\n{f.read()[-2000:]}")
            time.sleep(0.02)

    def ready(self, seconds=30):
        if not self.wait(lambda rs: any(action(r) == "agent_started" for r in rs), seconds):
            raise SystemExit(f"ktrace agent said no agent_started within {seconds} s")
        self.wait(lambda _: self.has_attached_all(), seconds)

    def has_attached_all(self):
        """Where fexit is used some calls are attached when the agent has started, and named until then."""
        with open(self.err.name, errors="replace") as f:
            said = f.read()
        return "watching, " in said and ("attached within a second" not in said or "calls are seen now" in said or "not be attached" in said)

    def stop(self):
        if self.proc.poll() is None:
            self.proc.send_signal(signal.SIGTERM)
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                return "did not stop on SIGTERM in 10 s"
        return None if self.proc.returncode == 0 else f"exit status {self.proc.returncode}"


def missing(case):
    """The programs that the case needs and this machine lacks."""
    return [n for n in case.get("needs", []) if not shutil.which(n)]


def action(r):
    return r.get("event", {}).get("action")
