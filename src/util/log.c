// SPDX-License-Identifier: MIT
#include "util/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/strbuf.h"
#include "util/utf8.h"

static enum log_level most_verbose = LOG_INFO;

void log_set_level(enum log_level most)
{
	most_verbose = most;
}

/* What a process or a file named itself may stand in a message, but must not drive the terminal. */
static void append_safe(struct strbuf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t n = utf8_decode(s + i, len - i, &cp);

		if (n == 0)
			strbuf_printf(out, "\\x%02x", (unsigned char)s[i++]);
		else if (utf8_is_unsafe(cp))
			strbuf_printf(out, cp < 0x80 ? "\\x%02x" : "\\u{%x}", cp);
		else
			strbuf_append(out, s + i, n);
		i += n;
	}
}

void log_message(enum log_level level, const char *fmt, ...)
{
	static const char *const marks[] = { "", "warning: ", "", "debug: " };
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	int saved_errno = errno;
	va_list ap;

	if (level > most_verbose)
		return;
	va_start(ap, fmt);
	strbuf_vprintf(&text, fmt, ap);
	va_end(ap);

	strbuf_printf(&line, "ktrace: %s", marks[level]);
	if (text.data)
		append_safe(&line, text.data, text.len);
	strbuf_putc(&line, '\n');
	/* One write: lines of several processes do not mix. Nobody can be notified when stderr is gone. */
	if (!line.failed && write(STDERR_FILENO, line.data, line.len) < 0)
		errno = 0;
	errno = saved_errno;
}
