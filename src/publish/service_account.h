/* SPDX-License-Identifier: MIT */
/* What a pod is given to speak to the API server with: its address, whom to trust, and a token that is replaced from time to time. */
#ifndef KTRACE_PUBLISH_SERVICE_ACCOUNT_H
#define KTRACE_PUBLISH_SERVICE_ACCOUNT_H

#include "util/strbuf.h"

struct service_account {
	char *server; /* "https://10.96.0.1:443" */
	char *token_file, *ca_file;
};

/*
 * server NULL: as the pod's environment tells; the files NULL: where the kubelet puts them. 0, or a negative errno after a
 * message; *a is to be released in any case.
 */
int service_account_find(
	struct service_account *a, const char *server, const char *token_file, const char *ca_file);
void service_account_release(struct service_account *a);

/* Appends "Authorization: Bearer ...", read anew: the kubelet replaces the file before the token expires. 0 or a negative errno. */
int service_account_header(const struct service_account *a, struct strbuf *header);

#endif
