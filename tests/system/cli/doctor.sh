#!/bin/sh
# `ktrace doctor` tells of the node and each probe; 1 when diagnoses would suffer.
# shellcheck source=tests/system/cli/lib
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

# In a pod the node's root is elsewhere: runtimes are looked for there, and links lead where they lead on the node.
mkdir -p "$work/node/usr/bin" "$work/node/opt"
cp /bin/true "$work/node/opt/runc"
ln -s /opt/runc "$work/node/usr/bin/runc"
"$KTRACE" doctor --host-root "$work/node" >"$work/out" 2>"$work/err"
says out "runtimes      runc"
expect 1 "$KTRACE" doctor --host-root "$work/nowhere"
says out "$work/nowhere cannot be read: No such file or directory"
"$KTRACE" agent --log-file "$work/log" --store off --memory off --socket off --listen off --host-root "$work/nowhere" 2>"$work/err" &
agent=$!
wait_for 10 grep -q '"agent_started"' "$work/log" || fail "no agent"
kill "$agent"
wait "$agent"
agent=
says err "containers will have no names"
