/* SPDX-License-Identifier: MIT */
/*
 * What a text that is written for a pod says to others: for a container that podman, Docker or runc runs by hand, and for
 * a command under `ktrace run`. NULL: the same. The first row that fits is taken, so the longer one stands first.
 */
// clang-format off

/* whole pieces of advice */
WORDS("Make sure that no other pod uses the volume (one replica, strategy Recreate), then",
	"Make sure that no other container uses the volume, then",
	"Make sure that no other one runs, then")
WORDS("Let only one pod use the volume at a time: strategy Recreate, one replica, a claim of its own for each.",
	"Let only one container use the volume at a time.",
	"End the other process first (`fuser -v FILE` or `lsof FILE` names it), or wait until it is done.")
WORDS(", of this pod or of another one on the same volume",
	", of this container or of another one with the same volume",
	"")
WORDS("Remove the {other} before the program starts[: `rm -f {path}` in its start script].",
	NULL,
	"Make sure that no other {name} runs, then remove the {other}[: `rm -f {path}`].")
WORDS(": the process that it names ended with an earlier container, or is a different one here",
	NULL,
	": the process that made it ended without removing it, unless it still runs")
WORDS("Mount the Secret with defaultMode 0400 and without fsGroup, for the uid that runs ssh; or copy the key and `chmod 0400` the copy.",
	"Let its owner alone read it: `chmod 0600 {path}` on the host, for the uid that runs ssh.",
	"Let its owner alone read it: `chmod 0600 {path}`.")
WORDS("Mount the private key from a Secret with mode 0400 for the container's user, and",
	"Mount the private key with mode 0400 for the container's user, and",
	"Name the private key (`ssh -i`, or IdentityFile in ~/.ssh/config), and")
WORDS("Run the container as the image's postgres user (runAsUser 999 in Debian's images, 70 in Alpine's).",
	"Run the container as the image's postgres user (`--user`: 999 in Debian's images, 70 in Alpine's).",
	"Run it as the user postgres.")
WORDS("Run the container as the image's mysql user (uid 999 in the official images),",
	NULL,
	"Run it as the user mysql,")
WORDS("Trust it for this container: ", NULL, "Trust it: ")
WORDS("before the first git command; or run", NULL, "once; or run git")
WORDS("Start the program itself, in the foreground, as the container's command, and not by systemctl.",
	NULL,
	"Start the program itself, and not by systemctl: what runs here as the first process is not systemd.")
WORDS(", or let the container run on nodes that have it", "", "")
WORDS("Use an image for {value}: build it for both (`docker buildx build --platform linux/amd64,linux/arm64`), or pull the variant for {value}.",
	NULL,
	"Get the program for {value}, or build it on this machine.")
WORDS("Wait for it before the start (an init container that runs pg_isready),",
	"Wait for it before the start (pg_isready tells),",
	"Wait for it before the start (pg_isready tells),")
WORDS("Give the pod a role (EKS Pod Identity, or the annotation eks.amazonaws.com/role-arn of its service account), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from a Secret.",
	"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or mount ~/.aws.",
	"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in (`aws configure`, `aws sso login`).")
WORDS("Bind the pod's service account to one of Google's (Workload Identity), or mount a key file and name it by GOOGLE_APPLICATION_CREDENTIALS.",
	"Mount a key file and name it by GOOGLE_APPLICATION_CREDENTIALS.",
	"Log in (`gcloud auth application-default login`), or name a key file by GOOGLE_APPLICATION_CREDENTIALS.")
WORDS("Give {path} mode 0700 in an init container that runs as its owner (`chmod 0700 {path}`)",
	"Give {path} mode 0700 on the host (`chmod 0700`)",
	"Give {path} mode 0700 (`chmod 0700 {path}`)")
WORDS(", or change its owner once in an init container that runs as root",
	", or change its owner",
	", or change its owner (`chown`, as root)")

WORDS(": the Secret that it serves, or what cert-manager makes it of; then start", "; then start", "; then start")
WORDS("Correct the clock of the node or of the one that made the certificate",
	"Correct the clock of this host or of the one that made the certificate",
	"Correct the clock of this machine or of the one that made the certificate")
WORDS("; where /run is a volume, in the start script", NULL, "")
WORDS("Let PGDATA name a subdirectory of the volume.", NULL, "Let -D or PGDATA name an empty directory.")
WORDS("Mount a subdirectory of the volume as data directory.", NULL, "Let --datadir name an empty directory.")
WORDS(" where runAsUser sets the user, or let the container start as root",
	" where `--user` sets the user, or let the container start as root",
	", or run it as root")
WORDS("Mount an emptyDir at /tmp.", "Give it a writable /tmp (`--tmpfs /tmp`).", "Make /tmp writable, or let TMPDIR name another directory.")
WORDS(", or mount an emptyDir there", "", ", or let TMPDIR name another directory")
WORDS(", or give the pod a larger GPU that no other uses", ", or give it a larger GPU that no other uses", ", or use a larger GPU that no other uses")
WORDS("Put the model into the image or a volume and name its directory, or let the pod out to huggingface.co (proxy, NetworkPolicy).",
	"Put the model into the image or a volume and name its directory, or let the container out to huggingface.co.",
	"Download the model before and name its directory, or see that huggingface.co can be reached (proxy).")
WORDS("Let workingDir name the directory of the application, which holds config.ru, or copy that file into the image.",
	"Let `--workdir` name the directory of the application, which holds config.ru, or copy that file into the image.",
	"Start it in the directory of the application, which holds config.ru.")
WORDS("Name an interface that the pod has instead of {name}, mostly eth0; the node's own are there with hostNetwork only.",
	"Name an interface that the container has instead of {name}, mostly eth0; the host's own are there with `--network host` only.",
	"Name an interface that this machine has instead of {name}: `ip link` lists them.")
WORDS("or on the pod's own address, which a variable can bring (POD_IP below)",
	"or on an address of the container's own",
	"or on an address that `ip addr` shows")
WORDS(": a pod's own interface is mostly eth0", ": a container's own interface is mostly eth0", ": `ip link` lists the interfaces")
WORDS("Let Kubernetes mount it, as a volume of the pod (nfs, or a CSI driver), or install", "Install", "Install")
WORDS("Let the pod have its service account's token (automountServiceAccountToken: true), or give", "Give", "Give")
WORDS(" (mcr.microsoft.com/dotnet/aspnet or runtime)", NULL, "")
WORDS("Give the pod a role, whose credentials renew themselves, in place of a token in a Secret.",
	"Get a new session token, or use credentials that renew themselves.",
	"Log in again (`aws sso login`), or get a new session token.")
WORDS("Allow {name} in the policy of the pod's role,", "Allow {name} in the policy of that role or user,", "Allow {name} in the policy of that role or user,")
WORDS(": its own Service, or Sentinel's answer", ": Sentinel knows it", ": Sentinel knows it")
WORDS("Use the library's client for clusters, or a Redis without cluster mode.",
	"Use the library's client for Redis Cluster, or a Redis without it.",
	"Use the library's client for Redis Cluster, or a Redis without it.")
WORDS("Let one pod alone use the volume: stop the other Prometheus, and replace pods with the strategy Recreate.",
	"Stop the other Prometheus that uses the same directory.",
	"Stop the other Prometheus that uses the same directory.")
WORDS("Start the image of the release that wrote the data,", NULL, "Start the release that wrote the data,")
WORDS("Make a copy of the volume, then let `redis-check-aof --fix` repair the file in a pod that mounts it",
	"Make a copy of the volume, then let `redis-check-aof --fix` repair the file",
	"Make a copy of the file, then let `redis-check-aof --fix` repair it")
WORDS(" (runAsUser), or allow privilege escalation", " (`--user`), or allow new privileges", ", or allow new privileges")
WORDS("Start the image's docker-entrypoint.sh instead of postgres itself: it makes the database with initdb when the volume is empty. Where there should be data, correct -D, PGDATA or the volume.",
	NULL, "Make the database with initdb first. Where there should be data, correct -D or PGDATA.")

/* Secrets, ConfigMaps and what else holds settings */
WORDS(" in the Secret that the container takes it from", " that the container is given", " that the command is given")
WORDS(" in the Secret that the container takes them from", " that the container is given", " that the command is given")
WORDS(" in the Secret that the client's SASL settings come from", "", "")
WORDS("; where it is secret, from a Secret", "", "")
WORDS(", and user and password from a Secret", ", and user and password", ", and user and password")
WORDS(", with its password from a Secret", ", with its password", ", with its password")
WORDS(", from a Secret", "", "")
WORDS(" from a Secret", "", "")
WORDS(", from a ConfigMap", "", "")
WORDS(" in the Secret", "", "")
WORDS(" into the Secret", "", "")
WORDS(", where Kubernetes has 512Mi", "", "")
WORDS(": in the YAML of a ConfigMap `|` keeps the last one, and `|-` takes it away", "", "")
WORDS(", as an init container or a Job", ", in a container of its own", "")
WORDS(": nodes of Kubernetes mostly have no swap", "", "")

/* images */
WORDS("Use an image with the client of the server's version", NULL, "Use the client of the server's version")
WORDS("Use an image whose pg_restore", NULL, "Use a pg_restore that")
WORDS("Use an image of PostgreSQL {value}", NULL, "Use PostgreSQL {value}")
WORDS("Use the newer image again", NULL, "Use the newer version again")
WORDS("Use a base image with that runtime version (mcr.microsoft.com/dotnet/aspnet or runtime)",
	NULL,
	"Install that runtime version")
WORDS("Use a base image with", NULL, "Install")
WORDS("or use an image with the version of Java that it is of", NULL, "or use the version of Java that it is of")
WORDS("or use an image with Python 3.9", NULL, "or use Python 3.9")
WORDS("Run it on a node whose CPU", NULL, "Run it on a machine whose CPU")
WORDS("or use an image of MongoDB 4.4", NULL, "or use MongoDB 4.4")
WORDS("Run it on a node with a newer CPU", NULL, "Run it on a machine with a newer CPU")
WORDS("or use an image that is built for an older CPU", NULL, "or use a build for an older CPU")
WORDS("or use an image that was built for an older CUDA", NULL, "or use a build for an older CUDA")
WORDS(", or use the image python", NULL, "")
WORDS(", or use Microsoft's image of the same Playwright version", NULL, "")
WORDS(", or use the image opentelemetry-collector-contrib, which has more",
	NULL,
	", or use opentelemetry-collector-contrib, which has more")
WORDS(" (in the image CASSANDRA_DC)", NULL, "")
WORDS(" (of MariaDB's image: MARIADB_ROOT_PASSWORD)", NULL, "")
WORDS(" (the official image does from ZOO_MY_ID)", NULL, "")
WORDS(" of the PostgreSQL exporter", NULL, "")
WORDS(", or ask for one that every image has, C.UTF-8", NULL, ", or ask for C.UTF-8")
WORDS(", a locale that every image has", NULL, "")
WORDS("Make the virtual environment in the final image, at the path where it is used and with the python that this image has[: {path} asks for {other}].",
	NULL,
	"Make the virtual environment again where it is now (`python3 -m venv`): its scripts hold the paths that it was made with[, and {path} asks for {other}].")
WORDS("Raise the memory limit, to {number}Mi as a first try (now it is {value}).",
	"Raise the memory limit (`--memory {number}m` as a first try; now it is {value}).",
	"Raise the memory limit, to {number} MiB as a first try (now it is {value}).")
WORDS("Correct what its first lines name in rabbitmq.conf (`kubectl logs`)",
	"Correct what its first lines name in rabbitmq.conf",
	"Correct what its first lines name in rabbitmq.conf")
WORDS("Build the image again with", NULL, "Provide")
WORDS(", when the image is built", NULL, "")
WORDS(" when the image is built", NULL, "")
WORDS(" when the image is made", NULL, "")
WORDS(", in the image[: `RUN ", NULL, "[: `")
WORDS(" in the image[: `RUN ", NULL, "[: `")
WORDS(" in the image: `RUN ", NULL, ": `")
WORDS("`RUN ", NULL, "`")
WORDS(", or use an image that has it", NULL, "")
WORDS("Or set workingDir to the directory",
	"Or set the working directory (`--workdir`) to the one",
	"Or run it in the directory")
WORDS("set workingDir to the directory",
	"set the working directory (`--workdir`) to the one",
	"run it in the directory")
WORDS("Set workingDir to the directory",
	"Set the working directory (`--workdir`) to the one",
	"Run it in the directory")
WORDS("correct workingDir", "correct the working directory", "correct the working directory")
WORDS("set workingDir", "set the working directory", "set the working directory")
WORDS(": images mostly have no .git, which .dockerignore leaves out", NULL, "")
WORDS(" and copy it into the image with package.json", NULL, "")
WORDS("LimitAS of the runtime's unit): what a container may use is bounded by resources.limits.memory",
	"LimitAS of the runtime's unit): what a container may use is bounded by its memory limit",
	"LimitAS of a unit)")
WORDS(" if it is the application's own code, copy it into the image (COPY) and let workingDir or PYTHONPATH name the directory that holds it; if it is a package, install it when the image is built (pip, with its line in requirements.txt)",
	" if it is the application's own code, copy it into the image (COPY) and let `--workdir` or PYTHONPATH name the directory that holds it; if it is a package, install it when the image is built (pip, with its line in requirements.txt)",
	" let PYTHONPATH name the directory that holds it, or install its package (pip)")
WORDS("in the container's command or args", "in the container's command", "in the command")
WORDS("Put {name} into the image, or correct the path.", NULL, "Correct the path: nothing is there.")
WORDS("Copy the file {name} into the image (see .dockerignore and what the build puts out), or correct ",
	NULL,
	"Correct ")
WORDS(" in the image", NULL, " on this machine")
WORDS("No library in the image", NULL, "No library on this machine")
WORDS("which the image does not have", NULL, "which this machine does not have")
WORDS("The image's", NULL, "This machine's")
WORDS("the image's", NULL, "this machine's")
WORDS("than the image has", NULL, "than this machine has")
WORDS("the image has", NULL, "this machine has")
WORDS("the libraries of this image", NULL, "the libraries of this machine")
WORDS(" and build the image again", NULL, "")

WORDS("/bin/sh of this image", NULL, "/bin/sh on this machine")
WORDS("Leave sudo out: set runAsUser for what has to run as root, a container image has no sudo.",
	"Leave sudo out: run as root what has to (`--user 0`), a container image has no sudo.",
	"Run it without sudo, as root, or install sudo.")
WORDS("Run the service itself as the container's command: a container has no service manager.",
	NULL, "Start the service's own program: there is no service manager here.")
WORDS("Call python3, or install python-is-python3 (Debian, Ubuntu): many images have no command `python`.",
	NULL, "Call python3, or install python-is-python3 (Debian, Ubuntu), which makes it answer to `python`.")
WORDS("Free space on the node, or raise the container's ephemeral-storage limit.",
	"Free space on the host: `df -h` and `docker system df` (or podman's) show what takes it.",
	"Make room there (`df -h` shows the space, `df -i` the inodes), or write to another file system.")
WORDS("`ls -l /proc/1/fd` in the container lists what its first process holds open, and",
	NULL, "`ls -l /proc/PID/fd` lists what it holds open, and")
WORDS("Run `{program} install` when the image is built, in the stage that the final image takes node_modules from: {name} is looked for in node_modules/.bin, where a package of that name (or of another one) puts it. What stands under devDependencies is left out in production.",
	NULL,
	"Run `{program} install`: {name} is looked for in node_modules/.bin, where a package of that name (or of another one) puts it. Where package.json has no such package, add it (`{program} install --save-dev {name}`).")

/* pods, containers, nodes */
WORDS("Give /dev/shm more room: it has 64 MiB, unless a memory-backed emptyDir is mounted there (which counts as memory of the container).",
	"Give /dev/shm more room (`--shm-size 1g`): it has 64 MiB, unless the container was given more.",
	NULL)
WORDS("The kubelet had `", "Somebody outside, a health check perhaps, had `", NULL)
WORDS("Remove noexec from the mount options of the volume[ {volume}] (mountOptions of its PersistentVolume or StorageClass).",
	"Mount it without noexec.", NULL)
WORDS("Or remove noexec from the mount options of the volume[ {volume}] (mountOptions of its PersistentVolume or StorageClass).",
	"Or mount it without noexec.", NULL)
WORDS("is no address of this pod: a pod only has its own IP and 127.0.0.1",
	"is no address of this container: it only has its own IP and 127.0.0.1",
	"is no address of this machine")
WORDS("is no address of this pod", "is no address of this container", "is no address of this machine")
WORDS("The pod has no IPv6", "The container has no IPv6", "This machine has no IPv6")
WORDS("the pod has no IPv6", "the container has no IPv6", "this machine has no IPv6")
WORDS("which this pod or node does not have", "which this container does not have", "which this machine does not have")
WORDS("which is this pod itself", "which is this container itself", "which is this machine itself")
WORDS(" or the network of the pods", "", "")
WORDS(" by a Service", " by its name", "")
WORDS("of the container's own", NULL, "of its own")
WORDS("The container's first process", NULL, "The command")
WORDS("the container's first process", NULL, "the command")
WORDS("the container's memory limit", NULL, "the memory that this machine has")
WORDS("The container's command", NULL, "The command")
WORDS("the container's command", NULL, "the command")
WORDS("The container's", NULL, "The command's")
WORDS("the container's", NULL, "the command's")
WORDS("No process of the container", NULL, "No process of the command")
WORDS("The container", NULL, "The command")
WORDS("the container", NULL, "the command")
WORDS("in this container", NULL, "on this machine")
WORDS("No GPU in the container", NULL, "No GPU")
WORDS("and the node is", "and the host is", "and this machine is")
WORDS("and this node is", "and this host is", "and this machine is")
WORDS("this node can", "this host can", "this machine can")
WORDS("this node's", "this host's", "this machine's")
WORDS("on the node", "on the host", "on this machine")
WORDS("The node's", "The host's", "This machine's")
WORDS("the node's", "the host's", "this machine's")
WORDS("the pod's own", "the container's own", "its own")
