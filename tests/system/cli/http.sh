#!/bin/sh
# Metrics and health over HTTP: what is answered, what is refused, and 200 who only hold a connection.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

cat >"$work/client.py" <<'END'
import http.client, socket, sys, time
where, command, args = sys.argv[1], sys.argv[2], sys.argv[3:]
host, port = where.split(":")
def ask(method, path):
    c = http.client.HTTPConnection(host, int(port), timeout=5)
    c.request(method, path, body=b"x" * 10 if method == "POST" else None)
    r = c.getresponse()
    return r.status, r.read().decode()
def value(name):
    return float(next(l for l in ask("GET", "/metrics")[1].splitlines() if l.startswith(name + " ")).split()[1])
if command == "port":
    s = socket.socket()
    s.bind((host, 0))
    print(f"{host}:{s.getsockname()[1]}")
elif command == "ask":
    status, body = ask(*args)
    print(status, body)
elif command == "idle":
    before = value("process_resident_memory_bytes")
    idle = [socket.create_connection((host, int(port))) for _ in range(200)]
    time.sleep(0.5)
    start = time.monotonic()
    assert ask("GET", "/healthz")[0] == 200, "no answer beside 200 idle connections"
    assert time.monotonic() - start < 1, "a slow answer"
    grown = value("process_resident_memory_bytes") - before
    assert grown < 4 << 20, f"{grown} bytes more for 200 connections"
    cpu = value("process_cpu_seconds_total")
    for s in idle:
        s.settimeout(15)
        assert s.recv(1) == b"", "an idle connection was not closed"
    used = value("process_cpu_seconds_total") - cpu
    assert used < 0.5, f"{used} s of CPU time for idle connections"
END
http() { /usr/bin/python3 "$work/client.py" "$@"; }
where=$(http 127.0.0.1:0 port)

# serve LOG [OPTION...]: an agent whose HTTP is at $where.
serve() {
	log=$1
	shift
	"$KTRACE" agent --log-file "$log" --socket off --listen "$where" "$@" 2>"$work/agent.err" &
	agent=$!
	wait_for 20 http "$where" ask GET /readyz >/dev/null || fail "no answer: $(cat "$work/agent.err")"
}

# One without the probes that a heartbeat can come through: alive at first, by what it proved at its start.
deaf_at=$(http 127.0.0.1:0 port)
deaf_since=$(date +%s)
timeout 100 "$KTRACE" agent --log-file "$work/deaf.log" --socket off --listen "$deaf_at" --disable-probe syscalls \
	--disable-probe exec --disable-probe exit --disable-probe socket 2>"$work/deaf.err" &
deaf=$!
trap '{ kill "$deaf" && wait "$deaf"; } 2>/dev/null; clean_up' EXIT
wait_for 20 http "$deaf_at" ask GET /healthz >"$work/out" || fail "no answer: $(cat "$work/deaf.err")"
says out "200 ok"

for wrong in 127.0.0.1 localhost:9435 127.0.0.1:70000 ::1:9435; do
	expect 2 "$KTRACE" agent --log-file "$work/log" --socket off --listen $wrong
	says err "--listen"
done

serve "$work/log"
expect 0 http "$where" ask GET /readyz
says out "200 ok"
expect 0 http "$where" ask GET /healthz
says out "200 ok"
expect 0 http "$where" ask GET /metrics
says out "ktrace_build_info"
says out 'ktrace_probe_attached{probe="exec",method="raw_tp"} 1'
for page in / /metrics/ /metric /debug/pprof; do
	expect 0 http "$where" ask GET $page
	says out "404"
done
for method in POST PUT DELETE HEAD OPTIONS; do
	expect 0 http "$where" ask $method /metrics
	says out "405"
done
expect 1 "$KTRACE" agent --log-file "$work/other" --socket off --listen "$where"
says err "the port is in use"
says err "--listen"
expect 0 http "$where" idle

# What both proved at their start is too old now: only a heartbeat that comes through keeps an agent alive.
sleep $((deaf_since + 45 - $(date +%s)))
expect 0 http "$where" ask GET /healthz
says out "200 ok"
expect 0 http "$deaf_at" ask GET /healthz
says out "503 no call of the agent's own was seen for 30 s"
stop_agent
[ "$agent_status" = 0 ] || fail "the agent ended with $agent_status: $(cat "$work/agent.err")"

serve "$work/log" --disable-probe oom
expect 0 http "$where" ask GET /readyz
says out "503 probe oom is not attached: --disable-probe leaves it out"
expect 0 http "$where" ask GET /metrics
says out 'ktrace_probe_attached{probe="oom",method=""} 0'
stop_agent

# A way that is left out is no probe that is missing: another one took its place.
serve "$work/log" --disable-probe syscalls/fexit
expect 0 http "$where" ask GET /readyz
says out "200 ok"
stop_agent

# Who cannot write what it sees is not ready; starting it anew would mend nothing, and lose what it has in memory.
serve /dev/full
expect 0 http "$where" ask GET /readyz
says out "503 the log cannot be written"
expect 0 http "$where" ask GET /healthz
says out "200 ok, but the log cannot be written"
stop_agent
