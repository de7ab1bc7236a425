/* SPDX-License-Identifier: MIT */
/*
 * Known messages of what keeps data: databases, brokers, caches and their clients' tools. Rows of known_messages.c,
 * which reads this file.
 */
// clang-format off

#define ONE_ALONE(pattern, means, who) \
	{ pattern, APP, means, \
		"Let one " who " alone use the volume: one replica for each, replaced with the strategy Recreate or by a StatefulSet.", NULL }

#define OTHER_CLUSTER(pattern) \
	{ pattern, APP, "the volume holds the data of another cluster", \
		"Give it the volume of this cluster, or correct the address that it joins. Where the data is of no worth any more, and the others " \
		"have it, begin with an empty volume.", \
		NULL }
#define FIRST(pattern, means, first) { pattern, APP, means, first " first, as an init container or a Job.", NULL }
#define UNFORMATTED_KAFKA(pattern) \
	{ pattern, CONFIG, "Kafka without ZooKeeper wants its log directory formatted once", \
		"Run `kafka-storage.sh format --ignore-formatted -t CLUSTER_ID -c server.properties` before the start, with one id for all nodes.", \
		NULL }

	/* --- whose data it is, and what must be there before --- */
	OTHER_CLUSTER("cluster ID mismatch"),                 /* TiKV */
	OTHER_CLUSTER("Incompatible clusterIDs in"),          /* HDFS */
	ONE_ALONE("Cannot acquire directory lock", "another process has the data directory open (Badger)", "pod"),
	ONE_ALONE("/LOCK: Resource temporarily unavailable", "another process has the data directory open (RocksDB, LevelDB)", "pod"),
	ONE_ALONE("Store and its lock file has been locked by another process", "another Neo4j has the data directory open", "pod"),
	ONE_ALONE("already another instance using the configured data directory", "another Logstash uses the data directory", "pod"),
	ONE_ALONE("Unable to lock ./ibdata1 error: 11", "another server has the data directory open (InnoDB)", "pod"),
	FIRST("Database needs bootstrapping", "Kong's database is empty", "Run `kong migrations bootstrap`"),
	FIRST("New migrations available; run 'kong migrations up'", "Kong's tables are older than the program", "Run `kong migrations up`"),
	FIRST("There are no Camunda tables in the database", "Camunda's database is empty", "Set databaseSchemaUpdate to true, or run its create scripts"),
	FIRST("Version information not found in metastore", "Hive's metastore is empty", "Run `schematool -dbType postgres -initSchema` (or the kind that it is)"),
	FIRST("cannot be greater than Actual version", "Temporal's tables are older than the program", "Run temporal-sql-tool update-schema"),
	{ "its \"users\" table is empty (is this the Zabbix proxy database", CONFIG, "the database is not the Zabbix server's, or was not filled",
		"Import create.sql.gz of the server's release into the database (the server's official image does that itself), or correct DB_SERVER_HOST and the name.",
		NULL },
	{ "NameNode is not formatted", CONFIG, "HDFS' NameNode has an empty directory",
		"Format it once, where it holds no data yet: `hdfs namenode -format -nonInteractive`; else mount the volume that has it.", NULL },
	{ "please run with --database.auto-upgrade true", APP, "the data was written by an older ArangoDB",
		"Start it once with --database.auto-upgrade true (the official image: ARANGO_UPGRADE or the arg), after a backup.", NULL },
	{ "Your database version ({value}) is incompatible with your current engine version ({other})", APP, "Meilisearch {other} does not read the data of {value}",
		"Use the image of {value} again, make a dump there, and import it with {other} into an empty volume (--import-dump).", NULL },
	/* --- PostgreSQL --- */
	{ "could not access file \"{name}\": No such file", "missing_library", "PostgreSQL was told to load the library {name}, which the image does not have",
		"Use an image that has the extension {name}, or take it out of shared_preload_libraries.", NULL },
	{ "invalid value for parameter \"lc_{name}\": \"{value}\"", CONFIG, "the image has no locale {value}, which lc_{name} in postgresql.conf asks for",
		"Make the locale {value} when the image is built (Debian: the package locales and `localedef`; Alpine's images have icu-libs instead), or set lc_{name} in "
		"postgresql.conf to C or C.UTF-8.",
		NULL },
	{ "could not resize shared memory segment {value}: No space left on device", "disk_full", "/dev/shm is full: 64 MiB in a container",
		"Mount a memory-backed emptyDir at /dev/shm; its files count as memory of the container. Or ask for less by max_parallel_workers_per_gather = 0.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: shm\n        mountPath: /dev/shm\n"
		"volumes:\n  - name: shm\n    emptyDir:\n      medium: Memory\n" },
	{ "could not create shared memory segment: No space left on device", "node_limit",
		"no segment of System V's shared memory was left (kernel.shmmni), or none of that size (kernel.shmall)",
		"Raise kernel.shmmni or kernel.shmall for the pod, or set shared_memory_type = mmap in PostgreSQL, which takes none.",
		"securityContext:\n  sysctls:\n    - name: kernel.shmmni\n      value: \"8192\"\n" },
	{ "relation \"{name}\" already exists", "stale_state", "the database has {name} already, from an earlier run",
		"Let the script make it only where it is missing (CREATE TABLE IF NOT EXISTS), or leave it to a tool that remembers what was done.",
		NULL },
	{ "permission denied for schema {name}", CONFIG, "the database lets this user in, and not make anything in the schema {name}",
		"Grant it, as the owner of the database: GRANT USAGE, CREATE ON SCHEMA {name} TO the user (PostgreSQL 15 and later let "
		"only the owner into public).",
		NULL },
	{ "permission denied for table {name}", CONFIG, "the database lets this user in, and not to the table {name}",
		"Grant it, as the table's owner: GRANT ... ON {name} TO the user.", NULL },
	{ "permission denied to create database", CONFIG, "the database lets this user in, and not create databases",
		"Create the database as the superuser before, or give the role CREATEDB.", NULL },
	{ "permission denied to create extension \"{name}\"", CONFIG, "only a superuser may create the extension {name}",
		"Create the extension {name} as the superuser in that database before the migrations run.", NULL },
	/* --- ZooKeeper, Cassandra, Redis, MinIO --- */
	{ "serverid {value} is not a number", CONFIG, "myid in ZooKeeper's dataDir is to hold this server's number, and holds {value}",
		"Write the number of this server into myid, as an init container does from the pod's ordinal, or set ZOO_MY_ID.", NULL },
	{ "error validating peerURLs: member count is unequal", CONFIG, "the cluster has another number of members than this one's --initial-cluster",
		"Let --initial-cluster name all members that there are with this one, and add it to the cluster first (`etcdctl member add`), with --initial-cluster-state existing.", NULL },
	{ "OpenSearch Security not initialized", CONFIG, "the index of OpenSearch's security plugin was not written yet",
		"Run securityadmin.sh once with the admin certificate, as a Job; or, in the image's demo set-up, give OPENSEARCH_INITIAL_ADMIN_PASSWORD and let it write its files.", NULL },
	{ "No Erlang cookie file found at {path}", CONFIG, "nodes of CouchDB know each other by a cookie, and there is none in {path}",
		"Set COUCHDB_ERLANG_COOKIE, from a Secret, to the same value in all nodes, or put the cookie into {path} with the mode 0400.", NULL },
	{ "Unable to contact any seeds", "dependency_unreachable", "none of Cassandra's seeds answers",
		"See that CASSANDRA_SEEDS (seeds in cassandra.yaml) names pods that run, as resolvable names, and that port 7000 is let through; the very first node is its own seed.",
		NULL },
	{ "Unable to write to the backend", "permission_denied", "MinIO may not write into its directory",
		"Set fsGroup, so that the volume belongs to the group of the container's user.", "securityContext:\n  fsGroup: 1000\n" },
	/* --- MySQL, SQL Server --- */
	{ "Upgrade after a crash is not supported. The redo log was created with MariaDB {value}", APP, "the data was left by MariaDB {value} without a clean end, and a newer server does not take over such a log",
		"Start the image of MariaDB {value} once more on this volume and let it end by SIGTERM, then use the newer one.", NULL },
	{ "Can't open and lock privilege tables: Table 'mysql.user' doesn't exist", APP, "the data directory was not initialised, or in part only",
		"Start with an empty data directory, which the image's entrypoint initialises (a subPath keeps lost+found out), or restore the whole of it from a backup.", NULL },
	{ "Invalid MySQL server downgrade: Cannot downgrade from {value} to {other}. ", APP, "the data was written by MySQL {value}, newer than this {other}",
		"Use the newer image again (80300 is 8.3.0): MySQL's data does not go back; to an older one only a dump does.", NULL },
	{ "Invalid MySQL server upgrade: Cannot upgrade from {value} to {other}. ", APP, "MySQL {other} does not take over the data of {value}: a release between was left out",
		"Go by way of the releases between (5.7, 8.0, 8.4: 80400 is 8.4.0), each started once on the volume, after a backup.", NULL },
	{ "Access denied for user '{name}'@'{value}' to database '{other}'", CONFIG, "the database knows {name}, and does not let that user do this in {other}",
		"Grant it: GRANT ... ON {other}.* TO '{name}'@'{value}' (mysqldump wants SELECT, LOCK TABLES, SHOW VIEW and TRIGGER); or correct "
		"the name of the database.",
		NULL },
	{ "Another process with pid {number} is using unix socket file", "stale_state",
		"the socket's lock file names process {number}, which is another program in this container",
		"Let the start script remove the socket and its .lock file, or keep them off the volume that lasts (socket = /tmp/mysql.sock).",
		NULL },
	{ "Cannot boot server version {value} on data directory built by version {other}", APP,
		"the data was written by MySQL {other}, and an older one does not read it",
		"Use the image of the newer release again ({other}); back to the older one leads only a dump or a backup.", NULL },
	{ "are for configuring a regular user and cannot be used for the root user", CONFIG, "MYSQL_USER is root, whom MYSQL_ROOT_PASSWORD is for",
		"Take MYSQL_USER out or give it another name; root's password is MYSQL_ROOT_PASSWORD.", NULL },
	{ "Could not open the mysql.plugin table", APP, "the data directory has no system tables: its making was broken off, or it is of another kind of server",
		"Where nothing was ever stored there, use an empty volume, which the image's entrypoint fills; else restore the data from its backup.",
		NULL },
	{ "Password validation failed. The password does not meet SQL Server password policy", CONFIG, "SQL Server wants a stronger password for sa",
		"Set MSSQL_SA_PASSWORD in the Secret to 8 characters or more of three kinds: capitals, small letters, digits, signs.", NULL },
	{ "requires a machine with at least {number} megabytes of memory", CONFIG, "SQL Server wants {number} MB of memory, and the container has less",
		"Raise the container's memory limit above {number} MB.", NULL },
	/* --- Redis --- */
	{ "Can't resolve instance hostname", CONFIG, "Sentinel takes addresses; names only where it is told to resolve them",
		"Write `sentinel resolve-hostnames yes` before `sentinel monitor` in its configuration, and see that the name resolves by then.",
		NULL },
	{ "Short read or OOM loading DB", APP, "Redis' dump is cut off, or does not fit into the memory",
		"Raise the container's memory limit where the dump is larger; else restore the dump from its backup (`redis-check-rdb` shows the "
		"damage).",
		NULL },
	ONE_ALONE("is already used by a different Redis Cluster node", "another node of the cluster has the same nodes.conf", "node"),
	{ "is not empty. Either the node already knows other nodes", "stale_state", "the node belongs to a cluster already, from an earlier run",
		"Let the script ask first (`redis-cli cluster info`), and make the cluster only where there is none.", NULL },
	{ "MISCONF Redis is configured to save", APP, "Redis cannot write its dump, and so takes no writes",
		"Mend Redis, not this program: room and rights in its data directory (its log says which).", NULL },
	/* --- etcd, Cassandra, CockroachDB, ClickHouse --- */
	{ "failed to find database snapshot file", APP, "etcd was stopped between its log and its database, and cannot put them together",
		"Remove the member (etcdctl member remove), add it again and let it start with an empty data directory; for a single one, restore "
		"a snapshot (etcdutl snapshot restore).",
		NULL },
	{ "Saved cluster name {name} != configured name {value}", CONFIG, "the data was written by the cluster {name}",
		"Set the cluster's name back to {name} (cluster_name, in the image CASSANDRA_CLUSTER_NAME), or give the node the volume of its own.",
		NULL },
	{ "already exists, cancelling join", CONFIG, "the cluster knows a node of that address, whose data this one does not have",
		"Give the node its old volume again, or let it take the dead one's place: -Dcassandra.replace_address_first_boot=ADDRESS in JVM_OPTS.",
		NULL },
	{ "Unable to gossip with any peers", CONFIG, "none of the seeds answered",
		"Let the seeds (CASSANDRA_SEEDS) name a pod that runs, by a headless Service with publishNotReadyAddresses: true; the first node is its own seed.",
		NULL },
	{ "store belongs to cluster {value} but attempted to connect to cluster {other}", CONFIG, "the volume is of another CockroachDB cluster",
		"Give the node the volume of this cluster, or correct --join.", NULL },
	{ "problem with CA certificate: not found", CONFIG, "CockroachDB runs with certificates unless it is told not to",
		"Mount ca.crt and the node's certificates from a Secret and name their directory with --certs-dir; --insecure does without, for "
		"tests.",
		NULL },
	{ "Listen [::]:{number} failed: Address family for hostname not supported", CONFIG, "the node has no IPv6",
		"Set listen_host to 0.0.0.0 in ClickHouse's configuration.", NULL },
	/* --- Elasticsearch --- */
	{ "cannot upgrade a node from version [{value}] directly to version [{other}], upgrade to version [{name}] first", APP,
		"the data was written by {value}, which {other} does not take over",
		"Start the image of {name} with this data first, then {other}; or go back to {value}.", NULL },
	/* --- Kafka, Pulsar, NATS, RabbitMQ --- */
	UNFORMATTED_KAFKA("have you run `kafka-storage.sh` to format the directory"),
	UNFORMATTED_KAFKA("No readable meta.properties files found"),
	{ "Invalid cluster.id in: {path}. Expected {value}, but read {other}", CONFIG, "the volume was formatted for the cluster {other}",
		"Set the cluster's id (CLUSTER_ID, KAFKA_KRAFT_CLUSTER_ID) back to {other}, or give the broker the volume of its own.", NULL },
	{ "Configured broker.id {number} doesn't match stored broker.id", CONFIG, "the volume was written by another broker than {number}",
		"Give each broker its own volume (volumeClaimTemplates), and keep its id: broker.id (KAFKA_BROKER_ID) from the pod's number.", NULL },
	{ "insufficient storage resources available", CONFIG, "JetStream is to have more than its volume holds",
		"Lower max_file_store (jetstream in the configuration), or use a larger volume.", NULL },
	{ "BookieException$InvalidCookieException", APP, "the volume was written by a bookie of another address, or of another cluster, than this one",
		"Let the bookie go by a name that stays (useHostNameAsBookieID=true, in a StatefulSet), and give each its own volume; where the pod's address "
		"changed, `bookkeeper shell cookie_update` writes the new one. Its data stays.",
		NULL },
	{ "JetStream cluster requires `server_name` to be set", CONFIG, "in a cluster each NATS server has a name of its own",
		"Give it one: server_name: $POD_NAME in the configuration, or --name, from metadata.name.",
		"{list}:\n  - name: {container}\n    env:\n      - name: POD_NAME\n        valueFrom:\n          fieldRef:\n            fieldPath: metadata.name\n" },
	{ "schema_integrity_check_failed", APP, "the data was written by another release of RabbitMQ, or a broken-off upgrade",
		"Start the image of the release that wrote the data, and upgrade by its documented steps; or restore a backup.", NULL },
	{ "timeout_waiting_for_tables", APP, "RabbitMQ waits for the node of its cluster that was stopped last, which does not come",
		"Let all nodes start at once (podManagementPolicy: Parallel); where the last one is lost, `rabbitmqctl force_boot` on one.", NULL },
	{ "required feature flag not enabled! It must be enabled before upgrading", APP, "the data was upgraded from a release in which a feature flag was still off",
		"Start the release before again, run `rabbitmqctl enable_feature_flag all` there, and then upgrade.", NULL },
	/* --- InfluxDB, Neo4j, MinIO --- */
	ONE_ALONE("unable to open boltdb: timeout", "another influxd has the database's file open", "influxd"),
	{ "Invalid value for password. It cannot be '{name}'", CONFIG, "Neo4j does not take the password that everybody knows",
		"Set NEO4J_AUTH to neo4j/PASSWORD with another password, from a Secret.", NULL },
	{ "found backend type fs, expected xl", APP, "the data is of MinIO's old fs mode, which releases since October 2022 do not read",
		"Start a release from before that, and move the data into a new deployment with `mc mirror`.", NULL },
	{ "{path} is part of root drive, will not be used", CONFIG, "MinIO keeps data only on volumes, and none is mounted at {path}",
		"Mount a volume at {path}.", NULL },
	/* --- clients --- */
	{ "NoBrokersAvailable", "dependency_unreachable", "none of Kafka's brokers that it was told of answered",
		"Correct the brokers' addresses (bootstrap servers), and see that the protocol (TLS, SASL) is that of the listener and "
		"NetworkPolicies let this pod reach it.",
		NULL },
	{ "no Elasticsearch node available", "dependency_unreachable", "Elasticsearch does not answer at the address that it was given",
		"Correct the address, user and password of Elasticsearch, and see that it runs and NetworkPolicies let this pod reach it.", NULL },
#undef ONE_ALONE
#undef OTHER_CLUSTER
#undef FIRST
#undef UNFORMATTED_KAFKA
