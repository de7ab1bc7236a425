// SPDX-License-Identifier: MIT
#include "util/find.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "util/eight_bytes.h"

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The bit that small letters have and capitals have not; of what is no letter each bit counts. */
static unsigned char case_bit(char c)
{
	return is_letter(c) ? 0x20 : 0;
}

static bool begins(const char *text, const char *what, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char bit = case_bit(what[i]);
		if ((text[i] | bit) != (what[i] | bit))
			return false;
	}
	return true;
}

/* Where a byte is c or, of a letter, its other case. */
static uint64_t marks_of(const char *text, char c)
{
	unsigned char bit = case_bit(c);

	return eight_equal(eight_at(text) | EACH_BYTE(bit), (unsigned char)(c | bit));
}

const char *find_folded_part(const char *text, const char *what, size_t len)
{
	const char *end = text + strlen(text);

	if (!len)
		return text;
	/* first and second byte where they belong: few places are left to look at */
	for (; len > 1 && end - text > (ptrdiff_t)sizeof(uint64_t); text += sizeof(uint64_t)) {
		uint64_t marks = marks_of(text, what[0]) & marks_of(text + 1, what[1]);
		for (; marks; marks &= marks - 1)
			if (begins(text + eight_first(marks), what, len))
				return text + eight_first(marks);
	}
	for (; *text; text++)
		if (begins(text, what, len))
			return text;
	return NULL;
}

const char *find_folded(const char *text, const char *what)
{
	return find_folded_part(text, what, strlen(what));
}

static size_t pair_of(char first, char second)
{
	return (size_t)(first & 31) << 5 | (size_t)(second & 31);
}

void find_index_make(struct find_index *index, const char *text)
{
	memset(index->pairs, 0, sizeof(index->pairs));
	index->text = text;
	for (; text[0] && text[1]; text++)
		index->pairs[pair_of(text[0], text[1])] = true;
}

bool find_index_may_have(const struct find_index *index, const char *what, size_t len)
{
	for (; len > 1 && what[0] && what[1]; what++, len--)
		if (!index->pairs[pair_of(what[0], what[1])])
			return false;
	return true;
}

const char *find_folded_part_in(const struct find_index *index, const char *what, size_t len)
{
	return find_index_may_have(index, what, len) ? find_folded_part(index->text, what, len)
						     : NULL;
}

const char *find_folded_in(const struct find_index *index, const char *what)
{
	return find_index_may_have(index, what, SIZE_MAX) ? find_folded(index->text, what) : NULL;
}

bool has_one_folded(const char *text, const char *const *words, size_t n)
{
	struct find_index index;

	find_index_make(&index, text);
	for (size_t i = 0; i < n; i++)
		if (find_folded_in(&index, words[i]))
			return true;
	return false;
}
