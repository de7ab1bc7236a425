#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kubectl-ktrace against a kubectl of our own: two nodes with an agent each, pods on both, pods that were deleted.
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
*"get pods -n forbidden "*) echo "Error from server (Forbidden)" >&2 && exit 1 ;;
*"get pods -n shop --field-selector metadata.name=orders "*) echo "shop node-2 orders" ;;
*"get pods -A --field-selector metadata.name=orders "*) echo "shop node-2 orders" ;;
*"get pods -n shop --field-selector metadata.name=pending "*) echo "shop  pending" ;;
*"get pods -n shop -o"*) printf 'shop node-2 orders\nshop node-1 web-7d9c6b5f4-x2x4z\nshop node-2 web-7d9c6b5f4-abcde\nshop node-1 db-0\n' ;;
*"get pods"*) ;;
*exec*ktrace-b*"explain "*gone*) echo "it was OOM killed" ;;
*exec*"explain "*gone*) echo "nothing is known" >&2 && exit 1 ;;
*exec*"explain "*deploy/web*) echo "web on ${4}" ;;
*exec*"explain "*nobody*) echo "nothing is known" >&2 && exit 1 ;;
*exec*"explain "*healthy*) echo "Nothing that went wrong was seen." && exit 1 ;;
*exec*"ktrace ps") printf 'CONTAINER  STATE\nshop/orders/app  running\nother/x/app  running\n' ;;
*exec*) exit "${EXEC_STATUS:-0}" ;;
esac
FAKE
ln -s "$here/../../../scripts/kubectl-ktrace" "$work/kubectl-ktrace"
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
says 0 '^exec -n ktrace ktrace-b -c ktrace -- ktrace top shop/orders$' top orders
says 0 '^exec -n ktrace ktrace-b -c ktrace -- ktrace top shop/db-$' top --node node-2 sts/db
says 0 '^exec -n ktrace ktrace-b -c ktrace -- ktrace top --color never$' top --node node-2 -- --color never
says 0 'shop/orders/app' ps
says 0 '^== node-1' doctor
says 1 'on no node yet' explain pending
says 1 'Forbidden' explain -n forbidden orders
# Deleted pods: all agents are asked, and what those say that know nothing is left out.
says 0 '^it was OOM killed$' explain -n elsewhere gone
says 1 'no agent has a diagnosis of elsewhere/nobody' explain -n elsewhere nobody
says 1 '^Nothing that went wrong was seen' explain -n elsewhere healthy
# Workloads: those nodes first that have a pod of it.
says 0 '^web on ktrace-b$' explain deploy/web
says 0 '^web on ktrace-a$' explain deployment.apps/web
says 0 '^exec -n ktrace ktrace-a -c ktrace -- ktrace explain shop/sts/db/app$' explain -n shop sts/db/app
says 0 '^it was OOM killed$' explain -n shop sts/db/gone
says 0 '^exec -n ktrace ktrace-b -c ktrace -- ktrace explain orders$' explain -A orders
says 1 'no agent has a diagnosis of shop/job/nobody' explain job/nobody
says 2 'exclude each other' explain -A -n shop orders
says 2 'needs a name' explain deploy/
says 2 'follows one node' live deploy/web
says 1 'is not there' live job/nobody
says 1 'no ktrace agent runs on node-9' ps --node node-9
says 2 'needs a POD' explain
says 2 'unknown command' expalin orders
says 2 'unknown option -o' explain orders -o json
says 2 'follows one node' live
says 2 'follows one node' top
says 0 'Usage' --help
EXEC_STATUS=3 says 3 '' explain orders

rows=$(kubectl-ktrace ps -n shop orders 2>/dev/null </dev/null)
[ "$rows" = $'CONTAINER  STATE\nshop/orders/app  running' ] || { echo "FAIL ps of one pod: $rows" && failed=1; }
exit $failed
