// SPDX-License-Identifier: MIT
/* Advice that rests on the words of a command or a message: operators of a shell, two words for env, names of proxies. */
#include "story_builder.h"

#include "diagnose/knowledge/default_addresses.h"

/* A program with these arguments ends with 1, or with 0 again and again. */
static struct builder ends(const char *command, const char *output, int code)
{
	struct builder t = builder_new();

	builder_exec(&t, 1, command);
	builder_output(&t, 1, output);
	builder_end(&t, 1, exited(code));
	if (!code)
		t.input.restarts_same_cause = 3;
	return t;
}

static void operators_are_for_a_shell(void **state)
{
	struct builder t = ends("echo starting && exec server", "starting && exec server\n", 0);

	(void)state;
	builder_expect(&t, "exited_zero", NULL, "Let a shell read the command (sh -c)");
	t = ends("server --a || true", "unrecognized arguments: || true\n", 1);
	builder_expect(&t, "bad_configuration", NULL, "Let a shell read the command (sh -c)");
}

static void signs_may_be_meant_as_they_are(void **state)
{
	static const char *const commands[] = { "cut -d | -f 1", "find /data > x", "sh -c a && b",
		"ssh host a && b" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct builder t = ends(commands[i], "all is lost\n", 1);
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		for (size_t k = 0; k < d->n_recommendations; k++)
			assert_null(strstr(d->recommendations[k].text, "Let a shell read"));
		diagnosis_free(d);
		builder_free(&t);
	}
}

static void names_say_where_they_come_from(void **state)
{
	static const struct {
		const char *output, *word;
	} cases[] = {
		{ "error: Could not resolve proxy 'proxy.corp.example'\n", "http_proxy" },
		{ "warning: unable to determine IP address of 'pod'\nfatal: getaddrinfo failed\n",
			"DefaultAddress" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct builder t = ends("server", cases[i].output, 1);
		builder_expect(&t, "dns_failure", NULL, cases[i].word);
	}
}

static void clients_have_addresses_of_their_own(void **state)
{
	(void)state;
	assert_non_null(strstr(default_address_of("kubectl", 8080), "KUBECONFIG"));
	assert_non_null(strstr(default_address_of("etcdctl", 2379), "ETCDCTL_ENDPOINTS"));
	assert_null(default_address_of("kubectl", 6443));
	assert_null(default_address_of("server", 8080));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_are_for_a_shell),
		cmocka_unit_test(signs_may_be_meant_as_they_are),
		cmocka_unit_test(names_say_where_they_come_from),
		cmocka_unit_test(clients_have_addresses_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
