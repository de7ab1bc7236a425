// SPDX-License-Identifier: MIT
/* Lines of real programs, taken apart: level, what they say, and who logged it. */
#include "story_builder.h"

#include "diagnose/log/parse.h"

static const struct {
	const char *line;
	enum severity severity;
	const char *text;   /* message and error */
	const char *logger; /* NULL: does not matter */
} forms[] = {
	/* JSON */
	{ "{\"level\":\"error\",\"ts\":1714556400.1,\"caller\":\"m/m.go:12\",\"msg\":\"cannot "
	  "start\",\"error\":\"no licence\"}",
		SEVERITY_ERROR, "cannot start: no licence", "" },
	{ "{\"level\":50,\"time\":1714556400000,\"pid\":1,\"err\":{\"type\":\"Error\",\"message\":"
	  "\"connect ECONNREFUSED 10.0.0.1:5432\",\"stack\":\"Error: x\\n at y\"},\"msg\":\"gave "
	  "up\"}",
		SEVERITY_ERROR, "gave up: connect ECONNREFUSED 10.0.0.1:5432", "" },
	{ "{\"name\":\"api\",\"hostname\":\"h\",\"pid\":1,\"level\":60,\"msg\":\"bad "
	  "key\",\"time\":\"2024-05-01T10:00:00Z\",\"v\":0}",
		SEVERITY_FATAL, "bad key", "api" },
	{ "{\"@timestamp\":\"2024-05-01T10:00:00Z\",\"@version\":\"1\",\"message\":\"Application "
	  "run "
	  "failed\",\"logger_name\":\"o.s.b.SpringApplication\",\"level\":\"ERROR\",\"stack_"
	  "trace\":\"java.lang.IllegalStateException: x\\n\\tat a.b\\nCaused by: "
	  "java.io.IOException: y\\n\\tat c.d\"}",
		SEVERITY_ERROR, "Application run failed: java.io.IOException: y",
		"o.s.b.SpringApplication" },
	{ "{\"@t\":\"2024-05-01T10:00:00Z\",\"@mt\":\"Host "
	  "terminated\",\"@l\":\"Fatal\",\"@x\":\"System.Exception: no key\\n   at P.Main()\"}",
		SEVERITY_FATAL, "Host terminated: System.Exception: no key", NULL },
	{ "{\"log.level\":\"error\",\"error.message\":\"bad yaml\",\"message\":\"exiting\"}",
		SEVERITY_ERROR, "exiting: bad yaml", NULL },
	{ "{\"log\":{\"level\":\"error\",\"logger\":\"x\"},\"message\":\"m\",\"error\":{"
	  "\"message\":\"e\"}}",
		SEVERITY_ERROR, "m: e", "x" },
	{ "{\"t\":{\"$date\":\"2024-05-01T10:00:00\"},\"s\":\"E\",\"c\":\"CONTROL\",\"id\":20557,"
	  "\"ctx\":\"initandlisten\",\"msg\":\"DBException in initAndListen, "
	  "terminating\",\"attr\":{\"error\":\"NonExistentPath: Data directory /data/db not "
	  "found\"}}",
		SEVERITY_ERROR,
		"DBException in initAndListen, terminating: NonExistentPath: Data directory "
		"/data/db not found",
		NULL },
	{ "{\"type\":\"server\",\"timestamp\":\"x\",\"level\":\"ERROR\",\"component\":\"o.e.b.E\","
	  "\"message\":\"uncaught exception\",\"stacktrace\":[\"java.lang.IllegalStateException: "
	  "failed to obtain node locks\",\"at a\"]}",
		SEVERITY_ERROR,
		"uncaught exception: java.lang.IllegalStateException: failed to obtain node locks",
		"o.e.b.E" },
	{ "{\"event\":\"boot failed\",\"level\":\"critical\",\"exception\":\"Traceback (most "
	  "recent call last):\\n  File \\\"a.py\\\"\\nKeyError: 'X'\"}",
		SEVERITY_FATAL, "boot failed: KeyError: 'X'", NULL },
	{ "{\"timestamp\":\"x\",\"level\":\"ERROR\",\"fields\":{\"message\":\"bind "
	  "failed\",\"error\":\"in use\"},\"target\":\"app\"}",
		SEVERITY_ERROR, "bind failed: in use", "app" },
	{ "{\"@level\":\"error\",\"@message\":\"bad config\",\"@module\":\"agent\"}",
		SEVERITY_ERROR, "bad config", NULL },
	{ "{\"ts\":1.1,\"msg\":\"Failed\",\"err\":\"open /x: no such file\"}", SEVERITY_ERROR,
		"Failed: open /x: no such file", NULL },
	{ "{\"severity\":\"CRITICAL\",\"message\":\"caf\\u00e9 \\\"x\\\"\"}", SEVERITY_FATAL,
		"caf\xc3\xa9 \"x\"", NULL },
	{ "{\"level\":\"error\",\"message\":\"checks failed\\n[1] map count is too low\\n  at "
	  "a.b(c)\"}",
		SEVERITY_ERROR, "checks failed [1] map count is too low", NULL },
	{ "{\"level\":\"error\",\"message\":\"boot failed\\nTraceback (most recent call "
	  "last):\\n  File \\\"a.py\\\", line 1\\nValueError: no key\"}",
		SEVERITY_ERROR, "boot failed: ValueError: no key", NULL },
	{ "{\"log\":\"cannot start\\n\",\"stream\":\"stderr\"}", SEVERITY_NONE, "cannot start",
		NULL },
	{ "{\"short_message\":\"down\",\"level\":3,\"version\":\"1.1\"}", SEVERITY_ERROR, "down",
		NULL },
	{ "{\"level\":\"error\",\"msg\":\"cut", SEVERITY_ERROR, "cut", NULL },
	{ "{\"level\":\"info\",\"msg\":\"error count is 0\"}", SEVERITY_INFO, "error count is 0",
		NULL },
	{ "{ Error: connect ECONNREFUSED", SEVERITY_NONE, "{ Error: connect ECONNREFUSED", NULL },
	/* logfmt */
	{ "time=\"2024-05-01T10:00:00Z\" level=fatal msg=\"no \\\"x\\\"\" error=\"bad thing\"",
		SEVERITY_FATAL, "no \"x\": bad thing", NULL },
	{ "ts=2024-05-01T10:00:00.000Z caller=main.go:12 level=error component=tsdb err=\"lock: in "
	  "use\"",
		SEVERITY_ERROR, "lock: in use", "tsdb" },
	{ "level=warn ts=1 msg=x", SEVERITY_WARNING, "x", NULL },
	{ "LANG=C app --level=3", SEVERITY_NONE, "LANG=C app --level=3", NULL },
	/* klog, zap */
	{ "E0501 10:00:00.123456       1 main.go:12] lost the lease", SEVERITY_ERROR,
		"lost the lease", NULL },
	{ "F0501 10:00:00.123456       1 main.go:12] \"Failed to run\" err=\"open /x: denied\"",
		SEVERITY_FATAL, "Failed to run: open /x: denied", NULL },
	{ "2024-05-01T10:00:00.000Z\tERROR\tsetup\tunable to start manager\t{\"error\": \"no "
	  "kind\"}",
		SEVERITY_ERROR, "unable to start manager: no kind", "setup" },
	{ "1.7145564e+09\tINFO\tmain.go:3\tstarted", SEVERITY_INFO, "started", "" },
	/* Java */
	{ "2024-05-01 10:00:00,123 ERROR [main] org.foo.Bar: cannot bind", SEVERITY_ERROR,
		"cannot bind", NULL },
	{ "10:00:00.123 [main] ERROR org.foo.Bar - cannot bind", SEVERITY_ERROR, "cannot bind",
		NULL },
	{ "2024-05-01T10:00:00.123Z ERROR 1 --- [           main] o.s.boot.SpringApplication       "
	  "        : Application run failed",
		SEVERITY_ERROR, "Application run failed", NULL },
	{ "[2024-05-01 10:00:00,123] ERROR Exiting Kafka (kafka.Kafka$)", SEVERITY_ERROR,
		"Exiting Kafka (kafka.Kafka$)", NULL },
	{ "[2024-05-01T10:00:00,123][ERROR][o.e.b.Bootstrap          ] [node-1] Exception",
		SEVERITY_ERROR, "Exception", "o.e.b.Bootstrap" },
	{ "01-May-2024 10:00:00.123 SEVERE [main] org.apache.catalina.startup.Catalina.load x y",
		SEVERITY_ERROR, "org.apache.catalina.startup.Catalina.load x y", NULL },
	/* Python */
	{ "ERROR:root:no key 'A'", SEVERITY_ERROR, "no key 'A'", "root" },
	{ "2024-05-01 10:00:00,123 - app.main - ERROR - cannot start", SEVERITY_ERROR,
		"cannot start", "app.main" },
	{ "[2024-05-01 10:00:00 +0000] [7] [ERROR] Worker failed to boot", SEVERITY_ERROR,
		"Worker failed to boot", NULL },
	{ "[2024-05-01 10:00:00,123: ERROR/MainProcess] consumer: Cannot connect", SEVERITY_ERROR,
		"consumer: Cannot connect", NULL },
	{ "2024-05-01 10:00:00.123 | ERROR    | app.main:run:12 - no key", SEVERITY_ERROR, "no key",
		"app.main:run:12" },
	/* Ruby, Rust, Go, .NET */
	{ "E, [2024-05-01T10:00:00.123456 #1] ERROR -- : no key", SEVERITY_ERROR, "no key", NULL },
	{ "[2024-05-01T10:00:00Z ERROR app::cfg] no key", SEVERITY_ERROR, "no key", NULL },
	{ "2024-05-01T10:00:00.123456Z ERROR app::cfg: no key", SEVERITY_ERROR, "no key",
		"app::cfg" },
	{ "2024/05/01 10:00:00 listen tcp :80: bind: denied", SEVERITY_NONE,
		"listen tcp :80: bind: denied", "" },
	{ "2024/05/01 10:00:00 main.go:12: no key", SEVERITY_NONE, "no key", NULL },
	{ "2024-05-01T10:00:00Z E! [telegraf] Error: no outputs", SEVERITY_ERROR,
		"Error: no outputs", "telegraf" },
	{ "2024-05-01T10:00:00.123Z [ERROR] agent: no key: error=\"x\"", SEVERITY_ERROR,
		"agent: no key: error=\"x\"", NULL },
	/* servers */
	{ "2024/05/01 10:00:00 [emerg] 1#1: unknown directive \"x\"", SEVERITY_FATAL,
		"unknown directive \"x\"", NULL },
	{ "2024/05/01 10:00:00 [error] 7#7: *5 open() \"/x\" failed (2: No such file)",
		SEVERITY_ERROR, "open() \"/x\" failed (2: No such file)", NULL },
	{ "nginx: [emerg] host not found in upstream \"x\"", SEVERITY_FATAL,
		"host not found in upstream \"x\"", "nginx" },
	{ "[Wed May 01 10:00:00.123 2024] [core:error] [pid 1:tid 2] AH00014: Configuration check "
	  "failed",
		SEVERITY_ERROR, "AH00014: Configuration check failed", NULL },
	{ "2024-05-01 10:00:00.123 UTC [1] FATAL:  role \"x\" does not exist", SEVERITY_FATAL,
		"role \"x\" does not exist", NULL },
	{ "2024-05-01 10:00:00.123 UTC [1] LOG:  could not bind", SEVERITY_NONE, "could not bind",
		NULL },
	{ "2024-05-01T10:00:00.123456Z 0 [ERROR] [MY-010187] [Server] Could not open file",
		SEVERITY_ERROR, "Could not open file", NULL },
	{ "2024-05-01 10:00:00 0 [Note] Starting MariaDB, error log to stderr", SEVERITY_INFO,
		"Starting MariaDB, error log to stderr", NULL },
	{ "1:M 01 May 2024 10:00:00.123 # Fatal error, can't open config file", SEVERITY_NONE,
		"Fatal error, can't open config file", NULL },
	{ "1:C 01 May 2024 10:00:00.123 * Configuration loaded", SEVERITY_INFO,
		"Configuration loaded", NULL },
	{ "[ALERT]    (1) : config : parsing [/x.cfg:12] : unknown keyword 'y'", SEVERITY_FATAL,
		"parsing [/x.cfg:12] : unknown keyword 'y'", "config" },
	{ "[2024-05-01 10:00:00.123][1][critical][main] [source/server/server.cc:117] error "
	  "initializing",
		SEVERITY_FATAL, "error initializing", NULL },
	{ "2024-05-01 10:00:00.123 [error] <0.123.0> bad config", SEVERITY_ERROR, "bad config",
		NULL },
	{ "[2024/05/01 10:00:00] [error] [config] unknown key", SEVERITY_ERROR, "unknown key",
		NULL },
	{ "2024-05-01 10:00:00 +0000 [error]: config error file=\"/f.conf\"", SEVERITY_ERROR,
		"config error file=\"/f.conf\"", NULL },
	{ "2024-05-01 10:00:00,123 CRIT Supervisor is running", SEVERITY_FATAL,
		"Supervisor is running", NULL },
	{ "May  1 10:00:00 host sshd[12]: no hostkeys", SEVERITY_NONE, "no hostkeys", "sshd" },
	{ "<11>May  1 10:00:00 host app: no key", SEVERITY_ERROR, "no key", "app" },
	{ "10.0.0.9 - - [01/May/2024:10:00:00 +0000] \"GET /error HTTP/1.1\" 404 12", SEVERITY_INFO,
		"10.0.0.9 - - [01/May/2024:10:00:00 +0000] \"GET /error HTTP/1.1\" 404 12", NULL },
	{ "[01-May-2024 10:00:00] ERROR: [pool www] user has not been defined", SEVERITY_ERROR,
		"[pool www] user has not been defined", NULL },
	/* plain */
	{ "error: no key", SEVERITY_ERROR, "error: no key", NULL },
	{ "Error: listen EADDRINUSE: address in use :::80", SEVERITY_ERROR,
		"Error: listen EADDRINUSE: address in use :::80", NULL },
	{ "FATAL out of licences", SEVERITY_FATAL, "FATAL out of licences", NULL },
	{ "12 workers failed", SEVERITY_NONE, "12 workers failed", "" },
	{ "the warning light is on", SEVERITY_NONE, "the warning light is on", "" },
	{ "[1]", SEVERITY_NONE, "[1]", "" },
	{ "", SEVERITY_NONE, "", "" },
	{ "PORT=80 is taken", SEVERITY_NONE, "PORT=80 is taken", "" },
	{ "cat: /etc/x: No such file or directory", SEVERITY_NONE,
		"cat: /etc/x: No such file or directory", "" },
};

static void every_form_is_taken_apart(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct parsed_line l;
		char text[2 * LOG_TEXT_MAX];
		log_parse(forms[i].line, &l);
		log_text(&l, text, sizeof(text));
		bool logger = !forms[i].logger || !strcmp(forms[i].logger, l.logger);
		if (l.severity == forms[i].severity && !strcmp(text, forms[i].text) && logger)
			continue;
		print_error("%s\n  -> level %d, \"%s\", by \"%s\"\n", forms[i].line, l.severity,
			text, l.logger);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static void requests_that_were_served_are_told_apart(void **state)
{
	struct parsed_line l;

	(void)state;
	log_parse("::1 - x [01/May/2024:10:00:00 +0000] \"GET /e HTTP/1.1\" 500 1", &l);
	assert_int_equal(l.form, LOG_ACCESS);
	log_parse("speaks HTTP/1.1 to \"x\"", &l);
	assert_int_equal(l.form, LOG_PLAIN);
}

static void colours_are_left_out(void **state)
{
	char text[] = "\033[31mERROR\033[0m \033[1;33mx\033[K y\033", want[] = "ERROR x y";

	(void)state;
	log_simplify(text);
	assert_string_equal(text, want);
}

static void quotes_are_plain(void **state)
{
	char text[] = "cp: cannot stat ‘a’: “b” \xe2\x80",
	     want[] = "cp: cannot stat 'a': \"b\" \xe2\x80";

	(void)state;
	log_simplify(text);
	assert_string_equal(text, want);
}

/* Every prefix of every form: what was cut is read within its bounds. */
static void lines_that_were_cut_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		for (size_t len = strlen(forms[i].line); len > 0; len--) {
			_cleanup_free_ char *cut = strndup(forms[i].line, len);
			struct parsed_line l;
			log_parse(cut, &l);
			assert_true(strlen(l.message) <= len);
		}
}

/* Nothing behind the head: what was said is the line, and never the empty text. */
static void heads_alone_are_plain(void **state)
{
	static const char *const lines[] = { "E0501 10:00:00.123456       1 main.go:12] ",
		"E0501 10:00:00.123456       1 main.go:12] \"\"", "2024-05-01T10:00:00Z\terror\t\t",
		"2024-05-01T10:00:00Z\terror\ta.go:1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct parsed_line l;
		log_parse(lines[i], &l);
		if (l.form == LOG_FIELDS || !*l.message)
			fail_msg("%s: \"%s\"", lines[i], l.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_taken_apart),
		cmocka_unit_test(requests_that_were_served_are_told_apart),
		cmocka_unit_test(colours_are_left_out),
		cmocka_unit_test(quotes_are_plain),
		cmocka_unit_test(lines_that_were_cut_are_read),
		cmocka_unit_test(heads_alone_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
