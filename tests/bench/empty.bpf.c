// SPDX-License-Identifier: GPL-2.0
/* Programs that do nothing, on the hooks that ktrace uses: the price of the hook alone. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_exit")
int empty_sys_exit(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fexit/__x64_sys_openat")
int empty_fexit(void *ctx __attribute__((unused)))
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
