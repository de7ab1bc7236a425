// SPDX-License-Identifier: MIT
/* The words of an explanation: what a title quotes, what advice proposes and what it must not. */
#include "story_builder.h"

#include "diagnose/report.h"

static void a_title_quotes_the_message(void **state)
{
	(void)state;
	static const struct {
		const char *line, *program, *message;
	} cases[] = {
		{ "2026/11/20 13:15:31 [emerg] 1#1: unknown directive \"x\"", "nginx",
			"unknown directive \"x\"" },
		{ "2026-11-20 13:15:41.239 GMT [1] FATAL:  no such role", "postgres",
			"no such role" },
		{ "initdb: error: directory \"/d\" is not empty", "initdb",
			"directory \"/d\" is not empty" },
		{ "E1120 13:15:31.1   1 main.go:12] lost the lease", "app", "lost the lease" },
		{ "{\"level\":\"error\",\"msg\":\"no licence\",\"ts\":1}", "app", "no licence" },
		{ "time=\"2026\" level=fatal msg=\"no licence\"", "app", "no licence" },
		{ "Exception in thread \"main\" java.lang.Error: heap", "java",
			"java.lang.Error: heap" },
		{ "-e:1:in `fetch': key not found: \"A_B\" (KeyError)", "ruby",
			"key not found: \"A_B\" (KeyError)" },
		{ "KeyError: 'A_B'", "python3", "KeyError: 'A_B'" },
		{ "12 workers failed", "app", "12 workers failed" },
		{ "[1]", "app", "[1]" },
		{ "", "app", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(
			phrase_message(cases[i].line, cases[i].program).text, cases[i].message);
}

static void a_long_message_is_cut_behind_a_character(void **state)
{
	(void)state;
	char line[400];

	for (size_t i = 0; i + 2 < sizeof(line); i += 2)
		memcpy(line + i, "\xc3\xa9", 2);
	line[sizeof(line) - 2] = '\0';
	struct phrase p = phrase_message(line, "app");
	assert_int_equal(strlen(p.text), 163);
	assert_string_equal(p.text + 158, "\xc3\xa9...");
}

static void durations_in_words(void **state)
{
	(void)state;
	assert_string_equal(phrase_duration(0).text, "1 ms");
	assert_string_equal(phrase_duration(20 * MS).text, "20 ms");
	assert_string_equal(phrase_duration(1000 * MS).text, "1 second");
	assert_string_equal(phrase_duration(3500 * MS).text, "3.5 seconds");
	assert_string_equal(phrase_duration(61000 * MS).text, "61 seconds");
	assert_string_equal(phrase_duration(600000 * MS).text, "10 minutes");
}

static void addresses_as_people_write_them(void **state)
{
	(void)state;
	struct event e = { .address = "::ffff:10.0.0.1", .port = 80, .sock_type = SOCK_STREAM };

	assert_string_equal(phrase_listener(&e).text, "10.0.0.1 port 80");
	e.address = "::";
	assert_string_equal(phrase_listener(&e).text, "port 80 on all addresses");
	e.sock_type = SOCK_DGRAM;
	assert_string_equal(phrase_listener(&e).text, "UDP port 80 on all addresses");
	e.address = "::1";
	assert_string_equal(phrase_address(&e).text, "::1");
}

/* A program that says `words`, and ends with 1. */
static struct builder program_that_says(const char *log_lines)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, "/srv/server");
	builder_output(&t, 1, log_lines);
	builder_end(&t, 1, exited(1));
	return t;
}

static void a_missing_variable_is_named(void **state)
{
	(void)state;
	static const char *const lines[] = { "KeyError: 'DATABASE_URL'\n",
		"DATABASE_URL is not set\n", "sh: 1: DATABASE_URL: parameter not set\n",
		"error: the environment variable DATABASE_URL must be set\n" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct builder t = program_that_says(lines[i]);
		builder_expect(&t, "bad_configuration", NULL, "- name: \"DATABASE_URL\"");
	}
}

static void a_faulty_line_is_named(void **state)
{
	(void)state;
	struct builder t =
		program_that_says("[emerg] unknown directive \"x\" in /conf/nginx.conf:8\n");

	builder_expect(&t, "bad_configuration", "/conf/nginx.conf", "/conf/nginx.conf, line 8");
}

static void the_whole_block_is_quoted(void **state)
{
	(void)state;
	struct builder t = program_that_says("*** FATAL CONFIG FILE ERROR ***\n"
					     "Reading the configuration file, at line 2\n"
					     ">>> 'maxmemory-polcy'\n"
					     "Bad directive or wrong number of arguments\n");

	builder_expect(&t, "bad_configuration", NULL, ">>> 'maxmemory-polcy'");
}

static void nothing_is_mounted_over_the_system(void **state)
{
	(void)state;
	struct builder t = builder_new();

	t.c->root.read_only = true;
	builder_exec(&t, 1, "/srv/server");
	builder_fail_create(&t, 1, EROFS, "/etc/app.conf");
	builder_output(&t, 1, "/etc/app.conf: Read-only file system\n");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	for (size_t i = 0; i < d->n_recommendations; i++)
		assert_false(d->recommendations[i].manifest &&
			     strstr(d->recommendations[i].manifest, "\"/etc\""));
	diagnosis_free(d);
	builder_free(&t);
}

static void the_missing_directory_is_named(void **state)
{
	(void)state;
	struct builder t = builder_new();

	builder_exec(&t, 1, "/srv/server");
	t.facts = (struct path_facts){ .known = true, .directory_path = "/var/lib" };
	t.facts.file.type = FILE_MISSING;
	t.facts.directory.type = FILE_DIRECTORY;
	builder_fail_create(&t, 1, ENOENT, "/var/lib/app/cache/lock");
	builder_output(&t, 1, "/var/lib/app/cache/lock: No such file or directory\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "missing_file", NULL, "Missing directory: /var/lib/app");
}

static void a_victim_whose_container_was_stopped_had_no_parent_that_gave_up(void **state)
{
	(void)state;
	struct builder t = builder_new();

	builder_exec(&t, 1, "/srv/server");
	builder_run(&t, 1, 2, "/srv/worker");
	builder_add(&t, (struct event){ .kind = EVENT_OOM_KILL,
				.pid = 2,
				.oom_limit = 32 << 20,
				.oom_anon = 31 << 20 });
	builder_end(&t, 2, killed(9));
	builder_signal(&t, 1, 15, true);
	builder_end(&t, 1, killed(9));
	builder_expect(&t, "oom_killed", NULL, "until it was stopped");
}

/* Of several lines the title quotes the one that is known, and not the last, which only says that it failed. */
static void a_title_quotes_the_line_that_tells(void **state)
{
	static const struct {
		const char *output, *title;
	} rows[] = {
		{ "rake aborted!\nDon't know how to build task 'db:up'\n",
			"rake: Don't know how to build task 'db:up'" },
		{ "*** FATAL CONFIG FILE ERROR ***\nReading the configuration file, at line 1\n"
		  ">>> 'port \"tcp://10.96.0.7:6379\"'\nargument couldn't be parsed into an "
		  "integer\n",
			"rake: 'port \"tcp://10.96.0.7:6379\"': argument couldn't be parsed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "rake db:up");
		builder_output(&t, 1, rows[i].output);
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		if (strncmp(d->title, rows[i].title, strlen(rows[i].title)) != 0)
			fail_msg("%s", d->title);
		diagnosis_free(d);
		builder_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_title_quotes_the_message),
		cmocka_unit_test(a_title_quotes_the_line_that_tells),
		cmocka_unit_test(a_long_message_is_cut_behind_a_character),
		cmocka_unit_test(durations_in_words),
		cmocka_unit_test(addresses_as_people_write_them),
		cmocka_unit_test(a_missing_variable_is_named),
		cmocka_unit_test(a_faulty_line_is_named),
		cmocka_unit_test(the_whole_block_is_quoted),
		cmocka_unit_test(nothing_is_mounted_over_the_system),
		cmocka_unit_test(the_missing_directory_is_named),
		cmocka_unit_test(a_victim_whose_container_was_stopped_had_no_parent_that_gave_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
