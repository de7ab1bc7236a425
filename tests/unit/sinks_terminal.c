// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "sinks/terminal_parts.h"
#include "util/cleanup.h"
#include "util/utf8.h"

#include "record_samples.h"

static const struct terminal_style plain = { .utc = true };

/* Nothing but printable text, newlines, and colours where they are asked for. */
static void assert_harmless(const struct strbuf *out, bool color)
{
	for (size_t i = 0; i < out->len;) {
		uint32_t cp = 0;
		size_t n = utf8_decode(out->data + i, out->len - i, &cp);
		assert_true(n > 0);
		if (color && cp == 033) {
			size_t digits = strspn(out->data + i + 2, "0123456789");
			assert_int_equal(out->data[i + 1], '[');
			assert_int_equal(out->data[i + 2 + digits], 'm');
		} else if (cp != '\n') {
			assert_false(utf8_is_unsafe(cp));
		}
		i += n;
	}
}

static void hostile_names_are_harmless(void **state)
{
	(void)state;
	struct container *c = sample_container();
	container_set(&c->pod, HOSTILE);
	container_set(&c->image, HOSTILE);

	for (int color = 0; color < 2; color++) {
		for (int width = 0; width < 200; width += 23) {
			struct terminal_style style = { .color = color, .width = width };
			_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
			struct diagnosis *d = sample_diagnosis(c);
			d->root_cause = d->rule = HOSTILE;
			for (int kind = EVENT_NONE; kind < EVENT_KINDS; kind++) {
				struct event *e = sample_event((enum event_kind)kind, c);
				size_t before = out.len;
				terminal_event(&out, e, &style);
				assert_ptr_equal(
					strchr(out.data + before, '\n'), out.data + out.len - 1);
				event_unref(e);
			}
			free(d->title);
			d->title = strdup(HOSTILE);
			free(d->recommendations[0].manifest);
			d->recommendations[0].manifest = strdup("a\n" HOSTILE "\nb");
			terminal_diagnosis(&out, d, &style);
			assert_harmless(&out, color);
			diagnosis_free(d);
		}
	}
	container_unref(c);
}

static void text_is_neutralised(void **state)
{
	(void)state;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	terminal_text(&out, "a\033[2J\n\t\x7f\xff\xc2\x9b\xe2\x80\xae\xc3\xa9");
	assert_string_equal(out.data, "a\\x1b[2J\\n\\t\\x7f\\xff\\u{9b}\\u{202e}\xc3\xa9");
}

/* Each event is printed as its line. */
static void assert_lines(const struct event *drafts, const char *const *lines, size_t n,
	const struct terminal_style *style)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct event *e = event_new(&drafts[i]);
		terminal_event(&out, e, style);
		assert_string_equal(out.data, lines[i]);
		event_unref(e);
	}
}

static void lines_read_well(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct event drafts[] = {
		{ .kind = EVENT_FILE_ERROR,
			.time = SAMPLE_TIME,
			.container = c,
			.pid = 12,
			.comm = "cp",
			.syscall = "openat",
			.error = EROFS,
			.path = "/config/a.yaml",
			.mount = &c->mounts[0],
			.repeats = 3 },
		{ .kind = EVENT_CONTAINER_EXITED,
			.time = SAMPLE_TIME,
			.pid = 12,
			.comm = "sh",
			.status = 127 << 8,
			.runtime_ns = 1500000000 },
		{ .kind = EVENT_OOM_KILL,
			.time = SAMPLE_TIME,
			.pid = 12,
			.comm = "java",
			.oom_limit = 64 << 20,
			.oom_anon = 63 << 20,
			.oom_file = 512 << 10 },
		{ .kind = EVENT_OUTPUT,
			.time = SAMPLE_TIME,
			.pid = 12,
			.comm = "sh",
			.fd = 2,
			.text = "no\nway\n",
			.text_total = 7 },
	};
	static const char *const lines[] = {
		"12:23:17.123 shop/web-7d9f5c-x2x4v/app  cp(12)          file_error     openat "
		"/config/a.yaml: Read-only file system [ConfigMap settings, read-only] (3 times)\n",
		"12:23:17.123 -                          sh(12)          exited         exited "
		"with 127 "
		"(not found) after 1.500 s\n",
		"12:23:17.123 -                          java(12)        oom_kill       the "
		"container's "
		"memory limit of 64 MiB was reached; it held 63.5 MiB\n",
		"12:23:17.123 -                          sh(12)          output         stderr: "
		"no\\nway\n",
	};

	assert_lines(drafts, lines, ARRAY_SIZE(drafts), &plain);
	container_unref(c);
}

static void lines_keep_to_the_width(void **state)
{
	(void)state;
	struct container *c = sample_container();

	for (int width = 59; width < 240; width += 3) {
		struct terminal_style style = { .width = width };
		for (int kind = EVENT_NONE; kind < EVENT_KINDS; kind++) {
			_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
			struct event *e = sample_event((enum event_kind)kind, c);
			terminal_event(&out, e, &style);
			out.data[--out.len] = '\0';
			assert_true(terminal_columns(out.data) <= (size_t)width);
			event_unref(e);
		}
	}
	container_unref(c);
}

/* Where there is little room the time, the pid and what the text says anyway go first. */
static void lines_of_a_narrow_terminal(void **state)
{
	(void)state;
	static const struct terminal_style narrow = { .utc = true, .width = 80 };
	struct container *c = sample_container();
	struct event drafts[] = {
		{ .kind = EVENT_FILE_ERROR,
			.time = SAMPLE_TIME,
			.container = c,
			.pid = 12,
			.comm = "cp",
			.syscall = "openat",
			.error = EACCES,
			.path = "/app/app.py" },
		{ .kind = EVENT_CONTAINER_REMOVED, .time = SAMPLE_TIME, .container = c },
	};
	static const char *const lines[] = {
		"12:23:17 shop/w\xe2\x80\xa6"
		"f5c-x2x4v/app cp       openat /app/app.py: Permission "
		"denied\n",
		"12:23:17 shop/w\xe2\x80\xa6"
		"f5c-x2x4v/app          removed\n",
	};

	assert_lines(drafts, lines, ARRAY_SIZE(drafts), &narrow);
	container_unref(c);
}

/* A title that does not fit is wrapped, and its root cause never torn. */
static void a_long_title_is_wrapped(void **state)
{
	(void)state;
	struct terminal_style style = { .width = 40 };
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	static const char wanted[] = "app could not copy its settings:\n"
				     "  /etc/app is read-only\n"
				     "  read_only_copy\n";

	terminal_diagnosis(&out, d, &style);
	assert_int_equal(strncmp(out.data, wanted, strlen(wanted)), 0);
	diagnosis_free(d);
	container_unref(c);
}

static void long_texts_are_shortened(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t columns;
		const char *fitted;
	} cases[] = {
		{ "abc", 5, "abc  " },
		{ "abcde", 5, "abcde" },
		{ "/usr/lib/libc.so", 10,
			"/us\xe2\x80\xa6"
			"ibc.so" },
		{ "abc", 0, "" },
		{ "abc", 1, "\xe2\x80\xa6" },
		{ "\xe4\xb8\xad\xe4\xb8\xad", 5, "\xe4\xb8\xad\xe4\xb8\xad " },
		{ "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 4, "\xe2\x80\xa6\xe4\xb8\xad " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		terminal_fit(&out, cases[i].text, cases[i].columns);
		assert_string_equal(out.data ? out.data : "", cases[i].fitted);
		assert_int_equal(terminal_columns(out.data ? out.data : ""), cases[i].columns);
	}
}

static void sizes_in_words(void **state)
{
	(void)state;
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = { { 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1 KiB" }, { 1536, "1.5 KiB" },
		{ 64 << 20, "64 MiB" }, { 1ull << 40, "1 TiB" }, { UINT64_MAX, "16 EiB" } };

	for (size_t i = 0; i + 1 < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		terminal_size(&out, cases[i].bytes);
		assert_string_equal(out.data, cases[i].text);
	}
}

static void a_diagnosis_reads_well(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	free(d->cannot_tell);
	d->cannot_tell = NULL;
	free(d->changes[0].what);
	d->changes[0].what = strdup("key `app.yaml` of ConfigMap `settings`");
	terminal_diagnosis(&out, d, &plain);
	assert_string_equal(out.data,
		"app could not copy its settings: /etc/app is read-only  read_only_copy\n"
		"  cp could not create /etc/app/app.yaml because the container's root file system "
		"is "
		"read-only. The\n"
		"  script went on without it, and the server ended 120 ms later with exit code 1, "
		"as it "
		"found no\n"
		"  settings.\n"
		"  shop/web-7d9f5c-x2x4v/app: exited with 1 while starting, after 3 restarts; this "
		"cause "
		"is nearly\n"
		"  certain (95%)\n"
		"  What happened\n"
		"    +0.000 s  cp(4711)  could not create the file /etc/app/app.yaml: Read-only "
		"file "
		"system\n"
		"    +0.120 s  server(4700)  ended with exit code 1\n"
		"  What changed since it last started well, 2026-11-20 11:23 UTC (3 healthy "
		"starts)\n"
		"    key `app.yaml` of ConfigMap `settings` is gone since 2026-11-30 10:02 UTC "
		"(was: "
		"120 bytes, mode\n"
		"    0644)\n"
		"  What to do\n"
		"    1. Mount an emptyDir where the copy goes.\n"
		"         volumes:\n"
		"         - name: app-settings\n"
		"           emptyDir: {}\n"
		"    2. Let the script stop at errors: set -e.\n");
	diagnosis_free(d);
	container_unref(c);
}

static void long_evidence_loses_its_middle(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	d->evidence = realloc(d->evidence, 20 * sizeof(*d->evidence));
	for (; d->n_evidence < 20; d->n_evidence++)
		d->evidence[d->n_evidence] = (struct evidence){
			.time = SAMPLE_TIME, .action = "exec", .text = strdup("again")
		};
	terminal_diagnosis(&out, d, &plain);
	assert_non_null(strstr(out.data, "... and 13 more\n"));
	diagnosis_free(d);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_are_harmless),
		cmocka_unit_test(text_is_neutralised),
		cmocka_unit_test(lines_read_well),
		cmocka_unit_test(lines_keep_to_the_width),
		cmocka_unit_test(lines_of_a_narrow_terminal),
		cmocka_unit_test(a_long_title_is_wrapped),
		cmocka_unit_test(long_texts_are_shortened),
		cmocka_unit_test(sizes_in_words),
		cmocka_unit_test(a_diagnosis_reads_well),
		cmocka_unit_test(long_evidence_loses_its_middle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
