// SPDX-License-Identifier: MIT
#include "record/record.h"

#include <errno.h>
#include <string.h>

#include "util/decimal.h"

#define RUN_DIGITS 16

/* By hand, as each record has one, written and read. */
void record_id_format(char out[RECORD_ID_SIZE], uint64_t run, uint64_t sequence)
{
	char digits[DECIMAL_MAX], *end = digits + sizeof(digits);
	const char *p = decimal_before(end, sequence);

	for (int i = RUN_DIGITS - 1; i >= 0; i--, run >>= 4)
		out[i] = "0123456789abcdef"[run & 15];
	out += RUN_DIGITS;
	*out++ = '-';
	memcpy(out, p, (size_t)(end - p));
	out[end - p] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One number has many spellings; an id has one. */
int record_id_parse(const char *text, uint64_t *run, uint64_t *sequence)
{
	uint64_t first = 0, second = 0;

	for (int i = 0; i < RUN_DIGITS; i++, text++) {
		int digit = hex_digit(*text);
		if (digit < 0)
			return -EINVAL;
		first = first << 4 | (uint64_t)digit;
	}
	if (*text++ != '-' || *text < '0' || *text > '9' || (*text == '0' && text[1]))
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(second, 10, &second) ||
			__builtin_add_overflow(second, *text - '0', &second))
			return -EINVAL;
	if (*text)
		return -EINVAL;
	*run = first;
	*sequence = second;
	return 0;
}
