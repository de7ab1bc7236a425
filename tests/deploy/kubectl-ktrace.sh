#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kubectl-ktrace against a kubectl of our own: two nodes with an agent each, one pod on the second.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

cat >"$work/kubectl" <<'FAKE'
#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case "$*" in
*"config view"*) echo shop ;;
*"get pods -n ktrace"*spec.nodeName=node-2*) echo "ktrace-b node-2" ;;
*"get pods -n ktrace"*spec.nodeName=*) ;;
*"get pods -n ktrace"*) printf 'ktrace-a node-1\nktrace-b node-2\n' ;;
*"get pods"*) ;;
*"get pod -n shop orders"*) echo node-2 ;;
*"get pod -n shop pending"*) ;;
*"get pod "*) echo "Error from server (NotFound)" >&2 && exit 1 ;;
*exec*"ktrace ps") printf 'CONTAINER  STATE\nshop/orders/app  running\nother/x/app  running\n' ;;
*exec*) exit "${EXEC_STATUS:-0}" ;;
esac
FAKE
ln -s "$here/../../scripts/kubectl-ktrace" "$work/kubectl-ktrace"
chmod +x "$work/kubectl"
export PATH=$work:$PATH CALLS=$work/calls

# says STATUS PATTERN ARG...: the plugin ends with STATUS, and its output or last call to kubectl has PATTERN.
says() {
	local want=$1 pattern=$2 out status
	shift 2
	: >"$CALLS"
	out=$(kubectl-ktrace "$@" 2>&1 </dev/null)
	status=$?
	if [ $status -eq "$want" ] && grep -qE -- "$pattern" <<<"$out"$'\n'"$(tail -n 1 "$CALLS")"; then
		echo "ok   kubectl ktrace $*"
	else
		echo "FAIL kubectl ktrace $*: status $status (want $want)"$'\n'"$out" && cat "$CALLS"
		failed=1
	fi
}

says 0 '^exec -n ktrace ktrace-b -c ktrace -- ktrace explain shop/orders$' explain orders
says 0 '^exec -n ktrace ktrace-b -c ktrace -- ktrace explain shop/orders/app -o json$' explain -n shop pod/orders/app -- -o json
says 0 '^--context east exec -i -n ktrace ktrace-b -c ktrace -- ktrace live shop/orders$' --context east live orders
says 0 '^exec -i -n ktrace ktrace-b -c ktrace -- ktrace live$' live --node=node-2
says 0 'shop/orders/app' ps
says 0 '^== node-1' doctor
says 1 'on no node yet' explain pending
says 1 'NotFound' explain -n elsewhere gone
says 1 'no ktrace agent runs on node-9' ps --node node-9
says 2 'needs a POD' explain
says 2 'unknown command' expalin orders
says 2 'unknown option -o' explain orders -o json
says 2 'follows one node' live
says 0 'Usage' --help
EXEC_STATUS=3 says 3 '' explain orders

rows=$(kubectl-ktrace ps -n shop orders 2>/dev/null </dev/null)
[ "$rows" = $'CONTAINER  STATE\nshop/orders/app  running' ] || { echo "FAIL ps of one pod: $rows" && failed=1; }
exit $failed
