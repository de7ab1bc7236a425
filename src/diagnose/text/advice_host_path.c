// SPDX-License-Identifier: MIT
/* Owner and mode in a hostPath volume: they are the node's, and fsGroup does not change them. */
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/advice_access.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* A directory that the node's own programs use: nobody gives it to one container's user. */
static bool is_the_nodes(const char *source)
{
	static const char *const directories[] = { "/tmp", "/var/tmp", "/var/log", "/var/log/pods",
		"/var/log/containers", "/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker",
		"/var/lib/containers", "/var/lib/etcd" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		if (!strcmp(source, directories[i]))
			return true;
	return place_is_shared(source) || place_of(source) == PLACE_SYSTEM;
}

/* A file that is there. */
static void advise_nodes_file(struct report *r, const struct path_facts *facts, struct blanks *b)
{
	static const struct advice as_owner = {
		.text = "Run the container as a user that the node's file lets in (uid {owner} "
			"owns it): fsGroup does not apply to hostPath volumes.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	static const struct advice on_the_node = {
		.text = "Give uid {uid} the right to use {path} on the node (its owner, group or "
			"mode)[{other}]: it belongs to root, and fsGroup does not apply to "
			"hostPath volumes.",
	};

	if (facts->file.type == FILE_REGULAR)
		b->other = ", or copy it into an emptyDir in an init container that runs as root";
	recommend(r, b->owner ? &as_owner : &on_the_node, b);
}

static void advise_nodes_directory(struct report *r, const char *source, struct blanks *b)
{
	static const struct advice own = {
		.text = "Give the directory to uid {uid} in an init container that runs as root: "
			"fsGroup does not apply to hostPath volumes.",
		"initContainers:\n  - name: chown-volume\n    image: busybox\n"
		"    command: [chown, \"{uid}\", {mount}]\n    securityContext:\n"
		"      runAsUser: 0\n    volumeMounts:\n      - name: {volume}\n"
		"        mountPath: {mount}\n",
	};
	static const struct advice another = {
		.text = "Let the hostPath name a directory of the program's own, such as {other}, "
			"and give that to uid {uid} on the node: {value} is the node's, and "
			"fsGroup does not apply to hostPath volumes.",
		"volumes:\n  - name: {volume}\n    hostPath:\n      path: {other}\n"
		"      type: DirectoryOrCreate\n",
	};
	char below[600];

	snprintf(below, sizeof(below), "%.500s/app", strcmp(source, "/") ? source : "/var/lib");
	b->other = below;
	b->value = source;
	recommend(r, is_the_nodes(source) ? &another : &own, b);
}

void advise_host_path(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice by_group = {
		.text = "Give the container the group that owns it on the node: fsGroup does not "
			"apply to hostPath volumes.",
		"securityContext:\n  supplementalGroups: [{group}]\n",
	};
	const struct path_facts *facts = known_facts(f);
	const struct file_facts *asked = !facts            ? NULL
					 : is_there(facts) ? &facts->file
							   : &facts->directory;

	/* The node does not tell what the pod calls it. */
	if (!*b->volume)
		b->volume = "VOLUME";
	if (asked && asked->gid &&
		(asked->mode & (call_creates(f) || asked->type == FILE_SOCKET ? 0020 : 0040)))
		recommend(r, &by_group, b);
	else if (is_there(facts))
		advise_nodes_file(r, facts, b);
	else
		advise_nodes_directory(r, mount_of(r->q, f)->source, b);
}
