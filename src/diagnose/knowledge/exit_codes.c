// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/exit_codes.h"

#include <stddef.h>
#include <string.h>

#include "diagnose/context.h"
#include "util/cleanup.h"

#define ERRNO_MOST 134 /* below 122 a code is one of its own, or 128 and a signal */

#define GUNICORN_CHECK \
	"Let gunicorn say why: `gunicorn --check-config` with the container's other arguments, " \
	"run in the same image, prints the error; a --log-level above error hides it."

/* Tools that answer by their status; set -e takes a no for a failure. */
#define ANSWER(tool, what) \
	"Let the script expect that answer of `" tool "`, which is no failure (" what \
	"): `if " tool " ...`, or `" tool " ... || true`; under `set -e` it ends the script."
/* signal(7), bash(1): 128 and SIGPIPE. */
#define LOST_READER "a program of its pipeline wrote on when its reader had ended (SIGPIPE)"
#define KEEP_READING \
	"Let the reader of the pipeline read to the end (`sed -n 1p` in place of `head -n 1`, " \
	"`grep ... >/dev/null` in place of `grep -q`), or end that line with `|| true`: with " \
	"`set -o pipefail` a writer that loses its reader (SIGPIPE, 141) fails the script."

/* What their manual pages say (gunicorn: its arbiter). With these a silent end still tells why. */
static const struct exit_meaning meanings[] = {
	{ "curl", 5, "the name of the proxy does not resolve", MEANING_NAME, NULL },
	{ "curl", 6, "the name does not resolve", MEANING_NAME, NULL },
	{ "curl", 7, "the connection failed", MEANING_OTHER, NULL },
	{ "curl", 22, "the answer was an HTTP error (400 or above)", MEANING_OTHER,
		"Correct the address that curl asks for, or what its server has there: the answer "
		"is an HTTP error (404, 403 or the like), and with -f that ends curl with 22." },
	{ "curl", 28, "no answer came in time", MEANING_OTHER, NULL },
	{ "curl", 35, "the TLS handshake failed", MEANING_OTHER, NULL },
	{ "curl", 51, "the server's certificate is not the right one", MEANING_OTHER, NULL },
	{ "curl", 52, "the server closed the connection without an answer", MEANING_OTHER, NULL },
	{ "curl", 56, "the connection broke off", MEANING_OTHER, NULL },
	{ "curl", 60, "the server's certificate is not trusted", MEANING_OTHER,
		"Let curl trust the authority of the server's certificate: its certificate in a "
		"file, which --cacert or CURL_CA_BUNDLE names, or among those of the image "
		"(update-ca-certificates)." },
	{ "curl", 77, "the list of trusted authorities could not be read", MEANING_TRUST_LIST,
		"Install ca-certificates in the image, or let CURL_CA_BUNDLE (or --cacert) name "
		"the file that curl is to read the trusted authorities from." },
	{ "wget", 4, "the network failed", MEANING_OTHER, NULL },
	{ "wget", 5, "the server's certificate is not trusted", MEANING_OTHER, NULL },
	{ "wget", 6, "the server asks for a login", MEANING_OTHER, NULL },
	{ "wget", 8, "the server answered with an error", MEANING_OTHER, NULL },
	{ "timeout", 124, "the command was not done within the time that `timeout` gives it",
		MEANING_OTHER,
		"Give the command more time (the number behind `timeout`), or find out what it "
		"waits for." },
	/* timeout(1): 128+9 where it sends KILL (-s, -k), which it then sends to itself too */
	{ "timeout", 137, "it killed the command, which was not done within its time",
		MEANING_OTHER,
		"Give the command more time (the number behind `timeout`), or find out what it "
		"waits for: `timeout` sent the SIGKILL (-s KILL or -k), not the kernel for want "
		"of memory." },
	{ "pg_isready", 1, "the server refuses connections, as while it starts", MEANING_OTHER,
		NULL },
	{ "pg_isready", 2, "no server answers", MEANING_OTHER, NULL },
	{ "getent", 2, "the name is not found", MEANING_NAME, NULL },
	{ "grep", 1, "no line matched", MEANING_OTHER, ANSWER("grep", "no line matched") },
	{ "egrep", 1, "no line matched", MEANING_OTHER, ANSWER("egrep", "no line matched") },
	{ "fgrep", 1, "no line matched", MEANING_OTHER, ANSWER("fgrep", "no line matched") },
	{ "diff", 1, "the files differ", MEANING_OTHER, ANSWER("diff", "the files differ") },
	{ "cmp", 1, "the files differ", MEANING_OTHER, ANSWER("cmp", "the files differ") },
	{ "pgrep", 1, "no such process runs", MEANING_OTHER,
		ANSWER("pgrep", "no such process runs") },
	{ "expr", 1, "the result is 0 or empty", MEANING_OTHER,
		ANSWER("expr", "the result is 0 or empty") },
	{ "bash", 141, LOST_READER, MEANING_OTHER, KEEP_READING },
	{ "sh", 141, LOST_READER, MEANING_OTHER, KEEP_READING },
	{ "ksh", 141, LOST_READER, MEANING_OTHER, KEEP_READING },
	{ "zsh", 141, LOST_READER, MEANING_OTHER, KEEP_READING },
	{ "psql", 2, "the connection to the server failed", MEANING_OTHER, NULL },
	{ "psql", 3, "a statement of the script failed", MEANING_OTHER, NULL },
	{ "ssh", 255, "the connection failed", MEANING_OTHER, NULL },
	{ "rsync", 23, "some files were not transferred", MEANING_OTHER, NULL },
	{ "dig", 9, "no name server answered", MEANING_OTHER, NULL },
	{ "gunicorn", 3, "a worker could not load the application", MEANING_OTHER, GUNICORN_CHECK },
	{ "gunicorn", 4, "the application could not be loaded", MEANING_OTHER, GUNICORN_CHECK },
	/* parseconf.c and utility.c: die() writes to descriptor 0, where its client would be */
	{ "vsftpd", 2, "it refused its configuration, and said why where no log is", MEANING_OTHER,
		"Give vsftpd's configuration file to the user that starts it (`chown root`), who "
		"has to own it; if it is something else, `stdin: true` and `tty: true` bring its "
		"message (500 OOPS) into the log." },
};

const struct exit_meaning *exit_meaning_of(const char *program, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].code == code && !strcmp(meanings[i].program, program))
			return &meanings[i];
	return NULL;
}

/* npm ends with `err.errno`, which is negative, and of which the kernel keeps a byte. */
static const char *const errno_enders[] = { "npm", "npx", "npm-cli.js", "npx-cli.js" };

int exit_errno_of(const struct event *exec, int code)
{
	const char *name = program_name(exec), *script = program_script(exec);

	for (size_t i = 0; i < ARRAY_SIZE(errno_enders); i++)
		if ((!strcmp(name, errno_enders[i]) || !strcmp(script, errno_enders[i])) &&
			code > 256 - ERRNO_MOST)
			return 256 - code;
	return 0;
}

/* iproute2: 1 is a command that it does not understand, 2 what the kernel refused. */
static const char *const netlink_tools[] = { "ip", "tc", "bridge" };

bool exit_tells_of_refusal(const char *program, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(netlink_tools); i++)
		if (code == 2 && !strcmp(program, netlink_tools[i]))
			return true;
	return false;
}

#define CHECK_ITSELF(command) \
	"Let it check its configuration: `" command "` with the same file and variables"
#define CHECK_MOUNTED "Check the files and options that it is configured by"
#define REFUSES(program, code, means, look) \
	{ \
		program, 0, code, means, look \
	}

/*
 * Servers that read their configuration, and end so when they refuse it, before they open anything else; a file or an
 * address that they cannot have is a call that failed, and says more. By their sources: main() or the option parser.
 */
static const struct settings_status settings_statuses[] = {
	REFUSES("nginx", 1, "what nginx ends with when it refuses its configuration",
		CHECK_ITSELF("nginx -t")),
	REFUSES("haproxy", 1, "what HAProxy ends with when it refuses its configuration",
		CHECK_ITSELF("haproxy -c -f FILE")),
	REFUSES("redis-server", 1, "what Redis ends with when it refuses its configuration or data",
		CHECK_MOUNTED),
	REFUSES("unbound", 1, "what unbound ends with when it refuses its configuration",
		CHECK_ITSELF("unbound-checkconf FILE")),
	REFUSES("dnsmasq", 1, "by its manual a problem with its configuration",
		CHECK_ITSELF("dnsmasq --test")),
	REFUSES("varnishd", 2, "what varnishd ends with when it refuses its arguments or VCL",
		CHECK_ITSELF("varnishd -C -f FILE")),
	REFUSES("openvpn", 1, "what OpenVPN ends with when it refuses its options", CHECK_MOUNTED),
	REFUSES("uwsgi", 1, "what uWSGI ends with when it refuses its options", CHECK_MOUNTED),
	REFUSES("nats-server", 1, "what NATS ends with when it refuses its configuration",
		CHECK_ITSELF("nats-server -t -c FILE")),
	REFUSES("etcd", 1, "what etcd ends with when it refuses its options", CHECK_MOUNTED),
	REFUSES("caddy", 1, "by its manual an error while starting, mostly of the configuration",
		CHECK_ITSELF("caddy validate --config FILE")),
	REFUSES("prometheus", 2, "what Prometheus ends with when it refuses its configuration",
		CHECK_ITSELF("promtool check config FILE")),
	REFUSES("doveconf", 89, "what Dovecot ends with when it refuses its configuration",
		CHECK_ITSELF("doveconf -n")),
	REFUSES("node", 9,
		"by Node.js' manual an option that it does not know or that lacks its value",
		"Check the options in the command and in NODE_OPTIONS"),
	{ NULL, 0, 78,
		"EX_CONFIG of sysexits.h: something in its configuration is missing or wrong",
		"Check the environment variables and the mounted files that it is configured by" },
	{ NULL, ROLE_PYTHON, 2,
		"what Python's argparse, optparse and click end with over arguments that are "
		"missing or not known",
		"Compare the container's command and args with what the program takes (`--help`)" },
};

const struct settings_status *exit_blames_settings(const struct event *exec, int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings_statuses); i++) {
		const struct settings_status *s = &settings_statuses[i];
		if (code == s->code && (!s->role || program_is(exec, s->role)) &&
			(!s->program || !strcmp(program_name(exec), s->program)))
			return s;
	}
	return NULL;
}
