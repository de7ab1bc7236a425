/* SPDX-License-Identifier: MIT */
/*
 * Known messages of libraries of one language: clients of databases and services, what they want installed beside them,
 * which releases do not fit. Rows of known_messages.c, which reads this file.
 */
// clang-format off

#define TOKEN(pattern, who) \
	{ pattern, CONFIG, who " refuses the token or key that it was shown", \
		"Correct the token or key in the Secret that the container takes it from, whole, without quotes or a line break at its end.", NULL }
#define SMTP(pattern, means) \
	{ pattern, CONFIG, means, \
		"Correct the mail server's user and password in the Secret (many want a password made for this program), and its port and TLS.", NULL }
#define PROGRAM(pattern, program, package) \
	{ pattern, "command_not_found", "the library calls " program ", which the image does not have", \
		"Install it in the image: `RUN apt-get update && apt-get install -y " package "`.", NULL }
#define PIN(pattern, means, fix) { pattern, "missing_module", means, fix, NULL }
#define DATABASE(pattern) \
	{ pattern, "dependency_unreachable", "the database does not answer at the address that it was given", \
		"Correct the database's host and port in the settings (localhost is this pod itself), start it, and see that NetworkPolicies let " \
		"this pod reach it.", \
		NULL }
#define CONNECTION_STRING(pattern, means) \
	{ pattern, CONFIG, means, \
		"Set ConnectionStrings__NAME, from a Secret, as the driver reads it: Host=...;Database=...;Username=...;Password=... (SQL Server: " \
		"Server=...;User Id=...), and no URL.", \
		NULL }
#define POOL(pattern) \
	{ pattern, APP, "all connections of the pool are in use, or none could be made", \
		"See whether the database answers; where it does, raise the pool's size, or find what keeps connections.", NULL }
#define OLD_TLS(pattern) \
	{ pattern, CONFIG, "the server's TLS is older than OpenSSL allows here", \
		"Update the server's TLS (version 1.2 or later, keys of 2048 bits or more); for now, a file named by OPENSSL_CONF with " \
		"CipherString = DEFAULT@SECLEVEL=1.", \
		NULL }
#define HOME_SET(pattern) \
	{ pattern, CONFIG, "the program wants a home directory, and HOME is not set", \
		"Set HOME to a directory that the container's user may write, such as /tmp.", ENV("HOME", "/tmp") }
#define CLUSTER_CLIENT(pattern) \
	{ pattern, CONFIG, "the client is one for clusters of Redis, and this Redis is none, or a node of it cannot be reached", \
		"Use the library's client for a single Redis, or name the nodes of a cluster.", NULL }
#define ACCESS_OF_KAFKA(pattern, thing) \
	{ pattern, CONFIG, "Kafka knows who asks, and allows no access to the " thing " {name}", \
		"Allow it at the broker: `kafka-acls --add --allow-principal User:NAME --operation All` for the " thing " {name}.", NULL }

	/* --- Node.js --- */
	{ "Please install {name} package manually", "missing_module", "Sequelize's driver {name} is not installed",
		"Add {name} to the dependencies of package.json, and install it when the image is built (`RUN npm ci`).", NULL },
	{ "Dialect needs to be explicitly supplied", CONFIG, "Sequelize's configuration has nothing for this NODE_ENV",
		"Set NODE_ENV to a name that config/config.json has, or give that file a section of this name with dialect.", NULL },
	{ "The migration directory is corrupt, the following files are missing: {name}", APP, "the database was migrated by a release that has more migrations than this one",
		"Run the release that has {name}, or go back with its own down migration first.", NULL },
	LEFT_LOCK("Migration table is already locked", "Knex' lock of the migrations", "npx knex migrate:unlock"),
	CLUSTER_CLIENT("Failed to refresh slots cache"),
	CLUSTER_CLIENT("This instance has cluster support disabled"),
	{ "SyntaxError: Unexpected token '??", APP, "the code is written for a newer Node.js than this one", "Use an image with a newer Node.js (16 or later).", NULL },
	{ "SyntaxError: Unexpected token '?.'", APP, "the code is written for a newer Node.js than this one", "Use an image with a newer Node.js (16 or later).", NULL },
	{ "does not provide an export named '{name}'", "missing_module", "the installed package has no {name}, or is a CommonJS one that is imported as a whole",
		"Install the release that the code was written for (`npm ci` with package-lock.json), or import the package as a whole and take {name} from it.",
		NULL },
	NOT_PEM("Invalid PEM formatted message"),
	NOT_PEM("Too few bytes to read ASN.1 value"),
	{ "Service account object must contain a string", CONFIG, "Firebase was given a key that is not whole",
		"Give it the whole JSON of the service account's key: mount it and name it by GOOGLE_APPLICATION_CREDENTIALS.", NULL },
	{ "Neither apiKey nor config.authenticator provided", CONFIG, "Stripe's library was given no key", "Set the variable that the application takes it from (often STRIPE_SECRET_KEY), from a Secret.", NULL },
	TOKEN("An invalid token was provided", "the service"),
	TOKEN("ETELEGRAM: 401", "Telegram"),
	{ "terminated by other getUpdates request", APP, "Telegram gives a bot's messages to one program only, and another one asks too",
		"Run one replica, with the strategy Recreate, and end what else uses the bot's token.", NULL },
	{ "Please define a `secret` in production", CONFIG, "Auth.js signs its sessions with a secret, and it is not set",
		"Set AUTH_SECRET (of next-auth before version 5: NEXTAUTH_SECRET), from a Secret.", NULL },
	{ "UntrustedHost: Host must be trusted", CONFIG, "Auth.js trusts the name that it is asked by only where it is told to", "Set AUTH_TRUST_HOST to true behind a proxy that is yours, or AUTH_URL.",
		ENV("AUTH_TRUST_HOST", "true") },
	SMTP("Missing credentials for \"PLAIN\"", "the mail library was given no user and password"),
	SMTP("Invalid login: 535", "the mail server refuses the user or the password"),
	{ "Failed to connect to server [{host}] on first connect", "dependency_unreachable", "MongoDB does not answer at {host}",
		"Correct MongoDB's host and port in its URL (localhost is this pod itself), start it, and see that NetworkPolicies let this pod reach it.", NULL },
	/* --- Python --- */
	POOL("QueuePool limit of size"),
	POOL("KnexTimeoutError"),
	SMTP("SMTPAuthenticationError", "the mail server refuses the user or the password"),
	TOKEN("Incorrect API key provided", "OpenAI"),
	TOKEN("telegram.error.InvalidToken", "Telegram"),
	TOKEN("Improper token has been passed", "Discord"),
	TOKEN("'error': 'invalid_auth'", "Slack"),
	{ "SaslAuthenticationException: Authentication failed", CONFIG, "Kafka answers, and refuses the user or the password",
		"Correct user and password in the Secret that the client's SASL settings come from.", NULL },
	TOKEN("ssh_exception.AuthenticationException", "the ssh server"),
	PIN("module 'numpy' has no attribute '{name}'", "NumPy has had no {name} since version 1.24", "Pin numpy to a release below 1.24 in the requirements, or update the package that asks for {name}."),
	PIN("Descriptors cannot be created directly", "code was generated by an older protoc than the installed protobuf takes",
		"Pin protobuf to 3.20 in the requirements, or update the package whose code that is."),
	PIN("cannot import name 'soft_unicode' from 'markupsafe'", "MarkupSafe has had no soft_unicode since version 2.1", "Pin markupsafe==2.0.1 in the requirements, or update Jinja2."),
	PIN("cannot import name '{name}' from 'collections'", "the code is for Python before 3.10, where collections had {name}",
		"Install a newer release of the package that asks for it, or use an image with Python 3.9."),
	OLD_TLS("DH_KEY_TOO_SMALL"),
	OLD_TLS("dh key too small"),
	OLD_TLS("TLSV1_ALERT_PROTOCOL_VERSION"),
	OLD_TLS("tlsv1 alert protocol version"),
	OLD_TLS("UNSAFE_LEGACY_RENEGOTIATION_DISABLED"),
	OLD_TLS("unsafe legacy renegotiation disabled"),
	NOT_PEM("[SSL] PEM lib"),
	{ "A process in the process pool was terminated abruptly", APP, "a worker process was killed, mostly because the container's memory was used up",
		"Raise the container's memory limit, or let fewer workers run at once.", NULL },
	{ "the server is not Elasticsearch", CONFIG, "Elasticsearch's client does not work with another server, such as OpenSearch",
		"Use opensearch-py with OpenSearch, or pin elasticsearch to a release below 7.14 in the requirements.", NULL },
	{ "media_type_header_exception", CONFIG, "Elasticsearch's client is of a newer major version than the server", "Pin the client to the server's major version in the requirements, such as elasticsearch<9.", NULL },
	{ "[E050] Can't find model '{name}'", "missing_module", "spaCy's model {name} is not installed", "Install it when the image is built: `RUN python -m spacy download {name}`.", NULL },
	{ "Resource {name} not found.\nPlease use the NLTK Downloader", "missing_module", "NLTK's data {name} is not there",
		"Download it when the image is built: `RUN python -m nltk.downloader -d /usr/share/nltk_data {name}`.", NULL },
	{ "Resource {name} not found. Please use the NLTK Downloader", "missing_module", "NLTK's data {name} is not there",
		"Download it when the image is built: `RUN python -m nltk.downloader -d /usr/share/nltk_data {name}`.", NULL },
	PROGRAM("cannot find Chrome binary", "Chrome", "chromium chromium-driver"),
	PROGRAM("tesseract is not installed or it's not in your PATH", "tesseract", "tesseract-ocr"),
	PROGRAM("Is poppler installed and in PATH", "pdftoppm of Poppler", "poppler-utils"),
	PROGRAM("No such file or directory: 'ffmpeg'", "ffmpeg", "ffmpeg"),
	PROGRAM("No such file or directory: 'ffprobe'", "ffprobe", "ffmpeg"),
	PROGRAM("No such file or directory: 'dot'", "dot of Graphviz", "graphviz"),
	PROGRAM("No wkhtmltopdf executable found", "wkhtmltopdf", "wkhtmltopdf"),
	{ "TemplateNotFound: {name}", "missing_file", "Jinja finds no template {name} in the directories that it was told of",
		"Copy the templates into the image (see .dockerignore), or correct the directory that the application names.", NULL },
	{ "The config profile ({name}) could not be found", CONFIG, "AWS_PROFILE names {name}, and the image has no such profile",
		"Take AWS_PROFILE out of the container's environment, so that the pod's role is used; or mount the config file that has {name}.", NULL },
	{ "rendezvous: environment variable {name} expected, but not set", CONFIG, "torch.distributed reads {name} from the environment, and it is not set",
		"Start it by torchrun, which sets {name} and its like, or as a PyTorchJob; or set {name} for each replica.", NULL },
	{ "Can't load tokenizer for '{name}'", "missing_file", "neither the model's directory nor Hugging Face has a tokenizer of {name}",
		"Correct the name or directory {name}, put the whole model there (tokenizer.json too), or let the pod out to huggingface.co.", NULL },
	{ "Invalid API Key provided", CONFIG, "the service refuses the key that it was shown",
		"Correct the key in the Secret that the container takes it from, whole, without quotes or a line break at its end.", NULL },
	/* --- Java --- */
	{ "Cannot execute request on any known server", "dependency_unreachable", "Eureka does not answer at the address that it was given",
		"Set EUREKA_CLIENT_SERVICEURL_DEFAULTZONE to http://HOST:8761/eureka/ of its Service, or EUREKA_CLIENT_ENABLED to false.", NULL },
	{ "The Access Key Id you provided does not exist in our records", CONFIG, "the object store does not know the access key",
		"Correct the access key in the Secret, and the endpoint where the key belongs to another store.", NULL },
	DATABASE("Communications link failure"),
	DATABASE("Failed to initialize pool: Connection to {host} refused"),
	{ "Public Key Retrieval is not allowed", CONFIG, "MySQL's driver logs in without TLS and may not ask for the server's key",
		"Turn TLS on (sslMode=REQUIRED in the JDBC URL), or add allowPublicKeyRetrieval=true to it.", NULL },
	{ "The server time zone value '{value}' is unrecognized", CONFIG, "MySQL's driver does not know the server's time zone {value}",
		"Add serverTimezone=UTC, or the server's own zone, to the JDBC URL, or update the driver.", NULL },
	{ "but no password was provided", CONFIG, "the database wants a password, and was given none", "Set the password that the client sends (Spring: SPRING_DATASOURCE_PASSWORD), from a Secret.", NULL },
	{ "The authentication type {number} is not supported", CONFIG, "the driver is older than the server's way to log in (SCRAM)", "Update the driver (PostgreSQL's for Java: 42.2 or later).", NULL },
	{ "NoClassDefFoundError: javax/xml/bind", "missing_module", "Java has had no JAXB since version 11", "Add jaxb-api and its runtime (org.glassfish.jaxb:jaxb-runtime) to the build, or use an image with Java 8.", NULL },
	{ "NoClassDefFoundError: jakarta/", "missing_module", "the code is for Jakarta EE 9 or later, and the server or a library is older",
		"Use a server that has jakarta (Tomcat 10, Jetty 11), and releases of the libraries that fit (Spring Boot 3).", NULL },
	{ "NoClassDefFoundError: javax/servlet", "missing_module", "the code is for Java EE, and the server is of Jakarta EE 9 or later, or none is there",
		"Use a server that has javax (Tomcat 9), or a release of the library for jakarta.", NULL },
	{ "OutOfMemoryError: Direct buffer memory", APP, "Java's limit for memory outside of its heap was reached",
		"Raise -XX:MaxDirectMemorySize among the options of Java, and the container's memory limit with it.", NULL },
	{ "Not authorized to access topics: [{name}]", CONFIG, "Kafka knows who asks, and allows no access to the topic {name}",
		"Allow it at the broker: `kafka-acls --add --allow-principal User:NAME --operation All --topic {name}`.", NULL },
	ACCESS_OF_KAFKA("Not authorized to access group: {name}", "group"),
	{ "Error Code: AccessDenied", CONFIG, "AWS knows who asks, and no policy allows it", "Allow the call in the policy of the pod's role, and in the bucket's own where it has one.", NULL },
	/* --- .NET --- */
	DATABASE("NpgsqlException (0x80004005): Failed to connect to {host}"),
	DATABASE("Unable to connect to any of the specified MySQL hosts"),
	CONNECTION_STRING("The ConnectionString property has not been initialized", "no connection string of that name is configured"),
	CONNECTION_STRING("Format of the initialization string does not conform", "the connection string is not of the driver's form: a URL, empty, or in quotes"),
	CONNECTION_STRING("Keyword not supported: '{name}'", "the connection string is not of the driver's form: it does not know {name}"),
	{ "PendingModelChangesWarning", APP, "the model has changes that no migration has", "Run `dotnet ef migrations add NAME` where the source lies, and build the image with what it writes.", NULL },
	{ "check that passwords (or client certificates) are configured correctly", CONFIG, "Redis answers, and refuses the password", "Correct Redis' password in the Secret (password= in the connection string).", NULL },
	{ "was not found in the key ring", CONFIG, "data was protected with a key that this pod does not have: each pod makes keys of its own",
		"Keep the keys of ASP.NET's Data Protection where all replicas and restarts find them (PersistKeysToFileSystem on a volume, or Redis).", NULL },
	{ "System.Drawing.Common is not supported on non-Windows platforms", APP, "System.Drawing is there only on Windows since .NET 7", "Use another library (SkiaSharp, ImageSharp), or an image with .NET 6 and libgdiplus.", NULL },
	{ "IDX20803: Unable to obtain configuration from: '{value}'", "dependency_unreachable", "the identity provider does not answer at {value}",
		"Correct the authority's URL, and see that its name resolves, its certificate is trusted, and NetworkPolicies let this pod reach it.", NULL },
	{ "IDX10720: ", CONFIG, "the key that tokens are signed with is too short", "Put a longer key into the Secret: 32 characters or more for HS256 (`openssl rand -hex 32`).", NULL },
	/* --- PHP --- */
	{ "The server requested authentication method unknown to the client", CONFIG, "this PHP is older than the server's way to log in (caching_sha2_password)",
		"Use an image with PHP 7.4 or later.", NULL },
	{ "Unable to load dynamic library '{name}'", "missing_module", "php.ini names the extension {name}, which is not there, or is for another PHP",
		"Install the extension when the image is built (docker-php-ext-install, pecl), or take its line out of php.ini and conf.d.", NULL },
	{ "Composer plugins have been disabled for safety", CONFIG, "Composer runs as root and asks first", "Set COMPOSER_ALLOW_SUPERUSER to 1.", ENV("COMPOSER_ALLOW_SUPERUSER", "1") },
	/* --- Go --- */
	{ "missing (out-of-order) migrations", CONFIG, "the database has later migrations than one that was not run yet", "Give the migration a later version, or let goose run it (-allow-missing).", NULL },
	{ "no migration found for version {number}", APP, "the database was migrated to {number} by a release that has more migrations than this one",
		"Run the release that has migration {number}, or go back with its own down migration first.", NULL },
	{ "(AuthenticationFailed) Authentication failed", CONFIG, "MongoDB answers, and refuses the user or the password",
		"Correct user and password in the Secret, and authSource, the database that the user was made in (mostly admin).", NULL },
	{ "scheme must be \"mongodb\" or \"mongodb+srv\"", CONFIG, "the address that MongoDB's library was given is none: it is empty, or stands in quotes",
		"Set the variable that holds it to mongodb://..., without quotes in the value.", NULL },
	{ "redis: invalid URL scheme", CONFIG, "the address of Redis does not begin with redis://", "Write the whole URL: redis://HOST:6379, or rediss:// with TLS.", NULL },
	{ "issuer did not match the issuer returned by provider, expected \"{value}\" got \"{other}\"", CONFIG, "the provider calls itself {other}, and the settings {value}",
		"Set the issuer to {other}, to the letter (with or without a slash at its end).", NULL },
	{ "illegal base64 data at input byte", CONFIG, "a text was to be base64, and is not", "Correct the key or other setting that the program decodes there: whole base64, without blanks or line breaks.", NULL },
	{ "encoding/hex: invalid byte", CONFIG, "a text was to be hexadecimal, and is not", "Correct the key or other setting that the program decodes there: only 0-9 and a-f, as `openssl rand -hex 32` makes it.", NULL },
	NOT_PEM("asn1: structure error"),
	NOT_PEM("ssh: no key found"),
	{ "knownhosts: key is unknown", CONFIG, "the program does not know the server's host key",
		"Put the key that `ssh-keyscan HOST` prints into known_hosts, from a ConfigMap.", NULL },
	{ "user: unknown userid {number}", APP, "the container's uid {number} has no entry in the image's /etc/passwd",
		"Run as a user that the image's /etc/passwd lists, or add an entry for uid {number} when the image is made; for some programs USER and HOME in the environment will do.",
		NULL },
	HOME_SET("$HOME is not defined"),
	HOME_SET("nor $HOME are defined"),
	HOME_SET("requires cgo or $USER, $HOME set in environment"),
	{ "mapping key \"{name}\" already defined at line {number}", CONFIG, "the YAML has the key {name} twice in one place", "Take one of the two {name} out of the file: one is in line {number}.", NULL },
#undef TOKEN
#undef SMTP
#undef PROGRAM
#undef PIN
#undef DATABASE
#undef CONNECTION_STRING
#undef POOL
#undef OLD_TLS
#undef HOME_SET
#undef CLUSTER_CLIENT
#undef ACCESS_OF_KAFKA
