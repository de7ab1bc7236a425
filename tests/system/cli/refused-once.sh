#!/bin/sh
# SPDX-License-Identifier: MIT
# A connection that is refused is told once, by the call that waits for the answer, else by the socket; by both ways of attaching.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

cat >"$work/client.py" <<'END'
import select, socket, sys
s = socket.socket()
s.setblocking(sys.argv[1] == "waits")
s.connect_ex(("127.0.0.1", 1))
select.select([], [s], [], 5)
END
for without in "" "--disable-probe syscalls/fexit"; do
	for who in waits goes-on; do
		# shellcheck disable=SC2086 # no option, or two words
		expect 0 "$KTRACE" record $without -o "$work/record" -- /usr/bin/python3 "$work/client.py" $who
		told=$(zcat -f "$work/record" | grep -c '"code":"ECONNREFUSED"' || true)
		[ "$told" = 1 ] || fail "one refused connection of a program that $who is told $told times $without"
	done
done
