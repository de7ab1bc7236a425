#!/bin/sh
# `ktrace doctor` tells of the node and each probe; 1 when diagnoses would suffer.
# shellcheck source=tests/cli/lib
. "$(dirname "$0")/lib"
need_root

"$KTRACE" doctor >"$work/out" 2>"$work/err"
status=$?
[ "$status" -le 1 ] || fail "doctor ended with $status"
says out "kernel"
says out "cgroups"
says out "io_uring"
"$KTRACE" doctor -o json >"$work/json"
[ $? = "$status" ] || fail "text and JSON do not agree"
/usr/bin/python3 - "$work/json" "$status" <<'END' || fail "the JSON is not as it should be"
import json, sys
d = json.load(open(sys.argv[1]))["ktrace"]["doctor"]
assert d["healthy"] == (sys.argv[2] == "0")
assert d["probes"] and all(p["name"] and p["state"] for p in d["probes"])
assert d["healthy"] == all(p["state"] in ("proved", "attached") for p in d["probes"])
print(d["probes"][0]["name"])
END
probe=$(/usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["ktrace"]["doctor"]["probes"][0]["name"])' "$work/json")
expect 1 "$KTRACE" doctor --disable-probe "$probe"
says out "disabled"
