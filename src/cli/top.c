// SPDX-License-Identifier: MIT
/*
 * `ktrace top`: asks the agent each second what it knows and draws what changed. One loop waits for keys and for the
 * agent's answer alike; nothing waits for the agent, which may be restarted meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/source.h"
#include "cli/agent_options.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/printer.h"
#include "cli/top_agent.h"
#include "cli/top_screen.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/log.h"

#define SECOND 1000000000ULL
#define KEY_ESCAPE 27

struct top_options {
	const char *socket;
	int color;
};

static const struct top_options top_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row top_rows[] = {
	OPTION_ROW_COLOR(struct top_options),
	OPTION_ROW_SOCKET(struct top_options),
	{ 0 },
};

static const struct example top_examples[] = {
	{ "ktrace top", "what fails on this node, and why" },
	{ "ktrace top shop/orders", "of the containers whose name holds that" },
	{ "kubectl ktrace top --node worker-3", "the same of another node" },
	{ 0 },
};

struct top {
	struct top_state state;
	struct top_agent agent;
	struct explain_sources sources;
	int messages; /* what stands for stderr while the screen is open */
	off_t read;   /* of it */
	char status[256];
	bool changed, done;
};

static volatile sig_atomic_t told_to_end;

static void on_signal(int signo)
{
	told_to_end = signo;
}

static void __attribute__((format(printf, 2, 3))) say(struct top *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->status, sizeof(t->status), fmt, ap);
	va_end(ap);
	t->changed = true;
}

/* What was written to stderr since the last time: its last line is for the last line of the screen. */
static void take_messages(struct top *t)
{
	char text[1024];
	ssize_t n = pread(t->messages, text, sizeof(text) - 1, t->read);

	if (n <= 0)
		return;
	t->read += n;
	text[n] = '\0';
	if (text[n - 1] == '\n')
		text[n - 1] = '\0';
	char *line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	say(t, "%s", strncmp(line, "ktrace: ", 8) ? line : line + 8);
}

static bool open_selected(struct top *t)
{
	const struct container_row *row = top_list_selected(&t->state.list);

	if (!row)
		return false;
	t->sources.target = row->id;
	return top_view_open(&t->state.view, &t->sources, row_cell(row, COLUMN_NAME)) == 0;
}

/* The view of the selected container, or another one of the container that is shown. */
static void show(struct top *t, enum top_mode mode)
{
	struct terminal_style style = top_screen_style();

	if (t->state.view.mode == VIEW_LIST && !open_selected(t))
		return;
	int err = top_view_show(&t->state.view, mode, &style, wall_clock());
	if (err == 0)
		return;
	top_view_close(&t->state.view);
	say(t, "%s", strerror(-err));
}

static void copy(struct top *t)
{
	_cleanup_strbuf_ struct strbuf sequence = STRBUF_INIT;
	bool from_list = t->state.view.mode == VIEW_LIST;

	if (from_list && !open_selected(t))
		return;
	const char *fragment = top_view_fragment(&t->state.view);
	if (!fragment) {
		say(t, "There is no fragment to copy for this one.");
	} else {
		clipboard_sequence(&sequence, fragment);
		if (!sequence.failed)
			write_all(STDOUT_FILENO, sequence.data, sequence.len);
		say(t, "Copied the fragment of the first recommendation that has one (%zu bytes).",
			strlen(fragment));
	}
	if (from_list)
		top_view_close(&t->state.view);
}

/* While one searches, letters are the filter. False: the key is another's. */
static bool search_key(struct top *t, int key)
{
	struct top_list *list = &t->state.list;
	char filter[FILTER_MAX];
	size_t len = strlen(list->filter);

	snprintf(filter, sizeof(filter), "%s", list->filter);
	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		t->state.searching = false;
	} else if (key == KEY_ESCAPE) {
		t->state.searching = false;
		top_list_filter(list, "");
	} else if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
		filter[len ? len - 1 : 0] = '\0';
		top_list_filter(list, filter);
	} else if (key >= ' ' && key < 127 && len + 1 < sizeof(filter)) {
		filter[len] = (char)key;
		filter[len + 1] = '\0';
		top_list_filter(list, filter);
	} else {
		return false;
	}
	return true;
}

static void go(struct top *t, long by)
{
	if (t->state.view.mode == VIEW_LIST)
		top_list_move(&t->state.list, by);
	else
		top_view_scroll(&t->state.view, by, top_screen_rows() + 2);
}

static void go_back(struct top *t)
{
	if (t->state.view.mode != VIEW_LIST)
		top_view_close(&t->state.view);
	else if (t->state.list.filter[0])
		top_list_filter(&t->state.list, "");
}

static void resize(struct top *t)
{
	size_t first = t->state.view.first;

	if (t->state.view.mode == VIEW_LIST)
		return;
	show(t, t->state.view.mode);
	top_view_scroll(&t->state.view, (long)first, top_screen_rows() + 2);
}

#define FAR 1000000 /* rows: to the end */

enum deed { MOVE, PAGE, SHOW, COPY, SEARCH, BACK, QUIT, RESIZE };

static const struct {
	int key;
	enum deed deed;
	long by;
} keys[] = {
	{ KEY_UP, MOVE, -1 },
	{ 'k', MOVE, -1 },
	{ KEY_DOWN, MOVE, 1 },
	{ 'j', MOVE, 1 },
	{ KEY_PPAGE, PAGE, -1 },
	{ KEY_NPAGE, PAGE, 1 },
	{ ' ', PAGE, 1 },
	{ KEY_HOME, MOVE, -FAR },
	{ 'g', MOVE, -FAR },
	{ KEY_END, MOVE, FAR },
	{ 'G', MOVE, FAR },
	{ '\n', SHOW, VIEW_EXPLANATION },
	{ '\r', SHOW, VIEW_EXPLANATION },
	{ KEY_ENTER, SHOW, VIEW_EXPLANATION },
	{ 'e', SHOW, VIEW_EVENTS },
	{ 'w', SHOW, VIEW_WHY },
	{ 'y', COPY, 0 },
	{ '/', SEARCH, 0 },
	{ 'q', QUIT, 0 },
	{ KEY_ESCAPE, BACK, 0 },
	{ KEY_LEFT, BACK, 0 },
	{ KEY_BACKSPACE, BACK, 0 },
	{ KEY_RESIZE, RESIZE, 0 },
};

static void act(struct top *t, enum deed deed, long by)
{
	switch (deed) {
	case MOVE:
		go(t, by);
		break;
	case PAGE:
		go(t, by * (long)top_screen_rows());
		break;
	case SHOW:
		show(t, (enum top_mode)by);
		break;
	case COPY:
		copy(t);
		break;
	case SEARCH:
		t->state.searching = t->state.view.mode == VIEW_LIST;
		break;
	case QUIT:
		t->done = t->state.view.mode == VIEW_LIST;
		go_back(t);
		break;
	case BACK:
		go_back(t);
		break;
	case RESIZE:
		resize(t);
		break;
	}
}

static void take_key(struct top *t, int key)
{
	t->changed = true;
	t->status[0] = '\0';
	if (t->state.searching && search_key(t, key))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == key)
			act(t, keys[i].deed, keys[i].by);
}

static void take_keys(struct top *t)
{
	int key;

	while (!t->done && (key = top_screen_key()) != ERR)
		take_key(t, key);
}

static void draw(struct top *t)
{
	t->state.away = !t->agent.answered && t->agent.why.len;
	t->state.status = t->state.away && !t->status[0] ? t->agent.why.data : t->status;
	top_screen_draw(&t->state);
	t->changed = false;
}

/* Until somebody quits, or the terminal goes. */
static int loop(struct top *t)
{
	while (!t->done && !told_to_end) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		t->changed |= top_agent_tick(&t->agent, &t->state.list, now);
		take_messages(t);
		if (t->changed)
			draw(t);
		uint64_t due = top_agent_due(&t->agent);
		struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = top_agent_fd(&t->agent), .events = POLLIN } };
		int n = poll(fds, 2, due > now ? (int)((due - now) / 1000000) + 1 : 0);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && fds[1].revents)
			t->changed |= top_agent_read(&t->agent, &t->state.list);
		/* Also when nothing came: a new size is a key, and a signal tells of it. */
		take_keys(t);
		if (n > 0 && (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)))
			return -EPIPE;
	}
	return 0;
}

/* Messages would stand in the middle of the screen: they are kept for its last line. */
static int redirect_messages(struct top *t)
{
	int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);

	t->messages = memfd_create("ktrace-top", MFD_CLOEXEC);
	if (before < 0 || t->messages < 0 || dup2(t->messages, STDERR_FILENO) < 0)
		return -errno;
	return before;
}

static int run_screen(struct top *t, int color)
{
	const struct sigaction action = { .sa_handler = on_signal };
	int err = top_screen_open(color);

	if (err < 0)
		return err;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	int before = redirect_messages(t);
	err = before < 0 ? before : loop(t);
	top_screen_close();
	if (before >= 0) {
		dup2(before, STDERR_FILENO);
		close(before);
	}
	return err;
}

static int run(const void *options, int argc, char **argv)
{
	const struct top_options *o = options;
	void *owned = NULL;
	const struct agent_options *agent = agent_configured(&owned);
	struct top t = {
		.agent = { .socket = o->socket, .interval = SECOND },
		.sources = { .socket = o->socket,
			.store = agent->store,
			.log_file = agent->log_file },
		.messages = -1,
		.changed = true,
	};

	if (argc)
		top_list_filter(&t.state.list, argv[0]);
	int err = run_screen(&t, color_wanted(o->color, STDOUT_FILENO));
	if (err < 0 && err != -ENOTTY && err != -EPIPE)
		log_error("the screen cannot go on: %s", strerror(-err));
	top_agent_free(&t.agent);
	top_view_close(&t.state.view);
	top_list_free(&t.state.list);
	if (t.messages >= 0)
		close(t.messages);
	config_free(&agent_command, owned);
	return err < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command top_command = {
	.name = "top",
	.operands = "[TEXT]",
	.summary = "the node's containers on one screen, what fails first",
	.description =
		"Shows the containers that the agent of this node knows on one screen that "
		"refreshes each second: state, for how long, restarts, time until the first "
		"port was open, and what is wrong; those that fail come first, marked with !. "
		"Keys: arrows, Page Up and Down, Home and End move; Enter opens the explanation "
		"with its time line, e all events, w how the answer was chosen; y copies the "
		"YAML fragment of the first recommendation that has one to the terminal's "
		"clipboard (OSC 52); / filters as one types, by name, state, cause or title "
		"(TEXT is what it begins with), and Escape shows all again; q goes back, and "
		"ends it. It waits for an agent that is not there, and stays when the agent is "
		"restarted.",
	.options = top_rows,
	.examples = top_examples,
	.options_size = sizeof(struct top_options),
	.defaults = &top_defaults,
	.max_operands = 1,
	.run = run,
};
