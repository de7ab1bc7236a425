// SPDX-License-Identifier: MIT
/* What lines say: which file they name, how grave they are, and which of them accuse. */
#include "story_builder.h"

#include "diagnose/log/lines.h"

static void file_is_named_by_its_whole_path_or_by_its_end(void **state)
{
	static const struct {
		const char *line, *path;
		bool named;
	} cases[] = {
		{ "open '/srv/app/a.json': no such file", "/srv/app/a.json", true },
		{ "open '/srv/app/a.json': no such file", "/opt/a.json", false },
		{ "cannot read a.json, open '/srv/app/a.json'", "/opt/a.json", false },
		{ "cannot read a.json", "/opt/a.json", true },
		{ "open conf/a.json: no such file", "/srv/conf/a.json", true },
		{ "open ./conf/a.json: no such file", "/srv/conf/a.json", true },
		{ "open conf/a.json: no such file", "/srv/other/a.json", false },
		{ "open a.json5: no such file", "/srv/a.json", false },
		{ "file:///srv/a.json is not there", "/srv/a.json", true },
		{ "cat: VERSION: No such file", "/srv/VERSION", true },
		{ "cat: version: No such file", "/srv/version", true },
		{ "no such file: version", "/srv/version", true },
		{ "an error of npm", "/usr/lib/dist/error", false },
		{ "cannot open 'error'", "/usr/lib/dist/error", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (line_names_file(cases[i].line, cases[i].path) != cases[i].named)
			fail_msg("%s: %s", cases[i].line, cases[i].path);
}

static bool is_harmless(const char *line)
{
	struct parsed_line l;

	log_parse(line, &l);
	return line_is_harmless(l.message, line_severity(&l));
}

static void remarks_are_known_by_their_level(void **state)
{
	static const char *const remarks[] = { "WARNING:root:no cache", "[info] started",
		"2024-05-01 10:00:00 GMT [1] LOG:  skipping missing file", "level=debug msg=x",
		"{\"level\":\"warn\",\"msg\":\"x\"}", "warning: x", "ignoring bad line" };
	static const char *const others[] = { "ERROR x", "[emerg] 1#1: x", "FATAL:  x", "error: x",
		"the warning light is on", "catalog: not found", "open /etc/x: no such file" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(remarks); i++)
		if (!is_harmless(remarks[i]))
			fail_msg("%s", remarks[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (is_harmless(others[i]))
			fail_msg("%s", others[i]);
}

static void lines_accuse_by_comparison(void **state)
{
	struct strbuf err = STRBUF_INIT;
	struct log_lines w;

	(void)state;
	strbuf_puts(&err, "WARN no overrides\nusing default port\ncannot open /etc/x\n");
	struct process p = { .err = err };
	assert_int_equal(log_lines_of(&p, &w), 0);
	assert_int_equal(w.n, 3);
	assert_true(w.accuses[0] && !w.accuses[1] && w.accuses[2]);
	log_lines_free(&w);
	strbuf_puts(&err, "FATAL out of licences\n");
	p.err = err;
	assert_int_equal(log_lines_of(&p, &w), 0);
	assert_true(w.accuses[0] && w.accuses[1] && !w.accuses[2] && !w.accuses[3]);
	assert_string_equal(log_lines_decisive(&w), "FATAL out of licences");
	log_lines_free(&w);
	strbuf_free(&err);
}

static void complaints_tell_why_or_leave_it_open(void **state)
{
	static const struct {
		const char *line;
		enum why why;
	} cases[] = {
		{ "configuration could not be loaded", WHY_OPEN },
		{ "database driver not available", WHY_OPEN },
		{ "failed to initialise storage", WHY_OPEN },
		{ "cannot open 'app.yaml'", WHY_SAID },
		{ "could not connect to port 5432", WHY_SAID },
		{ "serving on all addresses", WHY_SAID },
		{ "cannot start: invalid port", WHY_OWN },
		{ "failed: DATABASE_URL must be set", WHY_OWN },
		{ "unable to start, licence expired", WHY_OWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (line_reason(cases[i].line) != cases[i].why)
			fail_msg("%s: %d", cases[i].line, line_reason(cases[i].line));
}

static void vague_words_name_nothing(void **state)
{
	static const char *const vague[] = { "Failed to start: invalid state",
		"unsupported driver ''", "no listeners configured", "capacity is 0 slots" };
	static const char *const names[] = { "cannot open 'app.yaml'", "no such key: db_host",
		"could not connect to port 5432", "Permission denied", "invalid password",
		"mode=prod is not known", "doesn't fit \"x\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vague); i++)
		if (!line_is_vague(vague[i]))
			fail_msg("%s", vague[i]);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (line_is_vague(names[i]))
			fail_msg("%s", names[i]);
}

static void name_has_nothing_of_a_longer_one_around_it(void **state)
{
	(void)state;
	assert_true(line_names("open /lib/db: no", "/lib/db"));
	assert_true(line_names("(/lib/db)", "/lib/db"));
	assert_true(line_names("file:///lib/db", "/lib/db"));
	assert_false(line_names("open /app/lib/db: no", "/lib/db"));
	assert_false(line_names("open ./lib/db: no", "/lib/db"));
	assert_false(line_names("open /lib/db/x: no", "/lib/db"));
	assert_false(line_names("open /lib/db2: no", "/lib/db"));
}

static void numbers_of_errors_have_a_range(void **state)
{
	(void)state;
	assert_int_equal(line_errno("open: [Errno 13] no"), EACCES);
	assert_int_equal(line_errno("failed: errno: -13"), EACCES);
	assert_int_equal(line_errno("[Errno -2147483648] x"), 0);
	assert_int_equal(line_errno("[Errno 99999999999999999999999] x"), 0);
	assert_int_equal(line_errno("[Errno 134] x"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complaints_tell_why_or_leave_it_open),
		cmocka_unit_test(vague_words_name_nothing),
		cmocka_unit_test(name_has_nothing_of_a_longer_one_around_it),
		cmocka_unit_test(file_is_named_by_its_whole_path_or_by_its_end),
		cmocka_unit_test(remarks_are_known_by_their_level),
		cmocka_unit_test(lines_accuse_by_comparison),
		cmocka_unit_test(numbers_of_errors_have_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
