# SPDX-License-Identifier: MIT
"""The cases of changed.py: a workload, and the one thing in which it differs after three good starts."""
import contextlib, pathlib, socket, time

from lab import CAPS

SECRET = "planted-value-7301"
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}


def volume(at="/etc/app", kind="configmap", name="settings", files=None, **more):
    files = {"app.yaml": f"password: {SECRET}\n", "other.yaml": "a: 1\n"} if files is None else files
    return {"kind": kind, "name": name, "at": at, "files": files, **more}


def python(*lines):
    return ["python3", "-c", "\n".join(lines)]


READS = python("print(len(open('/etc/app/app.yaml').read()))")
WRITES = python("open('/data/x','w').write('x')")
NEEDS = python("import os,sys", "if 'DATABASE_URL' not in os.environ: sys.exit('error: required variable DATABASE_URL is not set')")
CHECKS = python("import os,sys", "if os.environ.get('LOG_LEVEL')!='info': sys.exit('error: invalid value of LOG_LEVEL: no such level')")
PARSES = python("import sys", "t=open('/etc/app/app.yaml').read()", "if ':' not in t: sys.exit('error: /etc/app/app.yaml: line 1: expected a mapping')")
BINDS = python("import socket", "s=socket.socket()", "s.bind(('127.0.0.1',80))")
OWNS = python("import os", "open('/tmp/f','w').close()", "os.chown('/tmp/f',1234,1234)")
FILES = python("f=[open('/etc/passwd') for i in range(200)]")
FORKS = python("import subprocess", "p=[subprocess.Popen(['sleep','0.3']) for i in range(12)]", "[q.wait() for q in p]")
EATS = python("x=bytearray(96<<20)")
OPTION = ["python3", "-c", "import argparse;p=argparse.ArgumentParser();p.add_argument('--port');p.parse_args()"]
PORT = 39417
LISTENS = python("import socket,sys", "s=socket.socket()", f"s.bind(('0.0.0.0',{PORT}))", "s.listen()")
KEYS = python("import ctypes,os,platform", "c=ctypes.CDLL(None,use_errno=True)", "n={'x86_64':248,'aarch64':217}[platform.machine()]",
              "for i in range(6):", "    if c.syscall(n,b'user',b'key%d'%i,b'x',ctypes.c_size_t(1),-2)<0: raise OSError(ctypes.get_errno(),'add_key')")
SCTP = "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)\n"
TOOL = "#!/bin/sh\nexit 0\n"
FILE = {"path": "/opt/app/data.txt", "content": "x"}


def case(name, base, change, what, cause=True, same_way=(), node=contextlib.nullcontext, kernel=()):
    """change(case): what is done to it after three good starts; what: of the change that is to be told first; same_way: of others that
    come with it; node(): how the node is another one meanwhile; kernel: what runs the agent for the good starts, so that it sees another."""
    return {"name": name, "base": base, "change": change, "what": what, "cause": cause, "same_way": same_way, "node": node, "kernel": kernel}


def having(**members):
    return lambda c: c.update(members)


def of_volume(**members):
    return lambda c: c["mounts"][0].update(members)


def without_key(c):
    del c["mounts"][0]["files"]["app.yaml"]


def without_mount(c):
    c["mounts"].pop(0)


def env(*variables):
    return lambda c: c.update(env=[*c.get("env", []), *variables])


def volumes_of_all_kinds():
    for kind in "configmap", "secret", "projected":
        yield case(f"key-gone-{kind}", {"args": READS, "mounts": [volume(kind=kind)]}, without_key, "key `app.yaml` of .*`settings`")
        yield case(f"mount-gone-{kind}", {"args": READS, "mounts": [volume(kind=kind)]}, without_mount, "mount /etc/app")
        yield case(f"key-contents-{kind}", {"args": PARSES, "mounts": [volume(kind=kind)]},
                   of_volume(files={"app.yaml": "nothing", "other.yaml": "a: 1\n"}), "key `app.yaml`")
        yield case(f"key-mode-{kind}", {"args": READS, "uid": 1000, "mounts": [volume(kind=kind)]}, of_volume(file_mode="600"), "key `app.yaml`", same_way=["key `other.yaml`"])
        yield case(f"key-renamed-{kind}", {"args": READS, "mounts": [volume(kind=kind)]},
                   of_volume(files={"app.yml": "a: 1\n", "other.yaml": "a: 1\n"}), "key `app.yaml`")


def other_volumes():
    for kind in "emptydir", "pvc", "hostpath":
        yield case(f"read-only-{kind}", {"args": WRITES, "mounts": [volume("/data", kind, "data", {})]}, of_volume(ro=True), "mount /data")
        yield case(f"mount-gone-{kind}", {"args": WRITES, "mounts": [volume("/data", kind, "data", {})]}, without_mount, "mount /data")
    yield case("mount-noexec", {"args": ["/work/run"], "mounts": [volume("/work", "pvc", "work", {"run": TOOL}, file_mode="755")]},
               of_volume(options=["noexec"]), "mount /work")
    yield case("mount-new", {"args": python("open('/opt/app/data.txt')"), "files": [FILE]},
               having(mounts=[volume("/opt/app", "emptydir", "cache", {})]), "mount /opt/app")
    yield case("mount-other", {"args": python("open('/data/table')"), "mounts": [volume("/data", "pvc", "data", {"table": "x"})]},
               having(mounts=[volume("/data", "pvc", "data-new", {})]), "mount /data")


def environment():
    yield case("variable-gone", {"args": NEEDS, "env": [f"DATABASE_URL=db://{SECRET}@db"]}, having(env=[]), "variable `DATABASE_URL`")
    yield case("variable-value", {"args": CHECKS, "env": ["LOG_LEVEL=info"]}, having(env=["LOG_LEVEL=loud"]), "variable `LOG_LEVEL`")
    yield case("variable-new", {"args": python("import os,sys", "if 'TRACE_MODE' in os.environ: sys.exit('error: invalid value of TRACE_MODE')")},
               env("TRACE_MODE=x"), "variable `TRACE_MODE`")
    yield case("variable-path", {"args": ["sh", "-c", "mytool || exit 127"], "env": ["PATH=/opt/tool:/usr/bin:/bin"],
                                 "files": [{"path": "/opt/tool/mytool", "content": TOOL, "mode": "755"}]},
               having(env=[]), "variable `PATH`")
    yield case("variable-pythonpath", {"args": python("import ours"), "env": ["PYTHONPATH=/opt/lib"],
                                       "files": [{"path": "/opt/lib/ours.py", "content": ""}]}, having(env=[]), "variable `PYTHONPATH`")
    yield case("variable-address", {"args": python("import os,socket", "h=os.environ['DB_HOST']", "if h!='none': socket.create_connection((h,5432),2)"),
                                    "env": ["DB_HOST=none"]}, having(env=["DB_HOST=127.0.0.1"]), "variable `DB_HOST`", cause=False)


def commands_and_images():
    yield case("command-typo", {"args": ["/usr/bin/env", "true"]}, having(args=["/usr/bin/env", "treu"]), "command")
    yield case("command-option", {"args": OPTION + ["--port", "80"]}, having(args=OPTION + ["--prot", "80"]), "command")
    yield case("command-file", {"args": ["cat", "/etc/hostname"]}, having(args=["cat", "/etc/hostname.conf"]), "command")
    yield case("working-directory", {"args": ["cat", "data.txt"], "cwd": "/opt/app", "files": [FILE]}, having(cwd="/opt"), "working directory")
    yield case("image-file", {"args": python("open('/opt/app/data.txt')"), "files": [FILE], "image_name": "registry.example/app:1.4.2"},
               having(files=[], image_name="registry.example/app:1.5.0"), "image")
    yield case("image-program", {"args": ["/opt/tool/run"], "files": [{"path": "/opt/tool/run", "content": TOOL, "mode": "755"}],
                                 "image_name": "registry.example/app:1.4.2"},
               having(files=[{"path": "/opt/tool/README", "content": ""}], image_name="registry.example/app:1.5.0"), "image")
    yield case("image-module", {"args": ["python3", "/opt/app/main.py"], "image_name": "registry.example/app:1.4.2",
                                "files": [{"path": "/opt/app/main.py", "content": "import helper\n"}, {"path": "/opt/app/helper.py", "content": ""}]},
               having(files=[{"path": "/opt/app/main.py", "content": "import helper\n"}], image_name="registry.example/app:1.5.0"), "image")
    yield case("image-crash", {"args": ["python3", "/opt/app/main.py"], "image_name": "registry.example/app:1.4.2",
                               "files": [{"path": "/opt/app/main.py", "content": ""}]},
               having(files=[{"path": "/opt/app/main.py", "content": "raise RuntimeError('no luck')\n"}], image_name="registry.example/app:1.5.0"),
               "image", cause=False)


def users_and_rights():
    private = [{"path": "/opt/app/key", "content": "x", "mode": "600"}]
    yield case("uid-read", {"args": python("open('/opt/app/key')"), "files": private}, having(uid=1000), "uid")
    yield case("uid-write", {"args": python("open('/opt/app/new','w')"), "files": private}, having(uid=1000), "uid")
    yield case("uid-port", {"args": BINDS}, having(uid=1000), "uid")
    group = [{"path": "/opt/app/key", "content": "x", "mode": "640", "uid": 2000}]
    yield case("groups", {"args": python("open('/opt/app/key')"), "uid": 1000, "groups": [2000], "files": group}, having(groups=[]),
               "supplementary groups")
    yield case("gid", {"args": python("open('/opt/app/key')"), "uid": 1000, "gid": 2000, "files": group}, having(gid=1000), "gid")
    yield case("capability-bind", {"args": BINDS}, having(caps=[c for c in CAPS if c != "CAP_NET_BIND_SERVICE"]), "capabilities")
    yield case("capability-chown", {"args": OWNS}, having(caps=[c for c in CAPS if c != "CAP_CHOWN"]), "capabilities")
    yield case("read-only-root", {"args": python("open('/opt/app/x','w')"), "files": [FILE]}, having(read_only_root=True), "read-only root")
    yield case("seccomp", {"args": python("import os", "os.mkdir('/tmp/new')")}, having(seccomp=PROFILE), "seccomp profile")


def shells():
    reads = ["sh", "-c", "cp /etc/app/app.yaml /tmp/app.yaml 2>/dev/null; cat /tmp/app.yaml"]
    yield case("shell-key-copied", {"args": reads, "mounts": [volume()]}, without_key, "key `app.yaml`")
    yield case("shell-key-gone", {"args": ["sh", "-c", "exec cat /etc/app/app.yaml"], "mounts": [volume()]}, without_key, "key `app.yaml`")
    yield case("shell-variable", {"args": ["sh", "-c", ": ${API_KEY:?must be set}"], "env": ["API_KEY=none"]}, having(env=[]), "variable `API_KEY`")
    yield case("shell-mount-gone", {"args": ["sh", "-c", "echo x >/data/out"], "mounts": [volume("/data", "pvc", "data", {})]}, without_mount, "mount /data")
    yield case("shell-command", {"args": ["/opt/tool/run"], "files": [{"path": "/opt/tool/run", "content": TOOL, "mode": "755"}]},
               having(args=["/opt/tool/runs"]), "command")
    yield case("shell-memory-child", {"args": ["sh", "-c", "python3 -c 'x=bytearray(96<<20)' || exit 1"], "memory": 256 << 20},
               having(memory=48 << 20), "memory limit")
    yield case("shell-read-only-mkdir", {"args": ["sh", "-c", "mkdir /opt/app/new"], "files": [FILE]}, having(read_only_root=True), "read-only root")
    yield case("shell-uid-mkdir", {"args": ["sh", "-c", "mkdir /opt/app/new"], "files": [FILE]}, having(uid=1000), "uid")
    yield case("shell-override", {"args": ["cat", "/opt/app/key"], "files": [{"path": "/opt/app/key", "content": "x", "mode": "600", "uid": 1000}]},
               having(caps=[c for c in CAPS if c not in ("CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH")]), "capabilities")


def limits():
    yield case("memory", {"args": EATS, "memory": 256 << 20}, having(memory=48 << 20), "memory limit")
    yield case("memory-new", {"args": EATS}, having(memory=48 << 20), "memory limit")
    yield case("processes", {"args": FORKS, "pids": 64}, having(pids=6), "limit of processes")
    yield case("open-files", {"args": FILES, "nofile": 1024}, having(nofile=64), "limit of open files")


def of_the_image(before, after):
    """A program of the image that is another one after the change."""
    program = lambda text: [{"path": "/opt/app/main.py", "content": text}]
    return {"args": ["python3", "/opt/app/main.py"], "files": program(before)}, having(files=program(after))


@contextlib.contextmanager
def fewer_keys():
    """The agent looks at the node's limits every ten seconds."""
    limit = pathlib.Path("/proc/sys/kernel/keys/maxkeys")
    before = limit.read_text()
    try:
        limit.write_text("3")
        time.sleep(11)
        yield
    finally:
        limit.write_text(before)


def has_no_sctp():
    """The kernel cannot be changed for a test, but the version that it tells the agent can; what fails then is what it lacks."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).close()
        return False
    except OSError:
        return True


@contextlib.contextmanager
def port_is_taken():
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("0.0.0.0", PORT))
        s.listen()
        yield


def images_and_digests():
    digest = lambda letter: {"annotations": {"io.kubernetes.cri-o.ImageRef": "sha256:" + letter * 64}}    # CRI-O's; containerd's bundle has none
    yield case("digest-file", {"args": python("open('/opt/app/data.txt')"), "files": [FILE], **digest("a")}, having(files=[], **digest("b")), "image digest")
    base, change = of_the_image("", "import helper\n")
    yield case("digest-module", {**base, **digest("a")}, lambda c: (change(c), c.update(digest("b"))), "image digest")


def runtimes_and_nodes():
    yield case("runtime-version", {"args": ["/opt/tool/run"], "files": [{"path": "/opt/tool/run", "content": TOOL, "mode": "755"}]},
               having(files=[{"path": "/opt/tool/run", "type": "elf-foreign"}], oci="1.0.2-dev"), "runtime", cause=False)
    yield case("host-network", {"args": LISTENS}, having(network="host"), "host network", node=port_is_taken)
    yield case("node-limit", {"args": KEYS, "uid": 54321}, having(), "node limit kernel.keys.maxkeys", node=fewer_keys)
    if has_no_sctp():
        base, change = of_the_image("", SCTP)
        yield case("kernel", base, change, "kernel of the node", kernel=("setarch", "--uname-2.6"))
    yield case("host-pid", {"args": python("import os,sys", "if os.getpid()!=1: sys.exit('fatal: can only run as pid 1')")},
               having(host_pid=True), "host pid namespace", cause=False)
    yield case("no-new-privileges", {"args": ["/opt/tool/cat", "/opt/app/key"], "uid": 1000, "no_new_privileges": False,
                                     "files": [{"path": "/opt/app/key", "content": "x", "mode": "600"},
                                               {"path": "/opt/tool/cat", "type": "copy", "from": "/bin/cat", "mode": "4755"}]},
               having(no_new_privileges=True), "no_new_privs", cause=False)
    yield case("label", {"args": ["true"]}, having(apparmor="orders-profile"), "security label", cause=False)


# Something else that changed as well, and did no harm.
HARMLESS = (("variable `BUILD_ID`", env("BUILD_ID=77")), ("limit of processes", having(pids=500)), ("CPU limit", having(cpu=1.5)),
            ("mount /var/cache/app", lambda c: c.setdefault("mounts", []).append(volume("/var/cache/app", "emptydir", "cache", {}))))
SOME = ("key-gone-configmap", "mount-gone-secret", "key-mode-projected", "read-only-pvc", "variable-gone", "variable-address", "command-typo",
        "image-file", "image-crash", "uid-read", "capability-bind", "memory", "digest-file", "host-network", "label")


def all_cases():
    cases = [c for group in (volumes_of_all_kinds, other_volumes, environment, commands_and_images, users_and_rights, limits, shells, images_and_digests,
                           runtimes_and_nodes) for c in group()]
    for i, c in enumerate(cases):
        what, second = HARMLESS[i // 3 % len(HARMLESS)]
        if i % 3 == 0 and what != c["what"]:
            c.update(second=second, second_what=what)
    return cases
