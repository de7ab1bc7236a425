// SPDX-License-Identifier: MIT
#include "record/terminal_text.h"

#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/utf8.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define ID_DIGITS 12 /* tell a container from the others of a node */

/* One code point, or a byte of none; returns its length. */
static size_t put_code_point(struct strbuf *out, const char *text, size_t len)
{
	uint32_t cp;
	size_t n = utf8_decode(text, len, &cp);

	if (n == 0)
		strbuf_printf(out, "\\x%02x", (unsigned char)*text);
	else if (cp == '\n')
		strbuf_puts(out, "\\n");
	else if (cp == '\t')
		strbuf_puts(out, "\\t");
	else if (!utf8_is_unsafe(cp))
		strbuf_append(out, text, n);
	else if (cp < 0x80)
		strbuf_printf(out, "\\x%02x", (unsigned)cp);
	else
		strbuf_printf(out, "\\u{%x}", (unsigned)cp);
	return n ? n : 1;
}

void terminal_text(struct strbuf *out, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t plain = utf8_printable_run(text + i, len - i);
		strbuf_append(out, text + i, plain);
		i += plain;
		if (i < len)
			i += put_code_point(out, text + i, len - i);
	}
}

/* The few ranges that matter for alignment; wcwidth() answers for the locale, which may be "C". */
static size_t width_of(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
		size_t width;
	} ranges[] = {
		{ 0x0300, 0x036f, 0 },
		{ 0x0483, 0x0489, 0 },
		{ 0x0591, 0x05bd, 0 },
		{ 0x064b, 0x065f, 0 },
		{ 0x1100, 0x115f, 2 },
		{ 0x1ab0, 0x1aff, 0 },
		{ 0x20d0, 0x20ff, 0 },
		{ 0x2e80, 0x303e, 2 },
		{ 0x3041, 0xa4cf, 2 },
		{ 0xac00, 0xd7a3, 2 },
		{ 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 },
		{ 0xfe20, 0xfe2f, 0 },
		{ 0xfe30, 0xfe6f, 2 },
		{ 0xff00, 0xff60, 2 },
		{ 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1f64f, 2 },
		{ 0x1f900, 0x1f9ff, 2 },
		{ 0x20000, 0x3fffd, 2 },
	};

	for (size_t i = 0; cp >= 0x300 && i < ARRAY_SIZE(ranges); i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

/* Bytes of text[0..len) that fill at most `columns`, whose number is left in *used. */
static size_t take_columns(const char *text, size_t len, size_t columns, size_t *used)
{
	size_t i = utf8_printable_run(text, len < columns ? len : columns);

	*used = i;
	while (i < len) {
		uint32_t cp = 0;
		size_t n = utf8_decode(text + i, len - i, &cp);
		size_t width = n ? width_of(cp) : 1;
		if (*used + width > columns)
			break;
		*used += width;
		i += n ? n : 1;
	}
	return i;
}

size_t terminal_columns(const char *text)
{
	size_t used;

	take_columns(text, strlen(text), SIZE_MAX, &used);
	return used;
}

void terminal_shorten(struct strbuf *out, const char *text, size_t columns)
{
	size_t len = strlen(text), all = terminal_columns(text), used;

	if (all <= columns || columns == 0) {
		strbuf_append(out, text, columns ? len : 0);
		return;
	}
	/* A third for the head, the rest for the tail: file names stand at the end. */
	size_t head = (columns - 1) / 3, tail = columns - 1 - head;
	strbuf_append(out, text, take_columns(text, len, head, &used));
	strbuf_puts(out, ELLIPSIS);
	size_t skip = take_columns(text, len, all - tail, &used);
	if (used < all - tail) /* a wide character straddles the cut */
		skip += take_columns(text + skip, len - skip, 2, &used);
	strbuf_append(out, text + skip, len - skip);
}

void terminal_cut(struct strbuf *out, const char *text, size_t columns)
{
	size_t len = strlen(text), used;

	if (terminal_columns(text) <= columns) {
		strbuf_append(out, text, len);
	} else if (columns > 0) {
		strbuf_append(out, text, take_columns(text, len, columns - 1, &used));
		strbuf_puts(out, ELLIPSIS);
	}
}

static void blanks(struct strbuf *out, size_t n)
{
	while (n-- > 0)
		strbuf_putc(out, ' ');
}

void terminal_fit(struct strbuf *out, const char *text, size_t columns)
{
	size_t start = out->len;

	terminal_shorten(out, text, columns);
	size_t have = out->len > start ? terminal_columns(out->data + start) : 0;
	if (have < columns)
		blanks(out, columns - have);
}

void terminal_wrap(struct strbuf *out, const char *text, size_t at, size_t indent, size_t width)
{
	bool fresh = true; /* nothing of text on this line yet */

	for (const char *p = text; *p;) {
		size_t len = strcspn(p, " "), columns;
		take_columns(p, len, SIZE_MAX, &columns);
		if (!fresh && at + 1 + columns > width) {
			strbuf_putc(out, '\n');
			blanks(out, indent);
			at = indent;
			fresh = true;
		}
		if (!fresh)
			strbuf_putc(out, ' ');
		strbuf_append(out, p, len);
		at += columns + !fresh;
		fresh = false;
		p += len;
		p += strspn(p, " ");
	}
}

void terminal_process(struct strbuf *out, const char *comm, uint32_t pid)
{
	terminal_text(out, comm && comm[0] ? comm : "?");
	strbuf_printf(out, "(%u)", pid);
}

void terminal_id(struct strbuf *out, const char *id)
{
	char brief[ID_DIGITS + 1] = "";

	memcpy(brief, id, strnlen(id, ID_DIGITS));
	terminal_text(out, brief);
}

void terminal_container(struct strbuf *out, const struct container *c)
{
	if (!c) {
		strbuf_putc(out, '-');
	} else if (c->pod[0]) {
		const char *name = c->k8s_container[0] ? c->k8s_container : c->name;
		terminal_text(out, c->k8s_namespace);
		strbuf_putc(out, '/');
		terminal_text(out, c->pod);
		if (name[0] || c->type == CONTAINER_SANDBOX)
			strbuf_putc(out, '/');
		terminal_text(out, name[0] || c->type != CONTAINER_SANDBOX ? name : "(sandbox)");
	} else if (c->name[0]) {
		terminal_text(out, c->name);
	} else {
		terminal_id(out, c->id[0] ? c->id : "?");
	}
}

void terminal_size(struct strbuf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t tenths = bytes >= UINT64_MAX / 10 ? UINT64_MAX : bytes * 10;
	size_t unit = 0;

	for (; tenths >= 10240 && unit + 1 < ARRAY_SIZE(units); unit++)
		tenths = tenths / 1024 + (tenths % 1024 >= 512);
	if (tenths % 10 && tenths < 1000)
		strbuf_printf(out, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
			units[unit]);
	else
		strbuf_printf(out, "%u %s", (unsigned)((tenths + 5) / 10), units[unit]);
}

void terminal_exit(struct strbuf *out, int code, const char *signal)
{
	static const struct {
		int code;
		const char *words;
	} known[] = {
		{ 0, "success" },
		{ 126, "not executable" },
		{ 127, "not found" },
	};

	if (signal) {
		strbuf_printf(out, "killed by %s (exit code %d)", signal, code);
		return;
	}
	strbuf_puts(out, "exited with ");
	strbuf_puti(out, code);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].code != code)
			continue;
		strbuf_puts(out, " (");
		strbuf_puts(out, known[i].words);
		strbuf_putc(out, ')');
	}
}

void terminal_seconds(struct strbuf *out, uint64_t ns)
{
	uint64_t ms = ns / 1000000 + (ns % 1000000 >= 500000);
	char decimals[] = { '.', (char)('0' + ms / 100 % 10), (char)('0' + ms / 10 % 10),
		(char)('0' + ms % 10), ' ', 's' };

	strbuf_putu(out, ms / 1000);
	strbuf_append(out, decimals, sizeof(decimals));
}
