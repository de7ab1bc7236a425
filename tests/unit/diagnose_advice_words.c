// SPDX-License-Identifier: MIT
/* Advice that rests on the words of a command or a message: operators of a shell, two words for env, names of proxies. */
#include "story_builder.h"

#include <errno.h>

#include "diagnose/knowledge/default_addresses.h"
#include "diagnose/knowledge/services.h"
#include "diagnose/text/packages.h"

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

/* The runtime's default list: what it allows, what it refuses on purpose, what is too new for an old one. */
static void seccomp_advice_fits_the_call(void **state)
{
	static const struct {
		const char *call, *first, *never;
	} cases[] = {
		{ "mkdir", "Use the runtime's default seccomp profile, which allows mkdir",
			"Update" },
		{ "io_uring_setup",
			"Give the container a seccomp profile that allows io_uring_setup",
			"RuntimeDefault" },
		{ "set_mempolicy", "Give the container the capability SYS_NICE", "RuntimeDefault" },
		{ "faccessat2", "Update containerd or CRI-O, runc and libseccomp",
			"RuntimeDefault" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct builder t = builder_new();
		t.c->described = t.c->seccomp = true;
		builder_exec(&t, 1, "server");
		builder_fail_call(&t, 1, cases[i].call, EPERM);
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		assert_string_equal(d->root_cause, "syscall_blocked");
		assert_non_null(strstr(d->recommendations[0].text, cases[i].first));
		for (size_t k = 0; k < d->n_recommendations; k++) {
			assert_null(strstr(d->recommendations[k].text, cases[i].never));
			assert_null(strstr(d->recommendations[k].manifest ?: "", cases[i].never));
		}
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* An end that was not seen may be the failure that it is started again for. */
static void nothing_is_in_the_background_of_what_was_seen_in_part(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "sh run.sh");
	builder_run(&t, 1, 7, "worker");
	builder_output(&t, 1, "loading\n");
	builder_end(&t, 1, 0);
	t.input.restarts_same_cause = 3;
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(strstr(d->title, "worker goes to the background"));
	assert_true(d->confidence > 0.9);
	diagnosis_free(d);
	t.input.left_out = 4000;
	d = builder_diagnose(&t);
	assert_string_equal(d->root_cause, "exited_zero");
	assert_null(strstr(d->title, "background"));
	assert_true(d->confidence < 0.6);
	diagnosis_free(d);
	builder_free(&t);
}

static void services_stay_in_the_foreground(void **state)
{
	struct builder t = ends("nginx -c /etc/nginx.conf", "", 0);

	(void)state;
	builder_expect(
		&t, "exited_zero", NULL, "Keep nginx in the foreground: `nginx -g 'daemon off;'`");
	t = ends("memcached -d -m 64", "", 0);
	builder_expect(&t, "exited_zero", NULL, "Keep memcached in the foreground: leave out -d");
	/* It was only asked something, or serves nobody. */
	t = ends("nginx -t", "", 0);
	builder_expect(&t, "exited_zero", NULL, "Give the container the command that serves");
	t = ends("nginxctl", "", 0);
	builder_expect(&t, "exited_zero", NULL, "Give the container the command that serves");
	assert_null(service_of("nginx-exporter"));
	assert_non_null(service_of("php-fpm8.2"));
}

/* A program that found nothing to parse, in a container with this mount at /etc/app. */
static struct builder parses_nothing(const char *empty)
{
	struct builder t = builder_new();

	t.c->described = true;
	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "settings", true);
	container_set(&t.c->keys_empty, empty);
	builder_exec(&t, 1, "server");
	builder_output(
		&t, 1, "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n");
	builder_end(&t, 1, exited(1));
	return t;
}

static void an_empty_key_is_named(void **state)
{
	struct builder t = parses_nothing("/etc/app/config.json");

	(void)state;
	builder_expect(&t, "bad_configuration", "/etc/app/config.json",
		"Fill /etc/app/config.json, which is empty: key config.json of the ConfigMap "
		"settings");
	/* Which one of them it read is not known; or it was an answer from elsewhere. */
	t = parses_nothing("/etc/app/a.json /etc/app/b.json");
	builder_expect(&t, "bad_configuration", NULL, "See what it reads: that is empty");
	t = parses_nothing("");
	builder_expect(&t, "bad_configuration", NULL, "See what it reads: that is empty");
}

static void null_comes_from_a_key_that_is_not_there(void **state)
{
	static const struct {
		const char *printed, *says;
	} cases[] = {
		{ "null\n",
			"Add the key to what `jq` reads, or correct its filter (\"jq -r .port\")" },
		{ "8080\n", "Correct the value of port" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "sh -c script");
		builder_run(&t, 1, 2, "jq -r .port");
		builder_add(&t, (struct event){ .kind = EVENT_OUTPUT,
					.pid = 2,
					.fd = 1,
					.text = cases[i].printed,
					.text_total = (uint32_t)strlen(cases[i].printed) });
		builder_end(&t, 2, exited(0));
		builder_exec(&t, 1, "server null");
		builder_output(&t, 1, "server: error: argument port: invalid int value: 'null'\n");
		builder_end(&t, 1, exited(2));
		builder_expect(&t, "bad_configuration", NULL, cases[i].says);
	}
}

static void a_silent_end_is_read_from_the_script(void **state)
{
	static const struct {
		const char *command;
		int code;
		const char *says;
	} cases[] = {
		{ "sh -c script", 1, "`set -x` as its first line" },
		{ "gunicorn app:app", 3, "`gunicorn --check-config`" },
		{ "vsftpd /etc/v.conf", 2, "500 OOPS" },
	};
	/* A variable that the script sets itself is none of the environment's. */
	static const struct {
		const char *script;
		int code;
		const char *says;
	} scripts[] = {
		{ "set -e; [ -n \"$DB_URL\" ] || exit 64; exec sleep 60", 64,
			"Set the environment variable DB_URL" },
		{ "DB_URL=$(cat /url | head -1); [ -n \"$DB_URL\" ] || exit 64", 64,
			"`set -x` as its first line" },
		{ "set -e; read -r answer; exec sleep 60", 1, "standard input of a container" },
		{ "set -e; while read -r line; do :; done; false", 1,
			"`set -x` as its first line" },
		{ "set -e; read -r token < /run/token; false", 1, "`set -x` as its first line" },
	};
	struct builder t;

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		const char *args[] = { "sh", "-c", scripts[i].script };

		t = builder_new();
		builder_add(&t, (struct event){ .kind = EVENT_EXEC,
					.pid = 1,
					.executable = "/bin/sh",
					.comm = "sh",
					.args = args,
					.argc = 3 });
		builder_end(&t, 1, exited(scripts[i].code));
		builder_expect(&t, "application_error", NULL, scripts[i].says);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		t = builder_new();
		builder_exec(&t, 1, cases[i].command);
		builder_end(&t, 1, exited(cases[i].code));
		builder_expect(&t, "application_error", NULL, cases[i].says);
	}
	/* Nothing is known of it: then nothing is recommended. */
	t = builder_new();
	builder_exec(&t, 1, "server");
	builder_end(&t, 1, exited(3));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_int_equal(d->n_recommendations, 0);
	diagnosis_free(d);
	builder_free(&t);
}

/* sysctl names no path, and root is not helped by owning a file. */
static void a_sysctl_is_set_in_the_pod(void **state)
{
	struct builder t = ends("sysctl -w net.core.somaxconn=1024",
		"sysctl: permission denied on key \"net.core.somaxconn\"\n", 1);

	(void)state;
	builder_expect(&t, "permission_denied", "/proc/sys/net/core/somaxconn",
		"Set the sysctl net.core.somaxconn in the pod spec");
}

static void only_known_modules_are_installed_by_name(void **state)
{
	struct builder t =
		ends("python3 app.py", "ModuleNotFoundError: No module named 'shop'\n", 1);

	(void)state;
	builder_expect(&t, "missing_module", NULL, "Put shop where Python looks");
	t = ends("python3 app.py", "ModuleNotFoundError: No module named 'yaml'\n", 1);
	builder_expect(&t, "missing_module", NULL, "`RUN pip install PyYAML`");
	t = ends("Rscript app.R",
		"Error in library(plumber) : there is no package called 'plumber'\n", 1);
	builder_expect(&t, "missing_module", NULL, "Install the R package plumber");
	assert_true(is_known_python_module("google.cloud"));
	assert_false(is_known_python_module("redisx"));
}

/* The program's file gives NET_BIND_SERVICE; the process may have it, or never. */
static void a_file_capability_that_was_dropped_is_named(void **state)
{
	(void)state;
	for (int held = 0; held < 2; held++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "sh -c script");
		builder_fork(&t, 1, 2);
		t.facts = (struct path_facts){ .known = true,
			.file = { .type = FILE_REGULAR, .mode = 0755, .capabilities = 1 << 10 } };
		builder_add(
			&t, (struct event){ .kind = EVENT_EXEC_FAILED,
				    .pid = 2,
				    .syscall = "execve",
				    .error = EPERM,
				    .path = "/coredns",
				    .executable = "/coredns",
				    .process = { .known = true, .bounding = held ? 1 << 10 : 0 } });
		builder_end(&t, 2, exited(126));
		builder_end(&t, 1, exited(126));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		bool named = !strcmp(d->root_cause, "capability_missing") &&
			     strstr(d->title, "/coredns has NET_BIND_SERVICE on its file") &&
			     strstr(d->recommendations[0].text, "Add NET_BIND_SERVICE to") &&
			     strstr(d->recommendations[1].text, "`RUN setcap -r /coredns`");
		assert_int_equal(named, !held);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* A kind of interface has the name of its module. */
static void a_kind_of_interface_names_its_module(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "ip link add dev wg0 type wireguard");
	builder_output(&t, 1, "Error: Unknown device type.\n");
	builder_end(&t, 1, exited(2));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "kernel_unsupported");
	assert_non_null(strstr(d->title, "the module wireguard"));
	assert_non_null(strstr(d->recommendations[0].text, "modprobe wireguard"));
	diagnosis_free(d);
	builder_free(&t);
}

/* A module of the kernel and a capability are both missing: half of it would mend nothing. */
static void a_tool_without_its_module_is_told_of_its_capability(void **state)
{
	(void)state;
	for (int held = 0; held < 2; held++) {
		struct builder t = builder_new();
		t.c->described = true;
		t.c->capabilities = held ? 1 << 12 : 0;
		builder_exec(&t, 1, "wg show wg0");
		builder_output(&t, 1, "Unable to access interface: Protocol not supported\n");
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		assert_string_equal(d->root_cause, "kernel_unsupported");
		assert_non_null(strstr(d->recommendations[0].text, "modprobe wireguard"));
		assert_int_equal(
			strstr(d->recommendations[1].text, "And give the container") != NULL,
			!held);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* A login that was refused, and a key or a variable of that kind that is empty; or one of another kind. */
static void a_secret_that_is_empty_is_named(void **state)
{
	static const struct {
		const char *keys, *variables, *said;
	} rows[] = {
		{ "/etc/db/notes /etc/db/password", "", "Fill /etc/db/password, which is empty" },
		{ "", "DEBUG DB_PASSWORD", "DB_PASSWORD a value" },
		{ "/etc/db/notes", "DEBUG", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct builder t = builder_new();
		container_set(&t.c->keys_empty, rows[i].keys);
		container_set(&t.c->env_empty, rows[i].variables);
		builder_exec(&t, 1, "server");
		builder_output(&t, 1, "the ledger refused the login\n");
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		bool named = rows[i].said && d->n_recommendations &&
			     strstr(d->recommendations[0].text, rows[i].said);
		assert_int_equal(named, rows[i].said != NULL);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* A password that is wrong, and a variable of that name whose value ends in a line break; or another variable's. */
static void a_line_break_in_a_password_is_named(void **state)
{
	static const char *const names[] = { "GREETING DB_PASSWORD", "GREETING" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct builder t = builder_new();
		container_set(&t.c->env_line_break, names[i]);
		builder_exec(&t, 1, "server");
		builder_output(&t, 1, "key store: Password is not ASCII\n");
		builder_end(&t, 1, exited(1));
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		bool named = d->n_recommendations &&
			     strstr(d->recommendations[0].text,
				     "line break from the end of the value of DB_PASSWORD");
		assert_int_equal(named, !i);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* envsubst without a list of names, and with one: only the first takes the program's own variables away. */
static void envsubst_takes_what_it_is_not_told_to_leave(void **state)
{
	static const struct {
		const char *command, *says;
	} cases[] = { { "envsubst", "Name the variables for envsubst" },
		{ "envsubst $HOST", "Correct proxy_set_header in /tmp/n.conf, line 7" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, "sh -c script");
		builder_run(&t, 1, 2, cases[i].command);
		builder_end(&t, 2, exited(0));
		builder_exec(&t, 1, "nginx -c /tmp/n.conf");
		builder_output(&t, 1,
			"nginx: [emerg] invalid number of arguments in \"proxy_set_header\" "
			"directive in /tmp/n.conf:7\n");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "bad_configuration", NULL, cases[i].says);
	}
}

static void an_interpreter_needs_something_to_run(void **state)
{
	struct builder t = ends("node", "", 0);

	(void)state;
	builder_expect(&t, "exited_zero", NULL, "node was given nothing to run");
	t = ends("node app.js", "", 0);
	builder_expect(&t, "exited_zero", NULL, "standard input");
}

/* The shell hands on a pattern that it finds no file for, and the test of it fails. */
static void a_pattern_that_nothing_matches_leaves_nothing_to_do(void **state)
{
	struct builder t = builder_new();

	(void)state;
	t.input.restarts_same_cause = 3;
	builder_exec(&t, 1, "sh /run-jobs");
	builder_fail(&t, 1, "newfstatat", ENOENT, "/etc/jobs.d/*.job");
	builder_end(&t, 1, exited(0));
	builder_expect(&t, "exited_zero", NULL, "no file matches that");
}

static void commands_of_packages_are_installed_with_them(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, own ? "node /usr/bin/yarn start" : "bash start.sh");
		builder_run(&t, 1, 2, "sh -c next start");
		builder_output(&t, 2, "sh: 1: next: not found\n");
		builder_end(&t, 2, exited(127));
		builder_end(&t, 1, exited(127));
		builder_expect(&t, "command_not_found", NULL,
			own ? "`yarn install`" : "Install next in the image");
	}
}

/* Python tries /tmp first and the working directory last: it is the first that is wanted. */
static void temporary_files_belong_into_tmp(void **state)
{
	(void)state;
	for (int before = 0; before < 2; before++) {
		struct builder t = builder_new();
		t.c->described = t.c->root.read_only = true;
		builder_exec(&t, 1, "python3 app.py");
		if (before)
			builder_fail_flags(
				&t, 1, "openat", "O_RDWR|O_CREAT|O_EXCL", EROFS, "/tmp/t3l39llw");
		builder_fail_flags(&t, 1, "openat", "O_RDWR|O_CREAT|O_EXCL", EROFS, "/t3l39llx");
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "read_only_filesystem", NULL,
			before ? "Mount an emptyDir at /tmp" : "readOnlyRootFilesystem: false");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_are_for_a_shell),
		cmocka_unit_test(signs_may_be_meant_as_they_are),
		cmocka_unit_test(names_say_where_they_come_from),
		cmocka_unit_test(clients_have_addresses_of_their_own),
		cmocka_unit_test(seccomp_advice_fits_the_call),
		cmocka_unit_test(nothing_is_in_the_background_of_what_was_seen_in_part),
		cmocka_unit_test(services_stay_in_the_foreground),
		cmocka_unit_test(an_empty_key_is_named),
		cmocka_unit_test(a_silent_end_is_read_from_the_script),
		cmocka_unit_test(a_sysctl_is_set_in_the_pod),
		cmocka_unit_test(only_known_modules_are_installed_by_name),
		cmocka_unit_test(a_file_capability_that_was_dropped_is_named),
		cmocka_unit_test(a_secret_that_is_empty_is_named),
		cmocka_unit_test(a_line_break_in_a_password_is_named),
		cmocka_unit_test(temporary_files_belong_into_tmp),
		cmocka_unit_test(envsubst_takes_what_it_is_not_told_to_leave),
		cmocka_unit_test(an_interpreter_needs_something_to_run),
		cmocka_unit_test(a_pattern_that_nothing_matches_leaves_nothing_to_do),
		cmocka_unit_test(commands_of_packages_are_installed_with_them),
		cmocka_unit_test(a_kind_of_interface_names_its_module),
		cmocka_unit_test(a_tool_without_its_module_is_told_of_its_capability),
		cmocka_unit_test(null_comes_from_a_key_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
