// SPDX-License-Identifier: MIT
/* Names that were asked for in vain: of the questions that a resolver makes of one name, and their answers. */
#include "story_builder.h"

#include "diagnose/asked_names.h"

#define KUBERNETES "shop.svc.cluster.local svc.cluster.local cluster.local"

static const char *search = KUBERNETES;
static uint16_t ndots = 5;

static void ask(struct builder *t, uint32_t pid, const char *name)
{
	builder_add(t, (struct event){ .kind = EVENT_DNS_QUERY,
			       .pid = pid,
			       .address = "10.96.0.10",
			       .port = 53,
			       .dns_name = name,
			       .dns_type = "A",
			       .dns_search = search,
			       .dns_ndots = ndots });
}

static void answer(
	struct builder *t, uint32_t pid, const char *name, const char *rcode, uint16_t records)
{
	builder_add(t, (struct event){ .kind = EVENT_DNS_ANSWER,
			       .pid = pid,
			       .address = "10.96.0.10",
			       .port = 53,
			       .dns_name = name,
			       .dns_type = "A",
			       .dns_rcode = rcode,
			       .dns_answers = records });
}

static void ask_and_answer(struct builder *t, const char *name, const char *rcode, uint16_t records)
{
	ask(t, 1, name);
	answer(t, 1, name, rcode, records);
}

/* As the C library asks for a name with few dots: each domain, then the name itself. */
static void look_up_in_vain(struct builder *t, const char *const names[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		ask_and_answer(t, names[i], "NXDOMAIN", 0);
}

static void the_tries_with_the_search_list_are_one_name(void **state)
{
	static const char *const tries[] = { "db.data.shop.svc.cluster.local",
		"db.data.svc.cluster.local", "db.data.cluster.local", "db.data" };
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "worker");
	look_up_in_vain(&t, tries, ARRAY_SIZE(tries));
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "db.data could not be resolved");
}

static void the_answer_is_told_and_advice_follows_it(void **state)
{
	static const struct {
		const char *rcode, *says;
	} rows[] = {
		{ "NXDOMAIN", "no such name (NXDOMAIN)" },
		{ "NXDOMAIN", "Correct the host name db:" },
		{ "SERVFAIL", "could not find out (SERVFAIL)" },
		{ "SERVFAIL", "See why the name server at 10.96.0.10 cannot answer" },
		{ "REFUSED", "refused to answer" },
		{ "NOERROR", "no address of it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();

		builder_exec(&t, 1, "worker");
		ask_and_answer(&t, "db.shop.svc.cluster.local", rows[i].rcode, 0);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "dns_failure", NULL, rows[i].says);
	}
}

static void two_questions_without_an_answer_are_none(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "worker");
	ask(&t, 1, "db.shop.svc.cluster.local");
	ask(&t, 1, "db.shop.svc.cluster.local");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "did not answer");
}

static void one_question_without_an_answer_blames_nobody(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "worker");
	ask(&t, 1, "db.shop.svc.cluster.local");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "gave no address for it");
}

static void a_name_that_was_found_is_no_cause(void **state)
{
	struct builder t = builder_new();
	struct asked_name asked;
	const struct story_entry *entries;

	(void)state;
	builder_exec(&t, 1, "worker");
	ask_and_answer(&t, "db.data.shop.svc.cluster.local", "NXDOMAIN", 0);
	ask_and_answer(&t, "db.data.svc.cluster.local", "NOERROR", 1);
	builder_end(&t, 1, exited(1));
	size_t n = story_entries(t.story, &entries);
	assert_false(name_asked_in_vain(entries, n, NULL, &asked));
	builder_expect(&t, "application_error", NULL, NULL);
}

/* `wget -q -O - URL`: "-" is no file, and a catalogue of messages is looked for in order to say nothing. */
static void what_is_looked_up_behind_the_question_hides_nothing(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "wget -q -O - http://db.data/");
	builder_fail(&t, 1, "newfstatat", ENOENT, "-");
	ask_and_answer(&t, "db.data.", "NXDOMAIN", 0);
	builder_fail(&t, 1, "openat", ENOENT, "/usr/share/locale/C.UTF-8/LC_MESSAGES/libc.mo");
	builder_end(&t, 1, exited(4));
	builder_expect(&t, "dns_failure", NULL, "Correct the host name db.data");
}

/* wget says of any name what sudo says of the machine's own. */
static void only_sudo_asks_for_its_own_name(void **state)
{
	static const struct {
		const char *says, *advice;
	} rows[] = {
		{ "wget: unable to resolve host address ‘db’\n", "Correct the host name db" },
		{ "sudo: unable to resolve host db: Name or service not known\n",
			"resolve its own name, db, by hostAliases" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();

		builder_exec(&t, 1, "worker");
		ask_and_answer(&t, "db.shop.svc.cluster.local", "NXDOMAIN", 0);
		builder_output(&t, 1, rows[i].says);
		builder_end(&t, 1, exited(4));
		builder_expect(&t, "dns_failure", NULL, rows[i].advice);
	}
}

static const char *host_of_last(struct builder *t, char host[256])
{
	const struct story_entry *entries;
	size_t n = story_entries(t->story, &entries);

	asked_host(entries, n, entries[n - 1].event, host, 256);
	return host;
}

static void a_full_name_stays_whole(void **state)
{
	struct builder t = builder_new();
	char host[256];

	(void)state;
	builder_exec(&t, 1, "worker");
	/* five dots are too few to be tried as it is first, and it is tried so last */
	ask(&t, 1, "db.data.svc.cluster.local.shop.svc.cluster.local");
	ask(&t, 1, "db.data.svc.cluster.local");
	assert_string_equal(host_of_last(&t, host), "db.data.svc.cluster.local");
	builder_free(&t);
	/* elsewhere than in Kubernetes a name with a dot is tried as it is first */
	search = "example.com";
	ndots = 1;
	t = builder_new();
	builder_exec(&t, 1, "worker");
	ask(&t, 1, "db.example.com");
	assert_string_equal(host_of_last(&t, host), "db.example.com");
	ask(&t, 1, "db");
	ask(&t, 1, "db.example.com");
	const struct story_entry *entries;
	size_t n = story_entries(t.story, &entries);
	/* the first question again: it stands for both */
	asked_host(entries, n, entries[n - 2].event, host, sizeof(host));
	assert_string_equal(host, "db");
	search = KUBERNETES;
	ndots = 5;
	builder_free(&t);
}

static void the_same_question_again_is_counted(void **state)
{
	struct builder t = builder_new();
	struct asked_name asked;
	const struct story_entry *entries;

	(void)state;
	builder_exec(&t, 1, "worker");
	for (int i = 0; i < 100; i++)
		ask_and_answer(&t, "db.shop.svc.cluster.local", "NXDOMAIN", 0);
	size_t n = story_entries(t.story, &entries);
	assert_true(n < 10);
	assert_true(name_asked_in_vain(entries, n, NULL, &asked));
	assert_string_equal(asked.host, "db");
	assert_string_equal(asked.rcode, "NXDOMAIN");
	assert_int_equal(asked.attempts, 100);
	assert_true(asked.last > asked.since);
	builder_free(&t);
}

static void a_placeholder_is_told_where_nobody_was_asked(void **state)
{
	struct builder t = builder_new();

	(void)state;
	container_set(&t.c->env_placeholder, "DB_HOST");
	builder_exec(&t, 1, "worker");
	builder_output(&t, 1, "socket.gaierror: [Errno -2] Name or service not known\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "write $(NAME): in `env` Kubernetes fills in");

	t = builder_new();
	container_set(&t.c->env_placeholder, "OTHER");
	builder_exec(&t, 1, "worker");
	ask_and_answer(&t, "db.data.", "NXDOMAIN", 0);
	builder_output(&t, 1, "could not resolve host: db.data\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "dns_failure", NULL, "Correct the host name db.data");
}

static void a_variable_of_a_service_is_told(void **state)
{
	struct builder t = builder_new();

	(void)state;
	container_set(&t.c->env_service, "DB_PORT SHOP_PORT");
	builder_exec(&t, 1, "worker");
	builder_output(&t, 1, "fatal: SHOP_PORT must be a number\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "bad_configuration", NULL, "enableServiceLinks: false");

	t = builder_new();
	container_set(&t.c->env_service, "DB_PORT");
	builder_exec(&t, 1, "worker");
	builder_output(&t, 1, "fatal: SHOP_PORT must be a number\n");
	builder_end(&t, 1, exited(1));
	builder_expect(
		&t, "bad_configuration", NULL, "SHOP_PORT to a value that the program accepts");
}

/* PHP hands addresses to getaddrinfo() as well: no name server was to blame. */
static void an_address_of_a_missing_family_is_no_name(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "php -S [::]:8080");
	builder_fail_net(&t, 1, "socket", EAFNOSUPPORT, "", 0);
	builder_output(&t, 1,
		"Failed to listen on :::8080 (reason: php_network_getaddresses: getaddrinfo for :: "
		"failed: Address family for hostname not supported)\n");
	builder_end(&t, 1, exited(1));
	builder_expect(&t, "address_not_available", NULL, NULL);
}

/* No word of the variable: that of the Service with the pod's own name is it, and another's is not. */
static void a_port_that_is_none_is_the_own_service(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		struct builder t = builder_new();
		container_set(&t.c->pod, own ? "shop-api-5d8f9-x2x4z" : "worker-7c9d-qq2lm");
		container_set(&t.c->env_service, "DB_PORT SHOP_API_PORT");
		builder_exec(&t, 1, "node app.js");
		builder_output(&t, 1, "Error: port: ports must be within range 0 - 65535\n");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "bad_configuration", NULL,
			own ? "Set SHOP_API_PORT in the pod yourself" : "Correct port in");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tries_with_the_search_list_are_one_name),
		cmocka_unit_test(the_answer_is_told_and_advice_follows_it),
		cmocka_unit_test(two_questions_without_an_answer_are_none),
		cmocka_unit_test(one_question_without_an_answer_blames_nobody),
		cmocka_unit_test(a_name_that_was_found_is_no_cause),
		cmocka_unit_test(what_is_looked_up_behind_the_question_hides_nothing),
		cmocka_unit_test(only_sudo_asks_for_its_own_name),
		cmocka_unit_test(a_full_name_stays_whole),
		cmocka_unit_test(a_placeholder_is_told_where_nobody_was_asked),
		cmocka_unit_test(a_variable_of_a_service_is_told),
		cmocka_unit_test(a_port_that_is_none_is_the_own_service),
		cmocka_unit_test(the_same_question_again_is_counted),
		cmocka_unit_test(an_address_of_a_missing_family_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
