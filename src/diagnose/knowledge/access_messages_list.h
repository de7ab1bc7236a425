/* SPDX-License-Identifier: MIT */
/*
 * Known messages of logins, rights, certificates, addresses and values of settings, in the words of libraries that many
 * programs have. Rows of known_messages.c, which reads this file last.
 */
// clang-format off

#define WHO_ASKS(pattern) \
	{ pattern, CONFIG, "the server answers, and wants to know who asks", \
		"Correct the token or password that the request is sent with, in the Secret that the container takes it from.", NULL }
#define MAY_NOT(pattern) \
	{ pattern, CONFIG, "the server answers, and does not allow it", \
		"Give the account or token the right that the message names, at the server; or use another account.", NULL }
#define SELF_SIGNED(pattern) \
	{ pattern, CONFIG, "the other side's certificate is signed by itself, and is not trusted here", \
		"Mount that certificate and name it to the client (Node.js: NODE_EXTRA_CA_CERTS, OpenSSL: SSL_CERT_FILE, mysql: --ssl-ca).", NULL }
#define NOTHING_THERE(pattern) \
	{ pattern, APP, "the server answers, and has nothing under that address", "Correct the path of the URL.", NULL }
#define WHOLE_URL(pattern) \
	{ pattern, CONFIG, "the address does not begin with a protocol that is spoken here", \
		WRITE_WHOLE_URL, NULL }
#define LOG_LEVEL(pattern) \
	{ pattern, CONFIG, "the program has no log level {value}", \
		"Correct the log level {value}: it is mostly one of debug, info, warn and error (LOG_LEVEL, or the program's own setting).", \
		NULL }
#define LICENCE(pattern) \
	{ pattern, CONFIG, "the program wants a valid licence", \
		"Put a licence that is valid into the Secret that the program takes it from, whole and without a line break at its end.", \
		NULL }
#define KEY_LENGTH(pattern, means) \
	{ pattern, CONFIG, means, \
		"Put a key of the right length into the Secret: 16, 24 or 32 bytes for AES, as `openssl rand -hex 16` makes 32 characters, " \
		"and without a line break. A key that data was encrypted with must be kept.", \
		NULL }
#define TOO_SHORT(pattern) \
	{ pattern, CONFIG, "a value that the message names is shorter than {number}", \
		"Put a longer one into the Secret, of {number} or more: `openssl rand -hex 32` makes one of 64 characters.", NULL }
#define UNSET_THERE(pattern) \
	{ pattern, CONFIG, "a value that the program takes is not set", \
		"Set the variable that the program reads in the line of its source that the message comes from.", NULL }
#define LOGIN(pattern, who) \
	{ pattern, CONFIG, who " answers, and refuses the user or the password", \
		"Correct user and password in the Secret that the container takes them from.", NULL }
#define NOT_IN_CLUSTER(kinds, kind) \
	{ kinds " \"{name}\" not found", CONFIG, "the API server has no " kind " {name} in that namespace", \
		"Create the " kind " {name}, or correct the name or namespace that the program asks for.", NULL }
#define BROKERS(pattern) \
	{ pattern, "dependency_unreachable", "none of the brokers that it was told of answered", \
		"Correct the brokers' addresses (bootstrap servers, HOST:PORT), and see that the protocol (TLS, SASL) is that of the listener " \
		"and NetworkPolicies let this pod reach it.", \
		NULL }
#define STARTS_UP(pattern) \
	{ pattern, "dependency_unreachable", "the database is there, and not ready yet", \
		"Wait for it before the start (an init container that runs pg_isready), or let the program try again.", NULL }
#define UNKNOWN_KEY_TO_AWS(pattern) \
	{ pattern, CONFIG, "AWS does not know the access key, or its session token is not given with it", \
		"Correct AWS_ACCESS_KEY_ID in the Secret, and AWS_SESSION_TOKEN where the key is a temporary one; or give the pod a role.", NULL }

	/* --- HTTP: requests and httpx, urllib, axios, Go --- */
	WHO_ASKS("401 Client Error: Unauthorized for url"),
	WHO_ASKS("Client error '401 Unauthorized' for url"),
	WHO_ASKS("HTTP Error 401: "),
	WHO_ASKS("Request failed with status code 401"),
	WHO_ASKS("code = Unauthenticated desc"),
	MAY_NOT("403 Client Error: Forbidden for url"),
	MAY_NOT("Client error '403 Forbidden' for url"),
	MAY_NOT("HTTP Error 403: "),
	MAY_NOT("Request failed with status code 403"),
	MAY_NOT("code = PermissionDenied desc"),
	NOTHING_THERE("404 Client Error: Not Found for url"),
	NOTHING_THERE("Client error '404 Not Found' for url"),
	NOTHING_THERE("HTTP Error 404: "),
	NOTHING_THERE("Request failed with status code 404"),
	WHOLE_URL("URI is not absolute"),                     /* Java */
	WHOLE_URL("MalformedURLException: no protocol: "),
	WHOLE_URL("No scheme supplied. Perhaps you meant"),   /* requests */
	WHOLE_URL("No connection adapters were found for"),
	WHOLE_URL("Request URL is missing an 'http://' or"),  /* httpx */
	WHOLE_URL("Only absolute URLs are supported"),        /* node-fetch */
	{ "Illegal character in authority", CONFIG, "the host of the URL holds a character that Java does not take there, mostly a _",
		"Call the host by a name without _ (a Service never has one), or percent-encode user and password in the URL.", NULL },
	/* --- logins --- */
	LOGIN("LDAP: error code 49", "the LDAP server"),
	LOGIN("ldap_bind: Invalid credentials", "the LDAP server"),
	{ "Can't contact LDAP server", "dependency_unreachable", "the LDAP server does not answer, or its certificate is not trusted",
		"Correct the server's URL (ldap://HOST:389, or ldaps://HOST:636), see that NetworkPolicies let this pod reach it, and mount its "
		"authority's certificate.",
		NULL },
	LOGIN("ORA-01017", "Oracle"),
	LOGIN("OperationFailure: Authentication failed", "MongoDB"),
	LOGIN("Exception authenticating MongoCredential", "MongoDB"),
	LOGIN("nats: Authorization Violation", "NATS"),
	LOGIN("AuthenticationError: Authentication required", "Redis"),
	LOGIN("invalid username-password pair", "Redis"),
	{ "invalid_client", CONFIG, "the identity provider does not accept the client's id or secret",
		"Correct the client's id and secret in the Secret, and the issuer or token URL that they belong to.", NULL },
	{ "oauth2: cannot fetch token", CONFIG, "the identity provider gave no token",
		"Correct the client's id and secret in the Secret, and the issuer or token URL that they belong to.", NULL },
	{ "AADSTS7000215", CONFIG, "Entra ID does not accept the client's secret: its id stands there in place of its value, or it is another one",
		"Put the value of the client's secret, and not its id, into the Secret (AZURE_CLIENT_SECRET).", NULL },
	{ "AADSTS7000222", CONFIG, "the client's secret has expired", "Make a new client secret in Entra ID and put its value into the Secret (AZURE_CLIENT_SECRET).", NULL },
	{ "AADSTS700016", CONFIG, "Entra ID's directory does not know that client", "Correct AZURE_CLIENT_ID and AZURE_TENANT_ID: the client is not in that directory.", NULL },
	UNKNOWN_KEY_TO_AWS("InvalidClientTokenId"),
	UNKNOWN_KEY_TO_AWS("UnrecognizedClientException"),
	{ "Not authorized to perform sts:AssumeRoleWithWebIdentity", CONFIG, "the role does not trust this service account",
		"Let the role's trust policy name the cluster's OIDC provider and system:serviceaccount:NAMESPACE:NAME of this pod's account.", NULL },
	{ "No OpenIDConnect provider found in your account", CONFIG, "the AWS account does not know the cluster's OIDC provider",
		"Add the cluster's OIDC provider to IAM (`eksctl utils associate-iam-oidc-provider --approve --cluster NAME`).", NULL },
	{ "must be addressed using the specified endpoint", CONFIG, "the bucket is in another region", "Set AWS_REGION and the endpoint to those of the bucket.", NULL },
	{ "Permission '{name}' denied on resource", CONFIG, "Google knows who asks, and no role of that account has {name}",
		"Grant the service account a role with {name} on that resource.", NULL },
	{ "PermissionDenied: 403", CONFIG, "Google knows who asks, and no role of that account allows it",
		"Grant the pod's service account at Google a role that allows what the message names.", NULL },
	{ "service account name not authorized", CONFIG, "Vault's role does not name this service account",
		"Let the role have it: bound_service_account_names and bound_service_account_namespaces of auth/kubernetes/role/NAME.", NULL },
	{ "Vault is sealed", "dependency_unreachable", "Vault runs and is sealed", "Unseal Vault (`vault operator unseal`, or auto-unseal).", NULL },
	{ "pg_hba.conf rejects connection for host \"{host}\"", CONFIG, "the database answers, and a rule of its pg_hba.conf refuses {host}",
		"Change the rule for {host} in the server's pg_hba.conf, or connect in the way that it allows (sslmode=require where the message ends in SSL off).",
		NULL },
	/* --- certificates --- */
	OTHER_NAME("x509: certificate is valid for {value}, not {host}"),
	OTHER_NAME("cannot validate certificate for {host} because it doesn't contain any IP SANs"),
	{ "certificate relies on legacy Common Name field", CONFIG, "the server's certificate has its name in the old place only",
		"Have a certificate issued that holds the server's name as a subject alternative name.", NULL },
	{ "remote error: tls: bad certificate", CONFIG, "the other side refused the certificate that it was shown",
		"Show it a certificate that it trusts: of the authority that it knows, not expired, and for the name that it asked for.", NULL },
	{ "remote error: tls: certificate required", CONFIG, "the server wants a client's certificate, and was shown none",
		"Mount the client's certificate and key from a Secret and name them in the settings.", NULL },
	{ "x509: failed to load system roots and no roots provided", "missing_file", "the image has no list of trusted authorities",
		"Install ca-certificates in the image, or copy /etc/ssl/certs/ca-certificates.crt into it from the build stage.", NULL },
	SELF_SIGNED("self signed certificate"),
	SELF_SIGNED("self-signed certificate"),
	/* --- addresses --- */
	{ "<unresolved>:{number}", "dependency_unreachable", "nothing answers there, and localhost is this pod itself",
		"Name the service's host in the settings (for Redis SPRING_DATA_REDIS_HOST, or the client's own), start it, and see that NetworkPolicies let this pod reach it.",
		NULL },
	{ "Unable to connect to Redis", "dependency_unreachable", "Redis does not answer at the address that it was given",
		"Name Redis' host in the settings (Spring: SPRING_DATA_REDIS_HOST), start it, and see that NetworkPolicies let this pod reach it.", NULL },
	{ "while waiting for a server that matches", "dependency_unreachable", "MongoDB does not answer at the address that it was given",
		"Name MongoDB's host in its URL (Spring: SPRING_DATA_MONGODB_URI), start it, and see that NetworkPolicies let this pod reach it.", NULL },
	BROKERS("Timed out waiting for a node assignment"),
	BROKERS("No resolvable bootstrap urls given"),
	BROKERS("Invalid url in bootstrap.servers: "),
	BROKERS("nats: no servers available for connection"),
	{ "ORA-12154", CONFIG, "Oracle's client knows no address of that name",
		"Write the address whole (HOST:1521/SERVICE), or mount tnsnames.ora and name its directory by TNS_ADMIN.", NULL },
	{ "ORA-12514", CONFIG, "Oracle's listener answers, and has no service of that name", "Correct the service's name in the address (HOST:1521/SERVICE).", NULL },
	STARTS_UP("the database system is in recovery mode"),
	STARTS_UP("the database system is shutting down"),
	/* --- databases and queues: what is not there --- */
	{ "could not open extension control file \"{path}\"", "missing_file", "the database server's image does not have that extension ({path})",
		"Use a server image that has the extension (for vector pgvector/pgvector, for postgis postgis/postgis), or install its package there.", NULL },
	{ "extension \"{name}\" is not available", CONFIG, "the database server does not have the extension {name}",
		"Use a server image that has {name}, or install its package there (many are in postgresql-contrib).", NULL },
	{ "type \"{name}\" does not exist", APP, "the database has no type {name}: an extension or a migration that makes it is lacking",
		"Create it first: CREATE EXTENSION where {name} is of one (such as vector or citext), else run the migrations.", NULL },
	{ "function gen_random_uuid() does not exist", APP, "PostgreSQL has gen_random_uuid since version 13, before that in pgcrypto",
		"Run CREATE EXTENSION pgcrypto in that database, or use PostgreSQL 13 or later.", NULL },
	{ "column {name} does not exist", APP, "the database has no column {name}: its tables are of another release than the program",
		"Run this release's migrations first, as an init container or a Job.", NULL },
	{ "must be owner of extension", CONFIG, "the dump is restored by a user who does not own the extensions in it",
		"Restore as the superuser, or leave them out (`pg_restore --no-owner --no-comments`).", NULL },
	{ "You do not have the SUPER privilege and binary logging is enabled", CONFIG, "MySQL lets only administrators make functions and triggers while it logs",
		"Set log_bin_trust_function_creators=1 at the MySQL server, or run the migration as an administrator.", NULL },
	{ "NOT_FOUND - no queue '{name}'", CONFIG, "RabbitMQ has no queue {name} in that virtual host",
		"Declare the queue {name} before (a definitions file, or the program that owns it), or correct its name.", NULL },
	{ "PRECONDITION_FAILED - inequivalent arg '{name}' for queue '{value}'", CONFIG, "the queue {value} is there with another {name}",
		"Declare {value} with the {name} that it has, or delete the queue once it is empty so that it is made anew.", NULL },
	{ "Cannot locate a 64-bit Oracle Client library", "missing_library", "the driver needs Oracle's client library, which the image does not have",
		"Use python-oracledb in its thin mode, which needs none, or install Oracle's Instant Client in the image.", NULL },
	{ "Can't open lib '{name}' : file not found", "missing_library", "unixODBC has no driver {name}",
		"Install the driver when the image is built ({name}; Microsoft's is the package msodbcsql18), and name it as odbcinst.ini does.", NULL },
	{ "unknown driver \"{name}\" (forgotten import?)", CONFIG, "the program was built without a database driver {name}, or calls it otherwise",
		"Correct the driver's name ({name}) in the settings: mostly postgres, pgx, mysql or sqlite3.", NULL },
	/* --- the API server --- */
	NOT_IN_CLUSTER("services", "Service"),
	NOT_IN_CLUSTER("namespaces", "namespace"),
	NOT_IN_CLUSTER("serviceaccounts", "service account"),
	NOT_IN_CLUSTER("deployments.apps", "Deployment"),
	NOT_IN_CLUSTER("nodes", "node"),
	NOT_IN_CLUSTER("persistentvolumeclaims", "PersistentVolumeClaim"),
	{ "InferConfigError", CONFIG, "the program found neither the service account's token nor a kubeconfig",
		"Let the pod have its service account's token (automountServiceAccountToken: true), or name a kubeconfig by KUBECONFIG.",
		"automountServiceAccountToken: true\n" },
	/* --- values --- */
	{ "invalid port: {value}", NO_PORT },
	LOG_LEVEL("unsupported log level: {value}"),
	LOG_LEVEL("invalid log level: {value}"),
	LOG_LEVEL("invalid log level \"{value}\""),
	LOG_LEVEL("unknown log level: {value}"),
	LOG_LEVEL("unknown log level \"{value}\""),
	LOG_LEVEL("not a valid logrus Level: \"{value}\""),
	LOG_LEVEL("unrecognized level: \"{value}\""),         /* zap */
	LOG_LEVEL("Unknown level: '{value}'"),                /* Python: logging */
	LICENCE("license has expired"),
	LICENCE("license is expired"),
	LICENCE("license key is invalid"),
	LICENCE("invalid license key"),
	KEY_LENGTH("invalid key size {number}", "a key for AES has 16, 24 or 32 bytes, and this one has {number}"),
	KEY_LENGTH("RangeError: Invalid key length", "the key has another length than the cipher takes"),
	KEY_LENGTH("Error: Invalid key length", "the key has another length than the cipher takes"),
	KEY_LENGTH("must be {number} bytes long", "a key of {number} bytes was expected"),
	TOO_SHORT("must be at least {number} characters"),
	TOO_SHORT("must be at least {number} bytes"),
	TOO_SHORT("must be of at least {number} bytes"),
	TOO_SHORT("The minimum length for \"{name}\" is {number} characters"), /* Graylog */
	UNSET_THERE("expected str, bytes or os.PathLike object, not NoneType"),
	UNSET_THERE("int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"),
	UNSET_THERE("the return value of \"java.lang.System.getenv(String)\" is null"),
	{ "connection string is empty", CONFIG, "the program was given no address of its database",
		"Set the variable that holds it (often DATABASE_URL), from a Secret.", NULL },
	{ "jdbcUrl is required with driverClassName", CONFIG, "the pool HikariCP calls the address jdbcUrl, and none is set",
		"Set SPRING_DATASOURCE_URL; where the application makes its own data source, the property is called jdbc-url.",
		ENV("SPRING_DATASOURCE_URL", "jdbc:postgresql://db:5432/app") },
	{ "The url cannot be null", CONFIG, "the application was given no address of its database",
		"Set the address of the database (Spring: SPRING_DATASOURCE_URL, beginning with jdbc:).", NULL },
#undef WHO_ASKS
#undef SELF_SIGNED
#undef MAY_NOT
#undef NOTHING_THERE
#undef WHOLE_URL
#undef LOG_LEVEL
#undef LICENCE
#undef KEY_LENGTH
#undef TOO_SHORT
#undef UNSET_THERE
#undef LOGIN
#undef NOT_IN_CLUSTER
#undef BROKERS
#undef STARTS_UP
#undef UNKNOWN_KEY_TO_AWS
