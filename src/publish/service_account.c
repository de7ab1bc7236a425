// SPDX-License-Identifier: MIT
#include "publish/service_account.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/log.h"

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"
#define TOKEN_MAX 16384

static char *server_of_environment(void)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"),
		   *port = getenv("KUBERNETES_SERVICE_PORT");
	struct strbuf url = STRBUF_INIT;

	if (!host || !*host) {
		log_error("--kubernetes-events: this is no pod (KUBERNETES_SERVICE_HOST is not "
			  "set), so the "
			  "API server is not known; leave the option out outside of Kubernetes");
		return NULL;
	}
	strbuf_printf(&url, strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host,
		port && *port ? port : "443");
	return strbuf_take(&url);
}

int service_account_find(
	struct service_account *a, const char *server, const char *token_file, const char *ca_file)
{
	a->server = server ? strdup(server) : server_of_environment();
	a->token_file = strdup(token_file ? token_file : ACCOUNT "token");
	a->ca_file = strdup(ca_file ? ca_file : ACCOUNT "ca.crt");
	if (!a->server)
		return -EINVAL;
	if (!a->token_file || !a->ca_file)
		return -ENOMEM;
	if (access(a->token_file, R_OK)) {
		log_error("--kubernetes-events: cannot read the token %s: %s; the pod needs "
			  "automountServiceAccountToken: true (deploy/kubernetes-events)",
			a->token_file, strerror(errno));
		return -EINVAL;
	}
	return 0;
}

void service_account_release(struct service_account *a)
{
	free(a->server);
	free(a->token_file);
	free(a->ca_file);
}

int service_account_header(const struct service_account *a, struct strbuf *header)
{
	_cleanup_free_ char *token = calloc(1, TOKEN_MAX + 1);
	_cleanup_fd_ int fd = open(a->token_file, O_RDONLY | O_CLOEXEC);
	ssize_t len = token && fd >= 0 ? read(fd, token, TOKEN_MAX) : -1;

	if (len < 0)
		return token ? -errno : -ENOMEM;
	token[strcspn(token, " \r\n")] = '\0';
	strbuf_printf(header, "Authorization: Bearer %s", token);
	if (header->failed)
		return -ENOMEM;
	return *token ? 0 : -ENODATA;
}
