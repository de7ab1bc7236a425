// SPDX-License-Identifier: MIT
/* Of what a program wrote at its end, the one line that says why: languages, option parsers, servers. */
#include "story_builder.h"

#include "diagnose/log/lines.h"

static const struct {
	const char *output, *line;
} endings[] = {
	/* usage texts: the line before or behind them */
	{ "flag provided but not defined: -zap-level\nUsage of /manager:\n  -addr string\n    "
	  "\tThe "
	  "address the metric endpoint binds to. (default \":8080\")\n  -kubeconfig string\n    "
	  "\tPaths "
	  "to a kubeconfig. Required if out-of-cluster.\n",
		"flag provided but not defined: -zap-level" },
	{ "usage: app.py [-h] [--port PORT]\napp.py: error: unrecognized arguments: --prot 80\n",
		"app.py: error: unrecognized arguments: --prot 80" },
	{ "app: unrecognized option '--foo'\nTry 'app --help' for more information.\n",
		"app: unrecognized option '--foo'" },
	{ "Error: unknown flag: --foo\nUsage:\n  app serve [flags]\n\nFlags:\n  -h, --help   help "
	  "for "
	  "serve\n      --must   required\n\nUse \"app [command] --help\" for more information "
	  "about a "
	  "command.\n",
		"Error: unknown flag: --foo" },
	{ "error: unexpected argument '--foo' found\n\n  tip: a similar argument exists: "
	  "'--for'\n\nUsage: app [OPTIONS]\n\nFor more information, try '--help'.\n",
		"error: unexpected argument '--foo' found" },
	{ "Usage: app [OPTIONS]\nTry 'app --help' for help.\n\nError: No such option: --foo\n",
		"Error: No such option: --foo" },
	{ "Unknown option: '--foo'\nUsage: app [-hV]\n  -h, --help      Show this help\n",
		"Unknown option: '--foo'" },
	/* npm's usage text, of which the middle was not kept */
	{ "npm error code EUSAGE\nnpm error The `npm ci` command can only install with an existing "
	  "package-lock.json or\nnpm error Options:\nnpm error [--om\n...\nthe\nnpm error   "
	  "--workspaces\nnpm error A complete log of this run can be found in: /root/a.log\n",
		"npm error The `npm ci` command can only install with an existing "
		"package-lock.json or" },
	/* what sums up a parser's complaint, and what does not */
	{ "/etc/gitlab/gitlab.rb:2: syntax error, unexpected end-of-input\nConfiguring GitLab\n"
	  "There was an error running gitlab-ctl reconfigure\n",
		"/etc/gitlab/gitlab.rb:2: syntax error, unexpected end-of-input" },
	{ "/etc/gitlab/gitlab.rb:2: unknown key\nerror: port 8080 is already in use\n",
		"error: port 8080 is already in use" },
	{ "E store: directory /data holds foreign files\nI store: shutting down\nI store: bye\n",
		"E store: directory /data holds foreign files" },
	{ "opening /data\nerror: exiting, no space\n", "error: exiting, no space" },
	/* languages */
	{ "panic: no licence\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:12 "
	  "+0x1d\nexit status 2\n",
		"panic: no licence" },
	{ "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n    "
	  "os.environ['A_B']\nKeyError: 'A_B'\n",
		"KeyError: 'A_B'" },
	{ "/app/index.js:3\nthrow new Error('bad config');\n^\n\nError: bad config\n    at "
	  "Object.<anonymous> (/app/index.js:3:7)\n\nNode.js v18.0.0\n",
		"Error: bad config" },
	{ "Exception in thread \"main\" java.lang.IllegalStateException: x\n\tat "
	  "a.B.c(B.java:1)\nCaused by: "
	  "java.io.IOException: no key\n\tat a.D.e(D.java:2)\n\t... 12 more\n",
		"Caused by: java.io.IOException: no key" },
	{ "Unhandled exception. System.InvalidOperationException: x\n ---> "
	  "System.ArgumentException: no "
	  "key\n   at P.Main()\n   --- End of inner exception stack trace ---\n   at P.Q()\n",
		"---> System.ArgumentException: no key" },
	{ "thread 'main' panicked at src/main.rs:3:5:\nno licence\nnote: run with "
	  "`RUST_BACKTRACE=1` "
	  "environment variable to display a backtrace\n",
		"no licence" },
	{ "app.rb:7:in `fetch': key not found: \"A_B\" (KeyError)\n\tfrom app.rb:7:in `<main>'\n",
		"app.rb:7:in `fetch': key not found: \"A_B\" (KeyError)" },
	{ "PHP Fatal error:  Uncaught Exception: no key in /app/i.php:3\nStack trace:\n#0 {main}\n "
	  " "
	  "thrown in /app/i.php on line 3\n",
		"PHP Fatal error:  Uncaught Exception: no key in /app/i.php:3" },
	{ "Can't locate Foo.pm in @INC at x line 1.\nBEGIN failed--compilation aborted at x line "
	  "1.\n",
		"Can't locate Foo.pm in @INC at x line 1." },
	{ "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no "
	  "key\nAborted (core dumped)\n",
		"what():  no key" },
	/* levels */
	{ "{\"level\":\"error\",\"msg\":\"cannot start\",\"error\":\"license "
	  "expired\"}\n{\"level\":\"info\","
	  "\"msg\":\"error count: 1\"}\n{\"level\":\"info\",\"msg\":\"stopped\"}\n",
		"cannot start: license expired" },
	{ "2024-05-01 10:00:00 0 [ERROR] unknown variable 'x=1'\n2024-05-01 10:00:00 0 [ERROR] "
	  "Aborting\n2024-05-01 10:00:00 0 [Note] failed plugins: none\n",
		"unknown variable 'x=1'" },
	{ "FATAL: no licence\nwriting crash dump to /var/crash/x failed\ncannot close /data\n",
		"FATAL: no licence" },
	{ "\033[31mERROR\033[0m no licence\nshutting down\n", "ERROR no licence" },
	{ "2024-05-01T10:00:00.000Z\tERROR\tsetup\tno manager\t{\"error\": \"no "
	  "kind\"}\nmain.main\n\t/"
	  "app/main.go:12\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:250\n",
		"no manager: no kind" },
	{ "licence check\nall is lost\n", "all is lost" },
	/* a summary of what was said before: the first complaint that names a place in the file */
	{ "/etc/x.conf:3: error: unknown keyword 'intreface'\n/etc/x.conf:3: error: stray ':'\n"
	  "read /etc/x.conf failed: 2 errors in configuration file\n[1] unbound[1:0] fatal error: "
	  "Could not read config file: /etc/x.conf. Maybe try unbound -dd\n",
		"/etc/x.conf:3: error: unknown keyword 'intreface'" },
	{ "cannot use /etc/a.conf: line 2 is wrong\nfailed to load /etc/b.conf\n",
		"failed to load /etc/b.conf" },
	/* an error of several lines in one field */
	{ "level=error msg=\"Loading configuration file failed\" err=\"yaml: unmarshal errors:\\n  "
	  "line 2: field reciever not found in type config.plain\"\n",
		"Loading configuration file failed: yaml: unmarshal errors: line 2: field reciever "
		"not found in type config.plain" },
	/* what to do about it stands below */
	{ "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as "
	  "root.\nsudo: If sudo is running in a container, you may need to adjust the container "
	  "configuration to disable the flag.\n",
		"sudo: The \"no new privileges\" flag is set, which prevents sudo from running as "
		"root." },
	{ "error: licence is invalid\nPlease check that no field is missing\n",
		"error: licence is invalid" },
	{ "starting\nPlease set TOKEN: it is missing\n", "Please set TOKEN: it is missing" },
	{ "error: no settings\nPlease note that A_B must be set\n",
		"Please note that A_B must be set" },
};

static void a_place_in_a_file_is_told(void **state)
{
	(void)state;
	assert_true(line_locates("error in /etc/x.conf:3: bad", "/etc/x.conf"));
	assert_true(line_locates("error in \"/etc/x.conf\", line 3", "/etc/x.conf"));
	assert_false(line_locates("cannot read /etc/x.conf: bad", "/etc/x.conf"));
	assert_false(line_locates("error: 3", ""));
}

static void the_line_that_says_why_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		_cleanup_strbuf_ struct strbuf err = STRBUF_INIT;
		struct log_lines w;
		strbuf_puts(&err, endings[i].output);
		struct process p = { .err = err };
		assert_int_equal(log_lines_of(&p, &w), 0);
		const char *line = log_lines_decisive(&w);
		if (!line || strcmp(line, endings[i].line))
			fail_msg("%s-> %s", endings[i].output, line);
		log_lines_free(&w);
	}
}

static void what_is_said_after_the_fatal_line_accuses_nobody(void **state)
{
	static const char *const output = "starting\nFATAL: cannot go on\n  because of x\n"
					  "DETAIL: cannot\ncannot write /var/crash/core\n";
	_cleanup_strbuf_ struct strbuf err = STRBUF_INIT;
	struct log_lines w;

	(void)state;
	strbuf_puts(&err, output);
	struct process p = { .err = err };
	assert_int_equal(log_lines_of(&p, &w), 0);
	assert_int_equal(w.n, 5);
	assert_false(w.accuses[0]);
	assert_true(w.accuses[1] && w.complains[1]);
	assert_true(w.accuses[2]);
	assert_true(w.accuses[3] && w.complains[3]);
	assert_false(w.complains[4]);
	log_lines_free(&w);
}

/* A failed open, and what the program said; the path is only named where a complaint names it. */
static bool is_accused(const char *output)
{
	struct builder t = builder_new();
	struct diagnosis *d = NULL;

	builder_exec(&t, 1, "/srv/server");
	builder_fail(&t, 1, "openat", ENOENT, "/etc/app/extra.yml");
	builder_output(&t, 1, output);
	builder_end(&t, 1, exited(1));
	t.input.now = t.now;
	assert_int_equal(diagnose(t.story, &t.input, &d), 0);
	bool accused =
		d && d->path && !strcmp(d->path, "/etc/app/extra.yml") && d->confidence > 0.6;
	diagnosis_free(d);
	builder_free(&t);
	return accused;
}

static void a_line_accuses_by_complaint_and_name(void **state)
{
	(void)state;
	assert_true(is_accused("cannot open /etc/app/extra.yml: No such file or directory\n"));
	assert_true(is_accused("cannot read configuration:\n  /etc/app/extra.yml\n"));
	assert_true(is_accused("{\"level\":\"error\",\"msg\":\"cannot load\",\"err\":\"open "
			       "/etc/app/extra.yml: no such file or directory\"}\n"));
	assert_false(is_accused("Config loaded from /etc/app/extra.yml\nlicence expired\n"));
	assert_false(is_accused("[Note] looking at /etc/app/extra.yml\n[ERROR] licence expired\n"));
	assert_false(is_accused(
		"reading /etc/app/extra.yml\nopen /data/x: No such file or directory\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_in_a_file_is_told),
		cmocka_unit_test(the_line_that_says_why_is_found),
		cmocka_unit_test(what_is_said_after_the_fatal_line_accuses_nobody),
		cmocka_unit_test(a_line_accuses_by_complaint_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
