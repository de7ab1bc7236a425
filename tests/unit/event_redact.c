// SPDX-License-Identifier: MIT
/* Secrets are masked, and what only looks like one stays: it is often why a program failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

/* Needs what stands above. */
#include <cmocka.h>

#include "event/redact.h"
#include "ktrace/container.h"
#include "ktrace/event.h"
#include "util/cleanup.h"

static void becomes(const char *text, const char *expected)
{
	_cleanup_free_ char *copy = strdup(text);
	enum redact_open open = REDACT_NOTHING;

	assert_non_null(copy);
	size_t len = redact_text(copy, strlen(copy), &open);
	assert_string_equal(copy, expected);
	assert_int_equal(len, strlen(expected));
	open = REDACT_NOTHING;
	redact_text(copy, len, &open);
	assert_string_equal(copy, expected); /* once masked, always the same */
}

static void secrets_are_masked(void **state)
{
	static const char *const rows[][2] = {
		{ "PASSWORD=hunter2", "PASSWORD=****" },
		{ "password: hunter2\n", "password: ****\n" },
		{ "dbPassword = 'correct horse battery'", "dbPassword = '****************'" },
		{ "spring.datasource.password=hunter22;x=1",
			"spring.datasource.password=********;x=1" },
		{ "{\"password\": \"hunter2 \\\" foo\", \"user\": \"x\"}",
			"{\"password\": \"********\", \"user\": \"x\"}" },
		{ "{\\\"apiKey\\\":\\\"0123456789abcdef\\\",\\\"a\\\":1}",
			"{\\\"apiKey\\\":\\\"****************\\\",\\\"a\\\":1}" },
		{ "api-key=abcdefgh&user=y", "api-key=********&user=y" },
		{ ":password => \"hunter22\",", ":password => \"********\"," },
		{ "+ app --password hunter22 --host db", "+ app --password ******** --host db" },
		{ "Authorization: Bearer abc.def", "Authorization: Bearer ****" },
		{ "curl -H \"authorization: Basic dXNlcjpwYXNz\" http://x/",
			"curl -H \"authorization: Basic ********\" http://x/" },
		{ "Set-Cookie: sid=31d4d96e407aad42; Path=/", "Set-Cookie: ****************" },
		{ "mysql://root:hunter22@db:3306/x", "mysql://root:********@db:3306/x" },
		{ "redis://:hunter22@h", "redis://:********@h" },
		{ "postgres://u:pa/ssword@h/db", "postgres://u:********@h/db" },
		{ "https://ghp_abcdefghijklmnopqrstuvwxyz0123456789@github.com/x",
			"https://ghp_********************************@github.com/x" },
		{ "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
			"AWS_SECRET_ACCESS_KEY=********************************" },
		{ "AWS_SECRET_ACCESS_KEY=/JalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY",
			"AWS_SECRET_ACCESS_KEY=********************************" },
		{ "key AKIAIOSFODNN7EXAMPLE is not active",
			"key AKIA**************** is not active" },
		{ "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN!",
			"got eyJ********************************!" },
		{ "GITHUB_TOKEN=x", "GITHUB_TOKEN=*" },
		{ "MYSQL_PWD=abc", "MYSQL_PWD=*" },
		{ "AccountKey=abcdefgh==;EndpointSuffix=core",
			"AccountKey=********;EndpointSuffix=core" },
		{ "TOKEN=${TOKEN:-abcdefgh}", "TOKEN=${TOKEN:-********}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		becomes(rows[i][0], rows[i][1]);
}

static void what_is_no_secret_stays(void **state)
{
	static const char *const rows[] = {
		"sh: 1: DB_PASSWORD: parameter not set",
		"bash: line 1: DB_PASSWORD: unbound variable",
		"sh: API_TOKEN: must be set",
		": \"${API_TOKEN:?must be set}\"",
		"KeyError: 'DB_PASSWORD'",
		"pq: password authentication failed for user \"app\"",
		"password: required",
		"password=",
		"token=null, password=None",
		"--password=$(DB_PASSWORD)",
		"password=${DB_PASSWORD}",
		"password: {{ .Values.password }}",
		"cat: /run/secrets/token: Permission denied",
		"token: /run/secrets/token: no such file or directory",
		"connect(password=os.environ[\"DB_PASSWORD\"])",
		"token = open(\"/run/secrets/token\").read()",
		"SyntaxError: Unexpected token: 'foo'",
		"error: registry.io/app/secret:latest not found",
		"  --password PASSWORD   the password",
		"secret \"db-credentials\" not found",
		"PWD=/root/application and OLDPWD=/usr",
		"http://host:8080/path?mail=a@b.org",
		"dial tcp [::1]:5432: connect@host",
		"TOKEN_FILE=/x PASSWORD_FILE=y max_tokens=4096",
		"bypass: enabled",
		"Bearer authentication is not supported",
		"could not find -----BEGIN CERTIFICATE----- in /etc/x",
		"sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
		"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
		"password==other",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		becomes(rows[i], rows[i]);
}

static void mask_keeps_the_length_class(void **state)
{
	static const size_t rows[][2] = { { 1, 1 }, { 3, 1 }, { 4, 4 }, { 7, 4 }, { 8, 8 },
		{ 15, 8 }, { 16, 16 }, { 40, 32 }, { 63, 32 }, { 500, 64 } };
	char text[600];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum redact_open open = REDACT_NOTHING;
		size_t name = (size_t)snprintf(text, sizeof(text), "password=");
		memset(text + name, 'x', rows[i][0]);
		text[name + rows[i][0]] = '\0';
		assert_int_equal(redact_text(text, name + rows[i][0], &open), name + rows[i][1]);
	}
}

static void pem_bodies_are_masked(void **state)
{
	(void)state;
	becomes("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc1==\n"
		"-----END RSA PRIVATE KEY-----\ndone\n",
		"-----BEGIN RSA PRIVATE KEY-----\n****************\n****\n"
		"-----END RSA PRIVATE KEY-----\ndone\n");
	becomes("key=\"-----BEGIN PRIVATE KEY-----\\nMIIEabc\\nxyz=\\n-----END PRIVATE KEY-----\"",
		"key=\"-----BEGIN PRIVATE KEY-----****************-----END PRIVATE KEY-----\"");
	/* A line of it alone. */
	becomes("MIIEpAIBAAKCAQEA1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL\n",
		"****************************************************************\n");
}

struct command {
	const char *in[8], *out[8];
};

static void arguments_are_masked(void **state)
{
	static const struct command rows[] = {
		{ { "app", "--password=a b, c d", "x" }, { "app", "--password=********", "x" } },
		{ { "app", "--password", "hunter22", "--token", "-v" },
			{ "app", "--password", "********", "--token", "-v" } },
		{ { "app", "--password", "$(DB_PASSWORD)" },
			{ "app", "--password", "$(DB_PASSWORD)" } },
		{ { "env", "API_TOKEN=abc def", "app" }, { "env", "API_TOKEN=****", "app" } },
		{ { "sh", "-c", "PASSWORD=hunter22 exec app --port 80" },
			{ "sh", "-c", "PASSWORD=******** exec app --port 80" } },
		{ { "/usr/bin/mysql", "-uroot", "-phunter22", "-h", "db" },
			{ "/usr/bin/mysql", "-uroot", "-p********", "-h", "db" } },
		{ { "curl", "-u", "me:hunter22", "http://x" },
			{ "curl", "-u", "me:********", "http://x" } },
		{ { "curl", "-H", "X-Api-Key: abc def" }, { "curl", "-H", "X-Api-Key: * def" } },
		{ { "docker", "login", "-p", "hunter22" },
			{ "docker", "login", "-p", "********" } },
		{ { "docker", "run", "-p", "8080:80" }, { "docker", "run", "-p", "8080:80" } },
		{ { "app", "--token-file", "/run/token" },
			{ "app", "--token-file", "/run/token" } },
		{ { "app", "amqp://me:hunter22@mq/" }, { "app", "amqp://me:********@mq/" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *args[8] = { NULL };
		size_t n = 0;
		for (; n < 8 && rows[i].in[n]; n++)
			args[n] = strdup(rows[i].in[n]);
		redact_args(args, n);
		for (size_t k = 0; k < n; k++) {
			assert_string_equal(args[k], rows[i].out[k]);
			free((char *)args[k]);
		}
	}
}

static struct event *written(struct redact *r, uint32_t pid, const char *text, bool cut)
{
	struct event *e = event_new(&(struct event){
		.kind = EVENT_OUTPUT, .pid = pid, .fd = 1, .text = text, .cut = cut });

	assert_non_null(e);
	redact_event(r, e);
	return e;
}

static void writes(struct redact *r, uint32_t pid, const char *text, const char *expected)
{
	struct event *e = written(r, pid, text, false);

	assert_string_equal(e->text, expected);
	event_unref(e);
}

static void secret_in_two_writes_is_masked(void **state)
{
	struct redact r = { 0 };

	(void)state;
	writes(&r, 5, "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\n");
	writes(&r, 6, "MIIEabcd\n", "MIIEabcd\n"); /* another process */
	writes(&r, 5, "MIIEabcd\n", "********\n");
	writes(&r, 5, "-----END PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n");
	writes(&r, 5, "MIIEabcd\n", "MIIEabcd\n");
	writes(&r, 5, "password=", "password=");
	writes(&r, 5, "hunter22\n", "********\n");
	writes(&r, 5, "hunter22\n", "hunter22\n");
}

static void secret_across_the_gap_is_masked(void **state)
{
	char text[600];
	struct redact r = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 480, " password=", 10);
	strcpy(text + 512, "\n...\nhunter22 was used");
	struct event *e = written(&r, 5, text, true);
	assert_string_equal(e->text + 480, " password=****************\n...\n******** was used");
	event_unref(e);
}

static struct event *made(struct redact *r, struct container *c)
{
	static const char *const args[] = { "app", "--password=hunter22" };
	struct event *e = event_new(&(struct event){ .kind = EVENT_CONTAINER_CREATED,
		.container = c,
		.args = args,
		.argc = 2,
		.path = "/app --password=hunter22",
		.executable = "" });

	c->args = calloc(2, sizeof(char *));
	assert_non_null(e);
	assert_non_null(c->args);
	for (; c->n_args < 2; c->n_args++)
		c->args[c->n_args] = strdup(args[c->n_args]);
	redact_event(r, e);
	return e;
}

static void event_and_container_are_masked(void **state)
{
	struct container *c = container_new();
	struct redact r = { 0 };

	(void)state;
	struct event *e = made(&r, c);
	assert_string_equal(e->args[1], "--password=********");
	assert_string_equal(e->path, "/app --password=********");
	assert_string_equal(c->args[1], "--password=********");
	event_unref(e);
	container_unref(c);
}

static void options_are_obeyed(void **state)
{
	struct container *c = container_new(), *c2 = container_new();
	struct redact off = { .off = true }, none = { .no_args = true };

	(void)state;
	struct event *e = made(&off, c);
	assert_string_equal(e->args[1], "--password=hunter22");
	assert_string_equal(c->args[1], "--password=hunter22");
	event_unref(e);
	e = made(&none, c2);
	assert_int_equal(e->argc, 1);
	assert_int_equal(c2->n_args, 1);
	event_unref(e);
	container_unref(c);
	container_unref(c2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_masked),
		cmocka_unit_test(what_is_no_secret_stays),
		cmocka_unit_test(mask_keeps_the_length_class),
		cmocka_unit_test(pem_bodies_are_masked),
		cmocka_unit_test(arguments_are_masked),
		cmocka_unit_test(secret_in_two_writes_is_masked),
		cmocka_unit_test(secret_across_the_gap_is_masked),
		cmocka_unit_test(event_and_container_are_masked),
		cmocka_unit_test(options_are_obeyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
