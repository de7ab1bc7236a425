// SPDX-License-Identifier: MIT
/* What changed since the last healthy start: what is told, in which order, and what is called the cause. */
#include "story_builder.h"

#include "diagnose/fingerprint.h"

static void remember(struct builder *t)
{
	if (t->c->remembered)
		return;
	t->c->remembered = calloc(1, sizeof(*t->c->remembered));
	assert_non_null(t->c->remembered);
	t->c->remembered->healthy_at = BUILDER_START - 3600 * 1000 * MS;
	t->c->remembered->starts = 3;
}

static void change(struct builder *t, enum fact_kind kind, const char *name, const char *before,
	const char *after)
{
	const struct change c = { kind, (char *)name, (char *)before, (char *)after,
		kind == FACT_KEY ? "ConfigMap `settings`" : "", "" };

	remember(t);
	assert_int_equal(changes_add(&t->c->remembered->changes, &c), 0);
}

static struct builder misses_its_settings(void)
{
	struct builder t = builder_new();

	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "settings", true);
	builder_exec(&t, 1, "server");
	builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
				.pid = 1,
				.syscall = "openat",
				.error = ENOENT,
				.path = "/etc/app/app.yaml",
				.flags = "O_RDONLY",
				.mount = &t.c->mounts[0] });
	builder_output(&t, 1, "server: cannot open /etc/app/app.yaml: No such file or directory\n");
	builder_end(&t, 1, 1 << 8);
	return t;
}

static struct diagnosis *diagnose_it(struct builder *t)
{
	struct diagnosis *d = NULL;

	t->input.now = t->now;
	assert_int_equal(diagnose(t->story, &t->input, &d), 0);
	assert_non_null(d);
	return d;
}

static void expect_first(struct builder *t, const char *what, bool cause)
{
	struct diagnosis *d = diagnose_it(t);

	assert_true(d->n_changes > 0);
	assert_string_equal(d->changes[0].what, what);
	assert_int_equal(!strncmp(d->summary, "What changed", strlen("What changed")), cause);
	diagnosis_free(d);
	builder_free(t);
}

static void nothing_remembered_nothing_told(void **state)
{
	(void)state;
	struct builder t = misses_its_settings();
	struct diagnosis *d = diagnose_it(&t);

	assert_int_equal(d->healthy_at, 0);
	assert_int_equal(d->n_changes, 0);
	assert_null(strstr(d->summary, "What changed"));
	diagnosis_free(d);
	builder_free(&t);
}

static void nothing_changed_is_told_too(void **state)
{
	(void)state;
	struct builder t = misses_its_settings();
	remember(&t);
	struct diagnosis *d = diagnose_it(&t);

	assert_int_equal(d->healthy_starts, 3);
	assert_int_equal(d->n_changes, 0);
	diagnosis_free(d);
	builder_free(&t);
}

static void the_key_that_is_gone_is_the_cause(void **state)
{
	(void)state;
	struct builder t = misses_its_settings();

	change(&t, FACT_VARIABLE, "BUILD_ID", "set", "another value");
	change(&t, FACT_IMAGE, "", "shop:1.4.2", "shop:1.5.0");
	change(&t, FACT_KEY, "/etc/app/app.yaml", "120 bytes, mode 0644", "");
	struct diagnosis *d = diagnose_it(&t);
	assert_int_equal(d->n_changes, 3);
	assert_string_equal(d->changes[0].what, "key `app.yaml` of ConfigMap `settings`");
	assert_string_equal(d->changes[0].after, "gone");
	assert_string_equal(d->changes[1].what, "image");
	assert_non_null(strstr(d->summary, "key `app.yaml` of ConfigMap `settings` is gone"));
	assert_non_null(strstr(d->recommendations[0].text, "Put the key `app.yaml` back"));
	assert_in_range(d->n_recommendations, 2, 3);
	diagnosis_free(d);
	builder_free(&t);
}

static void another_key_is_not(void **state)
{
	(void)state;
	struct builder t = misses_its_settings();

	change(&t, FACT_KEY, "/etc/app/other.yaml", "120 bytes, mode 0644", "");
	expect_first(&t, "key `other.yaml` of ConfigMap `settings`", false);
}

/* "config" stands in any message; and what is missing in /tmp is not the image's. */
static void a_word_or_a_place_is_not_enough(void **state)
{
	(void)state;
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	builder_output(&t, 1, "error: invalid config: unknown option \"colour\"\n");
	builder_end(&t, 1, 1 << 8);
	change(&t, FACT_KEY, "/etc/app/config", "120 bytes, mode 0644", "");
	expect_first(&t, "key `config` of ConfigMap `settings`", false);

	t = builder_new();
	builder_exec(&t, 1, "server");
	builder_fail(&t, 1, "openat", ENOENT, "/tmp/made.sock");
	builder_output(&t, 1, "server: cannot open /tmp/made.sock: No such file or directory\n");
	builder_end(&t, 1, 1 << 8);
	change(&t, FACT_IMAGE, "", "shop:1.4.2", "shop:1.5.0");
	expect_first(&t, "image", false);
}

static void a_user_matters_to_what_is_refused_only(void **state)
{
	(void)state;
	struct builder t = misses_its_settings();

	change(&t, FACT_UID, "", "0", "1000");
	expect_first(&t, "uid", false);
}

static void capabilities_follow_from_the_user(void **state)
{
	(void)state;
	struct builder t = misses_its_settings();

	change(&t, FACT_UID, "", "0", "1000");
	change(&t, FACT_CAPABILITIES, "", "0xa80425fb", "0x0");
	struct diagnosis *d = diagnose_it(&t);
	assert_int_equal(d->n_changes, 1);
	diagnosis_free(d);
	builder_free(&t);
}

static void a_variable_is_the_cause_where_the_words_name_it(void **state)
{
	static const struct {
		const char *name;
		bool cause;
	} rows[] = { { "DATABASE_URL", true }, { "DATABASE_URL_OLD", false },
		{ "DATABASE", false } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		char what[64];

		builder_exec(&t, 1, "server");
		builder_output(
			&t, 1, "error: required environment variable DATABASE_URL is not set\n");
		builder_end(&t, 1, 1 << 8);
		change(&t, FACT_VARIABLE, rows[i].name, "set", "");
		snprintf(what, sizeof(what), "variable `%s`", rows[i].name);
		expect_first(&t, what, rows[i].cause);
	}
}

static void all_kinds_have_words(void **state)
{
	(void)state;
	for (int kind = 0; kind < FACT_KINDS; kind++) {
		struct builder t = misses_its_settings();

		change(&t, (enum fact_kind)kind, "/thing", "1", "2");
		change(&t, (enum fact_kind)kind, "/thing", "1", "");
		change(&t, (enum fact_kind)kind, "/thing", "", "2");
		struct diagnosis *d = diagnose_it(&t);
		assert_int_equal(d->n_changes, 3);
		for (size_t i = 0; i < d->n_changes; i++)
			assert_true(strlen(d->changes[i].what) >= 3);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* --- noise ----------------------------------------------------------------------------------------------- */

/* Two files are refused, and it says nothing: the last one counts, unless healthy starts are refused it too. */
static struct builder is_refused_two(void)
{
	static const char *const paths[] = { "/opt/needed.conf", "/opt/optional.conf" };
	struct builder t = builder_new();

	builder_exec(&t, 1, "server");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		builder_add(&t, (struct event){ .kind = EVENT_FILE_ERROR,
					.pid = 1,
					.syscall = "openat",
					.error = EACCES,
					.path = paths[i],
					.flags = "O_RDONLY" });
	builder_end(&t, 1, 1 << 8);
	return t;
}

static void what_healthy_starts_are_refused_too_counts_less(void **state)
{
	(void)state;
	struct builder t = is_refused_two();
	struct diagnosis *first = diagnose_it(&t);
	const struct story_entry *entries;
	size_t n = story_entries(t.story, &entries);

	assert_string_equal(first->path, "/opt/optional.conf");
	remember(&t);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(entries[i].event->path, "/opt/optional.conf"))
			t.c->remembered->harmless[t.c->remembered->n_harmless++] =
				fingerprint_failure(entries[i].event, t.c->pod);
	assert_int_equal(t.c->remembered->n_harmless, 1);
	struct diagnosis *again = diagnose_it(&t);
	assert_string_equal(again->path, "/opt/needed.conf");
	diagnosis_free(first);
	diagnosis_free(again);
	builder_free(&t);
}

/* --- comparison ------------------------------------------------------------------------------------------- */

static struct snapshot *a_snapshot(const char *pod)
{
	static const uint8_t salt[SALT_SIZE];
	struct snapshot *s = snapshot_new(salt);

	assert_non_null(s);
	free(s->pod_uid);
	s->pod_uid = strdup(pod);
	snapshot_add(s, FACT_MOUNT, "/etc/app", "ConfigMap `settings`, read-only");
	return s;
}

static struct changes compare(struct snapshot *before, struct snapshot *after)
{
	struct changes changes;

	snapshot_sort(before);
	snapshot_sort(after);
	assert_int_equal(snapshot_compare(before, after, &changes), 0);
	snapshot_unref(before);
	snapshot_unref(after);
	return changes;
}

static void a_generation_counts_within_its_pod(void **state)
{
	(void)state;
	for (int same = 0; same < 2; same++) {
		struct snapshot *a = a_snapshot("uid-1"), *b = a_snapshot(same ? "uid-1" : "uid-2");
		snapshot_add(a, FACT_GENERATION, "/etc/app", "..2026_11_29_08_00_00.1");
		snapshot_add(b, FACT_GENERATION, "/etc/app", "..2026_11_30_10_02_33.123456789");
		snapshot_add(a, FACT_KEY, "/etc/app/app.yaml", "5 bytes, mode 0644");
		struct changes changes = compare(a, b);
		assert_int_equal(changes.n, 1);
		assert_string_equal(changes.all[0].where, "ConfigMap `settings`");
		assert_string_equal(changes.all[0].since, same ? "2026-11-30 10:02 UTC" : "");
		changes_clear(&changes);
	}
}

static void a_volume_goes_with_its_keys(void **state)
{
	(void)state;
	struct snapshot *a = a_snapshot(""), *b = a_snapshot("");

	snapshot_add(a, FACT_MOUNT, "/etc/more", "Secret `more`, read-only");
	snapshot_add(a, FACT_KEY, "/etc/more/key", "5 bytes, mode 0644");
	struct changes changes = compare(a, b);
	assert_int_equal(changes.n, 1);
	assert_int_equal(changes.all[0].kind, FACT_MOUNT);
	changes_clear(&changes);
}

static void values_of_variables_are_not_told(void **state)
{
	(void)state;
	struct snapshot *a = a_snapshot(""), *b = a_snapshot("");

	snapshot_add(a, FACT_VARIABLE, "TOKEN", "#0011223344556677");
	snapshot_add(b, FACT_VARIABLE, "TOKEN", "#8899aabbccddeeff");
	struct changes changes = compare(a, b);
	assert_int_equal(changes.n, 1);
	assert_string_equal(changes.all[0].before, "set");
	assert_string_equal(changes.all[0].after, "another value");
	changes_clear(&changes);
}

static void what_did_not_fit_is_not_gone(void **state)
{
	(void)state;
	struct snapshot *a = a_snapshot(""), *b = a_snapshot("");
	char name[16];

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "V%d", i);
		snapshot_add(i < 300 ? b : a, FACT_VARIABLE, name, "#0011223344556677");
	}
	b->cut |= 1u << FACT_VARIABLE;
	struct changes changes = compare(b, a);
	assert_int_equal(changes.n, 0);
	changes_clear(&changes);
}

static void many_of_one_kind_leave_room_for_others(void **state)
{
	(void)state;
	struct snapshot *a = a_snapshot(""), *b = a_snapshot("");
	char name[32];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "/etc/app/%d.yaml", i);
		snapshot_add(b, FACT_KEY, name, "5 bytes, mode 0644");
	}
	snapshot_add(a, FACT_UID, "", "0");
	snapshot_add(b, FACT_UID, "", "1000");
	struct changes changes = compare(a, b);
	assert_int_equal(changes.all[changes.n - 1].kind, FACT_UID);
	changes_clear(&changes);
}

static void of_a_command_the_hash_counts(void **state)
{
	(void)state;
	struct snapshot *a = a_snapshot(""), *b = a_snapshot("");

	snapshot_add(a, FACT_COMMAND, "", "run #12\nx\n#0011223344556677");
	snapshot_add(b, FACT_COMMAND, "", "run y\nx\n#0011223344556677");
	struct changes changes = compare(a, b);
	assert_int_equal(changes.n, 0);
	changes_clear(&changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_remembered_nothing_told),
		cmocka_unit_test(nothing_changed_is_told_too),
		cmocka_unit_test(the_key_that_is_gone_is_the_cause),
		cmocka_unit_test(another_key_is_not),
		cmocka_unit_test(a_word_or_a_place_is_not_enough),
		cmocka_unit_test(a_user_matters_to_what_is_refused_only),
		cmocka_unit_test(capabilities_follow_from_the_user),
		cmocka_unit_test(a_variable_is_the_cause_where_the_words_name_it),
		cmocka_unit_test(all_kinds_have_words),
		cmocka_unit_test(what_healthy_starts_are_refused_too_counts_less),
		cmocka_unit_test(a_generation_counts_within_its_pod),
		cmocka_unit_test(a_volume_goes_with_its_keys),
		cmocka_unit_test(values_of_variables_are_not_told),
		cmocka_unit_test(what_did_not_fit_is_not_gone),
		cmocka_unit_test(many_of_one_kind_leave_room_for_others),
		cmocka_unit_test(of_a_command_the_hash_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
