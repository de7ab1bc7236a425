/* SPDX-License-Identifier: MIT */
/*
 * Known messages of languages, their frameworks and their package managers, by language. Rows of known_messages.c,
 * which reads this file.
 */
// clang-format off

#define DSN(pattern, means) \
	{ pattern, CONFIG, means, \
		"Write the database's address as the driver reads it: USER:PASSWORD@tcp(HOST:PORT)/DATABASE for MySQL.", NULL }
#define IN_ADDRESS(pattern, means, fix) { pattern, CONFIG, means, fix, NULL }
#define PERCENT_ENCODE(pattern) \
	IN_ADDRESS(pattern, "the URL holds a character that means something else there, mostly in its password", \
		"Percent-encode user and password in the URL (% is %25, @ is %40, / is %2F, # is %23, ? is %3F, blank is %20).")
#define NO_ZONE(pattern) \
	{ pattern, "missing_file", "there is no time zone of the name {name} where the program looks", \
		"Install the time zones in the image: `RUN apt-get update && apt-get install -y tzdata` (Debian, Ubuntu) or `RUN apk add " \
		"--no-cache tzdata` (Alpine); where {name} is no zone, correct it (TZ, or the program's own setting).", \
		NULL }
#define OTHER_MIGRATIONS(pattern, means) \
	{ pattern, APP, means, \
		"Run the release that has that migration as the database had it, and put a change into a migration of its own.", \
		NULL }
#define NEWER_NODE(name, version) \
	{ "ReferenceError: " name " is not defined", APP, "Node.js has " name " for everybody since version " version ", and this one is older", \
		"Use an image with Node.js " version " or later.", NULL }
#define UNSET_IN_NODE(pattern, means, variables) \
	{ pattern, CONFIG, means, \
		"Set the variable that the application takes it from (often " variables "), from a Secret.", NULL }
#define PIP_INSTALL(pattern, package, means) \
	{ pattern, "missing_module", means, "Install it when the image is built: `RUN pip install " package "`.", NULL }
#define BUNDLE_INSTALL(pattern, means) \
	{ pattern, "missing_module", means, \
		"Run bundle install when the image is made, with the Gemfile.lock that is used at run time, and keep what it installs " \
		"(BUNDLE_PATH) out of what volumes hide.", \
		NULL }
#define WRITE_LOCK(pattern, file, command) \
	{ pattern, APP, file " is older than the list of dependencies beside it", \
		"Run `" command "` where the source lies, commit " file ", and copy both into the image.", NULL }
#define UNTRUSTED_SERVER(pattern) \
	{ pattern, CONFIG, "the server's certificate is not trusted, or is for another name", \
		"Mount the authority's certificate and name it by SSL_CERT_FILE, and ask for the server by a name that its certificate " \
		"holds.", \
		NULL }
#define NO_METADATA(pattern) \
	{ pattern, "dependency_unreachable", "Hibernate had no connection to ask the database what it is", \
		"See what it said of the connection before: start the database, or correct its URL, user and password.", NULL }

	/* --- Go --- */
	NO_ZONE("unknown time zone {name}"),
	{ "requires cgo to work. This is a stub", APP, "the program was built without C, and this library is written in it",
		"Build the program with CGO_ENABLED=1 and a C compiler, for the libc of the final image; or use a driver in pure Go.",
		NULL },
	DSN("default addr for network '{value}' unknown", "{value} stands where the driver expects tcp or unix"),
	DSN("invalid DSN: missing the slash separating the database name", "the address of the database has no slash before its name"),
	DSN("invalid DSN: did you forget to escape a param value", "the driver cannot take the address of the database apart"),
	PERCENT_ENCODE("invalid URL escape \"{value}\""),
	PERCENT_ENCODE("net/url: invalid userinfo"),
	IN_ADDRESS("first path segment in URL cannot contain colon", "the address does not begin with a protocol",
		WRITE_WHOLE_URL),
	IN_ADDRESS("missing protocol scheme", "the address does not begin with a protocol",
		WRITE_WHOLE_URL),
	IN_ADDRESS("unsupported protocol scheme \"{value}\"", "the address begins with {value}, which is no protocol that is spoken here",
		WRITE_WHOLE_URL),
	IN_ADDRESS("unsupported protocol scheme \"\"", "the address is empty, or does not begin with a protocol",
		"Set the URL, and write it whole: http://HOST:PORT, or https://."),
	IN_ADDRESS("too many colons in address", "in an address of IPv6 brackets tell its colons from that of the port",
		"Write the address of IPv6 in square brackets before the colon of its port, or 0.0.0.0:8080 for IPv4, without http:// before it."),
	{ "address {value}: invalid port", NO_PORT },
	{ "unknown command \"{value}\" for \"{name}\"", CONFIG, "{name} has no command {value}",
		"Correct {value} in the container's command or args: `{name} --help` lists the commands that there are.", NULL },
	{ "No such command '{value}'", CONFIG, "the program has no command {value}",
		"Correct {value} in the container's command or args: `--help` lists the commands that there are.", NULL },
	/* --- Rust --- */
	{ "no process-level CryptoProvider available", APP, "rustls was built with more than one library for its cryptography, or with none",
		"Build the program with one of rustls' features, ring or aws_lc_rs, or let main install one "
		"(CryptoProvider::install_default).",
		NULL },
	OTHER_MIGRATIONS("was previously applied but is missing in the resolved migrations",
		"the database was migrated by a release that has more migrations than this one"),
	OTHER_MIGRATIONS("was previously applied but has been modified", "a migration was changed after this database had run it"),
	IN_ADDRESS("invalid socket address syntax", "what was given is no address: a name does not do there",
		"Write an IP address and a port, as in 0.0.0.0:8080."),
	{ "configuration file \"{path}\" not found", "missing_file", "the program looks for {path} with the ending of a format it reads",
		"Mount the configuration as {path}.toml (or .yaml, .json), or copy it into the image; a relative name is looked for in "
		"workingDir.",
		NULL },
	{ "ParseIntError { kind: Empty }", CONFIG, "a text that was to be a number is empty",
		"Set the variable or setting that the program reads in that line of its source to a number: it is empty.", NULL },
	{ "ParseIntError { kind: InvalidDigit }", CONFIG, "a text was to be a number, and holds something else",
		"Give the variable or setting that the program reads in that line of its source a plain number.", NULL },
	/* --- .NET --- */
	{ "The framework 'Microsoft.AspNetCore.App', version '{value}'", APP, "the image has no ASP.NET Core {value}",
		"Use the base image mcr.microsoft.com/dotnet/aspnet of that version ({value}), or build the application for the one that the image has.", NULL },
	{ "The framework '{name}', version '{value}'", APP, "the image has no runtime {name} {value}",
		"Use the base image mcr.microsoft.com/dotnet/runtime of that version ({value}), or build the application for the one that the image has.", NULL },
	{ "The configuration file '{name}' was not found and is not optional. The expected physical path was '{path}'", "missing_file",
		"the application reads {path} at its start, and it is not there",
		"Mount {path} from a ConfigMap by subPath, or copy it into the image (`dotnet publish` puts it out where the project says so).", NULL },
	{ "error occurred during the pre-login handshake", CONFIG, "SQL Server's certificate is not trusted, or its TLS is older than OpenSSL allows here",
		"Mount the certificate of the server's authority and name it by SSL_CERT_FILE, with the server's own name in the connection string; an old server wants an update.",
		NULL },
	{ "Section '{name}' not found in configuration", CONFIG, "the application's settings have no section {name}",
		"Give the section in appsettings.json, or by variables: {name}__KEY is KEY of the section {name}.", NULL },
	{ "Unable to resolve service for type '{name}' while attempting to activate '{value}'", APP,
		"{value} wants a {name}, and nothing gives the application one",
		"Register {name} with the application's services in Program.cs; where that is done under a condition, set the "
		"configuration that it asks for.",
		NULL },
	UNTRUSTED_SERVER("rejected by the provided RemoteCertificateValidationCallback"),
	UNTRUSTED_SERVER("The remote certificate is invalid"),
	{ "Login failed for user '{name}'", CONFIG, "SQL Server answers, and refuses the user {name} or the password",
		"Correct user and password in the Secret that the connection string is made of; a server that is there already keeps the "
		"password that it was made with.",
		NULL },
	{ "GC heap initialization failed", APP, ".NET got no memory for its heap",
		"Raise the container's memory limit, or the limit of its address space (ulimit -v); DOTNET_GCHeapHardLimit bounds the heap.",
		NULL },
	{ "Unable to load shared library 'libgdiplus'", "missing_library", "System.Drawing draws with libgdiplus, which the image does not have",
		"Install it in the image (`RUN apt-get update && apt-get install -y libgdiplus`) for .NET 6 and older; newer ones need "
		"another library than System.Drawing.",
		NULL },
	{ "The input is not a valid Base-64 string", CONFIG, "a text was to be base64, and is not",
		"Correct the key or other setting that the program decodes there: whole base64, without blanks or line breaks.", NULL },
	{ "run as a self-contained app because '{path}' was not found", "missing_file", "{path}, which tells .NET which runtime to use, is not there",
		"Copy all that `dotnet publish` puts out into the image, {path} too.", NULL },
	{ "The library 'libhostpolicy.so' required to execute the application was not found", "missing_file",
		"a file NAME.runtimeconfig.json, which tells .NET which runtime to use, is not beside the application",
		"Copy all that `dotnet publish` puts out into the image, NAME.runtimeconfig.json too.", NULL },
	{ "Unrecognized scheme in server address '{value}'", CONFIG, "ASP.NET listens at addresses that begin with http:// or https://",
		"Correct ASPNETCORE_URLS (or URLS, --urls), such as http://+:8080.", ENV("ASPNETCORE_URLS", "http://+:8080") },
	{ "FormatException: Invalid url: '{value}'", CONFIG, "{value} is no address to listen at",
		"Correct ASPNETCORE_URLS (or URLS, --urls), such as http://+:8080.", ENV("ASPNETCORE_URLS", "http://+:8080") },
	/* --- Java --- */
	{ "add spring.config.import=optional:configserver:", CONFIG, "Spring Cloud Config's client was not told where its server is",
		"Set SPRING_CONFIG_IMPORT to configserver:URL, or to optional:configserver: where it is to do without.",
		ENV("SPRING_CONFIG_IMPORT", "optional:configserver:") },
	{ "Cannot load this JVM TI agent twice", CONFIG, "two options load the debugger's agent (jdwp)",
		"Leave one -agentlib:jdwp: one may come from JAVA_TOOL_OPTIONS and one from the command.", NULL },
	{ "but no schema history table", CONFIG, "Flyway found tables that it has no record of",
		"Set baselineOnMigrate where the tables are those that the migrations begin with; else name an empty schema.",
		ENV("SPRING_FLYWAY_BASELINE_ON_MIGRATE", "true") },
	{ "contains a failed migration to version {value}", "stale_state", "migration {value} was broken off in an earlier run",
		"See what of migration {value} was done and mend that by hand, then run `flyway repair`.", NULL },
	OTHER_MIGRATIONS("changesets check sum", "changesets of Liquibase were changed after this database had run them"),
	NO_METADATA("Access to DialectResolutionInfo cannot be null"),
	NO_METADATA("Unable to determine Dialect without JDBC metadata"),
	{ "Cannot load driver class: {name}", "missing_module", "the application has no JDBC driver {name}",
		"Add the driver's library to the build (for PostgreSQL org.postgresql:postgresql), or correct "
		"SPRING_DATASOURCE_DRIVER_CLASS_NAME.",
		NULL },
	{ "No suitable driver found for {value}", CONFIG, "no JDBC driver that the application has takes {value}",
		"Let the URL begin with jdbc: and the database's kind, as in jdbc:postgresql://HOST:5432/NAME, or add that driver to the "
		"build.",
		NULL },
	{ "the trustAnchors parameter must be non-empty", CONFIG, "Java's list of trusted authorities is empty or is not there",
		"Correct -Djavax.net.ssl.trustStore and its password where they are set; else install ca-certificates-java in the image "
		"(Alpine: java-cacerts).",
		NULL },
	{ "Invalid keystore format", CONFIG, "the file is no key store of the kind that is expected",
		"Name the kind (PKCS12 or JKS) by the setting for it, and mount the file itself as binaryData of the Secret, not base64 of "
		"it.",
		NULL },
	{ "Datasource '{name}' is not configured", CONFIG, "Quarkus has no address for the data source {name}",
		"Set QUARKUS_DATASOURCE_JDBC_URL, and user and password from a Secret.",
		ENV("QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://db:5432/app") },
	UNSET_PROPERTY("Error resolving property value [{name}]. Property doesn't exist", "Micronaut found no value for {name}"),
	{ "module {name} does not \"opens {value}\" to", APP, "since Java 16 a program may not look into {name} unless it is let",
		"Let it, by --add-opens {name}/{value}=ALL-UNNAMED among the options of Java, or use a newer release of the library that "
		"looks there.",
		ENV("JDK_JAVA_OPTIONS", "--add-opens={name}/{value}=ALL-UNNAMED") },
	{ "java.lang.NoSuchMethodError:", APP, "two releases of one library are on the class path, or another one than the code was compiled with",
		"Find them by `mvn dependency:tree` or `gradle dependencies`, keep one release, and build the image anew.", NULL },
	{ "At least one of these environment variable is needed", CONFIG, "the script finds no Java: neither JAVA_HOME nor JRE_HOME is set",
		"Use an image that has Java, or set JAVA_HOME to where it is.", NULL },
	{ "JAVA_HOME is not set and no 'java' command could be found", "command_not_found", "the script finds no Java",
		"Use an image that has Java, or set JAVA_HOME to where it is.", NULL },
	{ "\"sun.awt.FontConfiguration.head\" is null", "missing_library", "Java draws text, and the image has no fonts",
		"Install fontconfig and a font in the image (Debian: fontconfig fonts-dejavu-core; Alpine: fontconfig ttf-dejavu).", NULL },
	{ "Fontconfig head is null, check your fonts", "missing_library", "Java draws text, and the image has no fonts",
		"Install fontconfig and a font in the image (Debian: fontconfig fonts-dejavu-core; Alpine: fontconfig ttf-dejavu).", NULL },
	{ "{path}: failed to map segment from shared object", CONFIG, "nothing may be run from where {path} lies (a volume or /tmp mounted noexec), or memory is short",
		"Let the library lie where programs may run: for what Java unpacks, an emptyDir named by -Djava.io.tmpdir.", NULL },
	{ "No X11 DISPLAY variable was set", APP, "the program draws in a window, and a container has no display",
		"Let Java do without a display.", ENV("JAVA_TOOL_OPTIONS", "-Djava.awt.headless=true") },
	{ "a bean with that name has already been defined", APP, "two places in the application define a bean of one name",
		"Rename one of the two, or allow that the later one counts.", ENV("SPRING_MAIN_ALLOW_BEAN_DEFINITION_OVERRIDING", "true") },
	{ "Relying upon circular references is discouraged", APP, "beans of the application need each other",
		"Take the cycle out of the code, or allow it for now.", ENV("SPRING_MAIN_ALLOW_CIRCULAR_REFERENCES", "true") },
	{ "Failed to configure a DataSource: 'url' attribute is not specified", CONFIG, "Spring Boot has no address of the database",
		"Set SPRING_DATASOURCE_URL, and user and password from a Secret; or see that the profile that has them is on (SPRING_PROFILES_ACTIVE).",
		ENV("SPRING_DATASOURCE_URL", "jdbc:postgresql://db:5432/app") },
	{ "Too small maximum heap", CONFIG, "-Xmx, or the share of the container's memory that Java takes for its heap, is less than Java runs with",
		"Raise -Xmx (a number without a unit is bytes: -Xmx512m), or the container's memory limit.", NULL },
	NO_ZONE("Unknown time-zone ID: {name}"),
	/* --- Node.js --- */
	{ "is not defined by \"exports\" in {path}", APP, "the code imports a file that this release of the package keeps to itself ({path})",
		"Install the release that the code was written for: copy package-lock.json into the image and use `npm ci`; or import what "
		"the package exports.",
		NULL },
	{ "ERESOLVE could not resolve", APP, "packages ask for different releases of one that they share",
		"Change package.json so that they fit; as a way out for now, `npm ci --legacy-peer-deps` when the image is built.", NULL },
	{ "previous versions of npm which has since been addressed", APP, "npm's cache lies in a directory that belongs to root",
		"Let the cache lie where the container's user may write.", ENV("npm_config_cache", "/tmp/.npm") },
	{ "Missing script {name} or file server.js", CONFIG, "package.json has no script {name}",
		"Add {name} to the scripts of package.json, or name one that is there (`npm run` lists them).", NULL },
	{ "error Command \"{name}\" not found", CONFIG, "package.json has no script {name}, and no installed package has such a program",
		"Add {name} to the scripts of package.json, or name one that is there (`yarn run` lists them); where it is a package's "
		"program, install that package when the image is built.",
		NULL },
	WRITE_LOCK("ERR_PNPM_OUTDATED_LOCKFILE", "pnpm-lock.yaml", "pnpm install"),
	WRITE_LOCK("package doesn't seem to be present in your lockfile", "yarn.lock", "yarn install"),
	WRITE_LOCK("The lockfile would have been modified by this install", "yarn.lock", "yarn install"),
	WRITE_LOCK("package.json and package-lock.json or npm-shrinkwrap.json are in sync", "package-lock.json", "npm install"),
	{ "Nest can't resolve dependencies of the {name}", APP, "NestJS has nothing to give {name}",
		"Add what stands for the question mark to the providers of that module, or import the module that exports it.", NULL },
	{ "@prisma/client did not initialize yet", "missing_module", "Prisma's client was not generated in the image",
		"Run `npx prisma generate` when the image is built, behind `npm ci`, and copy node_modules/.prisma into the final stage.",
		NULL },
	{ "migrate found failed migrations in the target database", "stale_state", "a migration was broken off in an earlier run",
		"See what of it was done and mend that by hand, then say so: `npx prisma migrate resolve --rolled-back NAME`, or "
		"--applied.",
		NULL },
	{ "Can't reach database server at `{host}`", "dependency_unreachable", "nothing answers at {host}",
		"Start the database, and see that name, port and NetworkPolicies let this pod reach {host}.", NULL },
	{ "The database schema is not empty", CONFIG, "the database has tables that Prisma has no record of",
		"Name the migrations that they stand for as done (`npx prisma migrate resolve --applied NAME`), or use an empty schema.",
		NULL },
	{ "Authentication failed against database server", CONFIG, "the database answers, and refuses the user or the password",
		"Correct user and password in DATABASE_URL's Secret; a database that is there already keeps the password that it was made "
		"with.",
		NULL },
	{ "the URL must start with the protocol `{value}`", CONFIG, "the address of the database begins in another way than with {value}",
		"Let the URL (mostly DATABASE_URL) begin with {value}, without quotes in its value.", NULL },
	{ "Environment variable not found: {name}", CONFIG, "the configuration takes {name} from the environment, and it is not set",
		"Set the environment variable {name}; where it is secret, from a Secret.",
		ENV("{name}", "...") },
	{ "package has not been found installed. Please run npm install {name}", "missing_module", "TypeORM's driver {name} is not installed",
		"Add {name} to the dependencies of package.json, and install it when the image is built (`RUN npm ci`).", NULL },
	{ "{option} is not allowed in NODE_OPTIONS", CONFIG, "Node.js does not take {option} from NODE_OPTIONS",
		"Take {option} out of NODE_OPTIONS: where this Node.js knows it, give it in the command behind node.", NULL },
	{ "argument must be of type string. Received undefined", CONFIG, "a value that the program passes on is not set",
		"Set the variable that the program reads in the first line of its own that the stack names.", NULL },
	UNSET_IN_NODE("The `uri` parameter to `openUri()` must be a string, got \"undefined\"", "the address of MongoDB is not set", "MONGO_URI or MONGODB_URI"),
	UNSET_IN_NODE("client password must be a string", "the password of the database is not set", "PGPASSWORD or DB_PASSWORD"),
	UNSET_IN_NODE("JwtStrategy requires a secret or key", "the secret that tokens are checked with is not set", "JWT_SECRET"),
	{ "Error when performing the request to {value}; for troubleshooting help, see", "dependency_unreachable",
		"corepack downloads the package manager when it is first called, and does not reach {value}",
		"Have it there when the image is built (`RUN corepack prepare --activate`, or `npm install -g` of it), or let the pod out.",
		NULL },
	NEWER_NODE("crypto", "20"),
	NEWER_NODE("File", "20"),
	NEWER_NODE("fetch", "18"),
	NEWER_NODE("structuredClone", "17"),
	{ "notsup Required: {\"node\":\"{value}\"", APP, "the application asks for Node.js {value}",
		"Use an image with Node.js {value}.", NULL },
	{ "npm error Incorrect or missing password", CONFIG, "the registry wants to know who asks",
		"Give npm the registry's token from a Secret, in .npmrc, as a secret of the build.", NULL },
	{ "The package \"{name}\" could not be found, and is needed by esbuild", "missing_module",
		"node_modules was made on another kind of machine, or without optional packages, and lacks {name}",
		"Run `npm ci` (without --omit=optional) when the image is built, in the image itself, and keep node_modules of your own machine out by .dockerignore.",
		NULL },
	{ "dlfcn_load:could not load the shared library", CONFIG,
		"the system's openssl.cnf asks for a library that the OpenSSL of Node.js does not load",
		"Let Node.js do without that file.", ENV("OPENSSL_CONF", "/dev/null") },
	NOT_PEM("error:1E08010C:DECODER routines::unsupported"),
	NOT_PEM("PEM routines::no start line"),
	NOT_PEM("PEM routines:get_name:no start line"),
	/* --- Python --- */
	NOT_PEM("Could not deserialize key data"),
	NOT_PEM("Could not parse the provided public key"),
	NOT_PEM("Unable to load PEM file"),
	{ "from partially initialized module '{name}' (most likely due to a circular import) ({path})", APP,
		"{name} ({path}) is loaded, and what it imports asks for it before it is whole",
		"Take the import out of the circle: into the function that needs it, or what both need into a third module. Where {name} "
		"should be an installed package or Python's own, {path} stands before it: rename that file.",
		NULL },
	{ "partially initialized module '{name}' has no attribute '{value}' (most likely", APP,
		"a file {name}.py of the application's own is loaded in place of the module {name}, or two modules import each other",
		"Rename the application's own {name}.py, where {name} should be an installed package or Python's own; else take the import "
		"out of the circle, into the function that needs it.",
		NULL },
	{ "__init__() got an unexpected keyword argument '{name}'", APP, "one package calls another with {name}, which that release does not take",
		"Pin releases that fit together in requirements.txt: of the two that meet in that place of the stack one is newer than the other knows; a lock file keeps them so.",
		NULL },
	{ "SyntaxError: invalid syntax", APP, "this Python cannot read the source: it is for a newer one, or has a mistake",
		"Use an image with the version of Python that the code was written for, or correct the line that it names.", NULL },
	{ "without having set the STATIC_ROOT setting", CONFIG, "Django was not told where to collect static files",
		"Set STATIC_ROOT in the settings to a directory that the container may write, such as /app/staticfiles.", NULL },
	{ "is applied before its dependency {value} on database", APP, "the database was migrated with another set of migrations than this one",
		"Use the database that belongs to these migrations; for a new one begin with an empty database.", NULL },
	{ "Conflicting migrations detected; multiple leaf nodes", APP, "two migrations of one application follow the same one",
		"Run `python manage.py makemigrations --merge` where the source lies, and build the image with what it writes.", NULL },
	{ "WORKER TIMEOUT (pid:{number})", APP, "a worker gave no sign of life for as long as gunicorn's --timeout allows (30 s)",
		"Raise --timeout above what the start or a request takes, and see what the worker waits for; workers that are killed for "
		"memory need a higher limit.",
		NULL },
	{ "Multiple head revisions are present", APP, "two migrations follow the same one",
		"Run `alembic merge heads` where the source lies, and build the image with what it writes; `upgrade heads` runs both.", NULL },
	{ "No config file '{name}' found, or file has no '[alembic]' section", "missing_file", "{name} is not in the directory that alembic was started in",
		"Set workingDir to the directory that has {name}, or name the file by -c, and copy it into the image.", NULL },
	{ "No 'script_location' key found in configuration", "missing_file", "alembic.ini is not in the directory that alembic was started in, or names no script_location",
		"Set workingDir to the directory that has alembic.ini, or name the file by -c; it has script_location.", NULL },
	{ "Could not parse SQLAlchemy URL from", CONFIG, "the address of the database is empty, or is no URL",
		"Set the variable that holds it (often DATABASE_URL) to a whole one, such as postgresql://USER:PASSWORD@HOST:5432/NAME.", NULL },
	{ "Expected string or URL object, got None", CONFIG, "the address of the database is not set",
		"Set the variable that holds it (often DATABASE_URL) to a whole one, such as postgresql://USER:PASSWORD@HOST:5432/NAME.", NULL },
	{ "The asyncio extension requires an async driver", CONFIG, "the address of the database names a driver that does not work with asyncio",
		"Name the driver in the URL: postgresql+asyncpg://, mysql+aiomysql:// or sqlite+aiosqlite://, and install it in the image.",
		NULL },
	{ "has been moved to the `pydantic-settings` package", "missing_module", "the code was written for pydantic 1, and pydantic 2 is installed",
		"Pin pydantic to a release below 2 in the requirements, or install pydantic-settings and import BaseSettings from it.", NULL },
	{ "error parsing value for field \"{name}\" from source", CONFIG, "the field {name} is a list or an object, and its variable holds no JSON",
		"Write the value of {name}'s environment variable as JSON: a list in square brackets, its texts in double quotes.", NULL },
	{ "Poetry could not find a pyproject.toml file in {path}", "missing_file", "{path} is not where the application lies",
		"Let workingDir name the directory that has pyproject.toml, and copy that file into the image.", NULL },
	WRITE_LOCK("pyproject.toml changed significantly since poetry.lock was last generated", "poetry.lock", "poetry lock"),
	{ "The currently activated Python version {value} is not supported by the project ({other})", APP,
		"the image has Python {value}, and pyproject.toml asks for {other}",
		"Use a base image with a Python that {other} allows.", NULL },
	{ "numpy.core.multiarray failed to import", "missing_module", "a package was built for another NumPy than is installed",
		"Pin numpy<2 in the requirements, or update the package that was built for NumPy 1.", NULL },
	{ "no kernel image is available for execution on the device", APP, "the library was not built for this kind of GPU",
		"Install a build of it for a newer CUDA, whose list of GPUs has this one, or run on a node with another GPU.", NULL },
	{ "Detected out-of-date database schema", APP, "the database's tables are older than the program",
		"Back the database up, and run `mlflow db upgrade` with its URL, as an init container or a Job.", NULL },
	{ "FERNET_KEY configuration is missing", CONFIG, "Airflow encrypts connections with a key, and it is not set",
		"Set AIRFLOW__CORE__FERNET_KEY, from a Secret, to the same key in all of Airflow's pods.", NULL },
	{ "Fernet key must be 32 url-safe base64-encoded bytes", CONFIG, "the key is not one of Fernet's",
		"Put a whole key into the Secret, as `Fernet.generate_key()` makes it (44 characters), without a line break; one that data was "
		"encrypted with must be kept.",
		NULL },
	{ "The '{name}' trait of a {value} instance expected {other}, not", CONFIG, "{name} of {value} is to be {other}",
		"Correct {name} of {value} in the configuration or the container's args: it takes {other}.", NULL },
	{ "object store size ({value}) exceeds /dev/shm size", CONFIG, "Ray keeps its objects in /dev/shm, 64 MiB in a container",
		"Mount a memory-backed emptyDir at /dev/shm; its files count as memory of the container.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: shm\n        mountPath: /dev/shm\n"
		"volumes:\n  - name: shm\n    emptyDir:\n      medium: Memory\n" },
	PIP_INSTALL("Form data requires \"python-multipart\" to be installed", "python-multipart", "FastAPI reads forms with python-multipart, which is not installed"),
	PIP_INSTALL("email-validator is not installed", "email-validator", "pydantic checks addresses with email-validator, which is not installed"),
	PIP_INSTALL("'cryptography' package is required for", "cryptography", "PyMySQL logs in to MySQL 8 with cryptography, which is not installed"),
	{ "BadDsn: {value}", CONFIG, "what Sentry's library was given is no DSN",
		"Set SENTRY_DSN to the whole DSN (https://KEY@HOST/PROJECT), or take it out: it may be empty or in quotes.", NULL },
	{ "Spider not found: {name}", CONFIG, "the Scrapy project has no spider {name}",
		"Correct the name {name} in the command (`scrapy list` shows them), and let workingDir be the project's.", NULL },
	{ "Could not find profile named '{name}'", CONFIG, "dbt found no profile {name} in profiles.yml",
		"Mount a profiles.yml that has {name} and name its directory by DBT_PROFILES_DIR, or correct profile in dbt_project.yml.", NULL },
	/* --- Ruby --- */
	{ "bundler: command not found: {name}", "command_not_found", "no installed gem of the Gemfile has the program {name}",
		"Add the gem that has {name} to the Gemfile, and run bundle install when the image is made without leaving out its group.",
		NULL },
	{ "We could not find your database: {name}", CONFIG, "the database server answers, and has no database {name}",
		"Create it (`rails db:create`, or in the server), or correct the name in DATABASE_URL or config/database.yml.", NULL },
	{ "because another migration process is currently running", APP, "two migrations run at the same time",
		"Run the migrations once, in a Job or an init container of one replica; a second try will do where the first has ended.", NULL },
	{ "Could not find a JavaScript runtime", "command_not_found", "ExecJS wants Node.js or another JavaScript, and the image has none",
		"Install Node.js in the image (`RUN apt-get update && apt-get install -y nodejs`), at least where assets are made.", NULL },
	{ "is not present in the asset pipeline", "missing_file", "Rails' assets were not made when the image was built",
		"Run `SECRET_KEY_BASE_DUMMY=1 rails assets:precompile` when the image is built, and let no volume hide public/assets.", NULL },
	BUNDLE_INSTALL("is not yet checked out. Please run `bundle install`", "a gem that comes from git was not fetched into the image"),
	BUNDLE_INSTALL("To install the missing version, run `gem install {name}`", "the image has another Bundler than Gemfile.lock asks for ({name})"),
	{ "Your bundle only supports platforms {value} but your local platform is {name}. ", APP,
		"Gemfile.lock was written on another kind of machine, and has no gems for {name}",
		"Run `bundle lock --add-platform {name}` where the source lies, commit Gemfile.lock, and build the image with it.", NULL },
	{ "Could not locate Gemfile", "missing_file", "neither the directory in which it was started nor one above it has a Gemfile",
		"Let workingDir name the directory that has the Gemfile, or BUNDLE_GEMFILE the file.", NULL },
	{ "Could not load database configuration. No such file", "missing_file", "Rails has neither config/database.yml nor DATABASE_URL",
		"Copy config/database.yml into the image or mount it, or set DATABASE_URL from a Secret.", NULL },
	/* --- PHP --- */
	{ "Unsupported cipher or incorrect key length", CONFIG, "Laravel's APP_KEY is not of the length that its cipher wants",
		"Set APP_KEY, from a Secret, to a whole key (base64: and 44 characters); `php artisan key:generate --show` makes one.", NULL },
	{ "Failed opening required '{path}/vendor/autoload.php'", "missing_module", "the packages of composer.json are not installed in {path}",
		"Run `composer install --no-dev` when the image is built, in {path}, and let no volume hide its directory vendor.", NULL },
	{ "Your Composer dependencies require a PHP version \"{value}\". You are running {other}", APP,
		"the image has PHP {other}, and the packages want {value}",
		"Use a base image with PHP {value}, or install the packages with the image's own PHP (`composer update`).", NULL },
	{ "at least one pool section must be specified in config file", CONFIG, "PHP-FPM's configuration has no pool: a volume over php-fpm.d hides the image's",
		"Mount the pool's file, such as www.conf with its section (www) in square brackets, by subPath beside the image's own.", NULL },
	{ "pm.start_servers({value}) must not be less than pm.min_spare_servers({number})", CONFIG, "pm.start_servers, {value}, is not between the two spare numbers",
		"Set pm.start_servers between pm.min_spare_servers and pm.max_spare_servers, and all below pm.max_children.", NULL },
	/* --- Erlang, Elixir --- */
	{ "seems to be in use by another Erlang node", CONFIG, "another Erlang node runs under that name where this one asks",
		"Give each replica a name of its own (RELEASE_NODE, RABBITMQ_NODENAME), with the pod's name or address in it.", NULL },
	{ "request was dropped from queue after {value}", APP, "the pool had no free connection in time: the database does not answer, or there are too few",
		"See whether the database answers, and raise the pool's size (POOL_SIZE) where it does.", NULL },
	{ "Can't set long node name", CONFIG, "a long name of an Erlang node is NAME@HOST with a dot in HOST",
		"Set RELEASE_NODE to NAME@ADDRESS, with the pod's address from status.podIP, or RELEASE_DISTRIBUTION to none.",
		ENV("RELEASE_DISTRIBUTION", "none") },
#undef DSN
#undef IN_ADDRESS
#undef PERCENT_ENCODE
#undef NO_ZONE
#undef OTHER_MIGRATIONS
#undef NEWER_NODE
#undef UNSET_IN_NODE
#undef PIP_INSTALL
#undef BUNDLE_INSTALL
#undef WRITE_LOCK
#undef UNTRUSTED_SERVER
#undef NO_METADATA
