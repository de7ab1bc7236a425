// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "event/decode.h"
#include "event/syscalls.h"

/* A record as the kernel side builds it: the fixed part, then strings one after the other. */
static union {
	char bytes[WIRE_RECORD_MAX];
	struct wire_head head;
	struct wire_exec exec;
	struct wire_syscall call;
	struct wire_output output;
	struct wire_exit exit;
	struct wire_signal signal;
	struct wire_cgroup cgroup;
	struct wire_socket socket;
	struct wire_dns dns;
} record;
static struct decode_buffer buffer;

static void begin(int kind, size_t fixed)
{
	memset(&record, 0, sizeof(record));
	record.head.kind = (__u8)kind;
	record.head.size = (__u16)fixed;
	record.head.time = 5;
	record.head.pid = 10;
	record.head.container = 77;
	memcpy(record.head.comm, "cp", 3);
}

static __u16 add(const char *data, size_t len)
{
	memcpy(record.bytes + record.head.size, data, len);
	record.head.size = (__u16)(record.head.size + len);
	return (__u16)len;
}

#define ADD(literal) add(literal, sizeof(literal) - 1)

static int decode(struct event *e)
{
	return event_decode(&record, record.head.size, 1000, &buffer, e);
}

static void a_relative_path_is_joined_with_the_directory_it_starts_from(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_openat;
	record.call.row_kind = ROW_FILE;
	record.call.ret = -ENOENT;
	record.call.repeats = 3;
	record.call.args[2] = O_WRONLY | O_CREAT;
	record.call.path_len = ADD("conf/./../app.yaml");
	record.call.dir_len = ADD("project\0srv\0");
	assert_int_equal(decode(&e), 0);
	assert_int_equal(e.kind, EVENT_FILE_ERROR);
	assert_string_equal(e.path, "/srv/project/app.yaml");
	assert_string_equal(e.requested, "conf/./../app.yaml");
	assert_string_equal(e.syscall, "openat");
	assert_string_equal(e.flags, "O_WRONLY|O_CREAT");
	assert_int_equal(e.error, ENOENT);
	assert_int_equal(e.repeats, 3);
	assert_int_equal(e.time, 1005);
	assert_int_equal(e.cgroup, 77);
}

/* Whether it is plain is asked eight bytes at a time: what is not stands at each place of them. */
static void an_absolute_path_is_what_path_join_makes_of_it(void **state)
{
	static const char *const ends[] = { "", "/", "//x", "/./x", "/../x", "/.x", "/..x", "/.",
		"/..", "/x.y", "/x/y" };

	(void)state;
	for (size_t n = 0; n < 20; n++)
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			char path[64], joined[64];
			struct event e;
			snprintf(path, sizeof(path), "/%.*s%s", (int)n, "abcdefghijklmnopqrst",
				ends[i]);
			path_join(joined, sizeof(joined), "/srv", path);
			begin(WIRE_SYSCALL, sizeof(record.call));
			record.call.nr = __NR_openat;
			record.call.ret = -ENOENT;
			record.call.path_len = add(path, strlen(path));
			assert_int_equal(decode(&e), 0);
			assert_string_equal(e.path, joined);
			assert_string_equal(e.requested, path);
		}
}

static void both_paths_of_a_rename_are_told(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_renameat2;
	record.call.ret = -EBUSY;
	record.call.path_len = ADD("/etc/app/sedX");
	record.call.path2_len = ADD("app.conf");
	record.call.dir2_len = ADD("app\0etc\0");
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.path, "/etc/app/sedX");
	assert_string_equal(e.path2, "/etc/app/app.conf");
}

static void an_address_is_told_with_its_port(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(5432) };
	struct event e;

	(void)state;
	inet_pton(AF_INET, "10.1.2.3", &in.sin_addr);
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_connect;
	record.call.ret = -ECONNREFUSED;
	record.call.sock_type = SOCK_STREAM;
	record.call.addr_len = add((const char *)&in, sizeof(in));
	assert_int_equal(decode(&e), 0);
	assert_int_equal(e.kind, EVENT_NETWORK_ERROR);
	assert_string_equal(e.address, "10.1.2.3");
	assert_int_equal(e.port, 5432);
}

static void an_ipv4_address_in_ipv6_form_is_told_as_itself(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	struct event e;

	(void)state;
	inet_pton(AF_INET6, "::ffff:10.20.30.40", &in6.sin6_addr);
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_bind;
	record.call.ret = -EADDRNOTAVAIL;
	record.call.addr_len = add((const char *)&in6, sizeof(in6));
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.address, "10.20.30.40");
	assert_int_equal(e.family, AF_INET);
}

static void a_sysctl_of_the_network_is_told_as_the_limit(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct event e;

	(void)state;
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_connect;
	record.call.ret = -EADDRNOTAVAIL;
	record.call.ports = 60999u << 16 | 32768;
	record.call.addr_len = add((const char *)&in, sizeof(in));
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.limit_name, "net.ipv4.ip_local_port_range");
	assert_int_equal(e.process.limit, 28232);
	record.call.ret = -EACCES;
	record.call.ports = WIRE_PORT_START | 1024;
	assert_int_equal(decode(&e), 0);
	assert_null(e.limit_name);
	record.call.nr = __NR_bind;
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.limit_name, "net.ipv4.ip_unprivileged_port_start");
	assert_int_equal(e.process.limit, 1024);
}

static void begin_socket(int what, uint16_t error, uint64_t waited_ns)
{
	begin(WIRE_SOCKET, sizeof(record.socket));
	record.socket.what = (__u16)what;
	record.socket.family = AF_INET;
	record.socket.port = 443;
	record.socket.error = error;
	record.socket.waited_ns = waited_ns;
	memcpy(record.socket.address, "\x0a\0\0\x05", 4);
}

static void a_connection_that_was_given_up_has_no_errno(void **state)
{
	struct event e;

	(void)state;
	begin_socket(WIRE_CONNECT_GAVE_UP, 0, 1500000000);
	assert_int_equal(event_decode(&record, record.head.size, 0, &buffer, &e), 0);
	assert_int_equal(e.kind, EVENT_NETWORK_ERROR);
	assert_string_equal(e.syscall, "connect");
	assert_string_equal(e.address, "10.0.0.5");
	assert_int_equal(e.port, 443);
	assert_int_equal(e.error, 0);
	assert_int_equal(e.gave_up_ns, 1500000000);
	assert_true(event_failed(&e));
	begin_socket(WIRE_CONNECT_FAILED, ECONNREFUSED, 0);
	assert_int_equal(event_decode(&record, record.head.size, 0, &buffer, &e), 0);
	assert_int_equal(e.gave_up_ns, 0);
	begin_socket(WIRE_CONNECT_GAVE_UP, 0, 0);
	assert_int_equal(event_decode(&record, record.head.size, 0, &buffer, &e), -EBADMSG);
	begin_socket(WIRE_CONNECT_GAVE_UP, ECONNREFUSED, 1);
	assert_int_equal(event_decode(&record, record.head.size, 0, &buffer, &e), -EBADMSG);
	begin_socket(WIRE_OUTSIDE_REFUSED, ECONNREFUSED, 0);
	assert_int_equal(event_decode(&record, record.head.size, 0, &buffer, &e), 0);
	assert_int_equal(e.kind, EVENT_PORT_REFUSED);
	assert_int_equal(e.pid, 0);
	assert_int_equal(e.sender_pid, 10);
	assert_string_equal(e.sender_comm, "cp");
	assert_int_equal(e.error, ECONNREFUSED);
	begin_socket(9, 0, 1);
	assert_int_equal(event_decode(&record, record.head.size, 0, &buffer, &e), -EBADMSG);
}

static void a_name_server_is_asked_and_answers(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_DNS, sizeof(record.dns));
	record.dns.family = AF_INET;
	record.dns.port = 53;
	record.dns.nr = __NR_recvfrom;
	record.dns.sock_type = SOCK_DGRAM;
	record.dns.repeats = 2;
	memcpy(record.dns.address, "\x0a\x60\0\x0a", 4);
	record.dns.data_len = ADD("\x12\x34\x81\x83\0\1\0\0\0\1\0\0\2db\4shop\0\0\1\0\1");
	assert_int_equal(decode(&e), 0);
	assert_int_equal(e.kind, EVENT_DNS_ANSWER);
	assert_string_equal(e.syscall, "recvfrom");
	assert_string_equal(e.address, "10.96.0.10");
	assert_string_equal(e.dns_name, "db.shop");
	assert_string_equal(e.dns_type, "A");
	assert_string_equal(e.dns_rcode, "NXDOMAIN");
	assert_int_equal(e.repeats, 2);
	assert_int_equal(e.error, 0);
	/* Something else on that port is a sign that a name server was spoken to. */
	record.dns.data_len = 3;
	assert_int_equal(decode(&e), 0);
	assert_int_equal(e.kind, EVENT_DNS_QUERY);
	assert_null(e.dns_name);
	record.dns.data_len = 400;
	assert_int_equal(decode(&e), -EBADMSG);
}

static void only_what_may_carry_a_question_is_looked_at_when_it_succeeds(void **state)
{
	(void)state;
	assert_int_equal(syscall_success(syscall_by_nr(__NR_openat)), SUCCESS_ENDS);
	assert_int_equal(syscall_success(syscall_by_nr(__NR_write)), SUCCESS_OF_WRITERS);
	assert_int_equal(syscall_success(syscall_by_nr(__NR_connect)), SUCCESS_COUNTS);
	assert_int_equal(syscall_success(syscall_by_nr(__NR_sendto)), SUCCESS_COUNTS);
	assert_int_equal(syscall_success(syscall_by_nr(__NR_read)), SUCCESS_OF_ASKERS);
	assert_int_equal(syscall_success(syscall_by_nr(__NR_sendmmsg)), SUCCESS_OF_ASKERS);
}

static void an_abstract_socket_keeps_its_name(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_bind;
	record.call.ret = -EADDRINUSE;
	record.call.addr_len = ADD("\1\0\0name");
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.address, "@name");
}

static void of_two_directories_only_the_deep_one_is_cut(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_renameat2;
	record.call.ret = -ENOENT;
	record.head.flags = WIRE_DIR2_CUT;
	record.call.path_len = ADD("new.conf");
	record.call.dir_len = ADD("app\0etc\0");
	record.call.path2_len = ADD("old.conf");
	record.call.dir2_len = ADD("deep\0");
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.path, "/etc/app/new.conf");
	assert_string_equal(e.path2, "/.../deep/old.conf");
	assert_true(e.cut);
}

static void a_program_is_told_with_its_arguments(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_EXEC, sizeof(record.exec));
	record.exec.executable_len = ADD("./run.sh");
	record.exec.interpreter_len = ADD("/bin/sh");
	record.exec.dir_len = ADD("app\0");
	record.exec.args_len = ADD("/bin/sh\0./run.sh\0--fast\0");
	assert_int_equal(decode(&e), 0);
	assert_int_equal(e.kind, EVENT_EXEC);
	assert_string_equal(e.executable, "/app/run.sh");
	assert_string_equal(e.interpreter, "/bin/sh");
	assert_string_equal(e.cwd, "/app");
	assert_int_equal(e.argc, 3);
	assert_string_equal(e.args[2], "--fast");
}

static void long_output_has_its_gap_marked(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_OUTPUT, sizeof(record.output));
	record.output.fd = 2;
	record.output.total = 5000;
	record.output.head_len = ADD("Traceback");
	record.output.tail_len = ADD("Error: x");
	assert_int_equal(decode(&e), 0);
	assert_string_equal(e.text, "Traceback\n...\nError: x");
	assert_true(e.cut);
}

static void a_signal_from_another_container_is_from_outside(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_SIGNAL, sizeof(record.signal));
	record.signal.signo = SIGTERM;
	record.signal.sender_pid = 99;
	assert_int_equal(decode(&e), 0);
	assert_true(e.from_outside);
	record.signal.sender_container = 77;
	assert_int_equal(decode(&e), 0);
	assert_false(e.from_outside);
}

/* A node that is a container (kind) sees its own cgroup as the root. */
static void a_cgroup_is_named_from_the_watched_root(void **state)
{
	static const struct {
		uint32_t levels;
		const char *path;
	} cases[] = {
		{ 0, "/docker/n1/kubepods/c1" },
		{ 2, "/kubepods/c1" },
		{ 4, "/docker/n1/kubepods/c1" },
		{ 9, "/docker/n1/kubepods/c1" },
	};
	struct event e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin(WIRE_CGROUP, sizeof(record.cgroup));
		record.cgroup.what = WIRE_CGROUP_MADE;
		record.cgroup.levels = cases[i].levels;
		record.cgroup.path_len = ADD("/docker/n1/kubepods/c1");
		assert_int_equal(decode(&e), 0);
		assert_string_equal(e.path, cases[i].path);
	}
}

static void what_no_program_of_ours_made_is_refused(void **state)
{
	struct event e;

	(void)state;
	begin(WIRE_EXIT, sizeof(record.exit));
	assert_int_equal(event_decode(&record, sizeof(struct wire_head), 0, &buffer, &e), -EBADMSG);
	assert_int_equal(event_decode(&record, 3, 0, &buffer, &e), -EBADMSG);
	record.head.kind = WIRE_KINDS;
	assert_int_equal(decode(&e), -EBADMSG);
	begin(WIRE_SYSCALL, sizeof(record.call));
	record.call.nr = __NR_openat;
	record.call.path_len = 100; /* more than the record holds */
	assert_int_equal(decode(&e), -EBADMSG);
	record.call.path_len = 0;
	record.call.nr = 511; /* not watched */
	assert_int_equal(decode(&e), -EBADMSG);
}

static void paths_are_normalised(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(path_join(out, sizeof(out), "/srv", "../../x"), 2);
	assert_string_equal(out, "/x");
	path_join(out, sizeof(out), "/srv", "/a//b/");
	assert_string_equal(out, "/a/b");
	path_join(out, sizeof(out), "/", ".");
	assert_string_equal(out, "/");
	assert_int_equal(path_join(out, sizeof(out), "/0123456789", "abcdef"), -ENAMETOOLONG);
}

static void every_row_is_one_that_the_kernel_side_can_follow(void **state)
{
	const struct syscall_row *rows;
	size_t n = syscall_rows(&rows);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct wire_row *w = &rows[i].wire;

		assert_true(rows[i].nr < WIRE_ROWS);
		assert_int_not_equal(w->kind, ROW_NONE);
		assert_true(w->path <= 5 && w->path2 <= 5 && w->dirfd <= 5 && w->addr <= 5);
		assert_true(w->errnos[0] || w->errnos[1]);
		if (w->kind == ROW_EXEC) /* argv follows the path */
			assert_in_range(w->path, 0, 1);
		if (rows[i].nr >= 0)
			assert_ptr_equal(syscall_by_nr((unsigned)rows[i].nr), &rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relative_path_is_joined_with_the_directory_it_starts_from),
		cmocka_unit_test(an_absolute_path_is_what_path_join_makes_of_it),
		cmocka_unit_test(both_paths_of_a_rename_are_told),
		cmocka_unit_test(of_two_directories_only_the_deep_one_is_cut),
		cmocka_unit_test(an_address_is_told_with_its_port),
		cmocka_unit_test(a_sysctl_of_the_network_is_told_as_the_limit),
		cmocka_unit_test(an_ipv4_address_in_ipv6_form_is_told_as_itself),
		cmocka_unit_test(a_connection_that_was_given_up_has_no_errno),
		cmocka_unit_test(a_name_server_is_asked_and_answers),
		cmocka_unit_test(only_what_may_carry_a_question_is_looked_at_when_it_succeeds),
		cmocka_unit_test(an_abstract_socket_keeps_its_name),
		cmocka_unit_test(a_program_is_told_with_its_arguments),
		cmocka_unit_test(long_output_has_its_gap_marked),
		cmocka_unit_test(a_signal_from_another_container_is_from_outside),
		cmocka_unit_test(a_cgroup_is_named_from_the_watched_root),
		cmocka_unit_test(what_no_program_of_ours_made_is_refused),
		cmocka_unit_test(paths_are_normalised),
		cmocka_unit_test(every_row_is_one_that_the_kernel_side_can_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
