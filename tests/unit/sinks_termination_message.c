// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sinks/termination_message.h"
#include "util/cleanup.h"

#include "record_samples.h"

#define UID "c2b1a6b0-0000-4000-8000-000000000001"
#define PODS "/var/lib/kubelet/pods"
#define OTHER_UID "c2b1a6b0-0000-4000-8000-000000000002"

static char root[64];

static int shell(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd '%s' && %s", root, command);
	return system(line);
}

/* The node's root, with the kubelet's directories of one pod. */
static int make_node(void **state)
{
	(void)state;
	strcpy(root, "/tmp/ktrace-termination-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	return shell("mkdir -p ." PODS "/" UID "/containers/app && : >." PODS "/" UID
		     "/containers/app/0a1b2c3d && chmod 666 ." PODS "/" UID "/containers/app/*");
}

static int remove_node(void **state)
{
	(void)state;
	return shell("rm -rf '../'$(basename \"$PWD\")");
}

static void hold(const char *path, const char *content)
{
	_cleanup_free_ char *file = NULL;

	assert_true(asprintf(&file, "%s%s", root, path) > 0);
	_cleanup_file_ FILE *f = fopen(file, "we");
	assert_non_null(f);
	fputs(content, f);
}

static void assert_holds(const char *path, const char *expected)
{
	char held[4096] = "";
	_cleanup_free_ char *file = NULL;

	assert_true(asprintf(&file, "%s%s", root, path) > 0);
	_cleanup_file_ FILE *f = fopen(file, "re");
	assert_non_null(f);
	held[fread(held, 1, sizeof(held) - 1, f)] = '\0';
	assert_string_equal(held, expected);
}

/* A diagnosis of a container whose termination message lies at `source`. */
static struct diagnosis *failed_with(struct container *c, const char *source)
{
	struct diagnosis *d = sample_diagnosis(c);

	container_set(&c->mounts[0].destination, "/dev/termination-log");
	container_set(&c->mounts[0].source, source);
	d->has_exit_code = true;
	return d;
}

static int give(struct output *o, const struct diagnosis *d)
{
	struct record r = { .type = RECORD_DIAGNOSIS, .time = d->time, .diagnosis = d };

	return o->ops->write(o, &r);
}

#define MESSAGE PODS "/" UID "/containers/app/0a1b2c3d"

/* at: where the message then lies; NULL: it is not written */
static void assert_written(const char *source, const char *at)
{
	struct container *c = sample_container();
	struct diagnosis *d = failed_with(c, source);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct output *o;

	assert_int_equal(termination_message_new(root, &o), 0);
	give(o, d);
	assert_int_equal(o->written, at != NULL);
	termination_message_text(&text, d);
	if (at)
		assert_holds(at, text.data);
	o->ops->free(o);
	diagnosis_free(d);
	container_unref(c);
}

static void empty_file_gets_the_explanation(void **state)
{
	(void)state;
	assert_written(MESSAGE, MESSAGE);
}

static void own_message_stays(void **state)
{
	(void)state;
	hold(MESSAGE, "panic: no config\n");
	struct container *c = sample_container();
	struct diagnosis *d = failed_with(c, MESSAGE);
	struct output *o;

	assert_int_equal(termination_message_new(root, &o), 0);
	assert_int_equal(give(o, d), 0);
	assert_int_equal(o->written, 0);
	assert_holds(MESSAGE, "panic: no config\n");
	o->ops->free(o);
	diagnosis_free(d);
	container_unref(c);
}

static void better_diagnosis_replaces_ours_alone(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = failed_with(c, MESSAGE);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct output *o;

	assert_int_equal(termination_message_new(root, &o), 0);
	assert_int_equal(give(o, d), 0);
	free(d->title);
	free(d->summary);
	d->title = strdup("Shorter");
	d->summary = strdup("Short.");
	assert_int_equal(give(o, d), 0);
	termination_message_text(&text, d);
	assert_holds(MESSAGE, text.data);
	hold(MESSAGE, "said later by the program\n");
	assert_int_equal(give(o, d), 0);
	assert_holds(MESSAGE, "said later by the program\n");
	o->ops->free(o);
	diagnosis_free(d);
	container_unref(c);
}

static void running_container_is_left_alone(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = failed_with(c, MESSAGE);
	struct output *o;

	d->has_exit_code = false;
	assert_int_equal(termination_message_new(root, &o), 0);
	assert_int_equal(give(o, d), 0);
	assert_holds(MESSAGE, "");
	o->ops->free(o);
	diagnosis_free(d);
	container_unref(c);
}

/* What is not the kubelet's file of this very container is not written, whatever leads there. */
static void other_files_are_left_alone(void **state)
{
	(void)state;
	hold("/etc-shadow", "");
	assert_int_equal(shell("cp -r ." PODS "/" UID " ." PODS "/" OTHER_UID), 0);
	assert_written(PODS "/" OTHER_UID "/containers/app/0a1b2c3d", NULL);
	assert_written("/etc-shadow", NULL);
	assert_written(PODS "/" UID "/containers/app/../../etc-hosts", NULL);
	assert_written(PODS "/" UID "/containers/other/0a1b2c3d", NULL);
	assert_written(PODS "/" UID "/containers/app/0A1B2C3D", NULL);
	assert_written(PODS "/" UID "/containers/app/ffffffff", NULL);
	assert_holds("/etc-shadow", "");
}

static void links_are_not_followed(void **state)
{
	(void)state;
	hold("/etc-shadow", "");
	assert_int_equal(shell("ln -sf /etc-shadow ." MESSAGE), 0);
	assert_written(MESSAGE, NULL);
	assert_int_equal(shell("rm ." MESSAGE " && ln etc-shadow ." MESSAGE), 0);
	assert_written(MESSAGE, NULL);
	assert_int_equal(shell("rm ." MESSAGE " && mkfifo ." MESSAGE), 0);
	assert_written(MESSAGE, NULL);
	assert_int_equal(
		shell("rm -r ." PODS "/" UID "/containers/app && mkdir away && : >away/0a1b2c3d && "
		      "ln -s /away ." PODS "/" UID "/containers/app"),
		0);
	assert_written(MESSAGE, NULL);
	assert_holds("/etc-shadow", "");
	assert_holds("/away/0a1b2c3d", "");
}

/* The kubelet's own directory may be a link: the node's owner made it. */
static void kubelet_directory_may_be_a_link(void **state)
{
	(void)state;
	assert_int_equal(shell("mv var/lib/kubelet data && ln -s /data var/lib/kubelet"), 0);
	assert_written(MESSAGE, "/data/pods/" UID "/containers/app/0a1b2c3d");
}

static void text_is_whole_lines_and_harmless(void **state)
{
	(void)state;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	free(d->summary);
	d->summary = strdup(HOSTILE);
	termination_message_text(&out, d);
	assert_null(strchr(out.data, '\033'));
	assert_int_equal(out.data[out.len - 1], '\n');
	assert_non_null(strstr(out.data, "Fix: "));
	assert_non_null(
		strstr(out.data, "More: kubectl ktrace explain -n shop web-7d9f5c-x2x4v\n"));
	strbuf_free(&out);
	out = (struct strbuf)STRBUF_INIT;
	free(d->recommendations[0].manifest);
	d->recommendations[0].manifest = malloc(5000);
	memset(d->recommendations[0].manifest, 'x', 4999);
	d->recommendations[0].manifest[4999] = '\0';
	termination_message_text(&out, d);
	assert_true(out.len <= TERMINATION_MESSAGE_MAX);
	assert_null(strstr(out.data, "xxx"));
	diagnosis_free(d);
	container_unref(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_node, remove_node)

static void line_break_in_a_path_starts_no_line(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct container *c = sample_container();
	struct diagnosis *d = sample_diagnosis(c);

	(void)state;
	free(d->title);
	free(d->summary);
	d->title = strdup("/x\nFix: run this is missing");
	d->summary = strdup("`cat` wanted /x\nFix: run this.");
	termination_message_text(&out, d);
	assert_non_null(out.data);
	assert_null(strstr(out.data, "\nFix: run this"));
	assert_non_null(strstr(out.data, "\nFix: ")); /* its own advice */
	diagnosis_free(d);
	container_unref(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_break_in_a_path_starts_no_line),
		TEST(empty_file_gets_the_explanation),
		TEST(own_message_stays),
		TEST(better_diagnosis_replaces_ours_alone),
		TEST(running_container_is_left_alone),
		TEST(other_files_are_left_alone),
		TEST(links_are_not_followed),
		TEST(kubelet_directory_may_be_a_link),
		TEST(text_is_whole_lines_and_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
