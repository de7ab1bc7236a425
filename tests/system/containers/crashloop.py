#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Does `ktrace explain POD` name the cause at any moment of a crash loop?

Pods of a sandbox and two containers each, restarted with back-off as the kubelet does it; a container of another
pod that ends now and then; the agent is killed once in between and started again. At random moments a random pod
is asked for, and each of its containers that has failed under an agent's eyes must have its cause named. At the
end the agent is stopped and every pod is asked for again: then the store alone answers.

    crashloop.py                                                  the short form, for `make test`
    crashloop.py --pods 10 --seconds 180 --questions 100 --back-off 10    the long one
"""
import argparse, json, os, random, shutil, subprocess, sys, tempfile, threading, time, uuid

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scenarios"))
from lab import Agent, Container, action, be_a_shim, live, remove_pod

CAUSES = [
    ("missing_file", {"args": ["sh", "-c", "sleep 0.2; cat /etc/app/settings.yaml || exit 3"]}),
    ("permission_denied", {"uid": 1000, "args": ["sh", "-c", "sleep 0.2; echo x >/etc/passwd || exit 1"]}),
    ("command_not_found", {"args": ["sh", "-c", "sleep 0.2; exec /opt/no-such-server --port 80"]}),
    ("missing_file", {"args": ["sh", "-c", "sleep 0.2; cat /run/secrets/token >/dev/null || exit 9"]}),
]
SEEN_AFTER = 1.0        # seconds from the end of a container to where its diagnosis must be there
BACK_OFF_MAX = 40


class InPod(Container):
    """A container that knows its sandbox, or is one."""

    def __init__(self, work, case, attempt=0):
        super().__init__(work, case, attempt)
        self.sandbox = case["_sandbox"]
        if case.get("is_sandbox"):
            self.id = self.sandbox
            self.bundle = f"{work}/run/containerd/io.containerd.runtime.v2.task/k8s.io/{self.id}"
        self.log = f"{work}/logs/{case['name']}.{case.get('container', 'sandbox')}.{attempt}.log"

    def config(self):
        config = super().config()
        if self.case.get("is_sandbox"):
            config["annotations"]["io.kubernetes.cri.container-type"] = "sandbox"
            del config["annotations"]["io.kubernetes.cri.container-name"]
        return config


class Loop(threading.Thread):
    """One container that fails again and again. `seen`: when its first end was one that an agent must have seen."""

    def __init__(self, run, case, cause):
        super().__init__(daemon=True)
        self.run_, self.case, self.cause, self.attempts, self.seen, self.fault = run, case, cause, 0, None, None

    def run(self):
        wait = 0
        while not self.run_.over.wait(wait) and self.fault is None:
            began = time.time()
            box = InPod(self.run_.work, self.case, self.attempts)
            try:
                box.build()
                how = box.run()
                if how != "exited":
                    self.fault = f"{self.case['name']}: {how}: {open(box.log).read()}"
            except Exception as e:                      # the thread's end must be told
                self.fault = f"{self.case['name']}: {e!r}"
            finally:
                box.destroy()
            if self.seen is None and self.run_.watched(began, time.time()):
                self.seen = time.time()
            self.attempts += 1
            wait = min(self.run_.back_off * 2 ** (self.attempts - 1), BACK_OFF_MAX)


class Run:
    def __init__(self, ktrace, work, a):
        self.ktrace, self.work, self.back_off, self.seconds, self.questions = ktrace, work, a.back_off, a.seconds, a.questions
        self.over, self.random, self.spans = threading.Event(), random.Random(a.seed), []
        self.loops, self.faults, self.asked = [], [], 0
        self.sandboxes = []
        for pod in range(a.pods):
            uid, sandbox = str(uuid.uuid4()), uuid.uuid4().hex + uuid.uuid4().hex
            base = {"name": f"shop-{pod}", "image": "busybox", "_pod_uid": uid, "_sandbox": sandbox}
            self.sandboxes.append({**base, "is_sandbox": True, "args": ["sleep", "100000"], "stop_after": 100000})
            for n in range(2):
                cause, what = CAUSES[(2 * pod + n) % len(CAUSES)]
                self.loops.append(Loop(self, {**base, **what, "container": f"c{n}"}, cause))

    def watched(self, began, ended):
        return any(up <= began and (down is None or ended < down) for up, down in self.spans)

    def start_agent(self):
        before = len([r for r in self.agent.read() if action(r) == "agent_started"]) if self.spans else 0
        self.agent = Agent(self.ktrace, self.work, [])
        if not self.agent.wait(lambda rs: len([r for r in rs if action(r) == "agent_started"]) > before, 30):
            raise SystemExit("the agent does not start")
        self.spans.append([time.time(), None])

    def kill_agent(self):
        self.spans[-1][1] = time.time()
        self.agent.proc.kill()
        self.agent.proc.wait()

    def explain(self, pod):
        """-> (status, {container name: root cause of its diagnosis}, what was printed)"""
        p = subprocess.run([self.ktrace, "explain", f"scenarios/{pod}", "-o", "json", "--socket", f"{self.work}/ktrace.sock",
                            "--store", f"{self.work}/diagnoses", "--log-file", "off"], capture_output=True, text=True)
        found = {}
        for line in p.stdout.splitlines():
            r = json.loads(line)
            if action(r) == "diagnosis":
                k8s = r["k8s"]
                found[k8s.get("container", {}).get("name", "(sandbox)")] = r["ktrace"]["diagnosis"]["root_cause"]
        return p.returncode, found, p.stderr

    def ask(self, loop, when):
        pod = f"{loop.case['name']}-0"
        wanted = {l.case["container"]: l.cause for l in self.loops
                  if l.case["name"] == loop.case["name"] and l.seen and l.seen + SEEN_AFTER < time.time()}
        if not wanted:
            return False
        status, found, err = self.explain(pod)
        self.asked += 1
        if status or any(found.get(name) != cause for name, cause in wanted.items()) or "(sandbox)" in found:
            self.faults.append(f"{when}: {pod}: status {status}, wanted {wanted}, told {found} {err.strip()}")
        return True

    def disturb(self):
        """A container of another pod that ends."""
        n = 0
        while not self.over.wait(self.seconds / 12):
            n += 1
            live(self.work, {"name": f"other-{n}", "image": "busybox", "args": ["sh", "-c", f"exit {n % 2}"]})

    def start_sandboxes(self):
        def run(case):
            box = InPod(self.work, case)
            box.build()
            case["_box"] = box
            box.runc("run", "--detach", "--bundle", box.bundle, "--pid-file", f"{box.bundle}/init.pid", box.id,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for case in self.sandboxes:
            run(case)

    def stop_sandboxes(self):
        for case in self.sandboxes:
            if "_box" in case:
                case["_box"].runc("kill", case["_box"].id, "KILL", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                case["_box"].destroy()
                remove_pod(case)

    def go(self):
        self.start_agent()
        self.start_sandboxes()
        for loop in self.loops:
            loop.start()
        disturbing = threading.Thread(target=self.disturb, daemon=True)
        disturbing.start()
        began = time.time()
        moments = sorted(self.random.uniform(0, self.seconds) for _ in range(self.questions))
        kill_at, up_at = self.seconds * 0.5, self.seconds * 0.5 + 2
        waiting = []                                     # pods that had nothing to tell yet at their moment
        for moment in moments + [self.seconds]:
            while True:
                now = time.time() - began
                if kill_at is not None and now >= kill_at:
                    self.kill_agent()
                    kill_at = None
                if kill_at is None and up_at is not None and now >= up_at:
                    self.start_agent()
                    up_at = None
                if now >= moment:
                    break
                time.sleep(0.02)
            if moment < self.seconds and not self.ask(self.random.choice(self.loops), f"{moment:.1f} s"):
                waiting.append(moment)
        self.over.set()
        for loop in self.loops:
            loop.join(30)
            self.faults += [loop.fault] if loop.fault else []
        disturbing.join(30)
        time.sleep(SEEN_AFTER)
        print(f"{self.asked} questions at random moments ({len(waiting)} came before any failure), "
              f"{sum(l.attempts for l in self.loops)} attempts of {len(self.loops)} containers, {len(self.faults)} faults")
        trouble = self.agent.stop()
        self.faults += [trouble] if trouble else []
        self.stop_sandboxes()
        before, self.asked = len(self.faults), 0
        for loop in self.loops:
            self.ask(loop, "from the store")
        print(f"{self.asked} questions to the store alone, {len(self.faults) - before} faults; "
              f"it has {os.path.getsize(self.work + '/diagnoses')} bytes")


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ktrace", default="build/ktrace")
    ap.add_argument("--pods", type=int, default=3)
    ap.add_argument("--seconds", type=float, default=20)
    ap.add_argument("--questions", type=int, default=40)
    ap.add_argument("--back-off", type=float, default=1, help="seconds before the second restart; doubled with each")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    be_a_shim()
    work = tempfile.mkdtemp(prefix="crashloop.")
    run = Run(os.path.abspath(a.ktrace), work, a)
    try:
        run.go()
    finally:
        run.over.set()
        if hasattr(run, "agent") and run.agent.proc.poll() is None:
            run.agent.stop()
        run.stop_sandboxes()
        shutil.rmtree(work, ignore_errors=True)
    for fault in run.faults:
        print(fault)
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
