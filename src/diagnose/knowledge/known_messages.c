// SPDX-License-Identifier: MIT
/*
 * Messages with one known fix. A row holds whatever the case is: it says what the program's own documentation or
 * source says of this message, and names the field, file, variable or command that is to be changed. Where a message
 * has several common reasons it has no row, and is only quoted.
 */
#include "diagnose/knowledge/messages.h"
#include "util/cleanup.h"

#define APP "application_error"
#define CONFIG "bad_configuration"

#define RUN_AS(uid) \
	"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: " uid \
	"\n      runAsGroup: " uid "\n"
#define ENV(name, text) \
	"{list}:\n  - name: {container}\n    env:\n      - name: " name "\n        value: \"" text \
	"\"\n"

/* What the kubelet sets for each Service of the namespace, where the program expects a setting of its own. */
#define SERVICE_LINK(pattern) \
	{ \
		pattern, CONFIG, \
			"a number or an address was expected, and the text is what Kubernetes " \
			"puts into a variable such as NAME_PORT for a Service of that name", \
			"Turn off the variables that Kubernetes makes of Services " \
			"(enableServiceLinks: false), or set the variable yourself.", \
			"enableServiceLinks: false\n" \
	}

#define NO_PORT \
	CONFIG, "a port is a number from 0 to 65535, and the program was given something else", \
		"Set the port that the program is given, by an option or a variable such as " \
		"PORT, " \
		"to a number from 1 to 65535.", \
		NULL

/* Libraries of each language, one reason: the rows of server_messages_list.h. */
#define NO_AWS_IDENTITY(pattern) \
	{ \
		pattern, CONFIG, \
			"the AWS library found no credentials: no variable, file or role", \
			"Give the pod a role (EKS Pod Identity, or the annotation " \
			"eks.amazonaws.com/role-arn of its service account), or set " \
			"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from a Secret.", \
			NULL \
	}
#define NO_AWS_REGION(pattern) \
	{ \
		pattern, CONFIG, "the AWS library was not told which region is meant", \
			"Set AWS_REGION (Python's library reads AWS_DEFAULT_REGION).", \
			ENV("AWS_DEFAULT_REGION", "eu-central-1") \
	}

#define NO_GOOGLE_IDENTITY(pattern) \
	{ \
		pattern, CONFIG, "Google's library found no credentials", \
			"Bind the pod's service account to one of Google's (Workload Identity), " \
			"or mount a key file and name it by GOOGLE_APPLICATION_CREDENTIALS.", \
			NULL \
	}
#define UNSET_PROPERTY(pattern, means) \
	{ \
		pattern, CONFIG, means, \
			"Give {name} a value: by an environment variable (in capitals, with _ " \
			"for " \
			". and -; where it is secret, from a Secret), or in the application's " \
			"configuration (application.properties).", \
			NULL \
	}

/* The rows of client_messages_list.h. */
#define NO_CONNECTION_LEFT(pattern) \
	{ \
		pattern, APP, \
			"the database has as many connections as it allows (max_connections)", \
			"Lower the connection pools of all replicas, put PgBouncer in front of " \
			"the database, or raise max_connections.", \
			NULL \
	}

/* Many programs, one reason: the rows of system_messages_list.h. */
#define NO_USER(pattern) \
	{ \
		pattern, CONFIG, "the image's /etc/passwd has no user {name}", \
			"Add the user {name} when the image is made (`RUN useradd {name}`, in " \
			"Alpine `adduser -D {name}`), or let the setting name a user that its " \
			"/etc/passwd lists.", \
			NULL \
	}
#define NO_ROOT(pattern) \
	{ \
		pattern, APP, "it does not run as root", \
			"Run the container as another user than root: the one that the image " \
			"has for it, or any that may read its files.", \
			RUN_AS("1000") \
	}

/* Many libraries, one reason: the rows of tool_messages_list.h. */
#define NO_TLS_THERE(pattern) \
	{ \
		pattern, CONFIG, "TLS was spoken to a port that does not speak it", \
			"Write http:// in place of https://, or turn TLS off for this " \
			"connection; " \
			"or name the port on which the server speaks TLS.", \
			NULL \
	}
#define NO_SETUID(program) \
	program " has no setuid bit here: it was lost, or is ignored (nosuid, a user namespace)", \
		"Do without " program \
		": run the container as the user that is needed (runAsUser).", \
		NULL
#define NO_PASSWORD \
	"sudo wants a password, as sudoers does not let this user do without", \
		"Do without sudo: run the container as the user that is needed (runAsUser); or " \
		"let sudoers allow it with NOPASSWD.", \
		NULL

/* Functions of one extension begin alike. */
#define PHP_EXTENSION(function, extension) \
	{ \
		"Call to undefined function " function, "missing_module", \
			"this PHP lacks the extension " extension ", which has that function", \
			"Install the extension when the image is built: `RUN " \
			"docker-php-ext-install " extension "`.", \
			NULL \
	}

/* Modules of Python's own library that scripts are called like. */
#define SHADOWED(name) \
	{ \
		"module '" name "' has no attribute", APP, \
			"a file " name ".py of the application's own is loaded in place of " \
			"Python's module " name, \
			"Rename the application's own " name ".py (and take its __pycache__ " \
			"away): in the directory of the script it stands before Python's own.", \
			NULL \
	}
#define NOBODY_ANSWERS(pattern) \
	{ \
		pattern, APP, \
			"it asks a question, and in a container there is nobody to answer it", \
			"Give the command the option that answers by itself (--force of artisan, " \
			"-y of apt, --yes or --no-interaction of others).", \
			NULL \
	}

#define NO_INTERFACE(pattern) \
	{ \
		pattern, CONFIG, "the pod has no network interface {name}", \
			"Name an interface that the pod has instead of {name}, mostly eth0; " \
			"the node's own are there with hostNetwork only.", \
			NULL \
	}
#define EXPIRED(pattern) \
	{ \
		pattern, APP, \
			"the server's certificate is no longer valid, or the node's clock is " \
			"wrong", \
			"Renew the server's certificate: the Secret that it serves, or what " \
			"cert-manager makes it of; then start the server anew where it reads the " \
			"file only then.", \
			NULL \
	}
#define OTHER_NAME(pattern) \
	{ \
		pattern, CONFIG, "the server's certificate is for other names than {host}", \
			"Ask for the server by a name that its certificate holds, or have a " \
			"certificate issued that holds {host} (a subject alternative name).", \
			NULL \
	}
#define WRITE_WHOLE_URL "Write the whole URL, with its beginning: http://HOST:PORT, or https://."
#define NOT_PEM(pattern) \
	{ \
		pattern, CONFIG, "what was to be a key or certificate is none that can be read", \
			"Give it whole as PEM, the text from `-----BEGIN` to `-----END` with its " \
			"line breaks: neither base64 of it, nor with `\\n` in place of the " \
			"breaks, nor empty.", \
			NULL \
	}
#define LEFT_LOCK(pattern, lock, command) \
	{ \
		pattern, "stale_state", lock " is held; a run that was killed leaves it behind", \
			"Make sure that no other run is under way, then take the lock away: " \
			"`" command "`.", \
			NULL \
	}

#define HEADER_LINE_BREAK(pattern) \
	{ \
		pattern, CONFIG, \
			"a header of HTTP holds no line break, and the value that goes into it " \
			"has " \
			"one, mostly at the end of a variable or file that was made with `echo`", \
			"Let the program strip the value that goes into the header (a token, a " \
			"password), or make its Secret without a line break (`printf`, `echo -n` " \
			"before `base64 -w0`, stringData).", \
			NULL \
	}

static const struct known_message rows[] = {
#include "diagnose/knowledge/tool_messages_list.h"
/* by what says it, before the rows that many programs have */
#include "diagnose/knowledge/language_messages_list.h"
#include "diagnose/knowledge/library_messages_list.h"
#include "diagnose/knowledge/platform_messages_list.h"
#include "diagnose/knowledge/store_messages_list.h"
	/* --- PostgreSQL: src/backend/utils/init/miscinit.c, main.c, libpq/be-secure-common.c, initdb.c --- */
	{ "data directory \"{path}\" has group or world access", "insecure_file_mode",
		"PostgreSQL refuses a data directory that others than its user may enter, here "
		"{path}; an fsGroup gives the group access",
		"Give {path} mode 0700 in an init container that runs as its owner (`chmod 0700 "
		"{path}`), or let PGDATA name a subdirectory, which the server makes itself with "
		"the right mode.",
		ENV("PGDATA", "/var/lib/postgresql/data/pgdata") },
	{ "data directory \"{path}\" has invalid permissions", "insecure_file_mode",
		"PostgreSQL wants mode 0700 or 0750 for its data directory {path}; an fsGroup on "
		"the volume adds more",
		"Give {path} mode 0700 in an init container that runs as its owner (`chmod 0700 "
		"{path}`), or let PGDATA name a subdirectory, which the server makes itself with "
		"the right mode.",
		ENV("PGDATA", "/var/lib/postgresql/data/pgdata") },
	{ "data directory \"{path}\" has wrong ownership", "permission_denied",
		"PostgreSQL starts only for the user that owns its data directory {path}",
		"Run as the uid that owns {path}, or change its owner once in an init container "
		"that runs as root.",
		NULL },
	{ "private key file \"{path}\" has group or world access", "insecure_file_mode",
		"PostgreSQL refuses a private key that others may read: {path} must have mode "
		"0600, or 0640 and belong to root",
		"Mount the Secret with defaultMode 0640 and set fsGroup to the server's group: its "
		"files then belong to root and the group may read them.",
		"securityContext:\n  fsGroup: 999\nvolumes:\n  - name: VOLUME\n    secret:\n      "
		"secretName: SECRET\n      defaultMode: 0640\n" },
	{ "\"root\" execution of the PostgreSQL server is not permitted", APP,
		"PostgreSQL does not run as root",
		"Run the container as the image's postgres user (runAsUser 999 in Debian's images, "
		"70 in Alpine's).",
		RUN_AS("999") },
	{ "initdb: error: directory \"{path}\" exists but is not empty", APP,
		"initdb makes a data directory only in an empty one; a new volume of a block "
		"device holds lost+found",
		"Let PGDATA name a subdirectory of the volume.",
		ENV("PGDATA", "/var/lib/postgresql/data/pgdata") },
	{ "was initialized by PostgreSQL version {value}, which is not compatible with this "
	  "version {other}",
		APP, "the data was made by PostgreSQL {value} and this is another major version",
		"Use an image of PostgreSQL {value}, or move the data with pg_upgrade or a dump: "
		"the server does not convert it.",
		NULL },
	{ "could not access the server configuration file \"{path}\"", "missing_file",
		"the data directory of PostgreSQL is empty: {path} is one of the files that initdb "
		"makes",
		"Start the image's docker-entrypoint.sh instead of postgres itself: it makes the "
		"database with initdb when the volume is empty. Where there should be data, "
		"correct -D, PGDATA or the volume.",
		NULL },
	{ "lock file \"postmaster.pid\" already exists", "stale_state",
		"another server uses this data directory, or an earlier one left postmaster.pid "
		"behind",
		"Make sure that no other pod uses the volume (one replica, strategy Recreate), "
		"then remove postmaster.pid from the data directory.",
		NULL },
	{ "unsupported version ({value}) in file header", APP,
		"the dump was made by a newer pg_dump than this pg_restore",
		"Use an image whose pg_restore is of the version of PostgreSQL that made the dump, "
		"or newer; or make the dump with the older one.",
		NULL },
	{ "malformed dsn \"\"", CONFIG, "the address of the database is empty",
		"Set the variable that holds the database's address (DATA_SOURCE_NAME of the "
		"PostgreSQL exporter), from a Secret: it is empty.",
		NULL },
	{ "file is not a database", APP,
		"what is there is no SQLite database: compressed, encrypted, or cut off",
		"Restore the database file from its backup as it was: unpacked, and whole.", NULL },
	/* --- MySQL and MariaDB: sql/mysqld.cc, the images' entrypoints --- */
	{ "--initialize specified but the data directory has files in it", APP,
		"the server makes its data only in an empty directory; a new volume of a block "
		"device holds lost+found, and an earlier attempt may have left files",
		"Mount a subdirectory of the volume as data directory.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: VOLUME\n        "
		"mountPath: /var/lib/mysql\n        subPath: mysql\n" },
	{ "to find out how to run {name} as root", APP, "the server does not run as root",
		"Run the container as the image's mysql user (uid 999 in the official images), or "
		"pass --user=mysql.",
		RUN_AS("999") },
	{ "specify one of the following as an environment variable:", CONFIG,
		"the image makes a new database only when it is told which password the root user "
		"gets",
		"Set MYSQL_ROOT_PASSWORD (of MariaDB's image: MARIADB_ROOT_PASSWORD), from a "
		"Secret.",
		"{list}:\n  - name: {container}\n    env:\n      - name: MYSQL_ROOT_PASSWORD\n     "
		"   valueFrom:\n          secretKeyRef:\n            name: SECRET\n            "
		"key: password\n" },
	{ "Database is uninitialized and superuser password is not specified", CONFIG,
		"the image makes a new database only when it is told which password the superuser "
		"gets",
		"Set POSTGRES_PASSWORD, from a Secret.",
		"{list}:\n  - name: {container}\n    env:\n      - name: POSTGRES_PASSWORD\n       "
		" valueFrom:\n          secretKeyRef:\n            name: SECRET\n            key: "
		"password\n" },
	/* --- log-ins: the server that answers is up, and says no --- */
	{ "password authentication failed for user \"{name}\"", CONFIG,
		"the database answers, and refuses the password of the user {name}",
		"Correct the password of the user {name} in the Secret that the container takes it "
		"from; a database that is there already keeps the password that it was made with.",
		NULL },
	{ "Access denied for user '{name}'@'{value}'", CONFIG,
		"the database answers, and refuses the user {name} or the password",
		"Correct user and password in the Secret that the container takes them from, or "
		"let the database accept {name} from there (GRANT); a database that is there "
		"already keeps the password that it was made with.",
		NULL },
	{ "no pg_hba.conf entry for host \"{host}\"", CONFIG,
		"the database answers, and its pg_hba.conf has no rule for a connection from "
		"{host}",
		"Add a line for {host} to the server's pg_hba.conf, or connect in the way that it "
		"allows (sslmode=require where the message ends in \"no encryption\").",
		NULL },
	{ "database \"{name}\" does not exist", CONFIG,
		"the database server answers, and has no database {name}",
		"Create the database {name}, or correct the name in the connection settings.",
		NULL },
	{ "role \"{name}\" does not exist", CONFIG,
		"the database server answers, and has no role {name}",
		"Create the role {name}, or correct the user in the connection settings.", NULL },
	{ "Unknown database '{name}'", CONFIG,
		"the database server answers, and has no database {name}",
		"Create the database {name}, or correct the name in the connection settings.",
		NULL },
	{ "NOAUTH Authentication required", CONFIG, "Redis answers, and wants a password",
		"Give the client Redis' password, from a Secret.", NULL },
	{ "WRONGPASS invalid username-password pair", CONFIG,
		"Redis answers, and refuses the password",
		"Correct Redis' password in the Secret that the container takes it from.", NULL },
	/* --- Redis: src/rdb.c --- */
	{ "Can't handle RDB format version {number}", APP,
		"the data was written by a newer Redis than this one",
		"Use the newer image again: an older Redis does not read data of format {number}.",
		NULL },
	/* --- MongoDB: src/mongo/db/mongod_main.cpp --- */
	{ "MongoDB 5.0+ requires a CPU with AVX support", "cpu_unsupported",
		"MongoDB 5.0 and later need a CPU with AVX, and this node's CPU, or the one that "
		"its hypervisor shows, has none",
		"Run it on a node whose CPU has AVX (in a virtual machine: CPU type host), or use "
		"an image of MongoDB 4.4.",
		NULL },
	{ "featureCompatibilityVersion", APP,
		"the data was left at the feature level of another release than this one can open",
		"Start the release that wrote the data last, set its featureCompatibilityVersion, "
		"and upgrade one release at a time.",
		NULL },
	/* --- Elasticsearch, OpenSearch: BootstrapChecks.java --- */
	{ "vm.max_map_count [{value}] is too low, increase to at least [{number}]", "node_limit",
		"the node allows a process {value} memory areas, and it wants {number}",
		"Raise the sysctl on the node: `sysctl -w vm.max_map_count=262144`, and for ever "
		"in /etc/sysctl.d; or set node.store.allow_mmap to false.",
		NULL },
	{ "max file descriptors [{value}] for elasticsearch process is too low, increase to at "
	  "least [{number}]",
		APP, "it may open {value} files, and wants {number}",
		"Raise the limit of open files that the container runtime gives (LimitNOFILE in "
		"containerd's service) to {number}.",
		NULL },
	{ "the default discovery settings are unsuitable for production use", CONFIG,
		"listening on more than loopback makes it check how it finds its cluster, and "
		"nothing says so",
		"Set discovery.type to single-node for one node, else discovery.seed_hosts and "
		"cluster.initial_master_nodes.",
		ENV("discovery.type", "single-node") },
	{ "can not run elasticsearch as root", APP, "Elasticsearch does not run as root",
		"Run the container as uid 1000, the image's own user.", RUN_AS("1000") },
	{ "memory locking requested for elasticsearch process but memory is not locked", CONFIG,
		"bootstrap.memory_lock is true, and the container may not lock that much memory",
		"Set bootstrap.memory_lock to false: nodes of Kubernetes mostly have no swap.",
		ENV("bootstrap.memory_lock", "false") },
	/* --- etcd: embed/config.go --- */
	{ "expected IP in URL for binding ({value})", CONFIG,
		"etcd listens on addresses only, and {value} holds a name",
		"Give --listen-client-urls and --listen-peer-urls an address, such as "
		"http://0.0.0.0:2379 and http://0.0.0.0:2380; the name belongs into "
		"--advertise-client-urls and --initial-advertise-peer-urls.",
		NULL },
	{ "couldn't find local name \"{name}\" in the initial cluster configuration", CONFIG,
		"the member calls itself {name}, and --initial-cluster lists no member of that "
		"name",
		"Let --name be one of the names in --initial-cluster (ETCD_NAME and "
		"ETCD_INITIAL_CLUSTER): in a StatefulSet the pod's name.",
		NULL },
	/* --- Kafka, ZooKeeper --- */
	{ "doesn't match stored clusterId", APP,
		"the volume belongs to a Kafka cluster with another id than the one that it finds "
		"now",
		"Give the broker the volume of this cluster, or restore the cluster's metadata; "
		"meta.properties in the log directory holds the old id.",
		NULL },
	{ "myid file is missing", CONFIG,
		"ZooKeeper reads its number from the file myid in its data directory",
		"Write the server's number into myid in dataDir (the official image does from "
		"ZOO_MY_ID).",
		NULL },
	/* --- RabbitMQ and Erlang: auth.erl --- */
	{ "Cookie file {path} must be accessible by owner only", "insecure_file_mode",
		"Erlang refuses a cookie that others may read",
		"Give {path} mode 0400: copy it in an init container that runs as the server's "
		"user (`chmod 0400 {path}`); a Secret's own files are readable by the group as "
		"soon as fsGroup is set.",
		NULL },
	/* --- nginx, TLS --- */
	{ "you should increase server_names_hash_bucket_size: {number}", CONFIG,
		"a server name is longer than nginx' table of names has space for",
		"Set server_names_hash_bucket_size to twice {number} in the http block.", NULL },
	{ "key values mismatch", CONFIG,
		"the certificate and the private key do not belong together",
		"Put the certificate and the key of one pair into the Secret.", NULL },
	{ "inconsistencies between private key and certificate loaded '{path}'", CONFIG,
		"the certificate and the private key do not belong together",
		"Put the certificate and the key of one pair into {path}.", NULL },
	{ "tls: private key does not match public key", CONFIG,
		"the certificate and the private key do not belong together",
		"Put the certificate and the key of one pair into the Secret.", NULL },
	{ "tls: failed to find any PEM data in", CONFIG,
		"the file holds no PEM text: it is empty, or still base64",
		"Put the certificate and key as PEM (\"-----BEGIN ...\") into the Secret.", NULL },
	{ "x509: certificate signed by unknown authority", CONFIG,
		"the other side's certificate comes from an authority that the image does not "
		"trust",
		"Mount the authority's certificate and name it to the program (SSL_CERT_FILE or "
		"its own option); where it is a public one, install ca-certificates in the image.",
		NULL },
	EXPIRED("x509: certificate has expired or is not yet valid"),
	EXPIRED("certificate has expired"),     /* OpenSSL: curl, Python, Ruby, PHP, Node.js */
	EXPIRED("CertificateExpiredException"), /* Java */
	OTHER_NAME("no alternative certificate subject name matches target host name '{host}'"),
	OTHER_NAME("certificate is not valid for '{host}'"),           /* Python */
	OTHER_NAME("No subject alternative DNS name matching {host}"), /* Java */
	OTHER_NAME("Host: {host}. is not in the cert's altnames"),     /* Node.js */
	OTHER_NAME("does not match host name \"{host}\""),             /* libpq */
	{ "CERTIFICATE_VERIFY_FAILED", CONFIG,
		"the other side's certificate is not trusted by what the image has",
		"Mount the authority's certificate and name it in SSL_CERT_FILE (requests: "
		"REQUESTS_CA_BUNDLE); where it is a public one, install ca-certificates in the "
		"image.",
		NULL },
	{ "PKIX path building failed", CONFIG,
		"the other side's certificate comes from an authority that Java's trust store "
		"lacks",
		"Import the authority's certificate into a trust store and name it with "
		"-Djavax.net.ssl.trustStore.",
		NULL },
	{ "unable to get local issuer certificate", CONFIG,
		"the other side's certificate comes from an authority that is not trusted here",
		"Mount the authority's certificate and name it in NODE_EXTRA_CA_CERTS (OpenSSL: "
		"SSL_CERT_FILE).",
		NULL },
	{ "self signed certificate in certificate chain", CONFIG,
		"the other side's certificate comes from an authority that is not trusted here",
		"Mount the authority's certificate and name it in NODE_EXTRA_CA_CERTS (OpenSSL: "
		"SSL_CERT_FILE).",
		NULL },
	/* --- git, ssh, sudo --- */
	{ "detected dubious ownership in repository at '{path}'", APP,
		"git reads no repository that belongs to another user than its own, here {path}",
		"Trust it for this container: `git config --global --add safe.directory {path}` "
		"before the first git command; or run as the uid that owns it.",
		ENV("GIT_CONFIG_COUNT",
			"1") "      - name: GIT_CONFIG_KEY_0\n        value: safe.directory\n      "
			     "- name: GIT_CONFIG_VALUE_0\n        value: \"{path}\"\n" },
	{ "Permissions {value} for '{path}' are too open", "insecure_file_mode",
		"ssh ignores a private key that others may read",
		"Mount the Secret with defaultMode 0400 and without fsGroup, for the uid that runs "
		"ssh; or copy the key and `chmod 0400` the copy.",
		NULL },
	{ "The \"no new privileges\" flag is set", CONFIG,
		"sudo cannot work where allowPrivilegeEscalation is false",
		"Do without sudo: run the container as the user that it needs (runAsUser), or "
		"allow privilege escalation.",
		NULL },
	/* --- supervisors --- */
	{ "s6-overlay-suexec: fatal: can only run as pid 1", APP,
		"s6-overlay must be the container's first process, and here something else is",
		"Leave shareProcessNamespace off in the pod, and let nothing else start first: no "
		"wrapper in command, no init process of the engine's own.",
		"shareProcessNamespace: false\n" },
	{ "Can't drop privilege as nonroot user", CONFIG,
		"supervisord's configuration names a user, and it does not run as root",
		"Take `user=` out of supervisord's configuration: the container runs as another "
		"user than root already.",
		NULL },
	/* --- memcached.c --- */
	{ "can't run as root without the -u switch", APP,
		"memcached does not run as root unless told as whom",
		"Run the container as the image's memcache user (uid 11211), or pass -u memcache.",
		RUN_AS("11211") },
	/* --- the loader: elf/dl-load.c --- */
	{ "{path}: invalid ELF header", "exec_format_error",
		"the loader was given {path} as a library, and it holds something else: text, such "
		"as a pointer of Git LFS, or a damaged file",
		"Build the image again with the library itself at {path}; with Git LFS, fetch the "
		"file (`git lfs pull`) and not its pointer.",
		NULL },
	{ "{path}: file too short", "exec_format_error",
		"the loader was given {path} as a library, and the file is empty or cut off",
		"Build the image again with the whole library at {path}.", NULL },
	{ "{path}: wrong ELF class", "exec_format_error",
		"{path} is a library for 32 bits and the program is for 64, or the other way round",
		"Build the image again with {path} for the architecture of the program.", NULL },
	/* --- .NET --- */
	{ "Couldn't find a valid ICU package", "missing_library",
		".NET needs libicu for cultures, and the image has none",
		"Install libicu in the image (Debian: libicu72 or later, Alpine: icu-libs), or let "
		".NET do without cultures.",
		ENV("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1") },
	{ "You must install or update .NET to run this application", APP,
		"the image has no .NET runtime of the version that the application was built for",
		"Use a base image with that runtime version (mcr.microsoft.com/dotnet/aspnet or "
		"runtime), or publish the application self-contained.",
		NULL },
	{ "not a git repository", APP,
		"neither the directory in which git was run nor one above it has a .git",
		"Run git in the directory of its repository (`git -C DIRECTORY`), or do without "
		"it: "
		"images mostly have no .git, which .dockerignore leaves out.",
		NULL },
	{ "Missing script: \"{name}\"", CONFIG, "package.json has no script {name}",
		"Add {name} to the scripts of package.json, or name one that is there (`npm run` "
		"lists them).",
		NULL },
	{ "The `npm ci` command can only install with an existing package-lock.json", APP,
		"there is no package-lock.json beside package.json",
		"Make one (`npm install`) and copy it into the image with package.json, or use "
		"`npm "
		"install` in place of `npm ci`.",
		NULL },
	/* --- Java --- */
	{ "compiled by a more recent version of the Java Runtime (class file version {value})", APP,
		"the classes were compiled for a newer Java (class file version {value}; 61 is "
		"Java 17, 65 is Java 21) than this one",
		"Use a base image with a Java of that version or newer, or compile for this one "
		"(--release).",
		NULL },
	{ "no main manifest attribute, in {path}", APP,
		"the jar does not say which class to start: it is a library, or was not packaged "
		"to be run",
		"Package it as a runnable jar (Spring Boot: the repackage goal, bootJar), or start "
		"it with -cp and the class.",
		NULL },
	{ "Invalid or corrupt jarfile {path}", APP, "the file is no whole jar",
		"Build the image again with the whole {path}; with Git LFS, fetch the file and not "
		"its pointer.",
		NULL },
	{ "OutOfMemoryError: Java heap space", APP,
		"Java's own heap limit was reached, which is a quarter of the container's memory "
		"where nothing else is said",
		"Let Java use more of the container's memory (a -Xmx among its options counts "
		"instead: raise that), and raise the container's limit where that is not enough.",
		ENV("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=75") },
	{ "OutOfMemoryError: GC overhead limit exceeded", APP,
		"Java's heap is nearly full and it does little but collect",
		"Let Java use more of the container's memory (a -Xmx among its options counts "
		"instead: raise that), and raise the container's limit where that is not enough.",
		ENV("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=75") },
	{ "OutOfMemoryError: Metaspace", APP, "Java's limit for classes was reached",
		"Raise -XX:MaxMetaspaceSize, or take it out.", NULL },
	{ "Initial heap size set to a larger value than the maximum heap size", CONFIG,
		"-Xms is larger than -Xmx, or than the share of the container's memory that Java "
		"takes for its heap",
		"Lower -Xms, or raise -Xmx or the container's memory limit.", NULL },
	{ "Could not reserve enough space for {value} object heap", CONFIG,
		"-Xmx or -Xms asks for more memory than there is",
		"Lower -Xmx and -Xms to at most three quarters of the container's memory limit.",
		NULL },
	{ "os::commit_memory({path}, {value}, {number}) failed; error='Not enough space' "
	  "(errno=12)",
		CONFIG, "Java asked the kernel for {value} bytes at once, and was not given them",
		"Lower -Xms and -Xmx to at most three quarters of the container's memory limit.",
		NULL },
	{ "Invalid maximum heap size: -Xmx{value}", CONFIG,
		"Java does not read {value} as a size: its units are k, m and g",
		"Write the size as Java does, with k, m or g behind the number: -Xmx512m, where "
		"Kubernetes has 512Mi.",
		NULL },
	{ "Invalid initial heap size: -Xms{value}", CONFIG,
		"Java does not read {value} as a size: its units are k, m and g",
		"Write the size as Java does, with k, m or g behind the number: -Xms512m, where "
		"Kubernetes has 512Mi.",
		NULL },
	{ "Unrecognized VM option '{name}'", CONFIG,
		"this version of Java does not have the option {name} (any longer)",
		"Take {name} out of the options of Java (command or args, JAVA_TOOL_OPTIONS, "
		"JDK_JAVA_OPTIONS, JAVA_OPTS), or use an image with the version of Java that it is "
		"of.",
		NULL },
	/* --- Node.js --- */
	{ "Unknown file extension \".ts\" for {path}", APP,
		"Node.js runs JavaScript, and {path} is TypeScript",
		"Compile the TypeScript when the image is built (tsc, or the build script of "
		"package.json), and let the command name the JavaScript that it makes, such as "
		"dist/index.js.",
		NULL },
	{ "JavaScript heap out of memory", APP, "the limit of Node.js' own heap was reached",
		"Raise the heap's limit to three quarters of the container's memory limit, in MiB "
		"(1536 is for one of 2 GiB), and that limit where it is not enough.",
		ENV("NODE_OPTIONS", "--max-old-space-size=1536") },
	{ "digital envelope routines::unsupported", APP,
		"a build tool asks OpenSSL 3 for a hash that it has no longer",
		"Update the build tool (webpack 5.61 or later), or let Node.js accept old "
		"algorithms.",
		ENV("NODE_OPTIONS", "--openssl-legacy-provider") },
	{ "Cannot use import statement outside a module", APP,
		"Node.js reads this file as CommonJS, and it is an ES module",
		"Set \"type\": \"module\" in package.json, or name the file .mjs.", NULL },
	{ "Could not find a production build in the '{path}' directory", APP,
		"the image holds no build of the Next.js application",
		"Run `next build` when the image is made, and copy {path} into it.", NULL },
	{ "Query engine library for current platform \"{name}\" could not be found", APP,
		"Prisma's engine for this image's system was not generated",
		"Add \"{name}\" to binaryTargets in schema.prisma and run prisma generate when the "
		"image is made.",
		NULL },
	{ "Prisma Client could not locate the Query Engine for runtime \"{name}\"", APP,
		"Prisma's engine for this image's system was not generated",
		"Add \"{name}\" to binaryTargets in schema.prisma and run prisma generate when the "
		"image is made.",
		NULL },
	{ "Your cache folder contains root-owned files", APP,
		"npm's cache lies in a directory that belongs to root",
		"Let the cache lie where the container's user may write.",
		ENV("npm_config_cache", "/tmp/.npm") },
	/* --- Python servers: gunicorn/util.py, uvicorn/importer.py --- */
	{ "Failed to find attribute '{value}' in '{name}'", CONFIG,
		"the command names MODULE:ATTRIBUTE, and the module {name} has no {value}",
		"Name the application as the module {name} calls it in the command "
		"({name}:ATTRIBUTE), or call it {value} there.",
		NULL },
	{ "Attribute \"{value}\" not found in module \"{name}\"", CONFIG,
		"the command names MODULE:ATTRIBUTE, and the module {name} has no {value}",
		"Name the application as the module {name} calls it in the command "
		"({name}:ATTRIBUTE), or call it {value} there.",
		NULL },
	/* --- uWSGI: core/uwsgi.c; these options come with the plugin --- */
	{ "uwsgi-core: unrecognized option '{name}'", CONFIG,
		"uWSGI of a distribution has the options of its plugins only where the plugin is "
		"loaded, and {name} is one of a plugin or of none",
		"Install the plugin in the image and load it before {name} (for Python: `RUN "
		"apt-get update && apt-get install -y uwsgi-plugin-python3`, and `--plugin "
		"python3`), or install uWSGI by pip, which has Python built in.",
		NULL },
	/* --- HAProxy: cfgparse.c --- */
	{ "parsing [{path}:{number}]: Missing LF on last line", CONFIG,
		"the last line of {path} has no end, so that HAProxy takes the file for cut off",
		"End the last line of {path} with a line break: in the YAML of a ConfigMap `|` "
		"keeps the last one, and `|-` takes it away.",
		NULL },
	/* --- nginx: ngx_http_upstream.c, ngx_http_proxy_module.c --- */
	{ "no host in upstream \"\" in {path}:{number}", CONFIG,
		"the address that nginx is to pass requests to is empty, as when the variable in a "
		"template has no value",
		"Give the variable that {path} was made with a value, in the container's env: the "
		"host in line {number} is empty.",
		NULL },
	/* --- PHP, Python, Ruby --- */
	PHP_EXTENSION("mysqli_", "mysqli"),
	PHP_EXTENSION("pg_", "pgsql"),
	PHP_EXTENSION("mb_", "mbstring"),
	PHP_EXTENSION("imagecreate", "gd"),
	PHP_EXTENSION("bcadd", "bcmath"),
	PHP_EXTENSION("gmp_", "gmp"),
	PHP_EXTENSION("ldap_", "ldap"),
	PHP_EXTENSION("socket_", "sockets"),
	PHP_EXTENSION("pcntl_", "pcntl"),
	PHP_EXTENSION("exif_", "exif"),
	PHP_EXTENSION("ftp_", "ftp"),
	PHP_EXTENSION("curl_", "curl"),
	PHP_EXTENSION("simplexml_", "simplexml"),
	{ "could not find driver", "missing_module", "PHP's PDO has no driver for this database",
		"Install the driver when the image is built: `RUN docker-php-ext-install "
		"pdo_mysql`, for "
		"PostgreSQL pdo_pgsql.",
		NULL },
	{ "Allowed memory size of {number} bytes exhausted", APP,
		"PHP's own memory limit was reached ({number} bytes)",
		"Raise memory_limit in php.ini, and keep it below the container's.", NULL },
	{ "externally-managed-environment", APP,
		"this Python is the distribution's own, into which pip does not install",
		"Install into a virtual environment when the image is built (`RUN python3 -m venv "
		"/venv && "
		"/venv/bin/pip install NAME`) and run /venv/bin/python, or use the image python.",
		NULL },
	{ "Could not read {name} from {path}", CONFIG,
		"{path} holds no {name} that OpenSSL can read",
		"Put the {name} into {path} as PEM: the text that begins with `-----BEGIN`, and "
		"not base64 "
		"of it.",
		NULL },
	{ "A module that was compiled using NumPy 1.x cannot be run in", "missing_module",
		"a package was built for NumPy 1 and NumPy 2 is installed",
		"Pin numpy<2 in the requirements, or update the package that was built for NumPy "
		"1.",
		NULL },
	{ "numpy.dtype size changed, may indicate binary incompatibility", "missing_module",
		"a package was built for another NumPy than is installed",
		"Install versions that fit together: pin numpy to the release that the package was "
		"built for.",
		NULL },
	{ "unsupported locale setting", CONFIG,
		"the locale that the program asks for, by itself or by LANG and LC_ALL, is not in "
		"the image",
		"Install the locale when the image is built (Debian: the package locales, and its "
		"line in /etc/locale.gen before locale-gen), or ask for one that every image has, "
		"C.UTF-8.",
		ENV("LC_ALL", "C.UTF-8") },
	{ "Python was configured to use ASCII as encoding", CONFIG, "no locale with UTF-8 is set",
		"Set LC_ALL or LANG to C.UTF-8, a locale that every image has.",
		ENV("LC_ALL", "C.UTF-8") },
	{ "'ascii' codec can't decode byte", CONFIG,
		"the text is not ASCII, and Python reads it as that, as the locale is C or POSIX",
		"Set LC_ALL or LANG to C.UTF-8 instead of C, or let the program name the encoding "
		"(open(..., encoding='utf-8')).",
		ENV("LC_ALL", "C.UTF-8") },
	{ "'ascii' codec can't encode character", CONFIG,
		"the text is not ASCII, and Python writes it as that, as the locale is C or POSIX",
		"Set LC_ALL or LANG to C.UTF-8 instead of C, or set PYTHONIOENCODING to utf-8.",
		ENV("LC_ALL", "C.UTF-8") },
	{ "No module named 'encodings'", "missing_module",
		"Python does not find its own library: PYTHONHOME names another place, or the "
		"installation was moved",
		"Take PYTHONHOME out of the container's environment, and PYTHONPATH where it names "
		"the library of another Python: this one then finds its own.",
		NULL },
	SHADOWED("queue"),
	SHADOWED("random"),
	SHADOWED("json"),
	SHADOWED("logging"),
	SHADOWED("socket"),
	SHADOWED("ssl"),
	SHADOWED("secrets"),
	SHADOWED("types"),
	SHADOWED("email"),
	SHADOWED("calendar"),
	SHADOWED("token"),
	SHADOWED("string"),
	SHADOWED("select"),
	SHADOWED("signal"),
	SHADOWED("platform"),
	SHADOWED("copy"),
	SHADOWED("code"),
	SHADOWED("http"),
	{ "invalid byte sequence in US-ASCII", CONFIG, "no locale with UTF-8 is set",
		"Set LANG or LC_ALL to C.UTF-8, a locale that every image has.",
		ENV("LANG", "C.UTF-8") },
	{ "Your Ruby version is {value}, but your Gemfile specified {other}", APP,
		"the image has Ruby {value}, and the Gemfile asks for {other}",
		"Use a base image with Ruby {other}, or change the version in the Gemfile.", NULL },
	{ "Could not find {name} in any of the sources", "missing_module",
		"Bundler finds the gem {name} neither installed nor in what it may download from",
		"Run bundle install when the image is made, with the Gemfile.lock that is used at "
		"run time, and without leaving out the gem's group.",
		NULL },
	{ "Could not find {name} in locally installed gems", "missing_module",
		"Bundler does not find the gem {name} among the installed ones",
		"Run bundle install when the image is made, with the Gemfile.lock that is used at "
		"run time, and without leaving out the gem's group.",
		NULL },
	{ "could not find a temporary directory", APP,
		"Ruby takes a directory for temporary files only where it may write and others may "
		"not remove its files: a /tmp that all may write needs the sticky bit",
		"Give /tmp mode 1777 in the image (`chmod 1777 /tmp`), or let TMPDIR name a "
		"directory that belongs to the container's user.",
		NULL },
	{ "A server is already running. Check {path}", "stale_state",
		"Rails found the pid file of an earlier run, {path}",
		"Remove it before the server starts: `rm -f {path}` in the container's command.",
		NULL },
	{ "Missing `secret_key_base` for '{name}' environment", CONFIG,
		"Rails signs cookies with secret_key_base, and it is not set",
		"Set SECRET_KEY_BASE, from a Secret.",
		"{list}:\n  - name: {container}\n    env:\n      - name: SECRET_KEY_BASE\n        "
		"valueFrom:\n          secretKeyRef:\n            name: SECRET\n            key: "
		"secret-key-base\n" },
	{ "Migrations are pending", APP, "the database's tables are older than the program",
		"Run the migrations first (rails db:migrate), as an init container or a Job.",
		NULL },
	{ "Can't locate revision identified by '{value}'", APP,
		"the database was migrated by a newer release than this one: alembic does not know "
		"revision {value}",
		"Run the release whose migrations hold {value}, or go back with its downgrade "
		"first.",
		NULL },
	{ "You need to initialize the database. Please run `airflow db", APP,
		"Airflow's database has no tables yet",
		"Run airflow db migrate first, as an init container or a Job.", NULL },
	{ "A Default SECRET_KEY was detected", CONFIG,
		"Superset does not start with the secret key of its examples",
		"Set SUPERSET_SECRET_KEY, from a Secret.", NULL },
	{ "Running a worker with superuser privileges", APP,
		"celery does not run as root with pickled messages",
		"Run the container as another user than root.", RUN_AS("1000") },
	/* --- browsers, displays --- */
	{ "Running as root without --no-sandbox is not supported", APP,
		"Chrome does not run as root with its sandbox",
		"Run the container as another user than root.", RUN_AS("1000") },
	{ "could not connect to display", APP, "Qt looks for a screen, and there is none",
		"Let Qt draw without a screen.", ENV("QT_QPA_PLATFORM", "offscreen") },
	{ "Missing X server or $DISPLAY", APP, "it looks for a screen, and there is none",
		"Start it headless (--headless), or under xvfb-run.", NULL },
	/* --- Kubernetes clients --- */
	{ "is forbidden: User \"{name}\" cannot {value} resource \"{other}\"", CONFIG,
		"the API server knows {name} and does not let it {value} {other}",
		"Bind a Role or ClusterRole to that service account that allows to {value} "
		"{other}.",
		NULL },
	{ "no matches for kind \"{name}\" in version \"{value}\"", CONFIG,
		"the cluster does not know the kind {name} of {value}",
		"Install the CustomResourceDefinition of {name} ({value}), or correct the version.",
		NULL },
	{ "ConfigException: Service host/port is not set.", CONFIG,
		"the variables by which pods find the API server are not there",
		"Run it as a pod, or name a kubeconfig; a pod's container has these variables "
		"unless its command clears the environment.",
		NULL },
	{ "Forbidden!Configured service account doesn't have access", CONFIG,
		"the API server knows the service account, and does not let it do this",
		"Give the service account a Role (or ClusterRole) with the verb and resource of "
		"the message, and a RoleBinding; or name the right one by serviceAccountName.",
		NULL },
	{ "no kind \"{name}\" is registered for version \"{value}\"", APP,
		"the program was built without the types of {value}",
		"Register them where the manager is made (AddToScheme of the package of {value}), "
		"and build the image anew.",
		NULL },
	{ "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST", CONFIG,
		"the variables by which pods find the API server are not there",
		"Run it as a pod, or name a kubeconfig; a pod's container has these variables "
		"unless its command clears the environment.",
		NULL },
	/* --- HashiCorp, etcd, Keycloak, CPU --- */
	{ "Failed to lock memory", "capability_missing",
		"Vault locks its memory, and the container may not",
		"Add the capability IPC_LOCK, or set disable_mlock = true.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n       "
		" add: [IPC_LOCK]\n" },
	{ "Multiple private IPv4 addresses found. Please configure one", CONFIG,
		"Consul finds several addresses and does not choose",
		"Set bind_addr (or -bind) to the pod's address, from status.podIP.", NULL },
	{ "has already been bootstrapped", APP,
		"the etcd cluster knows this member, and the member's data is gone",
		"Remove the member (etcdctl member remove) and add it again, then start it with "
		"--initial-cluster-state=existing.",
		NULL },
	{ "Strict hostname resolution configured but no hostname setting provided", CONFIG,
		"Keycloak in production mode wants to know its public name",
		"Set KC_HOSTNAME to the public name, or KC_HOSTNAME_STRICT to false behind a proxy "
		"that is trusted.",
		ENV("KC_HOSTNAME_STRICT", "false") },
	{ "Key material not provided to setup HTTPS", CONFIG,
		"Keycloak in production mode wants a certificate, unless a proxy in front of it "
		"speaks TLS",
		"Mount a certificate and key and name them (KC_HTTPS_CERTIFICATE_FILE, "
		"KC_HTTPS_CERTIFICATE_KEY_FILE), or allow HTTP behind a proxy.",
		ENV("KC_HTTP_ENABLED", "true") },
	{ "CPU does not support x86-64-v{number}", "cpu_unsupported",
		"the image's programs are built for CPUs of level x86-64-v{number}, and this "
		"node's CPU, or the one that its hypervisor shows, is older",
		"Run it on a node with a newer CPU (in a virtual machine: CPU type host), or use "
		"an image that is built for an older CPU (x86-64-v1).",
		NULL },
	/* --- what a start script was to run, and on what --- */
	{ "Don't know how to build task '{name}'", CONFIG, "the Rakefile has no task {name}",
		"Correct the task {name} in the container's command: `rake --tasks` lists those "
		"that there are, and the message may name one that is like it.",
		NULL },
	{ "taskset: failed to set pid {number}'s affinity: Invalid argument", CONFIG,
		"none of the CPUs that it was told to use is there for this container: the node "
		"has fewer, or its cpuset leaves them out",
		"Take taskset out of the command, or name CPUs that `taskset -cp 1` shows in this "
		"container: which ones a pod gets is decided by the node (static CPU manager "
		"policy, "
		"with whole CPUs in resources.limits.cpu).",
		NULL },
	{ "illegal value for flag {option} of type", CONFIG,
		"Node.js takes a plain number for this flag: of megabytes for --max-old-space-size",
		"Correct {option} in NODE_OPTIONS or in the command: a number without a unit, as "
		"in --max-old-space-size=1024.",
		NULL },
	{ "failed_to_prepare_configuration", CONFIG,
		"RabbitMQ refused its configuration: rabbitmq.conf, a file of conf.d or what its "
		"variables say",
		"Correct what its first lines name in rabbitmq.conf (`kubectl logs`): a key that "
		"this version does not know, or a value that it does not take.",
		NULL },
	{ "problem on line {number} near token \"{name}\"", CONFIG,
		"{name}, in line {number} of its configuration, is no interface that the pod has, "
		"and no name that can be resolved",
		"Correct {name} in line {number} of the configuration: a pod's own interface is "
		"mostly eth0.",
		NULL },
	/* --- variables of Services: NAME_PORT=tcp://ADDRESS:PORT --- */
	SERVICE_LINK("For input string: \"tcp://{value}\""),
	SERVICE_LINK("invalid literal for int() with base 10: 'tcp://{value}'"),
	SERVICE_LINK("parsing \"tcp://{value}\": invalid syntax"),
	SERVICE_LINK("port \"tcp://{value}\""),
	SERVICE_LINK("address: 'tcp://{value}'"),
	SERVICE_LINK("permission denied tcp://{value}"),
	SERVICE_LINK("port tcp://{value}"),
	SERVICE_LINK("://{host}:tcp://{value}"),          /* an address made of it */
	SERVICE_LINK("'tcp' is not a valid port number"), /* gunicorn */
	SERVICE_LINK("input_value='tcp://{value}"),       /* pydantic */
	/* --- ports that are none: Node.js, Python, Java --- */
	{ "should be >= 0 and < 65536", NO_PORT },
	{ "port must be 0-65535", NO_PORT },
	{ "Port value out of range: {value}", NO_PORT },
	{ "port out of range:{value}", NO_PORT },
#include "diagnose/knowledge/client_messages_list.h"
#include "diagnose/knowledge/server_messages_list.h"
#include "diagnose/knowledge/system_messages_list.h"
/* where none above names more */
#include "diagnose/knowledge/access_messages_list.h"
};

size_t known_messages(const struct known_message **out)
{
	*out = rows;
	return ARRAY_SIZE(rows);
}
