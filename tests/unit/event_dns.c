// SPDX-License-Identifier: MIT
/* Messages to and from name servers, as they come out of a socket. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "event/dns.h"

#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1
#define ASKED "\x12\x34\x01\x00\0\1\0\0\0\0\0\0"
#define NXDOMAIN "\x12\x34\x81\x83\0\1\0\0\0\1\0\0"
#define DB_SHOP "\2db\4shop\0\0\34\0\1"

static void a_question_has_its_name_and_type(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(dns_read(BYTES(ASKED DB_SHOP), false, &m), 0);
	assert_false(m.is_answer);
	assert_string_equal(m.name, "db.shop");
	assert_string_equal(m.type, "AAAA");
	assert_string_equal(m.rcode, "");
}

static void an_answer_repeats_the_question(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(dns_read(BYTES(NXDOMAIN DB_SHOP "\xc0\x0c\0\1"), false, &m), 0);
	assert_true(m.is_answer);
	assert_string_equal(m.name, "db.shop");
	assert_string_equal(m.rcode, "NXDOMAIN");
	assert_int_equal(m.answers, 0);
	assert_int_equal(
		dns_read(BYTES("\1\1\x81\x8e\0\1\0\2\0\0\0\0\0\x12\x67\0\1"), false, &m), 0);
	assert_string_equal(m.name, ".");
	assert_string_equal(m.type, "TYPE4711");
	assert_string_equal(m.rcode, "RCODE14");
	assert_int_equal(m.answers, 2);
}

static void over_tcp_its_length_may_come_first(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(dns_read(BYTES("\0\x19" ASKED DB_SHOP), true, &m), 0);
	assert_string_equal(m.name, "db.shop");
	assert_int_equal(dns_read(BYTES(ASKED DB_SHOP), true, &m), 0);
	assert_string_equal(m.name, "db.shop");
	assert_int_equal(dns_read(BYTES("\0\x19" ASKED DB_SHOP), false, &m), -EBADMSG);
}

static void what_is_odd_in_a_label_stays_apart_from_the_dots_between(void **state)
{
	struct dns_message m;

	(void)state;
	assert_int_equal(dns_read(BYTES(ASKED "\6a.b\\c\n\2\0z\0\0\1\0\1"), false, &m), 0);
	assert_string_equal(m.name, "a\\.b\\\\c\\010.\\000z");
}

static void the_longest_name_fits(void **state)
{
	struct dns_message m;
	uint8_t longest[12 + 255 + 4] = ASKED;

	(void)state;
	/* four labels of 63, 63, 63 and 61 bytes, all NUL: 255 bytes with the root */
	for (size_t at = 12, i = 0; i < 4; at += longest[at] + 1u, i++)
		longest[at] = i < 3 ? 63 : 61;
	longest[sizeof(longest) - 3] = 1;
	longest[sizeof(longest) - 1] = 1;
	assert_int_equal(dns_read(longest, sizeof(longest), false, &m), 0);
	assert_int_equal(strlen(m.name), 250 * 4 + 3);
}

static void what_is_no_message_is_refused(void **state)
{
	static const struct {
		const uint8_t *bytes;
		size_t n;
	} bad[] = {
		{ BYTES("") },
		{ BYTES(ASKED) },
		{ BYTES(ASKED "\2db\4sho") },
		{ BYTES(ASKED "\2db\4shop\0\0\1\0") },
		{ BYTES(ASKED "\xc0\x0c\0\1\0\1") },
		{ BYTES("\1\1\1\0\0\2\0\0\0\0\0\0" DB_SHOP) },
		{ BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n") },
	};
	struct dns_message m = { .name = "untouched" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (int stream = 0; stream < 2; stream++)
			assert_int_equal(dns_read(bad[i].bytes, bad[i].n, stream, &m), -EBADMSG);
	assert_string_equal(m.name, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_has_its_name_and_type),
		cmocka_unit_test(an_answer_repeats_the_question),
		cmocka_unit_test(over_tcp_its_length_may_come_first),
		cmocka_unit_test(what_is_odd_in_a_label_stays_apart_from_the_dots_between),
		cmocka_unit_test(the_longest_name_fits),
		cmocka_unit_test(what_is_no_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
