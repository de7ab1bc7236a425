#!/bin/sh
# Without rights: status 1, and what to do about it.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"

command -v setpriv >/dev/null || skip "needs setpriv"
need_root
chmod 755 "$work"
cp "$KTRACE" "$work/ktrace"
nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$work/ktrace" "$@"
}

for c in "agent --log-file - --socket off" "run -- true" "live --socket $work/none" "record -o $work/x"; do
	# shellcheck disable=SC2086
	expect 1 nobody $c
	says err "sudo"
	grep -q "ktrace: ${c%% *} " "$work/err" || fail "$c: the message does not name the command"
done
expect 0 nobody rules
expect 1 nobody ps --socket "$work/none"
says err "no agent serves"
expect 1 nobody doctor
