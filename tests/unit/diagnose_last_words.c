// SPDX-License-Identifier: MIT
/* What is said of a program's last words, as they stand at the end of its output, by the language or kind of program. */
#include "story_builder.h"

struct words {
	const char *program, *output, *cause, *word;
};

/* A program says this, and ends with 1. */
static void expect(const struct words *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct builder t = builder_new();
		builder_exec(&t, 1, rows[i].program);
		builder_output(&t, 1, rows[i].output);
		builder_end(&t, 1, exited(1));
		builder_expect(&t, rows[i].cause, NULL, rows[i].word);
	}
}

static void languages(void **state)
{
	static const struct words rows[] = {
		/* What is imported is there, and lacks the name: another release, a circle, or a file in its place. */
		{ "python3 main.py",
			"ImportError: cannot import name 'app' from partially initialized module "
			"'shop' (most likely due to a circular import) (/app/shop/__init__.py)\n",
			"application_error", "out of the circle" },
		{ "python3 main.py",
			"AttributeError: partially initialized module 'random' has no attribute "
			"'randint' (most likely due to a circular import)\n",
			"application_error", "Rename the application's own random.py" },
		{ "python3 main.py",
			"ImportError: cannot import name 'create_app' from 'shop' "
			"(/app/shop/__init__.py)\n",
			"missing_module", "Define create_app in /app/shop/__init__.py" },
		{ "python3 main.py",
			"ImportError: cannot import name 'x' from 'shop' (unknown location)\n",
			"missing_module", "Put x where Python looks" },
		{ "python3 main.py",
			"ImportError: cannot import name 'coroutine' from 'asyncio' "
			"(/usr/lib/python3.12/asyncio/__init__.py)\n",
			"application_error", "the version of Python" },
		{ "python3 main.py", "AttributeError: module 'jwt' has no attribute 'encode'\n",
			"application_error", "print(jwt.__file__)" },
		{ "/app/server", "default addr for network '10.0.0.5:3306' unknown\n",
			"bad_configuration", "@tcp(HOST:PORT)" },
		{ "/app/server", "listen tcp: address 0.0.0.0:99999: invalid port\n",
			"bad_configuration", "a number from 1 to 65535" },
		{ "/app/server",
			"unknown command \"serv\" for \"server\"\n\nDid you mean this?\n\tserve\n",
			"bad_configuration", "Correct serv in the container's command" },
		{ "/app/server",
			"Error: TOML parse error at line 1, column 1\n  |\n1 | port = 80\n  | "
			"^^^^^^^^^\nmissing field `listen_addr`\n",
			"bad_configuration", "Set listen_addr" },
		{ "dotnet A.dll",
			"Unhandled exception. System.InvalidOperationException: Section 'Jwt' not "
			"found in configuration.\n   at Program.Main()\n",
			"bad_configuration", "Jwt__KEY" },
		{ "java -jar a.jar",
			"java.lang.reflect.InaccessibleObjectException: Unable to make field x "
			"accessible: module java.base does not \"opens java.lang\" to unnamed "
			"module @1\n",
			"application_error", "--add-opens java.base/java.lang=ALL-UNNAMED" },
		{ "java -jar a.jar",
			"Invalid value 'x' for configuration property 'a.size' (originating from "
			"System Environment Property \"A_SIZE\") failed validation.\n",
			"bad_configuration", "A_SIZE" },
		{ "java -jar a.jar",
			"java.lang.UnsatisfiedLinkError: /tmp/x.so: Error loading shared library "
			"libz.so.1: No such file or directory (needed by /tmp/x.so)\n",
			"missing_library", "libz.so.1" },
		{ "java -jar a.jar",
			"java.lang.UnsatisfiedLinkError: /tmp/x.so: failed to map segment from "
			"shared object\n",
			"bad_configuration", "java.io.tmpdir" },
		{ "java -jar a.jar",
			"java.lang.UnsatisfiedLinkError: /tmp/x.so: Error loading shared library "
			"ld-linux-x86-64.so.2: No such file or directory (needed by /tmp/x.so)\n",
			"missing_library", "gcompat" },
		{ "npm ci",
			"npm error code EBADENGINE\nnpm error notsup Required: "
			"{\"node\":\">=20\"}\n",
			"application_error", "Node.js >=20" },
		{ "npx prisma",
			"Error: P1012\n\nerror: Environment variable not found: DATABASE_URL.\n  "
			"-->  schema.prisma:10\n",
			"bad_configuration", "variable DATABASE_URL" },
		{ "gunicorn app:app",
			"Failed to find attribute 'app' in 'main'.\n[2026-11-30 10:00:00 +0000] "
			"[1] "
			"[ERROR] Shutting down: Master\n[2026-11-30 10:00:00 +0000] [1] [ERROR] "
			"Reason: App failed to load.\n",
			"bad_configuration", "main:ATTRIBUTE" },
		{ "python a.py",
			"django.core.exceptions.ImproperlyConfigured: Error loading psycopg2 or "
			"psycopg module\n",
			"missing_module", "pip install psycopg psycopg-binary" },
		{ "bundle exec puma",
			"bundler: command not found: puma\nInstall missing gem executables with "
			"`bundle install`\n",
			"command_not_found", "the gem that has puma" },
		{ "php artisan serve",
			"PHP Fatal error:  Uncaught Error: Failed opening required "
			"'/srv/vendor/autoload.php' (include_path='.') in /srv/artisan:18\n",
			"missing_module", "in /srv" },
	};

	(void)state;
	expect(rows, ARRAY_SIZE(rows));
}

static void what_keeps_data(void **state)
{
	static const struct words rows[] = {
		{ "mysqld", "[ERROR] [MY-012574] [InnoDB] Unable to lock ./ibdata1 error: 11\n",
			"application_error", "one replica" },
		{ "postgres",
			"FATAL:  could not resize shared memory segment \"/PostgreSQL.123\" to "
			"8388608 bytes: No space left on device\n",
			"disk_full", "/dev/shm" },
		{ "postgres",
			"FATAL:  could not access file \"timescaledb\": No such file or "
			"directory\n",
			"missing_library", "shared_preload_libraries" },
		{ "mysqldump -h db",
			"mysqldump: Got error: 1044: Access denied for user 'app'@'%' to database "
			"'shop' when using LOCK TABLES\n",
			"bad_configuration", "ON shop.* TO" },
		{ "python a.py",
			"psycopg2.errors.InsufficientPrivilege: permission denied for schema "
			"public\n",
			"bad_configuration", "ON SCHEMA public" },
		{ "redis-server s.conf --sentinel",
			"*** FATAL CONFIG FILE ERROR (Redis 7.0.11) ***\nReading the configuration "
			"file, at line 4\n>>> 'sentinel monitor m redis-0 6379 2'\nCan't resolve "
			"instance hostname.\n",
			"bad_configuration", "resolve-hostnames" },
		{ "elasticsearch",
			"java.lang.IllegalStateException: cannot upgrade a node from version "
			"[7.10.0] directly to version [8.11.0], upgrade to version [7.17.0] "
			"first.\n",
			"application_error", "7.17.0" },
		{ "cockroach start",
			"ERROR: cannot load certificates.\nproblem with CA certificate: not "
			"found\n",
			"bad_configuration", "--certs-dir" },
		{ "mysql -h db",
			"ERROR 2026 (HY000): TLS/SSL error: self-signed certificate in certificate "
			"chain\n",
			"bad_configuration", "--ssl-ca" },
	};

	(void)state;
	expect(rows, ARRAY_SIZE(rows));
}

static void platforms(void **state)
{
	static const struct words rows[] = {
		{ "traefik --entrypoints.web.adress=:80",
			"error: failed to decode configuration from flags: field not found, node: "
			"adress\n",
			"bad_configuration", "command or args (--entrypoints.web.adress)" },
		{ "kubectl apply -f x",
			"error: resource mapping not found for name: \"x\" namespace: \"\" from "
			"\"x\": no matches for kind \"CronJob\" in version \"batch/v1beta1\"\n",
			"bad_configuration", "for a version of CronJob" },
		{ "kubectl apply -f x",
			"no matches for kind \"Foo\" in version \"a.example/v1beta1\"\n",
			"bad_configuration", "CustomResourceDefinition of Foo" },
		{ "httpd -DFOREGROUND",
			"AH00526: Syntax error on line 50 of /etc/httpd.conf:\nInvalid command "
			"'SSLEngine', perhaps misspelled or defined by a module not included in "
			"the "
			"server configuration\n",
			"bad_configuration", "mod_ssl" },
		{ "envoy -c /etc/envoy.yaml",
			"error initializing configuration '/etc/envoy.yaml': Protobuf message "
			"(type "
			"envoy.config.bootstrap.v3.Bootstrap reason INVALID_ARGUMENT: invalid name "
			"foo: Cannot find field.) has unknown fields\n",
			"bad_configuration", "Correct foo in /etc/envoy.yaml" },
		{ "alertmanager", "level=error err=\"no global Slack API URL set\"\n",
			"bad_configuration", "slack_api_url" },
		{ "openvpn",
			"ERROR: Cannot ioctl TUNSETIFF tun: Operation not permitted (errno=1)\n"
			"Exiting due to fatal error\n",
			"capability_missing", "NET_ADMIN" },
		{ "rsync -a /a host:/b",
			"bash: line 1: rsync: command not found\nrsync: connection unexpectedly "
			"closed (0 bytes received so far) [sender]\nrsync error: error in rsync "
			"protocol data stream (code 12) at io.c(231) [sender=3.2.7]\n",
			"dependency_unreachable", "at the other end" },
		{ "git clone -b prod x", "fatal: Remote branch prod not found in upstream origin\n",
			"bad_configuration", "the branch prod" },
	};

	(void)state;
	expect(rows, ARRAY_SIZE(rows));
}

static void what_many_say(void **state)
{
	static const struct words rows[] = {
		/* What is in use is no port. */
		{ "consul agent",
			"==> Error starting agent: refusing to join: node ID already in use\n",
			"application_error", "node ID" },
		{ "server", "error: listen on port 80: already in use\n", "port_in_use", "port" },
		{ "beam.smp", "Failed to create thread: Operation not permitted (1)\n",
			"syscall_blocked", "libseccomp" },
		{ "/app/server", "Error: DATABASE_URL must start with postgres://\n",
			"bad_configuration", "DATABASE_URL to a value that" },
		{ "/app/server", "ERROR: \"SECRET\" Environment Variable is missing.\n",
			"bad_configuration", "variable SECRET" },
		{ "/app/server", "config error: db_host must not be empty\n", "bad_configuration",
			"Set db_host in" },
		{ "/app/server", "Error: unknown database type: postgress\n", "bad_configuration",
			"holds postgress a value" },
		{ "/app/server", "not a valid logrus Level: \"verbos\"\n", "bad_configuration",
			"log level verbos" },
		{ "/app/server", "crypto/aes: invalid key size 31\n", "bad_configuration",
			"16, 24 or 32 bytes" },
		{ "/app/server", "The JWT secret must be at least 32 characters long.\n",
			"bad_configuration", "of 32 or more" },
		{ "/app/server",
			"tls: failed to verify certificate: x509: certificate is valid for a.svc, "
			"not b.svc\n",
			"bad_configuration", "issued that holds b.svc" },
		{ "/app/server", "x: 401 Client Error: Unauthorized for url: https://a/\n",
			"bad_configuration", "Correct the token" },
		{ "/app/server", "services \"shop\" not found\n", "bad_configuration",
			"Create the Service shop" },
		{ "/app/server", "ERROR:  extension \"vector\" is not available\n",
			"bad_configuration", "image that has vector" },
		{ "/app/server",
			"[FATAL] [/lib/encrypt/encrypt.go:60]: failed to get secret key: open "
			"/etc/core/key: no such file or directory\n",
			"missing_file", "/etc/core/key" },
		{ "hdfs datanode",
			"java.io.IOException: Incompatible clusterIDs in /data: namenode clusterID "
			"= CID-1; datanode clusterID = CID-2\n",
			"application_error", "the volume of this cluster" },
		{ "/app/store", "E store: data directory /data is not empty: contains lost+found\n",
			"application_error", "sub-directory of the volume" },
		{ "node a.js", "profile store: uv_os_get_passwd returned ENOENT\n",
			"application_error", "runAsUser" },
		{ "python a.py",
			"ImportError: cannot import name '_native' from 'pricing' "
			"(/usr/lib/python3/dist-packages/pricing/__init__.py)\n",
			"missing_module", "--force-reinstall pricing" },
		{ "ruby a.rb", "/etc/gitlab/gitlab.rb:2: syntax error, unexpected end-of-input\n",
			"bad_configuration", "line 2" },
	};

	(void)state;
	expect(rows, ARRAY_SIZE(rows));
}

static void libraries(void **state)
{
	static const struct words rows[] = {
		{ "node a.js",
			"/app/a.js:3\nx ?\?= 1\n  ^^^\n\nSyntaxError: Unexpected token '\?\?='\n",
			"application_error", "newer Node.js" },
		{ "node a.js", "SyntaxError: Unexpected token '?', \"?x\" is not valid JSON\n",
			"bad_configuration", "JSON" },
		{ "python a.py",
			"LookupError: \n**********\n  Resource punkt not found.\n  Please use the "
			"NLTK Downloader to obtain the resource:\n\n  >>> import nltk\n",
			"missing_module", "nltk_data punkt" },
		{ "python a.py",
			"FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'\n",
			"command_not_found", "install -y ffmpeg" },
		{ "python a.py",
			"ImportError: cannot import name 'soft_unicode' from 'markupsafe' "
			"(/usr/lib/python3/site-packages/markupsafe/__init__.py)\n",
			"missing_module", "markupsafe==2.0.1" },
		{ "java -jar a.jar",
			"org.apache.kafka.common.errors.SaslAuthenticationException: "
			"Authentication failed: Invalid username or password\n",
			"bad_configuration", "SASL" },
		{ "dotnet A.dll",
			"Unhandled exception. System.ArgumentException: Keyword not supported: "
			"'postgres://a:b@c/d'.\n   at Program.Main()\n",
			"bad_configuration", "and no URL" },
		{ "/app/server",
			"oidc: issuer did not match the issuer returned by provider, expected "
			"\"https://a\" got \"https://b/\"\n",
			"bad_configuration", "Set the issuer to https://b/" },
		{ "/app/server", "neither $XDG_CACHE_HOME nor $HOME are defined\n",
			"bad_configuration", "Set HOME" },
	};

	(void)state;
	expect(rows, ARRAY_SIZE(rows));
}

/* The words say that a database does not answer, the call says which address that is. */
static void a_call_that_nobody_answers_has_the_address(void **state)
{
	struct builder t = builder_new();

	(void)state;
	builder_exec(&t, 1, "java -jar a.jar");
	builder_fail_net(&t, 1, "connect", ECONNREFUSED, "10.0.0.5", 3306);
	builder_output(&t, 1, "java.sql.SQLException: Communications link failure\n");
	builder_end(&t, 1, exited(1));
	struct diagnosis *d = builder_diagnose(&t);
	assert_non_null(d);
	assert_string_equal(d->root_cause, "dependency_unreachable");
	assert_non_null(strstr(d->title, "10.0.0.5"));
	diagnosis_free(d);
	builder_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(languages),
		cmocka_unit_test(what_keeps_data),
		cmocka_unit_test(platforms),
		cmocka_unit_test(what_many_say),
		cmocka_unit_test(libraries),
		cmocka_unit_test(a_call_that_nobody_answers_has_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
