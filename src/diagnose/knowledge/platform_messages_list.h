/* SPDX-License-Identifier: MIT */
/*
 * Known messages of what a cluster is run with: proxies, identity, monitoring and logs, builds and deployments, storage
 * and network of nodes. Rows of known_messages.c, which reads this file.
 */
// clang-format off

#define REMOVED_API(version) \
	{ "no matches for kind \"{name}\" in version \"" version "\"", CONFIG, "the cluster's Kubernetes no longer has " version, \
		"Write the manifest for a version of {name} that the cluster has: `kubectl api-resources` lists them. PodSecurityPolicy has " \
		"none any more.", \
		NULL }
#define NO_GLOBAL(words, field, own) \
	{ "no global " words " set", CONFIG, "a receiver of Alertmanager leaves " own " to global, which has no " field, \
		"Set " field " in global of alertmanager.yml, or " own " at the receiver; where it is secret, by the field's form for a file.", NULL }
#define APACHE_MODULE(directive, module) \
	{ "Invalid command '" directive "'", CONFIG, directive " is a directive of Apache's mod_" module ", which is not loaded", \
		"Load it: LoadModule " module "_module modules/mod_" module ".so in httpd.conf (Debian: `RUN a2enmod " module "`).", NULL }
#define ACME_CONTACT(pattern) \
	{ pattern, CONFIG, "the certificate authority does not accept the e-mail address", \
		"Correct email of the issuer's acme section: an address of a domain that exists, and not example.com.", NULL }

	/* --- Kubernetes' own API --- */
	REMOVED_API("policy/v1beta1"),
	REMOVED_API("extensions/v1beta1"),
	REMOVED_API("apps/v1beta1"),
	REMOVED_API("apps/v1beta2"),
	REMOVED_API("batch/v1beta1"),
	REMOVED_API("networking.k8s.io/v1beta1"),
	REMOVED_API("rbac.authorization.k8s.io/v1beta1"),
	REMOVED_API("apiextensions.k8s.io/v1beta1"),
	REMOVED_API("admissionregistration.k8s.io/v1beta1"),
	REMOVED_API("autoscaling/v2beta1"),
	REMOVED_API("autoscaling/v2beta2"),
	{ "the server has asked for the client to provide credentials", CONFIG, "the API server does not know who asks",
		"Let the program use the service account's token (no KUBECONFIG, automountServiceAccountToken: true), or renew the token in the "
		"kubeconfig.",
		NULL },
	{ "Error from server (AlreadyExists): ", "stale_state", "it is there already, from an earlier run",
		"Use `kubectl apply` in place of `kubectl create`, or create it only where it is missing.", NULL },
	{ "Kubernetes cluster unreachable: Get \"http://localhost:8080", CONFIG, "Helm found neither a kubeconfig nor the service account's token",
		"Let the pod have its service account's token (automountServiceAccountToken: true), or name a kubeconfig by KUBECONFIG.",
		"automountServiceAccountToken: true\n" },
	{ "chart requires kubeVersion: {value} which is incompatible with Kubernetes {other}", CONFIG, "the chart wants Kubernetes {value}, and the cluster has {other}",
		"Use a release of the chart for {other}, or upgrade the cluster.", NULL },
	{ "values don't meet the specifications of the schema", CONFIG, "the chart's schema does not accept the values",
		"Correct the values that the lines below it name (`helm show values CHART`).", NULL },
	{ "nil pointer evaluating interface {}.", CONFIG, "a template of the chart reads a value below one that is not set",
		"Set the value that the message names behind .Values, in the values file or by --set.", NULL },
	{ "admission webhook \"{name}\" denied the request", CONFIG, "the cluster's webhook {name} refuses what was to be made",
		"Change the object as the message says, or the policy behind {name}.", NULL },
	{ "You must be logged in to the server", CONFIG, "the API server does not know who asks",
		"Let kubectl use the service account's token (no KUBECONFIG, automountServiceAccountToken: true), or renew the token in the "
		"kubeconfig.",
		NULL },
	{ "timed out waiting for the condition on {name}", "dependency_unreachable", "{name} did not become what kubectl waited for in time",
		"See why {name} does not (`kubectl describe`, its log), or raise --timeout.", NULL },
	{ "kubelet cgroup driver: {value} is different from", CONFIG, "the kubelet and the container runtime keep cgroups in different ways",
		"Let both use systemd: cgroupDriver: systemd of the kubelet, SystemdCgroup = true of containerd.", NULL },
	{ "bootstrap data already found and encrypted with different token", CONFIG, "the datastore was made with another token",
		"Give it the token that the datastore was made with (K3S_TOKEN, or the file server/token of the first server).", NULL },
	{ "open-iscsi installed on the host", CONFIG, "Longhorn uses the node's iSCSI, which is not installed there",
		"Install open-iscsi on each node and start iscsid (Longhorn has a DaemonSet for it, longhorn-iscsi-installation).", NULL },
	{ "unexpected directory structure for host-pods volume", CONFIG, "the volume host-pods shows another directory of the node than the one where its kubelet keeps pods",
		"Let the hostPath of the volume host-pods name the directory pods of the kubelet's root on these nodes (its --root-dir, /var/lib/kubelet by "
		"default).",
		NULL },
	{ "unable to locate ObjectStore plugin named {name}", "missing_module", "Velero has no plugin {name}",
		"Add the plugin's image as an init container of Velero's Deployment (`velero plugin add`), for AWS velero/velero-plugin-for-aws.", NULL },
	{ "failed to fetch VPC ID from instance metadata", CONFIG, "pods may not ask the node's metadata service here",
		"Set --aws-vpc-id and --aws-region of the controller, or raise the hop limit of the nodes' metadata to 2.", NULL },
	/* --- proxies and identity --- */
	APACHE_MODULE("SSLEngine", "ssl"),
	APACHE_MODULE("RewriteEngine", "rewrite"),
	APACHE_MODULE("RewriteRule", "rewrite"),
	APACHE_MODULE("Header", "headers"),
	APACHE_MODULE("RequestHeader", "headers"),
	APACHE_MODULE("ProxyPass", "proxy"),
	APACHE_MODULE("ExpiresActive", "expires"),
	{ "Didn't find a registered implementation for '{name}'", CONFIG, "this build of Envoy has no extension {name}",
		"Correct the name {name} or the type beside it, or use an image that has it (envoyproxy/envoy-contrib).", NULL },
	{ "Backend host '\"{host}\"' could not be resolved", "dns_failure", "Varnish resolves its backends as it starts, and {host} does not resolve",
		"Correct {host}, or create that Service before Varnish starts.", NULL },
	{ "flag was used for first ever server start", CONFIG, "with --optimized Keycloak starts what `kc.sh build` made, and nothing was built",
		"Take --optimized out of the args, or run `kc.sh build` when the image is made.", NULL },
	{ "cookie_secret must be 16, 24, or 32 bytes", CONFIG, "oauth2-proxy's cookie secret has another length than 16, 24 or 32 bytes",
		"Make one anew (`openssl rand -base64 32 | tr -- '+/' '-_'`) and put it into the Secret without encoding it twice and without a line break.", NULL },
	{ "error while discovery OIDC configuration", CONFIG, "what answers at the issuer's URL is no OpenID provider",
		"Correct the issuer's URL: with /.well-known/openid-configuration behind it, it must answer (Keycloak: https://HOST/realms/REALM).",
		NULL },
	ACME_CONTACT("acme:error:invalidContact"),
	ACME_CONTACT("acme:error:invalidEmail"),
	{ "server.secretkey is missing", CONFIG, "argocd-secret has no key server.secretkey, which argocd-server makes at its first start",
		"Start argocd-server first and let its Role change argocd-secret; nothing else may overwrite that Secret.", NULL },
	NOT_PEM("decoded PEM is blank"),
	{ "Inconsistent dependency lock file", APP, "the configuration asks for other providers than .terraform.lock.hcl has",
		"Run `terraform init` (-upgrade where versions changed) before plan and apply, and commit .terraform.lock.hcl.", NULL },
	{ "A storage backend must be specified", CONFIG, "Vault's configuration has no storage",
		"Give the configuration a storage stanza, such as storage \"raft\", and see that -config names its directory.", NULL },
	{ "refusing to rejoin cluster because server has been offline for more than", "stale_state", "the server was away so long that its data is outdated",
		"Wipe this server's data directory, so that it joins anew and takes the others' data; not where it is the only server.", NULL },
	/* --- monitoring and logs --- */
	{ "Unable to create mmap-ed active query log", "permission_denied", "Prometheus may not write into its data directory",
		"Set fsGroup to the group of Prometheus' user (65534 in its image), so that the volume becomes its own.",
		"securityContext:\n  fsGroup: 65534\n" },
	{ "Failed to get final advertise address: No private IP address found", CONFIG,
		"its part for a cluster (memberlist) looks for a private address to advertise, and the pod has none",
		"Name the address: --cluster.advertise-address=$(POD_IP):9094 for Alertmanager (or --cluster.listen-address= to switch the "
		"cluster off, where it runs alone), memberlist.advertise_addr for Loki, Mimir and Tempo.",
		"{list}:\n  - name: {container}\n    env:\n      - name: POD_IP\n        valueFrom:\n          fieldRef:\n"
		"            fieldPath: status.podIP\n" },
	{ "no useable address found for interfaces", CONFIG, "none of the interfaces that it knows by name has an address in this pod",
		"Name the address or the interface: common.instance_addr (from status.podIP) or common.instance_interface_names for Loki and Mimir.",
		NULL },
	NO_GLOBAL("Slack API URL", "slack_api_url", "api_url"),
	NO_GLOBAL("SMTP smarthost", "smtp_smarthost", "smarthost"),
	NO_GLOBAL("SMTP from", "smtp_from", "from"),
	NO_GLOBAL("PagerDuty URL", "pagerduty_url", "url"),
	NO_GLOBAL("OpsGenie API Key", "opsgenie_api_key", "api_key"),
	{ "no external labels configured on Prometheus server", CONFIG, "Thanos tells Prometheus servers apart by their external labels",
		"Give Prometheus external_labels in global, such as cluster and replica.", NULL },
	{ "overlaps found while gathering blocks", APP, "the bucket holds blocks of the same series and time twice",
		"Let one compactor alone work on the bucket; where replicas overlap, let it merge them (--deduplication.replica-label).", NULL },
	{ "is required to store Structured Metadata", CONFIG, "the schema in Loki's configuration is older than v13",
		"Set allow_structured_metadata: false in limits_config, or add a period with schema v13 and store tsdb from a coming day on.", NULL },
	{ "Input \"{name}\" for {value} doesn't exist", CONFIG, "Vector has no source or transform {name}",
		"Correct {name} in inputs of {value}, or add it.", NULL },
	{ "Path \"{path}\" must be a writable directory", "permission_denied", "Logstash may not write into {path}",
		"Set fsGroup to 1000, the group of Logstash's user, where {path} is a volume; else mount an emptyDir there.", NULL },
	/* --- builds and deployments --- */
	{ "Failed to register the runner", CONFIG, "GitLab refuses the runner's token, or is not reached",
		"Correct the runner's token (glrt-...) in its Secret and the URL of GitLab.", NULL },
	{ "provided port:{number} is not reachable", "dependency_unreachable", "Jenkins answers, and its port for agents, {number}, does not",
		"Let Jenkins' Service have the port {number} too, or let the agent come by WebSocket (-webSocket).", NULL },
	{ "None of the protocols were accepted", CONFIG, "Jenkins does not know an agent of that name with that secret",
		"Correct the agent's name and secret (JENKINS_AGENT_NAME, JENKINS_SECRET): the agent's page in Jenkins shows them.", NULL },
	{ "Database must be upgraded. Please backup database and browse /setup", APP, "SonarQube's database is of an older release",
		"Back the database up and confirm the upgrade at /setup of SonarQube; probes must leave it time for that.", NULL },
	{ "cannot re-use a name that is still in use", CONFIG, "Helm has a release of that name already",
		"Use `helm upgrade --install` in place of `helm install`.", NULL },
	{ "Backend configuration changed", CONFIG, "the backend is not the one that Terraform was initialised with here",
		"Run `terraform init -reconfigure`, or with -migrate-state where the state is to move.", NULL },
	{ "kaniko should only be run inside of a container", CONFIG, "kaniko does not see that it is in a container",
		"Add --force to kaniko's args.", NULL },
	{ "rootless mode requires to be executed as the mapped root in a user namespace", CONFIG, "BuildKit was started without its RootlessKit",
		"Use the image moby/buildkit:rootless with its own entrypoint, or run buildkitd as root in a privileged container.", NULL },
	{ "Error: Failed to load class {name}", "missing_module", "the jar has no class {name}",
		"Correct --class, or build the jar with {name} and copy that one into the image.", NULL },
	{ "Remote branch {name} not found in upstream", CONFIG, "the repository has no branch {name}",
		"Correct the branch {name}: `git ls-remote` lists those that there are.", NULL },
	{ "reading manifest {name} in {value}: unauthorized", CONFIG, "the registry answers, and wants to know who asks",
		"Give it the registry's login: mount a Secret of type dockerconfigjson and name it by REGISTRY_AUTH_FILE or --authfile; or correct the image's name.",
		NULL },
	/* --- backups, clouds --- */
	{ "Is there a repository at the following location?", CONFIG, "restic finds no repository there",
		"Correct RESTIC_REPOSITORY, or make the repository once with `restic init`.", NULL },
	{ "wrong password or no key found", CONFIG, "the password is not the repository's",
		"Correct RESTIC_PASSWORD in the Secret, without a line break at its end.", NULL },
	{ "An error occurred (403) when calling the {name} operation", CONFIG, "AWS knows who asks, and no policy allows {name}, or the object is not there",
		"Allow s3:GetObject on the objects and s3:ListBucket on the bucket in the policy of the pod's role (HeadObject needs both).", NULL },
	NO_GOOGLE_IDENTITY("You do not currently have an active account selected"),
	{ "Failed to connect to MSI", CONFIG, "the node's identity service does not answer this pod",
		"Bind the pod's service account to a managed identity (label azure.workload.identity/use: \"true\") and log in with its token: "
		"`az login --service-principal --federated-token`.",
		NULL },
	{ "requires the ID or name of the tunnel to run", CONFIG, "cloudflared was not told which tunnel to run",
		"Set TUNNEL_TOKEN, from a Secret, to the tunnel's token, or name the tunnel behind `tunnel run`.", NULL },
	/* --- network and storage of nodes --- */
	{ "pod cidr not assigned", CONFIG, "the node has no range of addresses for its pods",
		"Let the controller manager hand them out (--allocate-node-cidrs=true and --cluster-cidr; kubeadm: podSubnet).", NULL },
	{ "Unable to autodetect an IPv4 address", CONFIG, "Calico found no address of the node by its own way",
		"Tell it how: IP_AUTODETECTION_METHOD, such as kubernetes-internal-ip or interface=eth.*.",
		ENV("IP_AUTODETECTION_METHOD", "kubernetes-internal-ip") },
	{ "Lost connection to CSI driver, exiting", "dependency_unreachable", "the driver's container beside it ended or was started anew",
		"See why the CSI driver's container in this pod ended (its own log with --previous): this one only follows it.", NULL },
	{ "failed to register \"bridge\" driver", "capability_missing", "dockerd sets up networks and iptables, and the container may not",
		"Give the container of dockerd privileged: true; or build with what needs no daemon (rootless BuildKit, kaniko).",
		"{list}:\n  - name: {container}\n    securityContext:\n      privileged: true\n" },
	{ "Cannot ioctl TUNSETIFF", "capability_missing", "only a process with NET_ADMIN may make a tunnel's interface",
		"Add the capability NET_ADMIN; it works for a container that runs as root.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n        add: [NET_ADMIN]\n" },
	{ "/dev/net/tun does not exist", "missing_file", "tunnels are made by the device /dev/net/tun, which the container does not have",
		"Let it do without (Tailscale: TS_USERSPACE=true), or mount the node's /dev/net/tun and add the capability NET_ADMIN.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n        add: [NET_ADMIN]\n    volumeMounts:\n"
		"      - name: tun\n        mountPath: /dev/net/tun\nvolumes:\n  - name: tun\n    hostPath:\n      path: /dev/net/tun\n      type: CharDevice\n" },
#undef REMOVED_API
#undef APACHE_MODULE
#undef NO_GLOBAL
#undef ACME_CONTACT
