// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "forward/resolve.h"

static bool is_answered(const struct resolve *r, int timeout_ms)
{
	struct pollfd p = { .fd = resolve_fd(r), .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1;
}

static void answers_numbers_at_once(void **state)
{
	struct addrinfo *addresses = NULL;
	struct resolve *r;

	(void)state;
	assert_int_equal(resolve_start("::1", "24224", &r), 0);
	assert_true(is_answered(r, 0));
	assert_int_equal(resolve_answer(r, &addresses), 0);
	assert_int_equal(addresses->ai_family, AF_INET6);
	assert_int_equal(ntohs(((struct sockaddr_in6 *)addresses->ai_addr)->sin6_port), 24224);
	freeaddrinfo(addresses);
	resolve_free(r);
}

static void looks_names_up(void **state)
{
	struct addrinfo *addresses = NULL;
	struct resolve *r;

	(void)state;
	assert_int_equal(resolve_start("localhost", "1", &r), 0);
	assert_true(is_answered(r, 10000));
	assert_int_equal(resolve_answer(r, &addresses), 0);
	assert_non_null(addresses);
	freeaddrinfo(addresses);
	resolve_free(r);
}

static void says_why_not(void **state)
{
	struct addrinfo *addresses = NULL;
	struct resolve *r;

	(void)state;
	assert_int_equal(resolve_start("no-such-name.invalid", "1", &r), 0);
	assert_true(is_answered(r, 40000));
	assert_int_not_equal(resolve_answer(r, &addresses), 0);
	assert_null(addresses);
	resolve_free(r);
}

/* Whoever gives up waits for nobody, and what the thread still does harms nobody. */
static void may_be_left_behind(void **state)
{
	struct timespec start, end;
	struct resolve *r;
	int started = 0;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < 20; i++) {
		int err = resolve_start(i % 2 ? "localhost" : "no-such-name.invalid", "1", &r);

		assert_true(err == 0 || err == -EBUSY); /* where the resolver is slow */
		started += err == 0;
		if (err == 0)
			resolve_free(r);
	}
	assert_true(started >= 4);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec < 2);
	resolve_free(NULL);
	usleep(200000); /* so that a leak checker finds the threads done */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_numbers_at_once),
		cmocka_unit_test(looks_names_up),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(may_be_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
