#!/bin/sh
# Names that a program chose do no harm to a terminal, and are valid JSON.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
need_root

esc=$(printf '\033')
name=$(printf '/nope/\033[2J\033]0;owned\007\302\233"\\\n\377\342\200\256x')
expect 1 "$KTRACE" run --events --color never -- cat "$name"
# cat's own words go to the same stderr: only ktrace's lines count
"$KTRACE" run --events --color always --report "$work/report" -- cat "$name" 2>/dev/null
sed "s/$esc\\[[0-9;]*m//g" "$work/report" >"$work/plain"
LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$work/plain" && fail "a control byte reached the terminal"
LC_ALL=C grep -q "$(printf '\342\200\256')" "$work/plain" && fail "a bidi override reached the terminal"
grep -qF 'owned' "$work/plain" || fail "the name is not shown"

"$KTRACE" run --events -o json --report "$work/json" -- cat "$name" 2>/dev/null
/usr/bin/python3 - "$work/json" <<'END' || fail "not valid UTF-8 JSON"
import json, sys
lines = open(sys.argv[1], "rb").read().decode("utf-8").splitlines()
records = [json.loads(line) for line in lines]
assert records[-1]["event"]["action"] == "diagnosis", records[-1]
assert any("owned" in json.dumps(r) for r in records)
assert not any(ord(c) < 32 for line in lines for c in line)
END
