#!/bin/sh
# A recording gives the same diagnosis without root; what is damaged, cut or too new is refused.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

expect 1 "$KTRACE" record -o "$work/r" -- sh -c 'cat /nope/app.conf'
expect 0 "$KTRACE" replay "$work/r" --action diagnosis -o json
grep -q '"root_cause":"missing_file"' "$work/out" || fail "no diagnosis in the replay"
cp "$work/out" "$work/replayed"
zcat "$work/r" | grep '"action":"diagnosis"' >"$work/recorded"
/usr/bin/python3 - "$work/recorded" "$work/replayed" <<'END' || fail "the replay gives another diagnosis"
import json, sys
a, b = ([json.loads(l)["ktrace"]["diagnosis"] for l in open(f)] for f in sys.argv[1:])
assert a and a == b, (a, b)
END

"$KTRACE" replay "$work/r" --all -o json >"$work/again" || fail "replay of all as JSON"
zcat "$work/r" | tail -n +2 | cmp -s - "$work/again" || fail "the replay gives other records"
expect 0 "$KTRACE" replay "$work/r" --all
says out "/nope/app.conf"
"$KTRACE" replay "$work/r" --all | head -n 1 >"$work/out" || fail "replay into head"
expect 0 "$KTRACE" explain sh --from "$work/r"
says out "What to do"
expect 0 "$KTRACE" explain sh --from "$work/r" -o html
says out "<svg viewBox"
says out "</html>"
expect 0 "$KTRACE" replay "$work/r" -o html
says out "What happened"
expect 1 "$KTRACE" explain other --from "$work/r" -o html
[ ! -s "$work/out" ] || fail "a page about nothing"
expect 2 "$KTRACE" live -o html
expect 1 "$KTRACE" run -o html --report "$work/page" -- sh -c 'cat /nope/app.conf'
grep -q "<svg viewBox" "$work/page" || fail "no page of run"
zcat "$work/r" | "$KTRACE" explain sh --from - >"$work/out" || fail "explain from stdin"
says out "What to do"
expect 1 "$KTRACE" explain other --from "$work/r"
says err "other"

size=$(stat -c %s "$work/r")
head -c $((size / 2)) "$work/r" >"$work/cut"
expect 1 "$KTRACE" replay "$work/cut"
says err "truncated"
echo '{"ktrace":{"recording":999,"version":"99.0"}}' >"$work/new"
expect 1 "$KTRACE" replay "$work/new"
says err "newer ktrace"
{ zcat "$work/r" | head -n 2; echo '{"@timestamp":1}'; } >"$work/damaged"
expect 1 "$KTRACE" replay "$work/damaged"
says err "line 2"
: >"$work/empty"
expect 1 "$KTRACE" replay "$work/empty"
expect 1 "$KTRACE" replay "$work/nothing"
says err "No such file"
