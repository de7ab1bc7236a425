// SPDX-License-Identifier: MIT
/* Commands that ask an agent which is none, or a hostile one: it does not drive the terminal, and each failure is told. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "util/cleanup.h"

static char socket_path[64];

static int listen_here(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(socket_path, sizeof(socket_path), "/tmp/ktrace-ask-%d", (int)getpid());
	strcpy(address.sun_path, socket_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* A child that says this to whoever comes first, `times` over. */
static pid_t serve(const char *text, int times)
{
	int fd = listen_here();
	char request[256];

	pid_t pid = fork();
	if (pid == 0) {
		int client = accept(fd, NULL, NULL);

		if (recv(client, request, sizeof(request), 0) <= 0)
			_exit(1);
		while (times-- && send(client, text, strlen(text), MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	close(fd);
	return pid;
}

struct printed {
	char out[4096], err[4096];
	int status;
};

static void take_back(int file, int fd, int before, char text[static 4096])
{
	ssize_t n = pread(file, text, 4095, 0);

	dup2(before, fd);
	close(before);
	close(file);
	assert_true(n >= 0);
	text[n] = '\0';
}

static void ask(const char *form, struct printed *p)
{
	static const struct command *const all[] = { &ps_command, NULL };
	char *argv[] = { "ktrace", "ps", "--socket", socket_path, "-o", (char *)form, NULL };
	int out = memfd_create("out", 0), err = memfd_create("err", 0);
	int out_before = dup(STDOUT_FILENO), err_before = dup(STDERR_FILENO);

	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	p->status = commands_run(all, 6, argv);
	take_back(out, STDOUT_FILENO, out_before, p->out);
	take_back(err, STDERR_FILENO, err_before, p->err);
}

static void ask_one(const char *form, const char *text, int times, struct printed *p)
{
	pid_t pid = serve(text, times);
	int status;

	ask(form, p);
	unlink(socket_path);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void names_drive_no_terminal(void **state)
{
	(void)state;
	struct printed p;

	ask_one("text",
		"{\"container\":{\"id\":\"\\u001b[2J\",\"name\":\"\\u001b]0;x\\u0007\"},\"ktrace\":"
		"{"
		"\"state\":{\"status\":\"\\u009b1m\",\"title\":\"\\u001b[1m\"}}}\n",
		1, &p);
	assert_int_equal(p.status, EXIT_SUCCESS);
	assert_null(strpbrk(p.out, "\033\007"));
	assert_null(strstr(p.out, "\302\233"));
	assert_non_null(strstr(p.out, "\\x1b[2J"));
	assert_null(strstr(p.out, "nan")); /* restarts that it does not tell */
}

static void what_nobody_named_is_called_by_its_id(void **state)
{
	(void)state;
	struct printed p;

	ask_one("text", "{\"container\":{\"id\":\"0123456789abcdef\"},\"ktrace\":{\"state\":{}}}\n",
		1, &p);
	assert_non_null(strstr(p.out, "\n0123456789ab "));
	ask_one("text",
		"{\"k8s\":{\"namespace\":{\"name\":\"shop\"},\"pod\":{\"name\":\"web\"},"
		"\"container\":{\"type\":\"sandbox\"}},\"ktrace\":{\"state\":{}}}\n",
		1, &p);
	assert_non_null(strstr(p.out, "\nshop/web/(sandbox) "));
}

static void what_is_no_answer_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *form, *text;
		int times;
	} cases[] = {
		{ "text", "HTTP/1.1 400 Bad Request\n", 1 },
		{ "json", "HTTP/1.1 400 Bad Request\n", 1 },
		{ "json", "{}\n", 1 },
		{ "json", "{\"ktrace\":{\"state\":{\"title\":\"\033[2J\"}}}\n", 1 },
		{ "json", "{\"ktrace\":{\"state\":{\"title\":\"\377\"}}}\n", 1 },
		{ "text", "a line that never ends ", 1 << 20 },
	};
	struct printed p;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ask_one(cases[i].form, cases[i].text, cases[i].times, &p);
		assert_int_equal(p.status, EXIT_FAILURE);
		assert_string_equal(p.out, "");
		assert_non_null(strstr(p.err, "is not served by a ktrace agent"));
		assert_null(strchr(p.err, '\033'));
	}
}

/* An agent that does not even wait for the question: the client may come to ask before or after it hangs up. */
static void who_is_turned_away_learns_why(void **state)
{
	(void)state;
	static const char why[] = "{\"error\":\"user 7 may not ask\"}\n";
	int fd = listen_here();
	struct printed p;

	pid_t pid = fork();
	if (pid == 0)
		for (prctl(PR_SET_PDEATHSIG, SIGKILL);;) {
			int client = accept(fd, NULL, NULL);

			if (client < 0 || send(client, why, strlen(why), MSG_NOSIGNAL) < 0)
				_exit(1);
			close(client);
		}
	close(fd);
	for (int i = 0; i < 300; i++) {
		ask("text", &p);
		assert_int_equal(p.status, EXIT_FAILURE);
		assert_non_null(strstr(p.err, "user 7 may not ask"));
	}
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	unlink(socket_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_drive_no_terminal),
		cmocka_unit_test(what_nobody_named_is_called_by_its_id),
		cmocka_unit_test(what_is_no_answer_is_told),
		cmocka_unit_test(who_is_turned_away_learns_why),
	};

	return cmocka_run_group_tests_name("cli_ask", tests, NULL, NULL);
}
