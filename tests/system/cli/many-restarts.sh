#!/bin/sh
# A log with thousands of restarts of one pod: explain reads it in seconds, and shows the latest that was diagnosed.
# shellcheck source=tests/system/cli/lib
. "$(dirname "$0")/lib"
recording=$(cd "$(dirname "$0")/../../replay/rules/missing_file" && pwd)/fires.ktrace

/usr/bin/python3 - "$recording" >"$work/log" <<'END'
import gzip, json, sys
life = [json.loads(line) for line in gzip.open(sys.argv[1])]
life = [r for r in life if r.get("event", {}).get("action") in ("container_created", "container_exited", "diagnosis")]
for i in range(20000):
    for r in life:
        r["container"]["id"] = f"{i:064x}"
        if r["event"]["action"] != "diagnosis" or i in (7, 19000):
            print(json.dumps(r))
END
pod=$(/usr/bin/python3 -c 'import json, sys; k = json.loads(sys.stdin.readline())["k8s"]; print(k["namespace"]["name"] + "/" + k["pod"]["name"])' <"$work/log")
expect 0 timeout 20 "$KTRACE" explain --from "$work/log" -o json "$pod"
[ "$(grep -c '"container_created"' "$work/out")" = 1 ] || fail "more than one container is shown"
