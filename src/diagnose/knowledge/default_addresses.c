// SPDX-License-Identifier: MIT
#include "diagnose/knowledge/default_addresses.h"

#include <string.h>

#include "util/cleanup.h"

#define API_SERVER \
	"by a service account whose token is mounted (automountServiceAccountToken), or a " \
	"kubeconfig (KUBECONFIG)"

/* The manuals of the clients. */
static const struct {
	const char *program;
	uint16_t port;
	const char *way;
} defaults[] = {
	{ "kubectl", 8080, API_SERVER },
	{ "oc", 8080, API_SERVER },
	{ "helm", 8080, API_SERVER },
	{ "etcdctl", 2379, "--endpoints, or ETCDCTL_ENDPOINTS" },
	{ "vault", 8200, "-address, or VAULT_ADDR" },
	{ "bao", 8200, "-address, or BAO_ADDR" },
	{ "consul", 8500, "-http-addr, or CONSUL_HTTP_ADDR" },
	{ "nomad", 4646, "-address, or NOMAD_ADDR" },
	{ "redis-cli", 6379, "-h HOST, or -u URL" },
	{ "valkey-cli", 6379, "-h HOST, or -u URL" },
	{ "redis-benchmark", 6379, "-h HOST" },
	{ "mysql", 3306, "-h HOST" },
	{ "mariadb", 3306, "-h HOST" },
	{ "mysqladmin", 3306, "-h HOST" },
	{ "mysqldump", 3306, "-h HOST" },
	{ "psql", 5432, "-h HOST, or PGHOST" },
	{ "pg_isready", 5432, "-h HOST, or PGHOST" },
	{ "pg_dump", 5432, "-h HOST, or PGHOST" },
	{ "mongosh", 27017, "a URL as argument, mongodb://HOST" },
	{ "mongo", 27017, "--host HOST" },
	{ "mongodump", 27017, "--host HOST, or --uri" },
	{ "cqlsh", 9042, "the host as argument, or CQLSH_HOST" },
	{ "nats", 4222, "-s URL, or NATS_URL" },
	{ "rabbitmqadmin", 15672, "-H HOST" },
	{ "influx", 8086, "--host, or INFLUX_HOST" },
	{ "argocd", 8080, "--server, or ARGOCD_SERVER" },
	{ "temporal", 7233, "--address, or TEMPORAL_ADDRESS" },
	{ "promtool", 9090, "the server's URL as argument" },
	{ "amtool", 9093, "--alertmanager.url" },
	{ "buildctl", 1234, "--addr, or BUILDKIT_HOST" },
};

const char *default_address_of(const char *program, uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (port == defaults[i].port && !strcmp(program, defaults[i].program))
			return defaults[i].way;
	return NULL;
}

/* What listens there in each pod that has it: the manuals of Istio, Linkerd, Dapr and Envoy. */
static const struct {
	uint16_t port;
	const char *name;
} sidecars[] = {
	{ 15000, "Istio's sidecar" },
	{ 15020, "Istio's sidecar" },
	{ 15021, "Istio's sidecar" },
	{ 4191, "Linkerd's proxy" },
	{ 3500, "Dapr's sidecar" },
	{ 50001, "Dapr's sidecar" },
	{ 9901, "an Envoy sidecar" },
};

const char *sidecar_of(uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(sidecars); i++)
		if (port == sidecars[i].port)
			return sidecars[i].name;
	return NULL;
}
