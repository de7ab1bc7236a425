# SPDX-License-Identifier: MIT
"""What an agent holds while containers come and go, and what it takes for each. For storm.py and bench/agent.py."""
import os, statistics, threading, time

INTERVAL = 0.1          # seconds between two samples
# Containers until memory should be flat, and how many a window of samples is wide. What is kept of the dead is bounded by bytes
# (2 MiB, of some 1000 of them) and by a minute: a slow machine reaches the minute first, so there the first window begins after that.
WARM, WINDOW = 1200, 200
WARM_SECONDS, LONG_SECONDS = 70, 100
GROWTH_MAX = 0.05       # of what is held between two containers: what stays is a leak
PEAK_MAX = 0.15         # of the highest sample: that depends on how many containers live at once, others' too


class Meter(threading.Thread):
    """Samples a process until it is told to stop; `done` is how many containers have come and gone.

    Resident are the anonymous pages and those of files. The rings' pages count as a file's, all of them
    from the moment they are mapped on (the kernel puts them in at once), so they cannot pass for growth.
    """

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.done, self.samples, self.over = pid, 0, [], threading.Event()
        self.began, self.warm = time.monotonic(), None
        self.counting = threading.Lock()
        self.at_start = cpu_seconds(pid), bpf_seconds(pid)
        self.start()

    def one_more(self):
        with self.counting:
            self.done += 1

    def run(self):
        while not self.over.wait(INTERVAL):
            if self.warm is None and self.done >= WARM and time.monotonic() - self.began > WARM_SECONDS:
                self.warm = self.done
            try:
                self.samples.append((self.done, *memory(self.pid), len(os.listdir(f"/proc/{self.pid}/fd"))))
            except (FileNotFoundError, ProcessLookupError):
                return                              # it ended: whoever waits for it will say so

    def stop(self):
        self.over.set()
        self.join()
        self.cpu = cpu_seconds(self.pid) - self.at_start[0]
        self.bpf = bpf_seconds(self.pid) - self.at_start[1]

    def window(self, first, last):
        """(resident MiB, anonymous MiB, open files) that were held, at a quiet moment, after so many containers: the lower
        quartile, because whatever else runs on the machine makes the agent hold more, and never less."""
        chosen = [s[1:] for s in self.samples if first <= s[0] <= last]
        return [statistics.quantiles(column * 2, n=4)[0] for column in zip(*chosen)]

    def complaints(self):
        """Prints what was measured; yields what has grown."""
        print(f"CPU time of the agent: {self.cpu * 1000 / max(self.done, 1):.2f} ms for each container"
              + (f", {self.bpf * 1000 / self.done:.2f} ms in its BPF programs" if self.bpf else ""))
        if self.done < WARM + 2 * WINDOW:
            print(f"memory: {self.done} containers are too few to tell growth")
            return
        warm = self.warm if self.warm and time.monotonic() - self.began > LONG_SECONDS else WARM
        warm = min(warm, self.done - 2 * WINDOW)
        before, after = self.window(warm, warm + WINDOW), self.window(self.done - WINDOW, self.done)
        most = max(s[1] for s in self.samples)
        print(f"resident: {before[0]:.2f} MiB (anonymous {before[1]:.2f}) after {warm} to {warm + WINDOW} containers, "
              f"{after[0]:.2f} ({after[1]:.2f}) at the last {WINDOW} of {self.done}, {most:.2f} at most; "
              f"open files: {before[2]:.0f}, {after[2]:.0f}; {len(self.samples)} samples")
        for what, now, limit in (("", after[0], GROWTH_MAX), (" at its highest", most, PEAK_MAX)):
            if now > before[0] * (1 + limit):
                yield f"resident memory{what} grew by {(now / before[0] - 1) * 100:.1f} % (limit {limit * 100:.0f} %)"
        if after[2] > before[2]:
            yield f"open files grew from {before[2]:.0f} to {after[2]:.0f}"


def memory(pid):
    """(resident, anonymous) in MiB."""
    with open(f"/proc/{pid}/status") as f:
        kib = dict(line.split()[:2] for line in f if line.startswith(("VmRSS:", "RssAnon:")))
    return int(kib["VmRSS:"]) / 1024, int(kib["RssAnon:"]) / 1024


def cpu_seconds(pid):
    """User and system time of all threads."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bpf_seconds(pid):
    """Run time of the BPF programs that it holds; 0 unless kernel.bpf_stats_enabled is set."""
    runs = {}
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}") as f:
                info = dict(line.split(":", 1) for line in f if ":" in line)
        except FileNotFoundError:
            continue
        if "run_time_ns" in info:
            runs[info["prog_id"]] = int(info["run_time_ns"])
    return sum(runs.values()) / 1e9
