// SPDX-License-Identifier: MIT
/*
 * An access control list that refuses. Neither the owner's group nor the mode decides then, and what usually mends it,
 * fsGroup and chmod, changes the list's mask alone.
 */
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/recommend.h"

bool advise_access_list(struct report *r, const struct failure *f)
{
	static const struct advice on_the_node = {
		.text = "Give uid {uid} `{value}` in the access control list of {target} on the "
			"node[: `setfacl -m u:{uid}:{value} {target}`]. The list decides, not "
			"owner and mode.",
	};
	static const struct advice set = {
		.text = "Give uid {uid} `{value}` in the access control list of {path}, in an init "
			"container that runs as root or where the files are kept[: `setfacl -m "
			"u:{uid}:{value} {path}`]. The list decides, not owner and mode.",
	};
	static const struct advice as_owner = {
		.text = "Or run the container as uid {owner}, to which it belongs.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	const char *path, *rights;
	const struct file_facts *file = list_that_refuses(f, &path, &rights);

	if (!file)
		return false;
	const struct mount *m = container_mount_of(r->q->container, path);
	bool of_node = m->kind == MOUNT_HOSTPATH && *m->source;
	struct phrase there = { "" };
	if (of_node)
		snprintf(there.text, sizeof(there.text), "%.300s%.300s", m->source,
			path + strlen(m->destination));
	struct blanks b = { .path = path,
		.target = there.text,
		.value = rights,
		.uid = f->event->uid,
		.owner = file->uid };

	recommend(r, of_node ? &on_the_node : &set, &b);
	if (b.owner && b.owner != b.uid)
		recommend(r, &as_owner, &b);
	return true;
}
