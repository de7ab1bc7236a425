#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the agent remembers of healthy starts, through kills while it writes, a file that was cut or changed, and a full disk.

Each time three workloads have started well before, and then one of them fails: its diagnosis tells of the healthy starts, of
all but what the agent said it lost. The file is on a small file system of its own.
"""
import argparse, os, re, subprocess, sys, tempfile, time, zlib

sys.dont_write_bytecode = True
from changed import Run
from changed_cases import all_cases
from lab import be_a_shim

NAMES = "shell-key-gone", "shell-mount-gone", "shell-variable"
HEAD = b"ktrace-memory 1\n"


class Disk:
    """A file system of half a MiB."""

    def __init__(self, folder):
        self.folder, self.filler = folder, f"{folder}/filler"
        os.mkdir(folder)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", folder], check=True)

    def fill(self):
        with open(self.filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass

    def free(self):
        os.unlink(self.filler)

    def gone(self):
        subprocess.run(["umount", "-l", self.folder], check=True)


class Memory:
    """The agent and its file. `starts` is how many healthy starts of each workload it is to know."""

    def __init__(self, ktrace, work, folder):
        self.file, self.work = f"{folder}/memory", work
        self.run = Run(ktrace, work, ["--memory", self.file])
        self.cases = [next(c for c in all_cases() if c["name"] == n) for n in NAMES]
        self.starts, self.wrong = dict.fromkeys(NAMES, 0), []

    def lines(self):
        """Of the file: those that are whole, and whether all are."""
        with open(self.file, "rb") as f:
            data = f.read()
        lines = data[len(HEAD):].split(b"\n") if data.startswith(HEAD) else [b"?"]
        whole = [line for line in lines if re.match(rb"[0-9a-f]{8} ", line) and int(line[:8], 16) == zlib.crc32(line[9:])]
        return whole, len(whole) == len(lines) - 1 and not lines[-1]

    def said(self):
        with open(f"{self.work}/agent.stderr") as f:
            return f.read()

    def check(self, holds, what):
        if not holds:
            self.wrong.append(f"{what}; the agent said: {self.said()}")

    def start_well(self, cases=None):
        for c in cases or self.cases:
            self.run.healthy(c)
            self.starts[c["name"]] += 1

    def remembers(self, when, lost=0):
        """A start that fails tells how often it started well: all of them, but for `lost`, of the last ones."""
        for c in self.cases:
            cid = self.run.seen(c, True)
            d = (self.run.agent.diagnoses_of(cid) or [{"ktrace": {"diagnosis": {}}}])[-1]["ktrace"]["diagnosis"]
            known, made = (d.get("last_healthy") or {}).get("starts", 0), self.starts[c["name"]]
            self.check(made - lost <= known <= made, f"{when}: {c['name']} started well {made} times, and {known} are known")
            self.starts[c["name"]] = known

    def killed(self, call, nth):
        """The agent is killed in the place of its next such call, while a container starts; -> how many did: it may miss one."""
        c = self.cases[0]
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(self.run.agent.proc.pid), "-e", f"trace={call}",
                                   "-e", f"inject={call}:retval=0:signal=KILL:when={nth}"], stdin=subprocess.DEVNULL)
        status = f"/proc/{self.run.agent.proc.pid}/status"
        while not re.search(r"TracerPid:\t[1-9]", open(status).read()):
            time.sleep(0.01)
        made, end = 0, time.time() + 60
        while self.run.agent.proc.poll() is None and time.time() < end:
            self.run.start(c, False)
            made += 1
            for _ in range(20):
                if self.run.agent.proc.poll() is None:
                    time.sleep(0.1)
        self.check(self.run.agent.proc.poll() is not None, f"no {call} in {made} starts")
        self.run.agent.proc.kill()
        tracer.wait(30)
        self.starts[c["name"]] += made
        self.run.restart()
        return made

    def kills(self):
        """While it appends, and while it writes the file anew: in the place of the head, of the lines, and of the renaming."""
        lost = self.killed("pwrite64", 1)
        self.check("damaged" not in self.said(), "a kill while it appends")
        self.remembers("killed while it appends", lost)
        for call, nth in ("pwrite64", 1), ("pwrite64", 2), ("/^rename", 1):
            with open(self.file, "ab") as f:
                f.write(b"what somebody else wrote\n")
            lost = self.killed(call, nth)
            self.check("1 of " in self.said(), "the line of somebody else is not told")
            self.remembers(f"killed in {call} while it writes the file anew", lost)
            self.check(self.lines()[1], "the file is not whole after a restart")

    def restart_with(self, change):
        self.run.agent.stop()
        with open(self.file, "r+b") as f:
            change(f)
        self.run.restart()

    def cut(self):
        self.start_well(self.cases[:1])
        self.restart_with(lambda f: f.truncate(os.stat(self.file).st_size - 10))
        self.check("is left out" in self.said(), "a file that was cut is not told")
        self.remembers("the file was cut", 1)

    def flipped(self):
        """One byte in the latest line of the first workload: its last start is lost, and nothing else."""
        def flip(f):
            data = f.read()
            at = data.rindex(self.cases[0]["name"].encode())
            f.seek(at)
            f.write(bytes([data[at] ^ 1]))
        self.start_well()
        self.restart_with(flip)
        said = re.search(r"([0-9]+) of [0-9]+ workloads in .* are damaged: the file was set aside", self.said())
        self.check(said and said[1] == "1" and os.path.exists(self.file + ".damaged"), "a byte that was changed is not told")
        self.remembers("a byte was changed", 1)

    def full(self, disk):
        disk.fill()
        self.start_well()
        self.check("are kept in memory until it can be written" in self.said(), "a full disk is not told")
        self.remembers("the disk is full")
        disk.free()
        time.sleep(1.1)                                         # it tries again after a second
        self.start_well()
        self.check("are written to" in self.said(), "that the disk has room again is not told")
        self.check(self.lines()[1], "the file is not whole after the disk was full")
        self.run.restart()
        self.remembers("the disk was full")


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    a = ap.parse_args()
    be_a_shim()
    began = time.time()
    with tempfile.TemporaryDirectory() as work:
        disk, m = Disk(f"{work}/disk"), None
        try:
            m = Memory(os.path.abspath(a.ktrace), work, disk.folder)
            m.start_well()
            m.start_well()
            m.remembers("at first")
            m.kills()
            m.cut()
            m.flipped()
            m.full(disk)
            trouble = m.run.agent.stop()
        finally:
            if m:
                m.run.agent.proc.kill()
                m.run.agent.proc.wait()
            disk.gone()
    wrong = m.wrong + m.run.wrong + ([trouble] if trouble else [])
    for w in wrong:
        print("  " + w)
    print("four kills, a cut and a changed file, a full disk: "
          f"{sum(m.starts.values())} healthy starts remembered; {time.time() - began:.0f} s")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
