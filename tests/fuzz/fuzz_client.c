// SPDX-License-Identifier: MIT
/*
 * Any agent: `ps`, `explain` and `live` as they are, asked over a real socket that a thread of ours serves.
 * The first two bytes choose the command and its form, the rest is a script of what the agent sends.
 */
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cli/commands.h"
#include "fuzz/printed.h"
#include "fuzz/scene.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#define FLOOD_PIECE 65536
/* A client that has taken so much of one line, with what the kernel holds, keeps all that comes. */
#define LINE_TAKEN_MAX (3 << 20)

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listener;

static struct {
	struct input script;
	size_t line_taken; /* bytes of the longest line that went out */
	sem_t done;
} agent;

static const char *const lines[] = {
	"{\"ktrace\":{\"state\":{\"status\":\"exited\",\"exit_code\":1,\"restarts\":2,\"title\":"
	"\"x\"}}}\n",
	"{\"@timestamp\":\"2026-07-01T00:00:00.5Z\",\"event\":{\"action\":\"exec\",\"sequence\":1},"
	"\"host\":{\"name\":\"n\"},\"container\":{\"id\":\"abc\",\"name\":\"web\"},"
	"\"process\":{\"pid\":7,\"name\":\"sh\",\"args\":[\"sh\",\"-c\",\"x\"]}}\n",
	"{\"@timestamp\":\"2026-07-01T00:00:01.5Z\",\"event\":{\"action\":\"diagnosis\"},"
	"\"container\":{\"id\":\"abc\",\"name\":\"web\"},\"ktrace\":{\"diagnosis\":{\"root_cause\":"
	"\"missing_file\",\"title\":\"t\",\"summary\":\"s\",\"confidence\":0.9,\"phase\":"
	"\"startup\","
	"\"exit_code\":1,\"evidence\":[{\"timestamp\":\"2026-07-01T00:00:01Z\",\"text\":\"e\"}],"
	"\"recommendations\":[{\"text\":\"r\",\"manifest\":\"a:\\n  b\"}]}}}\n",
	"{\"error\":\"no container that the agent knows is \\u001b[31m\"}\n",
	"{\"@timestamp\":\"2026-07-01T00:00:02Z\",\"event\":{\"action\":\"agent_stats\"},"
	"\"ktrace\":"
	"{\"agent\":{\"produced\":{\"exec\":1},\"delivered\":{\"exec\":1},\"lost\":{}}}}\n",
#define HOSTILE "\\u001b[2J\\u009b\\u202e\\n"
	"{\"container\":{\"id\":\"" HOSTILE "\",\"name\":\"" HOSTILE "\"},\"ktrace\":{\"state\":{"
	"\"status\":\"" HOSTILE "\",\"title\":\"" HOSTILE "\",\"restarts\":1e99}}}\n",
	"{\"@timestamp\":\"2026-07-01T00:00:00Z\",\"event\":{\"action\":\"file_error\"},"
	"\"container\":{"
	"\"id\":\"abc" HOSTILE "\",\"name\":\"" HOSTILE
	"\"},\"process\":{\"pid\":7,\"name\":\"" HOSTILE "\"},\"file\":{\"path\":\"/" HOSTILE
	"\"},\"ktrace\":{\"syscall\":\"" HOSTILE "\"}}\n",
	"{\"@timestamp\":\"2026-07-01T00:00:01Z\",\"event\":{\"action\":\"diagnosis\"},"
	"\"container\":{\"id\":"
	"\"abc" HOSTILE "\"},\"ktrace\":{\"diagnosis\":{\"root_cause\":\"" HOSTILE
	"\",\"title\":\"" HOSTILE "\",\"summary\":\"" HOSTILE
	"\",\"confidence\":1e300,\"phase\":\"startup\",\"evidence\":[{"
	"\"timestamp\":\"2026-07-01T00:00:01Z\",\"process\":\"" HOSTILE
	"\",\"pid\":1,\"path\":\"" HOSTILE "\",\"error\":\"" HOSTILE "\",\"text\":\"" HOSTILE
	"\"}],\"recommendations\":[{\"text\":\"" HOSTILE "\",\"manifest\":\"" HOSTILE "\"}]}}}\n",
#undef HOSTILE
};

/* False when the client has gone. */
static bool send_all(int fd, const char *text, size_t len, size_t *of_line)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		*of_line = memchr(text, '\n', (size_t)n) ? 0 : *of_line + (size_t)n;
		if (*of_line > agent.line_taken)
			agent.line_taken = *of_line;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_next(int fd, struct input *in, size_t *of_line)
{
	static char flood[FLOOD_PIECE];
	uint8_t what = next(in);
	const char *text;
	size_t len;

	if (what < 128) {
		len = next_bytes(in, what, &text);
		return send_all(fd, text, len, of_line);
	}
	if (what < 240) {
		text = lines[what % ARRAY_SIZE(lines)];
		return send_all(fd, text, strlen(text), of_line);
	}
	if (what < 250)
		return send_all(fd, "\n", 1, of_line);
	what = next(in);
	memset(flood, what == '\n' ? 'x' : what, sizeof(flood)); /* one line, not very many */
	for (unsigned n = next(in) % 128; n; n--)
		if (!send_all(fd, flood, sizeof(flood), of_line))
			return false;
	return true;
}

/* Serves one client after another. */
static void *serve(void *unused)
{
	char request[4096];

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		size_t of_line = 0;

		check(fd >= 0 && recv(fd, request, sizeof(request), 0) > 0);
		while (agent.script.size && send_next(fd, &agent.script, &of_line))
			;
		close(fd);
		sem_post(&agent.done);
	}
	return unused;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	sigset_t all, before;
	pthread_t thread;

	(void)argc, (void)argv;
	strcpy(address.sun_path, scene_init());
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0);
	check(listen(listener, 1) == 0 && sem_init(&agent.done, 0, 0) == 0);
	printed_init();
	/* Signals are the fuzzer's own, and for its thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	check(pthread_create(&thread, NULL, serve, NULL) == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return 0;
}

/* Runs a command line with stdout and stderr put into files. Its exit status. */
static int run(const char *const *words, int n)
{
	static const struct command *const all[] = { &ps_command, &explain_command, &live_command,
		NULL };
	char *argv[16] = { 0 };
	int status;

	for (int i = 0; i < n; i++)
		argv[i] = strdup(words[i]);
	printed_begin();
	status = commands_run(all, n, argv);
	printed_end();
	for (int i = 0; i < n; i++)
		free(argv[i]);
	return status;
}

/* Whatever the agent sent, what is printed drives no terminal, and JSON is JSON. */
static void check_printed(bool json, int status)
{
	size_t out_len, err_len;
	_cleanup_free_ char *out = printed_text(STDOUT_FILENO, &out_len);
	_cleanup_free_ char *err = printed_text(STDERR_FILENO, &err_len);

	check(is_harmless(out, out_len) && are_messages(err, err_len));
	for (char *at = out, *end; json && *at; at = end + 1) {
		end = strchr(at, '\n');
		check(is_json(at, (size_t)(end - at)));
	}
	/* Nobody is left alone with an exit status: explain prints what it has where there is no diagnosis. */
	check(status == EXIT_SUCCESS || (status == EXIT_FAILURE && (err_len || out_len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "ps", "explain", "live" };
	struct input in = { data, size };
	const char *name = names[next(&in) % ARRAY_SIZE(names)];
	uint8_t form = next(&in);
	bool json = form & 1;
	const char *words[12] = { "ktrace", name, "--socket", address.sun_path, "--color", "never",
		"-o", json ? "json" : "text" };
	int n = 8;
	unsigned files = open_files();

	if (!strcmp(name, "explain"))
		words[n++] = form & 2 ? "abc" : "web";
	if (form & 4 && strcmp(name, "ps"))
		words[n++] = "--all";
	agent.script = in;
	agent.line_taken = 0;
	int status = run(words, n);
	while (sem_wait(&agent.done) < 0)
		; /* the fuzzer's own alarm */
	check(agent.line_taken <= LINE_TAKEN_MAX);
	check_printed(json, status);
	check(open_files() == files);
	return 0;
}
