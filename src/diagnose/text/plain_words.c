// SPDX-License-Identifier: MIT
#include "diagnose/text/plain_words.h"

#include <ctype.h>
#include <string.h>

#include "diagnose/report.h"
#include "util/cleanup.h"

/* The first that fits is taken, so the longer one stands first. */
static const struct {
	const char *container, *command;
} words[] = {
	{ ", when the image is built", "" },
	{ " when the image is built", "" },
	{ " when the image is made", "" },
	{ ", in the image[: `RUN ", "[: `" },
	{ " in the image[: `RUN ", "[: `" },
	{ " in the image: `RUN ", ": `" },
	{ "`RUN ", "`" },
	{ ", or use an image that has it", "" },
	{ "Or set workingDir to the directory", "Or run it in the directory" },
	{ "set workingDir to the directory", "run it in the directory" },
	{ "Set workingDir to the directory", "Run it in the directory" },
	{ "correct workingDir", "correct the working directory" },
	{ "set workingDir", "set the working directory" },
	{ ": images mostly have no .git, which .dockerignore leaves out", "" },
	{ " and copy it into the image with package.json", "" },
	{ "LimitAS of the runtime's unit): what a container may use is bounded by "
	  "resources.limits.memory",
		"LimitAS of a unit)" },
	{ " if it is the application's own code, copy it into the image (COPY) and let workingDir "
	  "or "
	  "PYTHONPATH name the directory that holds it; if it is a package, install it when the "
	  "image is "
	  "built (pip, with its line in requirements.txt)",
		" let PYTHONPATH name the directory that holds it, or install its package (pip)" },
	{ "; where it is secret, from a Secret", "" },
	{ "in the container's command or args", "in the command" },
	{ "Put {name} into the image, or correct the path.",
		"Correct the path: nothing is there." },
	{ "Copy the file {name} into the image (see .dockerignore and what the build puts out), or "
	  "correct ",
		"Correct " },
	{ " in the image", " on this machine" },
	{ "No library in the image", "No library on this machine" },
	{ "which the image does not have", "which this machine does not have" },
	{ "The image's", "This machine's" },
	{ "the image's", "this machine's" },
	{ "than the image has", "than this machine has" },
	{ "the image has", "this machine has" },
	{ "the libraries of this image", "the libraries of this machine" },
	{ " and build the image again", "" },
	{ "is no address of this pod: a pod only has its own IP and 127.0.0.1",
		"is no address of this machine" },
	{ "is no address of this pod", "is no address of this machine" },
	{ "The pod has no IPv6", "This machine has no IPv6" },
	{ "which this pod or node does not have", "which this machine does not have" },
	{ "which is this pod itself", "which is this machine itself" },
	{ "of the container's own", "of its own" },
	{ "The container's first process", "The command" },
	{ "the container's first process", "the command" },
	{ "the container's memory limit", "the memory that this machine has" },
	{ "The container's command", "The command" },
	{ "The container's", "The command's" },
	{ "the container's", "the command's" },
	{ "No process of the container", "No process of the command" },
	{ "The container", "The command" },
	{ "the container", "the command" },
	{ "in this container", "on this machine" },
	{ "No GPU in the container", "No GPU" },
	{ "on the node", "on this machine" },
	{ "The node's", "This machine's" },
	{ "the node's", "this machine's" },
};

/* Whoever reads these on a machine of their own has nothing to do them to. */
static const char *const of_clusters[] = { "pod", "pods", "Pod", "container", "containers",
	"initContainers", "image", "images", "kubelet", "Kubernetes", "ConfigMap", "Secret",
	"Service", "emptyDir", "volume", "volumes", "fsGroup", "runAsUser", "securityContext",
	"defaultMode", "readOnlyRootFilesystem", "CoreDNS", "NetworkPolicies", "node", "nodes",
	"cluster", "probe", "COPY", "RUN", "Dockerfile", "runtime", "Deployment", "Job", "subPath",
	"CNI", "hostNetwork", "hostAliases", "workingDir" };

const char *plain_words(const struct context *q, const char *text, struct strbuf *out)
{
	if (!is_plain_command(q))
		return text;
	strbuf_puts(out, "");
	while (*text) {
		size_t i = 0;
		while (i < ARRAY_SIZE(words) &&
			strncmp(text, words[i].container, strlen(words[i].container)) != 0)
			i++;
		if (i < ARRAY_SIZE(words)) {
			strbuf_puts(out, words[i].command);
			text += strlen(words[i].container);
		} else {
			strbuf_putc(out, *text++);
		}
	}
	return out->failed ? NULL : out->data;
}

static bool is_of_clusters(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_clusters); i++)
		if (strlen(of_clusters[i]) == len && !strncmp(of_clusters[i], word, len))
			return true;
	return false;
}

bool needs_cluster(const struct context *q, const char *text)
{
	if (!is_plain_command(q))
		return false;
	while (*text) {
		size_t len = 0;
		if (*text == '{') { /* a blank: {container} */
			text += strcspn(text, "}");
			continue;
		}
		while (isalpha((unsigned char)text[len]))
			len++;
		if (is_of_clusters(text, len))
			return true;
		text += len ? len : 1;
	}
	return false;
}
