#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`ktrace top` in a terminal of tmux: what it shows in 80x24 and 200x50, key by key, is compared with screens/. Before it
stands an agent that answers as the real one does, with 300 containers of a fixed kind, or with others each time.

    top.py            the test
    top.py --write    the screens anew, to be read
    top.py --bench    what it costs while 300 containers come and go, in % of a core
"""
import difflib, json, os, re, shutil, socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
SCREENS = os.path.join(HERE, "screens")
RECORDING = os.path.join(HERE, "../../replay/rules/oom_killed/fires.ktrace")
ktrace = os.path.abspath(os.environ.get("KTRACE", "build/ktrace"))
PATIENCE = 60  # seconds for a screen that is waited for
HOUR = 3600
# What a name must not do: clear the screen, or set its title.
HOSTILE = "evil\u001b[2J\u001b]0;owned\u0007\u202e<b>"


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + ".000000000Z"


def line(n, pod, state, age, kind="main"):
    """As answers.c writes it. Ages are two hours and a half, or more: what is shown of them does not change meanwhile."""
    then = time.time() - age * HOUR - HOUR / 2
    times = {k: rfc3339(then - 60 + i * 2) for i, k in enumerate(("created", "started", "listening", "ended")) if k in state}
    return json.dumps({
        "@timestamp": rfc3339(then), "event": {"kind": "state", "action": "container_state"}, "host": {"name": "node-1"},
        "container": {"id": f"{n:064x}", "name": "app"},
        "k8s": {"namespace": {"name": "shop"}, "pod": {"name": pod}, "container": {"name": "app", "type": kind}},
        "ktrace": {"state": {"status": state["status"], "stage": state["stage"], "restarts": state.get("restarts", 0), **times,
                             **{k: state[k] for k in ("exit_code", "root_cause", "title") if k in state},
                             **({"waiting_for": {**state["waiting_for"], "since": rfc3339(then)}} if "waiting_for" in state else {})}}})


RUNNING = {"status": "running", "stage": "listening", "created": 1, "started": 1, "listening": 1}
ENDED = {"status": "exited", "stage": "ended", "created": 1, "started": 1, "ended": 1, "exit_code": 0}
STARTING = {"status": "created", "stage": "starting", "created": 1}
FAILED = {"status": "exited", "stage": "ended", "created": 1, "started": 1, "ended": 1, "exit_code": 137, "restarts": 4,
          "root_cause": "oom_killed",          "title": "Out of memory: python3 was killed, the container reached its memory limit"}
MISSING = {"status": "exited", "stage": "ended", "created": 1, "started": 1, "ended": 1, "exit_code": 1, "restarts": 12,
           "root_cause": "missing_file",
           "title": "nginx cannot open /etc/nginx/conf.d/default.conf: it is not in the ConfigMap nginx-conf"}
STUCK = {"status": "running", "stage": "stuck", "created": 1, "started": 1, "root_cause": "dependency_unreachable",
         "title": "Cannot reach postgres port 5432: it refuses connections", "waiting_for": {"kind": "connection", "name": "postgres", "port": 5432}}


def fixed():
    yield line(1, "orders-7d9c", FAILED, 2)
    yield line(2, "web-0", MISSING, 5)
    yield line(3, "web-0", STARTING, 3)  # the next attempt of the same
    yield line(4, HOSTILE, FAILED, 3)
    yield line(5, "import-job-x2", STARTING, 3)
    yield line(7, "zip-5c9b", STUCK, 4)
    yield line(6, "sandboxed", RUNNING, 5, "sandbox")
    for n in range(279):
        yield line(100 + n, f"worker-{n:03d}", RUNNING, 40)
    for n in range(15):
        yield line(500 + n, f"done-{n:02d}", ENDED, 26)


def coming_and_going(turn):
    for n in range(300):
        k = turn * 40 + n
        state = FAILED if k % 7 == 0 else ENDED if k % 5 == 0 else STARTING if k % 3 == 0 else RUNNING
        yield line(k + 10000, f"pod-{k:06d}", state, 2)


class Agent(threading.Thread):
    """Listens on the socket until it is closed; `containers` makes the answer to each ps."""

    def __init__(self, path, explanation):
        super().__init__(daemon=True)
        self.path, self.explanation, self.asked = path, explanation, 0
        self.containers = lambda turn: fixed()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(8)
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rw") as f:
                request = json.loads(f.readline())
                lines = self.containers(self.asked) if request["command"] == "ps" else self.explain(request["target"])
                self.asked += request["command"] == "ps"
                try:
                    f.write("".join(text + "\n" for text in lines))
                    f.flush()
                except BrokenPipeError:
                    pass

    def explain(self, target):
        """The recording, as that of whatever container is asked for."""
        ids = {json.loads(text)["container"]["id"] for text in self.explanation if '"container":{' in text}
        return [text.replace(max(ids, key=len), target) for text in self.explanation]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)


class Terminal:
    """One tmux server of our own, whose only pane runs the command."""

    def __init__(self, folder, name, columns, rows, command, environment=()):
        self.socket = f"{folder}/tmux-{name}"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), "sleep", "600")
        for option in (("-s", "set-clipboard", "on"), ("-s", "escape-time", "10"), ("-g", "status", "off"), ("-g", "remain-on-exit", "on"),
                       ("-g", "window-size", "manual")):
            self.tmux("set-option", *option)
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        # tmux (3.3) does not always know how its pane's command ended.
        self.tmux("respawn-pane", "-k", *(x for e in environment for x in ("-e", e)),
                  "sh", "-c", 'trap : INT; "$@"; echo $? >"$0.status"', self.socket, *command)

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, "-u", *arguments], check=True, capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60).stdout

    def screen(self, *options):
        return "\n".join(row.rstrip() for row in self.tmux("capture-pane", "-p", *options).splitlines()) + "\n"

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def wait_for(self, what, text):
        """Until the screen has the text, or does what the function says."""
        holds = text if callable(text) else lambda screen: text in screen
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.screen()
            if holds(screen):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"{what}: the screen shows\n{screen}")

    def status(self):
        """What the command ended with, "" while it runs."""
        try:
            with open(f"{self.socket}.status") as f:
                return f.read().strip()
        except FileNotFoundError:
            return ""

    def pid(self):
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        with open(f"/proc/{shell}/task/{shell}/children") as f:
            return int(f.read().split()[0])

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True)


def settled(text):
    """Without what depends on when it is."""
    return re.sub(r"Seen .* ago \([^)]*\)\.", "Seen N ago.", text)


class Test:
    def __init__(self, folder, write):
        self.folder, self.write, self.faults = folder, write, []
        with open(f"{folder}/explanation", "w") as f:
            subprocess.run([ktrace, "replay", "--all", "-o", "json", RECORDING], stdout=f, check=True)
        with open(f"{folder}/explanation") as f:
            self.explanation = f.read().splitlines()

    def agent(self):
        return Agent(f"{self.folder}/socket", self.explanation)

    def terminal(self, name, columns, rows, environment=(), options=()):
        command = (ktrace, "top", "--socket", f"{self.folder}/socket", *options)
        return Terminal(self.folder, name, columns, rows, command, environment)

    def compare(self, terminal, name, has):
        """The screen is as kept under that name; it may take a moment to become so."""
        path = f"{SCREENS}/{name}.txt"
        if self.write:
            with open(path, "w") as f:
                f.write(settled(terminal.wait_for(name, has)))
            return
        with open(path) as f:
            wanted = f.read()
        try:
            terminal.wait_for(name, lambda screen: settled(screen) == wanted)
        except AssertionError:
            self.faults.append(name)
            sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), settled(terminal.screen()).splitlines(True), path, "shown"))

    def size(self, columns, rows):
        name, agent = f"{columns}x{rows}", self.agent()
        t = self.terminal(name, columns, rows)
        self.compare(t, f"{name}-list", "orders-7d9c")
        t.keys("Down", "Down")
        self.compare(t, f"{name}-moved", "\nnginx cannot open")
        t.keys("Home", "Enter")
        self.compare(t, f"{name}-explanation", ": explanation")
        t.keys("e")
        self.compare(t, f"{name}-events", ": all events")
        t.keys("w")
        self.compare(t, f"{name}-why", ": how the answer")
        t.keys("q", "/", "w", "o", "r", "k", "e", "r", "-", "1", "7")
        self.compare(t, f"{name}-filter", "/worker-17_  (10 match)")
        t.keys("Enter", "End")
        t.wait_for("the filter stays", "(10 match)")
        t.keys("Escape")
        t.wait_for("Escape shows all again, around the selected one", "worker-165")
        t.keys("q")
        self.ended(t, "0")
        t.close()
        agent.close()

    @staticmethod
    def ended(t, status):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not t.status():
            time.sleep(0.05)
        check(t.status() == status, f"it ended with {t.status()}")

    def agent_goes_and_comes(self):
        t = self.terminal("restart", 80, 24)
        t.wait_for("without an agent", "no agent serves")
        agent = self.agent()
        t.wait_for("the agent is there", "orders-7d9c")
        agent.close()
        t.wait_for("the agent is gone, what it said stays", lambda s: "no agent serves" in s and "orders-7d9c" in s)
        agent = self.agent()
        t.wait_for("the agent is back", lambda s: "no agent serves" not in s and "/ search" in s)
        t.keys("C-c")
        self.ended(t, "0")
        t.close()
        agent.close()

    def begins_filtered(self):
        agent, t = self.agent(), self.terminal("filtered", 80, 24, (), ("shop/WORKER-17",))
        t.wait_for("its operand is the filter", lambda s: "/shop/WORKER-17  (10 match)" in s and "orders-7d9c" not in s)
        t.keys("Escape")
        t.wait_for("Escape shows all", "orders-7d9c")
        t.close()
        agent.close()

    def copies(self):
        agent, t = self.agent(), self.terminal("copy", 80, 24)
        t.wait_for("the list", "orders-7d9c")
        t.keys("y")
        t.wait_for("a key copies", "Copied the fragment")
        copied = t.tmux("show-buffer")
        check("memory: 64Mi" in copied and copied.startswith("containers:"), f"copied: {copied}")
        t.close()
        agent.close()

    def resizes(self):
        agent, t = self.agent(), self.terminal("resize", 200, 50)
        wide = t.wait_for("wide", "oom_killed")
        t.tmux("resize-window", "-x", "40", "-y", "8")
        t.wait_for("narrow", lambda s: "7d9c/app" in s and "oom_killed" not in s and len(s.splitlines()) <= 8)
        t.keys("Enter")
        t.wait_for("the explanation, narrow", "Out of memory")
        t.tmux("resize-window", "-x", "200", "-y", "50")
        t.wait_for("the explanation, wide", lambda s: "What to do" in s and "the container reached its memory limit" in s)
        t.keys("q")
        t.wait_for("as before", lambda s: s == wide)
        t.close()
        agent.close()

    def colors(self):
        agent = self.agent()
        for name, environment, colored in (("color", (), True), ("no-color", ("NO_COLOR=1",), False), ("vt100", ("TERM=vt100",), False),
                                           ("unknown", ("TERM=nobody-knows",), True)):
            t = self.terminal(name, 80, 24, environment)
            t.wait_for(name, "! shop/orders-7d9c")
            screen = t.screen("-e")
            check(bool(re.search(r"\x1b\[[0-9;]*3[1-6]m", screen)) == colored, f"{name}: {screen!r}")
            t.close()
        agent.close()

    def many_come_and_go(self):
        agent = self.agent()
        agent.containers = coming_and_going
        t = self.terminal("churn", 80, 24)
        t.wait_for("all are counted", ": 300 containers")

        def is_whole(screen):
            rows = screen.splitlines()[2:22]
            return len(rows) == 20 and all(re.match(r"[!*\- ] shop/pod-\d{6}/app ", row) for row in rows)

        turn = agent.asked
        while agent.asked < turn + 4:
            t.wait_for("a whole screen", is_whole)
            time.sleep(0.05)
        check(not t.status(), "it ended")
        t.close()
        agent.close()

    def needs_a_terminal(self):
        run = subprocess.run([ktrace, "top"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        check(run.returncode == 1 and "ktrace ps" in run.stderr and not run.stdout, run)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bench(test, seconds=20):
    for columns, rows in ((80, 24), (200, 50)):
        agent = test.agent()
        agent.containers = coming_and_going
        t = test.terminal(f"bench{columns}", columns, rows)
        t.wait_for("all are counted", ": 300 containers")
        before, start = cpu_seconds(t.pid()), time.monotonic()
        time.sleep(seconds)
        used, took = cpu_seconds(t.pid()) - before, time.monotonic() - start
        print(f"{columns}x{rows}: {100 * used / took:.2f} % of a core while 300 containers come and go, 40 others each second")
        t.close()
        agent.close()


def main():
    if not shutil.which("tmux"):
        print("no tmux here")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        test = Test(folder, "--write" in sys.argv[1:])
        if "--bench" in sys.argv[1:]:
            bench(test)
            return 0
        try:
            for size in ((80, 24), (200, 50)):
                test.size(*size)
            for part in (test.agent_goes_and_comes, test.begins_filtered, test.copies, test.resizes, test.colors, test.many_come_and_go, test.needs_a_terminal):
                part()
        finally:
            for name in os.listdir(folder):
                if name.startswith("tmux-"):
                    subprocess.run(["tmux", "-S", f"{folder}/{name}", "kill-server"], capture_output=True)
    check(not test.faults, f"other screens: {', '.join(test.faults)}")
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
