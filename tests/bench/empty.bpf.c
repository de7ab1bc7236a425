// SPDX-License-Identifier: GPL-2.0
/* Programs that do nothing, on the hooks that ktrace uses: the price of the hooks alone. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_exit")
int empty_sys_exit(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fexit/__x64_sys_openat")
int empty_openat(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fexit/__x64_sys_write")
int empty_write(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fexit/__x64_sys_connect")
int empty_connect(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("fexit/__x64_sys_socket")
int empty_socket(void *ctx __attribute__((unused)))
{
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int empty_socket_state(void *ctx __attribute__((unused)))
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
