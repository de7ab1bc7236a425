/* SPDX-License-Identifier: MIT */
/*
 * Known messages of servers, frameworks and clouds: what their documentation says of each. Rows of known_messages.c,
 * which reads this file.
 */
// clang-format off

	/* --- monitoring: Prometheus, Alertmanager --- */
	{ "opening storage failed: lock DB directory: resource temporarily unavailable", APP,
		"another Prometheus has the same data directory open",
		"Let one pod alone use the volume: stop the other Prometheus, and replace pods with the strategy Recreate.",
		NULL },
	{ "corrupted block {name}:", APP, "the block {name} of Prometheus' data is damaged",
		"Move the directory {name} out of the data directory: its hours of samples are lost, and the rest is read again.",
		NULL },
	{ "undefined receiver \"{name}\" used in route", CONFIG,
		"a route sends to the receiver {name}, and receivers has none of that name",
		"Add {name} to receivers, or correct its name in the route.", NULL },
	/* --- Keycloak 17 to 25: its production mode --- */
	{ "either configure hostname, or set hostname-strict to false", CONFIG,
		"Keycloak wants to know under which name it is reached",
		"Set KC_HOSTNAME to that name.", ENV("KC_HOSTNAME", "auth.example.com") },
	/* --- databases --- */
	{ "Invalid MySQL server upgrade: Cannot upgrade from {value} to {number}", APP,
		"MySQL upgrades only the data of the release before it, and this was written by {value}",
		"Start the image of the release that wrote the data, and upgrade one release after the other (5.7, 8.0, 8.4).",
		NULL },
	{ "Bad file format reading the append only file", APP, "Redis' append only file is damaged",
		"Make a copy of the volume, then let `redis-check-aof --fix` repair the file in a pod that mounts it: what "
		"stands behind the damage is lost.",
		NULL },
	/* --- Kafka, Elasticsearch --- */
	{ "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0", CONFIG,
		"the broker tells its clients to connect to advertised.listeners, and 0.0.0.0 is no address for them",
		"Set advertised.listeners (KAFKA_ADVERTISED_LISTENERS) to the name by which clients reach this broker.",
		NULL },
	{ "failed to obtain node locks, tried [{path}]", APP,
		"another node has the data directory {path} open, or it may not be written",
		"Let one pod alone use the volume, and set fsGroup to the group of the image's user where {path} is not its own.",
		NULL },
	/* --- CoreDNS --- */
	{ "plugin/forward: no valid upstream addresses found", CONFIG,
		"the file that forward names lists no name server",
		"Name a server in the Corefile's forward line, or let the pod have the node's list (dnsPolicy: Default).", NULL },
	{ "plugin/loop: Loop ({value}) detected for zone", CONFIG,
		"CoreDNS forwards questions to itself: the node's resolv.conf names a cache on the node, such as 127.0.0.53",
		"Forward to the real name servers in the Corefile, or let the kubelet hand out the file that lists them "
		"(resolvConf: /run/systemd/resolve/resolv.conf).",
		NULL },
	/* --- MinIO --- */
	{ "Unsupported backend format [fs] found on", APP,
		"the data is of MinIO's old fs mode, which releases since October 2022 do not read",
		"Start a release from before that, and move the data into a new deployment with `mc mirror`.", NULL },
	{ "Unable to validate credentials inherited from the shell environment", CONFIG,
		"the name or password of MinIO's root user is too short",
		"Set MINIO_ROOT_USER to three characters or more and MINIO_ROOT_PASSWORD to eight or more, from a Secret.", NULL },
	/* --- Python: pydantic's settings --- */
	{ "{name}\nField required [type=missing", CONFIG,
		"the settings class has the field {name}, which has no default and was not set",
		"Set the environment variable of {name}: in capitals, behind the prefix that the settings class has (env_prefix); "
		"where it is secret, from a Secret.",
		NULL },
	{ "{name}\nfield required (type=value_error.missing", CONFIG,
		"the settings class has the field {name}, which has no default and was not set",
		"Set the environment variable of {name}: in capitals, behind the prefix that the settings class has (env_prefix); "
		"where it is secret, from a Secret.",
		NULL },
	{ "{name}\nInput should be a valid", CONFIG, "the settings class does not accept the value of {name}",
		"Correct the environment variable of {name}: in capitals, behind the prefix that the settings class has.", NULL },
	/* --- Node.js --- */
	{ "require is not defined in ES module scope", APP,
		"package.json says that the files are ES modules (\"type\": \"module\"), and these have no require",
		"Use import in place of require, call the file .cjs, or take \"type\": \"module\" out of package.json.", NULL },
	{ "Could not load the \"{name}\" module using the {value} runtime", "missing_module",
		"{name} was installed without its part for {value}",
		"Install {name} for {value} when the image is built (`RUN npm ci` in an image of the same base), and copy no "
		"node_modules from another system.",
		NULL },
	/* --- Spring, Flyway --- */
	{ "Failed to determine a suitable driver class", CONFIG,
		"Spring has no address of a database (spring.datasource.url)",
		"Set SPRING_DATASOURCE_URL, and user and password from a Secret.",
		ENV("SPRING_DATASOURCE_URL", "jdbc:postgresql://db:5432/app") },
	{ "Migration checksum mismatch for migration version {value}", APP,
		"migration {value} was changed after this database had run it",
		"Bring the file of migration {value} back as it was and put the change into a new one; or, where the change is "
		"meant, run `flyway repair`.",
		NULL },
	/* --- Rails, Laravel --- */
	{ "ActiveSupport::MessageEncryptor::InvalidMessage", CONFIG,
		"Rails cannot decrypt its credentials: the master key is not the one that they were made with",
		"Set RAILS_MASTER_KEY to what config/master.key held when the credentials were written, from a Secret.", NULL },
	{ "MissingAppKeyException", CONFIG, "Laravel encrypts with APP_KEY, and it is not set",
		"Set APP_KEY, from a Secret; `php artisan key:generate --show` makes one.", NULL },
	{ "No application encryption key has been specified", CONFIG,
		"Laravel encrypts with APP_KEY, and it is not set",
		"Set APP_KEY, from a Secret; `php artisan key:generate --show` makes one.", NULL },
	/* --- .NET --- */
	{ "Unable to configure HTTPS endpoint. No server certificate was specified", CONFIG,
		"ASPNETCORE_URLS has an https address, and there is no certificate for it",
		"Listen on http alone and leave TLS to the Ingress, or mount a certificate and name it by "
		"ASPNETCORE_Kestrel__Certificates__Default__Path.",
		ENV("ASPNETCORE_URLS", "http://+:8080") },
	{ "Value cannot be null. (Parameter 'connectionString')", CONFIG, "no connection string of that name is configured",
		"Set ConnectionStrings__NAME, from a Secret, with the NAME that the application reads (often DefaultConnection).", NULL },
	/* --- clouds: who the pod is --- */
	NO_AWS_IDENTITY("Unable to locate credentials"),                              /* Python, the CLI */
	NO_AWS_IDENTITY("NoCredentialProviders: no valid providers in chain"),        /* Go */
	NO_AWS_IDENTITY("failed to refresh cached credentials, no EC2 IMDS role found"),
	NO_AWS_IDENTITY("Could not load credentials from any providers"),             /* JavaScript */
	NO_AWS_IDENTITY("Unable to load credentials from any of the providers in the chain"), /* Java */
	NO_AWS_REGION("You must specify a region"),                                   /* Python, the CLI */
	NO_AWS_REGION("MissingRegion: could not find region configuration"),          /* Go */
	NO_AWS_REGION("Error: Region is missing"),                                    /* JavaScript */
	NO_AWS_REGION("Unable to load region from any of the providers in the chain"), /* Java */
	{ "An error occurred (AccessDenied) when calling the {name} operation", APP,
		"AWS knows who asks, and no policy lets that role call {name}",
		"Allow {name} in the policy of the pod's role, and in the one of the bucket or queue where that has its own.", NULL },
	{ "Your default credentials were not found", CONFIG, "Google's library found no credentials",
		"Bind the pod's service account to one of Google's (Workload Identity), or mount a key file and name it by "
		"GOOGLE_APPLICATION_CREDENTIALS.",
		NULL },
	{ "could not find default credentials", CONFIG, "Google's library found no credentials",
		"Bind the pod's service account to one of Google's (Workload Identity), or mount a key file and name it by "
		"GOOGLE_APPLICATION_CREDENTIALS.",
		NULL },
	/* --- machine learning --- */
	{ "CUDA out of memory", APP, "the GPU's own memory is full",
		"Lower the batch size or take a smaller or quantised model, or give the pod a larger GPU that no other uses "
		"(`nvidia-smi` on the node shows who does).",
		NULL },
	{ "The NVIDIA driver on your system is too old", "gpu_unavailable",
		"the node's driver is older than the CUDA that the program was built for",
		"Update the NVIDIA driver on the node, or use an image that was built for an older CUDA.", NULL },
	{ "We couldn't connect to 'https://huggingface.co'", "dependency_unreachable",
		"the model is not in the cache, and Hugging Face cannot be reached",
		"Put the model into the image or a volume and name its directory, or let the pod out to huggingface.co (proxy, "
		"NetworkPolicy).",
		NULL },
	{ "You must have access to it and be authenticated to access it", CONFIG, "the model is given only to those who were let in",
		"Set HF_TOKEN, from a Secret, to the token of an account that may have the model.", NULL },
	{ "dataloader's workers are out of shared memory", APP, "/dev/shm, 64 MiB in a container, is full",
		"Mount a memory-backed emptyDir at /dev/shm; its files count as memory of the container.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: shm\n        mountPath: /dev/shm\n"
		"volumes:\n  - name: shm\n    emptyDir:\n      medium: Memory\n" },
	/* --- browsers, and programs with windows --- */
	{ "no Qt platform plugin could be initialized", APP, "the program opens a window, and a container has no display",
		"Let Qt do without: QT_QPA_PLATFORM=offscreen; for OpenCV, install opencv-python-headless in the image.",
		ENV("QT_QPA_PLATFORM", "offscreen") },
	{ "Could not find Chrome (ver. {value})", "missing_module", "Puppeteer's own Chrome {value} was not installed",
		"Install it when the image is built, as the user who runs it: `RUN npx puppeteer browsers install chrome`.", NULL },
	{ "browserType.launch: Executable doesn't exist at {path}", "missing_module",
		"Playwright's browsers of this version were not installed",
		"Install them when the image is built (`RUN npx playwright install --with-deps`), as the user who runs it, or use "
		"Microsoft's image of the same Playwright version.",
		NULL },
	{ "This version of ChromeDriver only supports Chrome version {number}", APP,
		"Chrome and ChromeDriver are of different versions, and the driver is of {number}",
		"Install Chrome and ChromeDriver of one version in the image.", NULL },
	/* --- logs and traces on their way --- */
	{ "must be owned by the user identifier (uid={number}) or root", "insecure_file_mode",
		"Beats take no configuration that another user owns",
		"Mount the file from a ConfigMap, which belongs to root, without an fsGroup; or start it with --strict.perms=false.",
		NULL },
	{ "data path already locked by another beat", APP, "another Beat has the same data directory open",
		"Let one Beat alone use the directory, and end the old pod before the new one starts (on a node, maxSurge: 0).",
		NULL },
	{ "Unknown {value} plugin '{name}'. Run 'gem search", "missing_module",
		"Fluentd has no {value} plugin {name}",
		"Install it when the image is built: `RUN fluent-gem install fluent-plugin-{name}`.", NULL },
	{ "tried to instance a plugin name that doesn't exist", CONFIG,
		"the Name of a section is of no plugin that this Fluent Bit has",
		"Correct Name in that section of the configuration.", NULL },
	{ "unknown type: \"{name}\" for id: ", CONFIG,
		"this build of the collector has no component {name} of that kind",
		"Correct {name} to one of the valid values that the message lists, or use the image opentelemetry-collector-contrib, "
		"which has more.",
		NULL },
	{ "value of \"elastic\" is forbidden", CONFIG, "Kibana does not connect as the superuser elastic",
		"Set elasticsearch.username to kibana_system, with its password from a Secret, or use a service account token.", NULL },
	/* --- what the API server and object stores answer --- */
	{ "secret \"{name}\" not found", CONFIG, "there is no Secret {name} in the namespace that was asked",
		"Create the Secret {name} in that namespace, or correct the name.", NULL },
	{ "secrets \"{name}\" not found", CONFIG, "there is no Secret {name} in the namespace that was asked",
		"Create the Secret {name} in that namespace, or correct the name.", NULL },
	{ "configmaps \"{name}\" not found", CONFIG, "there is no ConfigMap {name} in the namespace that was asked",
		"Create the ConfigMap {name} in that namespace, or correct the name.", NULL },
	{ "The specified bucket does not exist", CONFIG, "the object store answers, and has no such bucket",
		"Create the bucket, or correct its name, region and endpoint in the settings.", NULL },
	/* --- daemons: OpenSSH, vsftpd, Postfix, supervisord, Cassandra --- */
	{ "Missing privilege separation directory: {path}", "missing_file", "sshd wants an empty directory {path}",
		"Make it when the image is built: `RUN mkdir -p {path}`; where /run is a volume, in the start script.", NULL },
	{ "refusing to run with writable root inside chroot()", "insecure_file_mode",
		"vsftpd locks users into their home directories, and these may be written",
		"Set allow_writeable_chroot=YES in vsftpd.conf, or let the home directory belong to root with a directory below "
		"for uploads.",
		NULL },
	{ "parameter inet_interfaces: no local interface found for ::1", CONFIG, "the pod has no IPv6",
		"Set inet_protocols = ipv4 in Postfix' main.cf.", NULL },
	{ "The directory named as part of the path {path} does not exist", "missing_file",
		"supervisord was to write to {path}, whose directory is not there",
		"Make the directory of {path} in the image (`RUN mkdir -p`), or let the log go to /dev/stdout.", NULL },
	{ "Cannot start node if snitch's data center ({name}) differs from previous data center ({value})", APP,
		"the data was written by a node of the data center {value}",
		"Set the data center back to {value} (in the image CASSANDRA_DC).", NULL },
	/* --- settings of frameworks and tools --- */
	{ "Could not resolve placeholder '{name}' in value", CONFIG, "Spring's settings refer to {name}, and nothing gives it a value",
		"Give {name} a value: by an environment variable (in capitals, with _ for . and -; where it is secret, from a Secret), or "
		"in application.properties.",
		NULL },
	{ "Could not resolve placeholder ${{name}}", CONFIG, "the settings refer to {name}, and nothing gives it a value",
		"Give {name} a value: by an environment variable (in capitals, with _ for . and -; where it is secret, from a Secret), or "
		"in the application's configuration.",
		NULL },
	{ "The config property {name} is required but it could not be found", CONFIG,
		"Quarkus found no value for {name}, which has no default",
		"Give {name} a value: by an environment variable (in capitals, with _ for . and -; where it is secret, from a Secret), or "
		"in application.properties.",
		NULL },
	{ "Config File \"{name}\" Not Found in \"[{value}]\"", CONFIG,
		"viper found no file {name} with the ending of a format in {value}",
		"Mount the configuration as {name}.yaml (or .json, .toml) in one of these directories: {value}.", NULL },
	{ "Unsupported Config Type", CONFIG, "viper tells a file's format by its ending, and knows none of that kind",
		"Give the configuration file the ending of its format: .yaml, .json or .toml.", NULL },
	{ "accepts {number} arg(s), received {value}", CONFIG, "the command takes {number} arguments, and was given {value}",
		"Correct the container's args: this command takes {number} arguments, beside its options.", NULL },
	{ "requires at least {number} arg(s)", CONFIG, "the command takes {number} arguments at the least",
		"Correct the container's args: this command takes {number} arguments or more, beside its options.", NULL },
	{ "Error loading psycopg2 or psycopg module", "missing_module", "Django reaches PostgreSQL through psycopg, which is not installed",
		"Install it when the image is built: `RUN pip install 'psycopg[binary]'`.", NULL },
	{ "Error loading MySQLdb module", "missing_module", "Django reaches MySQL through mysqlclient, which is not installed",
		"Install it when the image is built: `RUN pip install mysqlclient`, which needs MySQL's client library.", NULL },
	{ "cannot use sqlite with the {name}", CONFIG, "Airflow's {name} runs tasks side by side, for which SQLite is not made",
		"Set AIRFLOW__DATABASE__SQL_ALCHEMY_CONN to a PostgreSQL or MySQL database, from a Secret.", NULL },
	{ "Refusing to start due to insecure SECRET_KEY", CONFIG, "Superset's SECRET_KEY is the one that everybody knows",
		"Set SUPERSET_SECRET_KEY, from a Secret; `openssl rand -base64 42` makes one.", NULL },
	{ "--initial-cluster has {value} but missing from --initial-advertise-peer-urls", CONFIG,
		"the member's entry in --initial-cluster and its --initial-advertise-peer-urls differ",
		"Set --initial-advertise-peer-urls to the URL of {value}.", NULL },
	{ "Dirty database version {number}", "stale_state", "migration {number} was broken off half-way",
		"See what of migration {number} was done and mend that by hand, then let the tool go on from there (`migrate force`).",
		NULL },
	{ "[pool {name}] user has not been defined", CONFIG, "as root PHP-FPM wants to know as which user a pool runs",
		"Set user and group in the pool's file, such as www-data.", NULL },
	{ "cannot load certificate \"{path}\": PEM_read_bio_X509_AUX() failed", CONFIG, "{path} holds no certificate in PEM",
		"Put the certificate into {path} as PEM, the text that begins with `-----BEGIN CERTIFICATE-----`, and not base64 of it.",
		NULL },
	{ "cannot load certificate key \"{path}\": PEM_read_bio_PrivateKey() failed", CONFIG,
		"{path} holds no private key in PEM that can be read without a password",
		"Put the key into {path} as PEM (`-----BEGIN PRIVATE KEY-----`), without a password, and not base64 of it.", NULL },
	{ "Provided Tunnel token is not valid", CONFIG, "Cloudflare's token was not taken over as it is",
		"Set TUNNEL_TOKEN, from a Secret, to the whole token, without a line break at its end.", NULL },
