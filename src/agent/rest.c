// SPDX-License-Identifier: MIT
#include "agent/rest.h"

#include <errno.h>

#include "util/cleanup.h"
#include "util/log.h"
#include "util/strbuf.h"

#define NAMES_MAX 256

/* Names the calls whose failures are not seen, in a sentence that begins so. False: there are none. */
static bool say_missing(const struct capture *c, enum log_level level, const char *begin)
{
	_cleanup_strbuf_ struct strbuf list = STRBUF_INIT;
	const char *names[NAMES_MAX];
	bool filters;
	size_t n = capture_rest_missing(c, names, NAMES_MAX, &filters);

	for (size_t i = 0; i < n; i++)
		strbuf_printf(&list, "%s%s", list.len ? ", " : "", names[i]);
	if (filters)
		strbuf_printf(&list, "%swhat a seccomp filter refuses", list.len ? ", and " : "");
	if (list.data && !list.failed)
		log_message(level, "%s: %s", begin, list.data);
	return n || filters;
}

static void step(void *ctx, uint32_t events)
{
	struct rest_watch *w = ctx;

	(void)events;
	if (!w->watch || capture_rest_step(w->capture) == -EAGAIN)
		return;
	rest_unwatch(w);
	capture_rest_end(w->capture);
	if (!say_missing(w->capture, LOG_WARNING,
		    "these could not be attached, and their failures are not seen"))
		log_info("the failures of all calls are seen now");
}

int rest_watch(struct rest_watch *w, struct capture *c, struct loop *l)
{
	int fd = capture_rest_fd(c);

	w->capture = c;
	if (fd < 0)
		return 0;
	int err = loop_add_fd(l, fd, EPOLLIN, step, w, &w->watch);
	if (err < 0)
		return err;
	say_missing(
		c, LOG_INFO, "attached within a second, their failures are not seen until then");
	capture_rest_go(c);
	return 0;
}

void rest_unwatch(struct rest_watch *w)
{
	loop_remove(w->watch);
	w->watch = NULL;
}
