#!/bin/sh
# Wrong use: status 2, a message that names what is wrong, and where help is.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"

expect 2 "$KTRACE"
says err "Commands:"
expect 0 "$KTRACE" --help
says out "Commands:"
expect 0 "$KTRACE" --version
says out "ktrace "
expect 2 "$KTRACE" --nonsense
says err "--nonsense"
expect 2 "$KTRACE" rnu
says err 'did you mean "run"'
expect 2 "$KTRACE" run
says err "COMMAND"
expect 2 "$KTRACE" run --nonsense -- true
says err "--nonsense"
expect 2 "$KTRACE" explain
says err "TARGET"
expect 2 "$KTRACE" explain a b
says err '"b"'
expect 2 "$KTRACE" agent --events some
says err "diagnoses, errors, all"
expect 2 "$KTRACE" agent --log-file
says err "needs a value"
expect 2 "$KTRACE" record
says err "-o FILE"
expect 2 "$KTRACE" live --errno ENOTHING
says err "ENOTHING"
expect 2 "$KTRACE" live --action nothing
says err '"nothing": use one of '
says err "oom_kill"
for wrong in a/b/c/d /web shop/ ""; do
	expect 2 "$KTRACE" live "$wrong"
	says err "\"$wrong\" is not a valid TARGET"
	expect 2 "$KTRACE" explain "$wrong"
	says err "\"$wrong\" is not a valid TARGET"
done
expect 2 "$KTRACE" agent --disable-probe syscals
says err "\"syscals\": it must be one of syscalls, syscalls/fexit"
# What is no log is said once, not for each of its lines.
expect 1 "$KTRACE" explain web-0 --from "$0"
says err "is neither a log nor a recording of ktrace: line 1: "
[ "$(wc -l <"$work/err")" = 1 ] || fail "it says more than one line of a file that is no log"
expect 2 "$KTRACE" run --memory much -- true
says err "64M"

for c in run live agent explain diff ps top record replay doctor rules; do
	expect 0 "$KTRACE" "$c" --help
	says out "Usage: ktrace $c"
	says out "Examples:"
	expect 0 "$KTRACE" help "$c"
	says out "Usage: ktrace $c"
	expect 0 "$KTRACE" "$c" --version
done

expect 0 "$KTRACE" man
if command -v man >/dev/null; then
	man -l --warnings=w "$work/out" >/dev/null 2>"$work/err" || fail "man does not like the manual page"
	[ ! -s "$work/err" ] || fail "the manual page has warnings"
fi

expect 0 "$KTRACE" rules
says out "read_only_copy"
expect 0 "$KTRACE" rules read_only_copy
says out "Fixed by "
expect 2 "$KTRACE" rules nonsense
says err "nonsense"
