#!/bin/sh
# SPDX-License-Identifier: MIT
# A connection that nothing answers and that the program gives up on is told, by both ways of attaching.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

# A server whose queue is full answers no SYN.
cat >"$work/server.py" <<'END'
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(0)
held = []
for _ in range(4):
    c = socket.socket()
    c.setblocking(False)
    c.connect_ex(s.getsockname())
    held.append(c)
print(s.getsockname()[1], flush=True)
time.sleep(60)
END
cat >"$work/client.py" <<'END'
import socket, sys
s = socket.socket()
s.settimeout(0.8)
try:
    s.connect(("127.0.0.1", int(sys.argv[1])))
except OSError:
    sys.exit("no way to the index")
END
/usr/bin/python3 "$work/server.py" >"$work/port" &
agent=$! # ended by clean_up
while [ ! -s "$work/port" ]; do sleep 0.05; done
port=$(cat "$work/port")
for without in "" "--disable-probe syscalls/fexit"; do
	# shellcheck disable=SC2086 # no option, or two words
	expect 1 "$KTRACE" run $without -o json -- /usr/bin/python3 "$work/client.py" "$port"
	says err '"root_cause":"dependency_unreachable"'
	says err "Cannot reach 127.0.0.1 port $port: no answer within 0.8 seconds"
	says err '"connect":{"gave_up_after_ns":8'
	if grep -q ETIMEDOUT "$work/err"; then fail "a program's own timeout is told as the kernel's"; fi
done
