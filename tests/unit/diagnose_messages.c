// SPDX-License-Identifier: MIT
/* Messages whose meaning is known: every row of the tables fits and is reached, and what is said of some of them. */
#include <ctype.h>

#include "story_builder.h"

#include "diagnose/knowledge/messages.h"

/* What stands for a blank in a text that is made from its pattern. */
static const struct {
	const char *blank, *text;
} samples[] = {
	{ "{option}", "--foo" },
	{ "{flag}", "--bucket" },
	{ "{key}", "max_size" },
	{ "{variable}", "DATABASE_URL" },
	{ "{setting}", "cache_size" },
	{ "{file}", "/etc/app/x.conf" },
	{ "{line}", "12" },
	{ "{line_index}", "12" },
	{ "{path}", "/data/x" },
	{ "{name}", "alice" },
	{ "{value}", "abc" },
	{ "{other}", "3.2.1" },
	{ "{host}", "10.0.0.1" },
	{ "{number}", "17" },
};

static char *example(const char *pattern)
{
	struct strbuf out = STRBUF_INIT;

	strbuf_puts(&out, "x ");
	while (*pattern) {
		size_t taken = 0;
		for (size_t i = 0; i < ARRAY_SIZE(samples) && !taken; i++) {
			if (strncmp(pattern, samples[i].blank, strlen(samples[i].blank)) != 0)
				continue;
			taken = strlen(samples[i].blank);
			strbuf_puts(&out, samples[i].text);
		}
		if (!taken)
			strbuf_putc(&out, *pattern);
		pattern += taken ? taken : 1;
	}
	return strbuf_take(&out);
}

static void every_config_message_is_reached(void **state)
{
	const struct config_message *rows;
	size_t n = config_messages(&rows);

	(void)state;
	assert_true(n > 100);
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *text = example(rows[i].pattern);
		struct message_match m;
		const struct config_message *found = config_message_of(text, &m);
		if (!found || (found != &rows[i] && found->problem != rows[i].problem))
			fail_msg("%s: %s", text, found ? found->pattern : "no row");
	}
}

/* A blank of a sentence or fix is one of the pattern's; a row that an earlier one hides would never speak. */
static void every_known_message_is_reached_and_whole(void **state)
{
	static const char *const own[] = { "{list}", "{container}" };
	static const char filled[] = "{path}{name}{value}{other}{host}{number}{option}";
	const struct known_message *rows;
	size_t n = known_messages(&rows);

	(void)state;
	assert_true(n > 80);
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *text = example(rows[i].pattern);
		struct message_match m;
		if (known_message_of(text, &m) != &rows[i])
			fail_msg("%s is not reached", rows[i].pattern);
		const char *texts[] = { rows[i].means, rows[i].fix, rows[i].manifest };
		for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
			for (const char *s = texts[k]; s && (s = strchr(s, '{')); s++) {
				char blank[16];
				snprintf(blank, sizeof(blank), "%.*s", (int)strcspn(s, "}") + 1, s);
				bool known =
					strstr(rows[i].pattern, blank) && strstr(filled, blank);
				if (!known && strcmp(blank, "{}") && strcmp(blank, own[0]) &&
					strcmp(blank, own[1]))
					fail_msg("%s: %s", rows[i].pattern, blank);
			}
		/* In brackets stands what is left out where its blank has no value. */
		for (const char *s = rows[i].fix; (s = strchr(s, '[')); s++)
			if (!memchr(s, '{', strcspn(s, "]")))
				fail_msg("%s: %s", rows[i].pattern, s);
		/* A sentence of its own follows "It means: ", and a fix is a sentence. */
		assert_true(rows[i].fix[strlen(rows[i].fix) - 1] == '.');
		assert_true(rows[i].means[strlen(rows[i].means) - 1] != '.');
		assert_true(isupper((unsigned char)rows[i].fix[0]));
	}
}

static void blanks_take_what_they_may(void **state)
{
	struct message_match m = { 0 };

	(void)state;
	assert_true(message_fits("unknown directive \"{key}\" in {file}:{line}",
		"nginx: unknown directive \"foo\" in /etc/nginx/nginx.conf:12", &m));
	assert_string_equal(m.blanks[BLANK_KEY], "foo");
	assert_string_equal(m.blanks[BLANK_FILE], "/etc/nginx/nginx.conf");
	assert_string_equal(m.blanks[BLANK_LINE], "12");
	assert_true(message_fits("{variable} must be set", "the variable A_B must be set", &m));
	assert_string_equal(m.blanks[BLANK_VARIABLE], "A_B");
	assert_false(message_fits("{variable} must be set", "the port must be set", &m));
	assert_false(message_fits("{variable} is required", "HTTPS is required", &m));
	assert_true(
		message_fits("{variable}: unbound variable", "sh: TOKEN: unbound variable", &m));
	assert_string_equal(m.blanks[BLANK_VARIABLE], "TOKEN");
	assert_false(message_fits("in {file} on line {line}", "in a file on line 3", &m));
	assert_true(message_fits("{flag} must be set", "the option --name must be set", &m));
	assert_string_equal(m.blanks[BLANK_FLAG], "--name");
	assert_false(message_fits("{flag} must be set", "the name - must be set", &m));
	assert_false(message_fits("unknown option {option}", "unknown option in line 3", &m));
	assert_true(message_fits("{setting} is required", "Error: db_host is required", &m));
	assert_string_equal(m.blanks[BLANK_SETTING], "db_host");
	assert_false(message_fits("{setting} is required", "a password is required", &m));
	assert_false(message_fits("{setting} is required", "DB_HOST is required", &m));
	assert_true(message_fits(">>> '{key}'\nBad", ">>> 'a b'\nBad directive", &m));
	assert_string_equal(m.blanks[BLANK_KEY], "a b");
	assert_false(message_fits(">>> '{key}'\nBad", ">>> 'a\nb'\nBad directive", &m));
}

/* A program with an option and a ConfigMap says this and ends with 1. */
static struct builder program_that_outputs(const char *output)
{
	struct builder t = builder_new();

	builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "app-config", true);
	builder_exec(&t, 1, "/srv/server --foo");
	builder_output(&t, 1, output);
	builder_end(&t, 1, exited(1));
	return t;
}

static void the_fix_names_what_to_correct_and_where(void **state)
{
	static const struct {
		const char *output, *cause, *path, *word;
	} cases[] = {
		{ "flag provided but not defined: -foo\nUsage of server:\n  -bar\n",
			"bad_configuration", NULL, "Take -foo out of the" },
		{ "server: error: unrecognized arguments: --foo\n", "bad_configuration", NULL,
			"Take --foo out of the container's command or args" },
		{ "[emerg] 1#1: unknown directive \"foo\" in /etc/app/nginx.conf:12\n",
			"bad_configuration", "/etc/app/nginx.conf",
			"Correct foo in /etc/app/nginx.conf, line 12: key nginx.conf of the "
			"ConfigMap app-config." },
		{ "yaml: line 7: did not find expected key in /etc/app/a.yaml\n",
			"bad_configuration", "/etc/app/a.yaml",
			"/etc/app/a.yaml, line 7 (key a.yaml of the ConfigMap app-config): mostly "
			"a "
			"line that is indented differently" },
		{ "yaml: line 3: found character that cannot start any token\n",
			"bad_configuration", NULL,
			"Correct the YAML that it reads, line 3: mostly a tab" },
		{ "invalid character '}' looking for beginning of object key string\n",
			"bad_configuration", NULL, "mostly a comma before a closing bracket" },
		{ "strconv.Atoi: parsing \"8080\\n\": invalid syntax\n", "bad_configuration", NULL,
			"Take the line break from the end of the value (8080\\n)" },
		{ "KeyError: 'DATABASE_URL'\n", "bad_configuration", NULL,
			"Set the environment variable DATABASE_URL" },
		{ "panic: required key API_TOKEN missing value\n", "bad_configuration", NULL,
			"- name: \"API_TOKEN\"" },
		{ "org.postgresql.util.PSQLException: FATAL: password authentication failed for "
		  "user "
		  "\"shop\"\n",
			"bad_configuration", NULL, "Correct the password of the user shop" },
		{ "Error: A JNI error\nException in thread \"main\" "
		  "java.lang.UnsupportedClassVersionError: "
		  "A has been compiled by a more recent version of the Java Runtime (class file "
		  "version 65.0), this version\n",
			"application_error", NULL, "class file version 65.0" },
		{ "fatal: detected dubious ownership in repository at '/src/app'\nTo add an "
		  "exception "
		  "for this directory, call:\n\n\tgit config --global --add safe.directory "
		  "/src/app\n",
			"application_error", "/src/app",
			"git config --global --add safe.directory /src/app" },
		{ "licence expired\n", "application_error", NULL, "licence expired" },
		{ "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n"
		  "    n = int(os.environ['WORKERS'])\n        ^^^^^^\nValueError: invalid literal "
		  "for int() with base 10: 'four'\n",
			"bad_configuration", NULL, "Set the environment variable WORKERS to" },
		{ "ValueError: invalid literal for int() with base 10: 'four'\n",
			"bad_configuration", NULL, "that holds four a value" },
		{ "node:internal/errors:496\n    ErrorCaptureStackTrace(err);\n    ^\n\nRangeError "
		  "[ERR_SOCKET_BAD_PORT]: options.port should be >= 0 and < 65536. Received type "
		  "number (70000).\n    at Server.listen (node:net:1880:5)\n",
			"bad_configuration", NULL, "a variable such as PORT" },
		{ "tomllib.TOMLDecodeError: Invalid value (at line 1, column 5)\n",
			"bad_configuration", NULL, "line 1; the ConfigMap app-config" },
		{ "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n"
		  "    c = json.load(open('/etc/app/config.json'))\n  File "
		  "\"/usr/lib/python3.11/json/decoder.py\", line 353, in raw_decode\n    obj, end "
		  "= "
		  "self.scan_once(s, idx)\njson.decoder.JSONDecodeError: Expecting ',' delimiter: "
		  "line 3 column 3 (char 20)\n",
			"bad_configuration", "/etc/app/config.json",
			"/etc/app/config.json, line 3 (key config.json of the ConfigMap "
			"app-config): mostly a missing comma" },
		{ "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n",
			"bad_configuration", NULL,
			"the ConfigMap app-config is mounted at /etc/app" },
		{ "Unhandled exception. System.IO.InvalidDataException: Failed to load "
		  "configuration from file '/etc/app/appsettings.json'.\n ---> "
		  "System.FormatException: Could not parse the JSON file.\n ---> "
		  "System.Text.Json.JsonReaderException: '}' is invalid after a value. LineNumber: "
		  "4 | BytePositionInLine: 0.\n",
			"bad_configuration", NULL, "line 5" },
		{ "[ALERT]    (1) : config : parsing [/etc/app/haproxy.cfg:6] : unknown keyword "
		  "'blance' in 'backend' section; did you mean 'balance' maybe ?\n"
		  "[ALERT]    (1) : config : Error(s) found in configuration file : "
		  "/etc/app/haproxy.cfg\n[ALERT]    (1) : config : Fatal errors found in "
		  "configuration.\n",
			"bad_configuration", "/etc/app/haproxy.cfg",
			"Correct blance in /etc/app/haproxy.cfg, line 6" },
		{ "[29-Nov-2026 10:00:00] ERROR: [/etc/app/f.conf:8] unknown entry "
		  "'pm.max_childrn'\n[29-Nov-2026 10:00:00] ERROR: Unable to include /etc/f.d from "
		  "/etc/app/f.conf at line 8\n[29-Nov-2026 10:00:00] ERROR: failed to load "
		  "configuration file '/etc/app/f.conf'\n[29-Nov-2026 10:00:00] ERROR: FPM "
		  "initialization failed\n",
			"bad_configuration", "/etc/app/f.conf",
			"pm.max_childrn in /etc/app/f.conf" },
		{ "{\"@timestamp\":\"2026-11-29T10:00:00Z\",\"log.level\":\"ERROR\","
		  "\"message\":\"node validation exception\\n[1] bootstrap checks failed. You must "
		  "address the points described in the following [1] lines before starting "
		  "Elasticsearch.\\nbootstrap check failure [1] of [1]: max virtual memory areas "
		  "vm.max_map_count [65530] is too low, increase to at least [262144]\"}\n"
		  "{\"@timestamp\":\"2026-11-29T10:00:00Z\",\"log.level\":\"INFO\","
		  "\"message\":\"stopping ...\"}\n",
			"node_limit", NULL, "vm.max_map_count" },
		{ "Failed to find attribute 'app' in 'main'.\n", "bad_configuration", NULL,
			"main:ATTRIBUTE" },
		{ "error: failed switching to \"appuser\": unable to find user appuser: no "
		  "matching "
		  "entries in passwd file\n",
			"bad_configuration", NULL, "useradd appuser" },
		{ "[30-Nov-2026 01:06:19] ERROR: [pool www] cannot get uid for user 'laravel'\n",
			"bad_configuration", NULL, "useradd laravel" },
		{ "2026-11-30 01:05:13.975 UTC [1] FATAL PgBouncer should not run as root\n",
			"application_error", NULL, "another user than root" },
		{ "mkdir: cannot create directory '/data/app': File exists\n", "stale_state",
			"/data/app", "mkdir -p /data/app" },
		{ "bash: line 2: cannot create temp file for here-document: Read-only file "
		  "system\n",
			"read_only_filesystem", NULL, "Mount an emptyDir at /tmp." },
		{ "doveconf: Fatal: Error in configuration file /etc/app/d.conf line 3: Unknown "
		  "setting: ssl_parameters\n",
			"bad_configuration", "/etc/app/d.conf",
			"Correct ssl_parameters in /etc/app/d.conf, line 3" },
		{ "Error: Invalid value for '-A' / '--app': \nUnable to load celery "
		  "application.\nThe module shop was not found.\n",
			"missing_module", NULL, "shop" },
		{ "ERROR:    Error loading ASGI app. Could not import module \"main\".\n",
			"missing_module", NULL, "main" },
		{ "1796005114: Error: Unknown configuration variable \"listner\".\n1796005114: "
		  "Error "
		  "found at /etc/app/m.conf:1.\n",
			"bad_configuration", "/etc/app/m.conf",
			"Correct listner in /etc/app/m.conf, line 1" },
		{ "etcdmain: error verifying flags, expected IP in URL for binding "
		  "(http://etcd-0:2379). See 'etcd --help'.\n",
			"bad_configuration", NULL, "http://0.0.0.0:2379" },
		{ "(/etc/app/k.conf: Line 6) WARNING - upstream pool_b doesn't exist\n",
			"bad_configuration", "/etc/app/k.conf",
			"Correct line 6 of /etc/app/k.conf" },
		{ "Config variable ${APACHE_RUN_DIR} is not defined\nSyntax error on line 80 of "
		  "/etc/app/a.conf: no valid directory\n",
			"bad_configuration", NULL, "set APACHE_RUN_DIR in the container's" },
		{ "dnsmasq: unknown interface ens192\n", "bad_configuration", NULL,
			"instead of ens192" },
		{ "Fatal: unable to create lock in backend: repository is already locked by PID "
		  "17 on backup-0\n",
			"stale_state", NULL, "restic unlock" },
		{ "OSError: /opt/libfast.so: invalid ELF header\n", "exec_format_error",
			"/opt/libfast.so", "git lfs pull" },
		{ "curl: (60) SSL certificate problem: certificate has expired\nMore details here: "
		  "https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of "
		  "the server and therefore could not\nestablish a secure connection to it. To "
		  "learn more about this situation and\nhow to fix it, please visit the web page "
		  "mentioned above.\n",
			"application_error", NULL, "Renew the server's certificate" },
		{ "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate "
		  "verify failed: Hostname mismatch, certificate is not valid for 'db.shop'. "
		  "(_ssl.c:992)\n",
			"bad_configuration", NULL, "certificate issued that holds db.shop" },
		{ "Fatal: Please specify repository location (-r or --repository-file)\n",
			"bad_configuration", NULL, "Set RESTIC_REPOSITORY" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct builder t = program_that_outputs(cases[i].output);
		builder_expect(&t, cases[i].cause, cases[i].path, cases[i].word);
	}
}

/* The forms that many programs share: a value of another type, what was not given, what is no longer there. */
static void what_is_wrong_with_a_setting_is_told(void **state)
{
	static const struct {
		const char *output, *word;
	} cases[] = {
		{ "yaml: unmarshal errors:\n  line 4: cannot unmarshal !!int `5` into "
		  "time.Duration\n",
			"Correct 5 in /etc/app/s.yml, line 4 (key s.yml of the ConfigMap "
			"app-config): it takes a duration with its unit" },
		{ "yaml: unmarshal errors:\n  line 9: cannot unmarshal !!map into []string\n",
			"Correct /etc/app/s.yml, line 9 (key s.yml of the ConfigMap app-config): "
			"it takes a list" },
		{ "json: cannot unmarshal string into Go struct field Config.port of type int\n",
			"Config.port in /etc/app/s.yml: key s.yml of the ConfigMap app-config; it "
			"takes a whole number" },
		{ "error: invalid type: string \"x\", expected u16 at line 3 column 7\n",
			"/etc/app/s.yml, line 3" },
		{ "Fatal: please specify the bucket's name (-b or --bucket)\n", "Add -b with its" },
		{ "error: --bucket must be specified\n", "Add --bucket with its value to the" },
		{ "You must specify --bucket=<name> for this backend\n",
			"Add --bucket with its value to the container's command or args." },
		{ "Please set S3_BUCKET before you start this\n", "variable S3_BUCKET" },
		{ "error: OLD_LIMIT is set but deprecated\nerror: deprecated variables "
		  "detected\n",
			"Take the environment variable OLD_LIMIT out of the pod" },
		{ "Error: the flag --config is no longer supported\n",
			"Take --config out of the container's command or args: this version" },
		{ "/etc/app/s.yml: setting 'a.b' has been removed in line 4\n",
			"Take a.b out of /etc/app/s.yml" },
		{ "Unrecognized option or missing or extra parameter(s) in /etc/app/s.yml:5: "
		  "old-way (2.6)\n",
			"Correct old-way in /etc/app/s.yml, line 5" },
		{ "server: unknown variable 'config=x'\n", "Take --config out of the" },
		{ "server: unknown variable 'conf=x'\n", "Correct conf in /etc/app/s.yml" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct builder t = builder_new();
		builder_mount(&t, "/etc/app", MOUNT_CONFIGMAP, "app-config", true);
		builder_exec(&t, 1, "/srv/server --config=/etc/app/s.yml");
		builder_output(&t, 1, cases[i].output);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, "bad_configuration", NULL, cases[i].word);
	}
}

/* The line that names the variable is quoted, not the one that sums up. */
static void a_summary_is_not_the_title(void **state)
{
	struct builder t = program_that_outputs(
		"error: OLD_LIMIT is set but deprecated\nerror: deprecated variables detected\n");
	struct diagnosis *d = builder_diagnose(&t);

	(void)state;
	assert_non_null(d);
	assert_non_null(strstr(d->title, "OLD_LIMIT"));
	diagnosis_free(d);
	builder_free(&t);
}

/* Line 481 of a library's file is nothing that anybody corrects, and what is not known is not made up. */
static void nothing_is_made_up(void **state)
{
	static const char *const outputs[] = {
		"TypeError: bad operand\n  File \"/usr/lib/python3/x.py\", line 481\n",
		"Error: cannot go on at /usr/lib/node/x.js:481\n", "all is lost\n"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		struct builder t = program_that_outputs(outputs[i]);
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		assert_string_equal(d->root_cause, "application_error");
		assert_int_equal(d->n_recommendations, 0);
		diagnosis_free(d);
		builder_free(&t);
	}
}

/* A blank ends before the next literal, which stands right behind what a blank may hold at most. */
static void blanks_are_bounded(void **state)
{
	struct message_match m;
	char text[400];

	(void)state;
	for (size_t len = 1; len < 300; len++) {
		snprintf(text, sizeof(text), "cannot open \"%0*d\" here", (int)len, 0);
		bool fits = message_fits("open \"{path}\" here", text, &m);
		assert_int_equal(fits, len < sizeof(m.blanks[0]));
		assert_true(!fits || strlen(m.blanks[BLANK_PATH]) == len);
	}
	assert_false(message_fits("open \"{path}\" here", "open \"a b\" here", &m));
	assert_true(message_fits("open \"{value}\" here", "open \"a b\" here", &m));
	assert_false(message_fits("open \"{value}\" here", "open \"a\nb\" here", &m));
	assert_false(message_fits("line {line} here", "line 1a here", &m));
	assert_true(message_fits("at{path} of x", "at/a of x", &m));
}

/* A line of no known form is the last resort: the reason may be anything that it follows from. */
static void an_unknown_line_is_not_sure(void **state)
{
	static const struct {
		const char *output;
		double least, most;
	} cases[] = {
		{ "all is lost\n", 0.6, 0.8 },
		{ "JavaScript heap out of memory\n", 0.9, 1 },
		{ "unknown option: --foo\n", 0.9, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct builder t = program_that_outputs(cases[i].output);
		struct diagnosis *d = builder_diagnose(&t);
		assert_non_null(d);
		if (d->confidence < cases[i].least || d->confidence > cases[i].most)
			fail_msg("%s-> %.2f", cases[i].output, d->confidence);
		diagnosis_free(d);
		builder_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_config_message_is_reached),
		cmocka_unit_test(every_known_message_is_reached_and_whole),
		cmocka_unit_test(blanks_take_what_they_may),
		cmocka_unit_test(blanks_are_bounded),
		cmocka_unit_test(the_fix_names_what_to_correct_and_where),
		cmocka_unit_test(what_is_wrong_with_a_setting_is_told),
		cmocka_unit_test(a_summary_is_not_the_title),
		cmocka_unit_test(nothing_is_made_up),
		cmocka_unit_test(an_unknown_line_is_not_sure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
