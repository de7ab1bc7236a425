// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "forward/buffer_chunk.h"
#include "util/cleanup.h"

static char directory[64];

static int make_directory(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/ktrace-buffer-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command);
}

static const char *tag = "tag";

static struct buffer *open_buffer(uint64_t max_bytes)
{
	struct buffer_options options = { .dir = directory, .max_bytes = max_bytes, .tag = tag };
	struct buffer *b = NULL;

	assert_int_equal(buffer_open(&options, &b), 0);
	return b;
}

static void add(struct buffer *b, int n)
{
	char entry[32];

	snprintf(entry, sizeof(entry), "<%d>", n);
	buffer_add(b, entry, strlen(entry));
}

static void add_large(struct buffer *b, char fill)
{
	char entry[16000];

	memset(entry, fill, sizeof(entry));
	buffer_add(b, entry, sizeof(entry));
}

/* Takes the oldest chunk out and compares what it holds. */
static void assert_next(struct buffer *b, const char *entries, long records)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	const struct buffer_chunk *c = buffer_next(b);

	assert_non_null(c);
	char id[sizeof(c->id)];
	strcpy(id, c->id);
	assert_int_equal(strlen(id), 32);
	assert_int_equal(buffer_take(b, &out), records);
	assert_string_equal(out.data, entries);
	assert_int_equal(buffer_remove(b, id), records);
	assert_int_equal(buffer_remove(b, id), 0);
}

static void assert_stats(const struct buffer *b, uint64_t records, uint64_t dropped_full,
	uint64_t dropped_disk, uint64_t dropped_corrupt)
{
	struct buffer_stats s;

	buffer_stats(b, &s);
	assert_int_equal(s.records, records);
	assert_int_equal(s.dropped_full, dropped_full);
	assert_int_equal(s.dropped_disk, dropped_disk);
	assert_int_equal(s.dropped_corrupt, dropped_corrupt);
	if (!records)
		assert_int_equal(s.bytes, 0);
}

/* The only chunk's file. */
static void chunk_path(char path[512])
{
	_cleanup_dir_ DIR *dir = opendir(directory);
	struct dirent *entry;

	*path = '\0';
	while ((entry = readdir(dir)))
		if (strstr(entry->d_name, ".chunk"))
			snprintf(path, 512, "%s/%s", directory, entry->d_name);
	assert_true(*path);
}

static void keeps_the_order(void **state)
{
	struct buffer *b = open_buffer(BUFFER_MIN);

	(void)state;
	assert_null(buffer_next(b));
	add(b, 1);
	add(b, 2);
	assert_int_equal(buffer_flush(b), 0);
	assert_true(buffer_is_open(b));
	assert_null(buffer_next(b));
	buffer_seal(b);
	assert_false(buffer_is_open(b));
	add(b, 3);
	buffer_seal(b);
	assert_stats(b, 3, 0, 0, 0);
	assert_next(b, "<1><2>", 2);
	assert_next(b, "<3>", 1);
	assert_null(buffer_next(b));
	assert_stats(b, 0, 0, 0, 0);
	buffer_seal(b); /* nothing to seal makes no chunk */
	assert_null(buffer_next(b));
	buffer_close(b);
}

static void ends_a_chunk_that_is_large(void **state)
{
	struct buffer *b = open_buffer(4 * BUFFER_MIN);

	(void)state;
	for (int i = 0; i < 40; i++) {
		add_large(b, 'x');
		buffer_flush(b);
	}
	assert_non_null(buffer_next(b));
	assert_true(buffer_next(b)->bytes <= BUFFER_CHUNK);
	assert_true(buffer_next(b)->bytes > BUFFER_CHUNK / 2);
	assert_true(buffer_is_open(b));
	buffer_close(b);
}

static void survives_its_end(void **state)
{
	struct buffer *b = open_buffer(BUFFER_MIN);
	char id[33];

	(void)state;
	add(b, 1);
	buffer_seal(b);
	strcpy(id, buffer_next(b)->id);
	add(b, 2);
	buffer_flush(b);
	buffer_close(b);
	b = open_buffer(BUFFER_MIN);
	assert_string_equal(buffer_next(b)->id, id);
	add(b, 3);
	buffer_seal(b);
	assert_next(b, "<1>", 1);
	assert_next(b, "<2>", 1);
	assert_next(b, "<3>", 1);
	buffer_close(b);
}

static void cuts_a_torn_file(void **state)
{
	struct buffer *b = open_buffer(BUFFER_MIN);
	char path[512];
	struct stat st;

	(void)state;
	add(b, 1);
	add(b, 2);
	buffer_close(b);
	chunk_path(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	b = open_buffer(BUFFER_MIN);
	assert_stats(b, 1, 0, 0, 0);
	assert_next(b, "<1>", 1);
	buffer_close(b);
	b = open_buffer(BUFFER_MIN);
	assert_null(buffer_next(b));
	buffer_close(b);
}

static void counts_what_was_damaged(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct buffer *b = open_buffer(BUFFER_MIN);
	char path[512];

	(void)state;
	add(b, 1);
	add(b, 2);
	buffer_seal(b);
	chunk_path(path);
	_cleanup_fd_ int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "!", 1, 3 * CHUNK_FRAME + 3 + 3 + 1), 1);
	assert_next(b, "<1>", 1);
	assert_stats(b, 0, 0, 0, 1);
	add(b, 3);
	buffer_seal(b);
	chunk_path(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(buffer_take(b, &out), -EBADMSG);
	assert_null(buffer_next(b));
	assert_stats(b, 0, 0, 0, 2);
	buffer_close(b);
}

/* Whichever byte is flipped, no other entry is lost, and the one that is is counted. */
static void loses_only_what_was_damaged(void **state)
{
	_cleanup_strbuf_ struct strbuf frames = STRBUF_INIT;
	char entry[40];
	const int records = 20;

	(void)state;
	chunk_frame_tag(&frames, 7, "tag");
	for (int n = 0; n < records; n++) {
		snprintf(entry, sizeof(entry), "<%*d>", n + 1, n);
		chunk_frame(&frames, 7 + (uint32_t)n, entry, strlen(entry));
	}
	for (size_t at = 0; at < frames.len; at++) {
		for (int bit = 0; bit < 8; bit++) {
			frames.data[at] ^= (char)(1 << bit);
			struct chunk_content content = chunk_unframe(&frames, NULL);
			frames.data[at] ^= (char)(1 << bit);
			bool in_tag = at < CHUNK_FRAME + 3;
			assert_int_equal(content.records, records - !in_tag);
			assert_int_equal(content.missing, !in_tag);
			assert_int_equal(content.tag == NULL, in_tag);
		}
	}
	/* Nor does an end at any byte: what was not written whole is not missing. */
	for (size_t len = 0; len <= frames.len; len++) {
		struct strbuf cut = { .data = frames.data, .len = len };

		assert_int_equal(chunk_unframe(&cut, NULL).missing, 0);
	}
}

/* What an earlier agent left, damaged while nobody ran. */
static void counts_damage_at_the_start(void **state)
{
	struct buffer *b = open_buffer(BUFFER_MIN);
	char path[512];

	(void)state;
	for (int n = 1; n <= 1000; n++)
		add(b, n);
	buffer_close(b);
	chunk_path(path);
	_cleanup_fd_ int fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "!", 1, 5000), 1);
	b = open_buffer(BUFFER_MIN);
	assert_stats(b, 999, 0, 0, 1);
	buffer_close(b);
	/* A file without a single frame of ours. */
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, "nothing that anybody wrote here", 31, 0), 31);
	b = open_buffer(BUFFER_MIN);
	assert_stats(b, 0, 0, 0, 1);
	assert_null(buffer_next(b));
	buffer_close(b);
}

static void keeps_what_it_cannot_open_now(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct buffer_options options = { .dir = directory, .max_bytes = BUFFER_MIN, .tag = tag };
	struct buffer *b = open_buffer(BUFFER_MIN), *other = NULL;
	struct rlimit before, none;

	(void)state;
	add(b, 1);
	buffer_seal(b);
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(buffer_take(b, &out), -EMFILE);
	assert_int_equal(buffer_take(b, &out), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_stats(b, 1, 0, 0, 0);
	assert_int_equal(buffer_take(b, &out), 1);
	buffer_close(b);
	/* An agent that starts then does not start, and has lost nothing. */
	none.rlim_cur = 5;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(buffer_open(&options, &other), -EMFILE);
	setrlimit(RLIMIT_NOFILE, &before);
	b = open_buffer(BUFFER_MIN);
	assert_next(b, "<1>", 1);
	buffer_close(b);
}

static void keeps_the_tag_of_a_chunk(void **state)
{
	struct buffer *b = open_buffer(BUFFER_MIN);

	(void)state;
	add(b, 1);
	buffer_close(b);
	tag = "another";
	b = open_buffer(BUFFER_MIN);
	add(b, 2);
	buffer_seal(b);
	assert_string_equal(buffer_next(b)->tag, "tag");
	assert_next(b, "<1>", 1);
	assert_string_equal(buffer_next(b)->tag, "another");
	assert_next(b, "<2>", 1);
	buffer_close(b);
	tag = "tag";
}

static void has_several_under_way(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct buffer *b = open_buffer(BUFFER_MIN);
	char id[33];

	(void)state;
	for (int n = 1; n <= 3; n++) {
		add(b, n);
		buffer_seal(b);
	}
	strcpy(id, buffer_next(b)->id);
	assert_int_equal(buffer_take(b, &out), 1);
	assert_int_equal(buffer_take(b, &out), 1);
	assert_string_equal(out.data, "<1><2>");
	assert_int_equal(buffer_remove(b, id), 1);
	buffer_put_back(b, id);
	assert_int_equal(buffer_take(b, &out), 1);
	assert_null(buffer_next(b));
	buffer_put_back(b, NULL);
	assert_next(b, "<2>", 1);
	assert_next(b, "<3>", 1);
	buffer_close(b);
}

static void drops_what_is_not_under_way(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct buffer *b = open_buffer(BUFFER_MIN);
	char id[33];

	(void)state;
	add(b, 1);
	buffer_seal(b);
	strcpy(id, buffer_next(b)->id);
	assert_int_equal(buffer_take(b, &out), 1);
	for (int i = 0; i < 200; i++) {
		add_large(b, 'x');
		buffer_flush(b);
	}
	assert_int_equal(buffer_remove(b, id), 1);
	buffer_close(b);
}

static void drops_the_oldest(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct buffer *b = open_buffer(BUFFER_MIN);
	struct buffer_stats s;

	(void)state;
	for (int i = 0; i < 200; i++) {
		add_large(b, (char)(i + 1));
		if (i % 3 == 0)
			buffer_flush(b);
	}
	buffer_seal(b);
	buffer_stats(b, &s);
	assert_true(s.bytes <= BUFFER_MIN && s.bytes > BUFFER_MIN / 2);
	assert_int_equal(s.records + s.dropped_full, 200);
	assert_true(buffer_take(b, &out) > 0);
	assert_int_equal((unsigned char)out.data[0], s.dropped_full + 1);
	buffer_close(b);
	/* A smaller limit holds for what is there already. */
	b = open_buffer(BUFFER_MIN);
	buffer_stats(b, &s);
	assert_true(s.bytes <= BUFFER_MIN);
	buffer_close(b);
}

/* No file may grow: as on a full disk, one chunk's worth stays in memory, and can be sent from there. */
static void goes_on_without_a_disk(void **state)
{
	struct rlimit before, none;
	struct buffer *b = open_buffer(BUFFER_MIN);
	struct buffer_stats s;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none = before;
	none.rlim_cur = 3 * CHUNK_FRAME; /* the tag and one entry */
	setrlimit(RLIMIT_FSIZE, &none);
	add(b, 1);
	assert_int_equal(buffer_flush(b), 0);
	add(b, 2);
	assert_int_equal(buffer_flush(b), -EFBIG);
	buffer_seal(b);
	assert_next(b, "<1>", 1);
	none.rlim_cur = 0;
	setrlimit(RLIMIT_FSIZE, &none);
	buffer_seal(b);
	assert_next(b, "<2>", 1);
	for (int i = 0; i < 20; i++)
		add_large(b, 'x');
	buffer_stats(b, &s);
	assert_int_equal(s.records + s.dropped_disk, 20);
	assert_true(s.dropped_disk > 0 && s.records > 10);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(buffer_flush(b), 0);
	buffer_seal(b);
	assert_int_equal(buffer_next(b)->records, s.records);
	buffer_close(b);
}

static void is_one_agents(void **state)
{
	struct buffer_options options = { .dir = directory, .max_bytes = BUFFER_MIN, .tag = tag };
	struct buffer *b = open_buffer(BUFFER_MIN), *other = NULL;

	(void)state;
	assert_int_equal(buffer_open(&options, &other), -EBUSY);
	buffer_close(b);
	options.max_bytes--;
	assert_int_equal(buffer_open(&options, &other), -EINVAL);
	options =
		(struct buffer_options){ .dir = "/dev/null", .max_bytes = BUFFER_MIN, .tag = tag };
	assert_int_equal(buffer_open(&options, &other), -ENOTDIR);
	assert_null(other);
}

static void leaves_other_files_alone(void **state)
{
	static const char *const names[] = { "notes", "0000000000000001.chunk",
		"0000000000000001-abc.chunk",
		"0000000000000001-0123456789abcdef0123456789abcdeX.chunk" };
	char path[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		_cleanup_fd_ int fd = open(path, O_WRONLY | O_CREAT, 0600);
		assert_true(fd >= 0);
	}
	/* And what only looks like a chunk. */
	snprintf(path, sizeof(path), "%s/0000000000000001-%032d.chunk", directory, 7);
	assert_int_equal(symlink("/dev/zero", path), 0);
	struct buffer *b = open_buffer(BUFFER_MIN);
	assert_null(buffer_next(b));
	buffer_close(b);
	assert_int_equal(unlink(path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		assert_int_equal(unlink(path), 0);
	}
}

int main(void)
{
#define in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)
	static const struct CMUnitTest tests[] = {
		in_directory(keeps_the_order),
		in_directory(ends_a_chunk_that_is_large),
		in_directory(survives_its_end),
		in_directory(cuts_a_torn_file),
		in_directory(counts_what_was_damaged),
		cmocka_unit_test(loses_only_what_was_damaged),
		in_directory(counts_damage_at_the_start),
		in_directory(keeps_what_it_cannot_open_now),
		in_directory(keeps_the_tag_of_a_chunk),
		in_directory(has_several_under_way),
		in_directory(drops_what_is_not_under_way),
		in_directory(drops_the_oldest),
		in_directory(goes_on_without_a_disk),
		in_directory(is_one_agents),
		in_directory(leaves_other_files_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
