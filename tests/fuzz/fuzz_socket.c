// SPDX-License-Identifier: MIT
/*
 * Any clients at the agent's socket. The input is a script: who connects, says what in which pieces, reads,
 * hangs up or never reads, and when the agent writes records. What a client may expect is told by the first
 * line that it said.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fuzz/scene.h"
#include "ktrace/event.h"
#include "serve/socket.h"
#include "util/cleanup.h"
#include "util/log.h"

#define AGENT_CLIENTS 16                /* the agent serves at once */
#define REQUEST_BYTES 4096              /* it reads of a request */
#define BACKLOG_BYTES (128 << 10)       /* it keeps for all clients of `live` */
#define KERNEL_BYTES (512 << 10)        /* the kernel may keep in a socket, more than it does */
#define CLIENTS 24                      /* of ours */
#define LONG_ANSWER 16000               /* lines: more than a socket takes at once */
#define TURNS 6                         /* of the loop, which takes in one client in each */
#define RECORD_BYTES_TOTAL (1ull << 20) /* of one input, so that it stays quick */

/* What its first line makes of a client; QUIET: live, but there are no records of its level. */
enum role { SILENT, ASKED, LIVE, QUIET, WRONG };

struct peer {
	int fd; /* -1: not there */
	struct strbuf said, heard;
	bool half_closed, ended; /* we say no more; the agent hung up */
	unsigned turns;          /* of the loop since it said something */
	uint64_t unread; /* bytes of records since it read last: so many wait for it at least */
	bool too_slow;
};

struct scene {
	struct loop *loop;
	struct output *output;
	struct peer peers[CLIENTS];
	uint64_t bytes; /* of records written so far */
	bool left;      /* somebody did without reading all */
	unsigned came;
};

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static char long_path[15000];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	strcpy(address.sun_path, scene_init());
	memset(long_path, 'p', sizeof(long_path) - 1);
	long_path[0] = '/';
	log_set_level(LOG_ERROR);
	return 0;
}

static int answer(void *ctx, const char *command, const char *target, struct strbuf *out)
{
	(void)ctx;
	check(!strcmp(command, "ps") || !strcmp(command, "explain"));
	if (!strcmp(target, "no memory"))
		return -ENOMEM;
	for (int lines = !strcmp(target, "much") ? LONG_ANSWER : 2; lines > 0; lines--)
		strbuf_puts(out, "{\"answer\":true}\n");
	return 0;
}

/* The only place that knows the options of the socket. */
static void open_agent(struct scene *s)
{
	struct socket_options options = {
		.path = address.sun_path,
		.backlog_max = BACKLOG_BYTES,
		.loop = s->loop,
		.answer = answer,
	};

	check(socket_new(&options, &s->output) == 0);
}

static void connect_peer(struct scene *s, struct peer *p)
{
	if (p->fd >= 0)
		return;
	s->came++;
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check(p->fd >= 0);
	/* The agent's queue is full when it has had no turn: that is not its fault. */
	if (connect(p->fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		check(errno == EAGAIN);
		close(p->fd);
		p->fd = -1;
	}
}

static void send_text(struct peer *p, const char *text, size_t len)
{
	ssize_t n = p->fd < 0 || p->half_closed ? -1 : send(p->fd, text, len, MSG_NOSIGNAL);

	if (n <= 0)
		return;
	strbuf_append(&p->said, text, (size_t)n);
	p->turns = 0;
}

static void half_close(struct peer *p)
{
	if (p->fd >= 0 && shutdown(p->fd, SHUT_WR) == 0)
		p->half_closed = true;
}

/* False when there was nothing to read. */
static bool read_log(struct peer *p, size_t most)
{
	char piece[65536];

	if (p->fd < 0 || p->ended)
		return false;
	ssize_t n = recv(p->fd, piece, most < sizeof(piece) ? most : sizeof(piece), 0);
	p->unread = 0;
	if (n > 0)
		strbuf_append(&p->heard, piece, (size_t)n);
	else if (n == 0 || errno == ECONNRESET)
		p->ended = true;
	else
		check(errno == EAGAIN);
	return n > 0;
}

static void hang_up(struct scene *s, struct peer *p)
{
	if (p->fd < 0)
		return;
	s->left = true;
	close(p->fd);
	strbuf_free(&p->said);
	strbuf_free(&p->heard);
	*p = (struct peer){ .fd = -1 };
}

/* What the agent must make of all that was said, whatever pieces it came in. */
static enum role role_of(const struct peer *p)
{
	const char *end = p->said.len ? memchr(p->said.data, '\n', p->said.len) : NULL;
	size_t len = end ? (size_t)(end - p->said.data) : p->said.len;

	if (len >= REQUEST_BYTES)
		return WRONG;
	if (!end)
		return SILENT;
	_cleanup_json_ cJSON *request = cJSON_ParseWithLength(p->said.data, len);
	const char *command =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "command"));
	const char *events =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "events"));

	if (!command)
		return WRONG;
	if (!strcmp(command, "live")) {
		if (!events || !strcmp(events, "all") || !strcmp(events, "errors"))
			return LIVE;
		return strcmp(events, "diagnoses") ? WRONG : QUIET;
	}
	return !strcmp(command, "ps") || !strcmp(command, "explain") ? ASKED : WRONG;
}

static bool is_error(const struct peer *p)
{
	return p->heard.len && !strncmp(p->heard.data, "{\"error\":\"", 10) &&
	       memchr(p->heard.data, '\n', p->heard.len) == p->heard.data + p->heard.len - 1;
}

static void turn(struct scene *s)
{
	for (int i = 0; i < TURNS; i++)
		check(loop_run(s->loop) == 0);
	for (size_t i = 0; i < CLIENTS; i++)
		s->peers[i].turns += TURNS;
}

/* Clients that the agent serves now: those that it has not hung up on. */
static unsigned served(const struct scene *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		n += s->peers[i].fd >= 0 && !s->peers[i].ended;
	return n;
}

/* A record was written that it is to get, if it is live. */
static void await(struct peer *p, size_t bytes)
{
	if (p->turns <= CLIENTS || p->ended || role_of(p) != LIVE)
		return;
	p->unread += bytes;
	p->too_slow |= p->unread > BACKLOG_BYTES + KERNEL_BYTES;
}

/* A record for everybody who is live; counted once for each of them, or as lost. */
static void write_record(struct scene *s, bool is_failure, bool is_long)
{
	struct event e = { .refs = 1,
		.kind = is_failure ? EVENT_FILE_ERROR : EVENT_EXEC,
		.comm = "x",
		.parent_comm = "",
		.executable = "",
		.interpreter = "",
		.cwd = "",
		.syscall = "openat",
		.flags = "",
		.path = is_long ? long_path : "/x",
		.requested = "/x",
		.path2 = "",
		.address = "",
		.holder_comm = "",
		.sender_comm = "",
		.text = "",
		.error = is_failure ? ENOENT : 0,
		.repeats = 1 };
	struct record r = { .type = RECORD_EVENT, .event = &e, .node = "n" };
	uint64_t before = s->output->written + s->output->lost;
	size_t bytes = is_long ? sizeof(long_path) : 300; /* at the least */

	if ((s->bytes += bytes) > RECORD_BYTES_TOTAL)
		return;
	check(s->output->ops->write(s->output, &r) == 0);
	check(s->output->written + s->output->lost <= before + AGENT_CLIENTS);
	for (size_t i = 0; i < CLIENTS; i++)
		await(&s->peers[i], bytes);
}

static void write_records(struct scene *s, unsigned n, bool is_failure, bool is_long)
{
	while (n--)
		write_record(s, is_failure, is_long);
	check(s->output->ops->flush(s->output) == 0);
}

static const char *const requests[] = {
	"{\"command\":\"live\",\"events\":\"all\"}\n",
	"{\"command\":\"live\"}\n",
	"{\"command\":\"ps\"}\n",
	"{\"command\":\"explain\",\"target\":\"much\"}\n",
	"{\"command\":\"explain\",\"target\":\"no memory\"}\n",
	"{\"command\":",
	"{\"command\":\"live\",\"events\":\"none\"}\n",
	"[[[[{{{{\n",
};

static void act(struct scene *s, struct input *in)
{
	uint8_t what = next(in), who = next(in);
	struct peer *p = &s->peers[who % CLIENTS];
	const char *text;
	size_t len;

	switch (what % 12) {
	case 0:
		connect_peer(s, p);
		break;
	case 1:
		len = next_bytes(in, next(in), &text);
		send_text(p, text, len);
		break;
	case 2:
		text = requests[next(in) % ARRAY_SIZE(requests)];
		send_text(p, text, strlen(text));
		break;
	case 3:
		half_close(p);
		break;
	case 4:
		hang_up(s, p);
		break;
	case 5:
		read_log(p, next(in) + 1u);
		break;
	case 6:
		for (int i = 0; i < 1 + who % 8; i++)
			turn(s);
		break;
	case 7:
		write_records(s, 1 + next(in) % 8, who & 1, false);
		break;
	case 8:
		write_records(s, next(in), true, true);
		break;
	case 9: /* a request that has no end */
		send_text(p, long_path, next(in) * 40u);
		break;
	case 10: /* all at once: more than the agent serves */
		for (size_t i = 0; i < CLIENTS; i++)
			connect_peer(s, &s->peers[i]);
		break;
	case 11: /* the same to all of them */
		text = requests[next(in) % ARRAY_SIZE(requests)];
		for (size_t i = 0; i < CLIENTS; i++)
			send_text(&s->peers[i], text, strlen(text));
		break;
	}
}

/* Until nobody has anything to say to anybody: bounded, as an agent that never comes to rest is a fault. */
static void drain(struct scene *s)
{
	bool busy = true;

	for (int rounds = 0; busy; rounds++) {
		check(rounds < 1000);
		busy = false;
		for (int i = 0; i <= CLIENTS / TURNS; i++)
			turn(s);
		for (size_t i = 0; i < CLIENTS; i++)
			while (read_log(&s->peers[i], SIZE_MAX))
				busy = true;
	}
}

/* Each line is whole JSON; only somebody who was cut off as too slow may have half of one at the end. */
static size_t check_lines(const struct peer *p, bool may_be_cut)
{
	const char *at = p->heard.len ? p->heard.data : "", *end = at + p->heard.len, *newline;
	size_t lines = 0;

	for (; at < end && (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1) {
		/* Of many lines alike one is looked at. */
		check(lines > 8 || (is_json(at, (size_t)(newline - at)) &&
					   is_harmless(at, (size_t)(newline - at))));
		check(newline - at < 16384);
		lines++;
	}
	check(at == end || (may_be_cut && p->ended));
	return lines;
}

/* The lines of records that it got. */
static size_t check_peer(const struct scene *s, const struct peer *p)
{
	enum role role = role_of(p);
	/* One that had not asked yet, or did not take its answer, went for another. */
	bool made_space = p->ended && s->came > AGENT_CLIENTS;
	size_t lines = check_lines(p, made_space || (role == LIVE && s->output->lost));

	if (is_error(p)) {
		/* wrong, out of memory, or one too many: told in one line, and hung up on */
		check(p->ended && lines == 1);
		return 0;
	}
	if (made_space)
		return role == LIVE ? lines : 0;
	/* A hang-up without a word is for those who say nothing more, and for those who were too slow. */
	if (role == SILENT)
		check(!lines && (!p->ended || p->half_closed));
	check(role != WRONG);
	if (role == ASKED)
		check(p->ended && (lines == 2 || lines == LONG_ANSWER));
	if (role == QUIET)
		check(!lines && !p->ended);
	if (p->too_slow)
		check(p->ended && s->output->lost);
	return role == LIVE ? lines : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct scene s = { .bytes = 0 };
	unsigned files;
	size_t lines = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		s.peers[i].fd = -1;
	check(loop_new(&s.loop) == 0);
	scene_in_turns(s.loop);
	files = open_files(); /* with the loop */
	open_agent(&s);
	for (int acts = 0; in.size && acts < 100; acts++)
		act(&s, &in);
	drain(&s);
	check(served(&s) <= AGENT_CLIENTS);
	for (size_t i = 0; i < CLIENTS; i++)
		if (s.peers[i].fd >= 0)
			lines += check_peer(&s, &s.peers[i]);
	check(lines <= s.output->written);
	if (!s.left && !s.output->lost)
		check(lines == s.output->written);
	s.output->ops->free(s.output);
	for (size_t i = 0; i < CLIENTS; i++)
		hang_up(&s, &s.peers[i]);
	check(access(address.sun_path, F_OK) < 0);
	check(open_files() == files);
	loop_free(s.loop);
	return 0;
}
