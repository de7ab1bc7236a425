// SPDX-License-Identifier: MIT
#include "diagnose/text/plain_words.h"

#include <ctype.h>
#include <string.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

static const struct {
	const char *pod, *container, *command;
} words[] = {
#define WORDS(pod, container, command) { pod, container, command },
#include "diagnose/knowledge/words_list.h"
#undef WORDS
};

/* Whoever reads these without a cluster has nothing to do them to. */
static const char *const of_clusters[] = { "pod", "pods", "Pod", "initContainers", "init",
	"StatefulSet", "kubelet", "Kubernetes", "ConfigMap", "Secret", "Service", "emptyDir",
	"fsGroup", "runAsUser", "securityContext", "defaultMode", "readOnlyRootFilesystem",
	"CoreDNS", "NetworkPolicies", "NetworkPolicy", "node", "nodes", "cluster", "probe",
	"Deployment", "Job", "subPath", "CNI", "hostNetwork", "hostAliases", "workingDir",
	"workload" };

/* Nor these without a container. */
static const char *const of_containers[] = { "container", "containers", "image", "images", "volume",
	"volumes", "COPY", "RUN", "Dockerfile", "runtime" };

enum audience { AUDIENCE_POD, AUDIENCE_CONTAINER, AUDIENCE_COMMAND };

static enum audience audience_of(const struct context *q)
{
	return is_plain_command(q) ? AUDIENCE_COMMAND
	       : is_of_pod(q)      ? AUDIENCE_POD
				   : AUDIENCE_CONTAINER;
}

/* What is said in place of words[i]; NULL: the same. */
static const char *said_to(enum audience audience, size_t i)
{
	return audience == AUDIENCE_COMMAND ? words[i].command : words[i].container;
}

const char *plain_words(const struct context *q, const char *text, struct strbuf *out)
{
	enum audience audience = audience_of(q);

	if (audience == AUDIENCE_POD)
		return text;
	strbuf_puts(out, "");
	while (*text) {
		size_t i = 0;
		while (i < ARRAY_SIZE(words) &&
			(!said_to(audience, i) ||
				strncmp(text, words[i].pod, strlen(words[i].pod)) != 0))
			i++;
		if (i < ARRAY_SIZE(words)) {
			strbuf_puts(out, said_to(audience, i));
			text += strlen(words[i].pod);
		} else {
			strbuf_putc(out, *text++);
		}
	}
	return out->failed ? NULL : out->data;
}

static bool is_one_of(const char *word, size_t len, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && !strncmp(list[i], word, len))
			return true;
	return false;
}

/* A part of an option or a setting: --initial-cluster-state, node.store.allow_mmap. */
static bool is_of_a_name(const char *text, const char *word, size_t len)
{
	return (word > text && strchr("-._/", word[-1])) ||
	       (word[len] && strchr("-_/", word[len])) ||
	       (word[len] == '.' && isalpha((unsigned char)word[len + 1]));
}

bool needs_cluster(const struct context *q, const char *text)
{
	enum audience audience = audience_of(q);

	if (audience == AUDIENCE_POD)
		return false;
	for (const char *at = text; *at;) {
		size_t len = 0;
		if (*at == '{') { /* a blank: {container} */
			at += strcspn(at, "}");
			continue;
		}
		while (isalpha((unsigned char)at[len]))
			len++;
		bool lacking = is_one_of(at, len, of_clusters, ARRAY_SIZE(of_clusters)) ||
			       (audience == AUDIENCE_COMMAND && is_one_of(at, len, of_containers,
									ARRAY_SIZE(of_containers)));
		if (lacking && !is_of_a_name(text, at, len))
			return true;
		at += len ? len : 1;
	}
	return false;
}
