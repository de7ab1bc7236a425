# SPDX-License-Identifier: MIT
# Lines "SETUP OPERATION COST", one for each round: medians, what each setup adds to nothing, and the targets.
# Inside a container the kernel's own accounting makes a call dearer, so what is added there is counted from there.

function median(list,	n, values, i, j, t) {
	n = split(list, values, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && values[j - 1] + 0 > values[j] + 0; j--) {
			t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
		}
	return values[int((n + 1) / 2)]
}

function judge(text, value, limit) {
	printf "%-6s %s: %.2f (target %s)\n", value <= limit ? "ok" : "MISSED", text, value, limit
	missed += value > limit
}

# Whole call against whole call: what somebody who waits for it sees. Added against added is shown beside it.
function against(setup, empty, op, limit) {
	if ((setup, op) in cost && (empty, op) in cost)
		judge(setup " / " empty ", " op, cost[setup, op] / cost[empty, op], limit)
}

{
	all[$1, $2] = all[$1, $2] " " $3
	if (!(($1) in known)) { known[$1]; setups[++n_setups] = $1 }
	if (!(($2) in op_known)) { op_known[$2]; ops[++n_ops] = $2 }
}

END {
	printf "%-26s", "cost (added)"
	for (o = 1; o <= n_ops; o++) printf " %22s", ops[o]
	print ""
	for (s = 1; s <= n_setups; s++) {
		printf "%-26s", setups[s]
		for (o = 1; o <= n_ops; o++) {
			op = ops[o]
			cost[setups[s], op] = median(all[setups[s], op])
			base = setups[s] ~ /-container$/ ? "nothing-container" : "nothing"
			added[setups[s], op] = cost[setups[s], op] - cost[base, op]
			printf " %22s", sprintf("%.0f (%+.0f)", cost[setups[s], op], added[setups[s], op])
		}
		print ""
	}
	hook = ("empty-fexit" in known) ? "empty-fexit" : "empty-sys_exit"
	against("ktrace", hook, "open+close", 1.15)
	against("ktrace", hook, "failing-open", 1.3)
	against("ktrace-sys_exit", "empty-sys_exit", "open+close", 1.15)
	against("ktrace-sys_exit", "empty-sys_exit", "failing-open", 1.3)
	op = "failing-open"
	if (("ktrace-container", op) in cost && ("opensnoop", op) in cost && added["opensnoop", op] > 0)
		judge("added by ktrace-container / added by opensnoop, " op, added["ktrace-container", op] / added["opensnoop", op], 1)
	exit missed > 0
}
