// SPDX-License-Identifier: MIT
#include "diagnose/advice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *container_name(const struct report *r)
{
	const struct container *c = r->q->container;

	return *c->k8s_container ? c->k8s_container : *c->name ? c->name : "app";
}

void manifest_container(struct report *r, const char *lines)
{
	report_manifest(r, "containers:\n  - name: %s\n%s", container_name(r), lines);
}

/* A path as a YAML string: a container may choose any bytes for it. */
static struct phrase yaml(const char *text)
{
	struct phrase p = { "\"" };
	size_t n = 1;

	for (const char *s = text; *s && n < sizeof(p.text) - 8; s++) {
		if (*s == '"' || *s == '\\')
			p.text[n++] = '\\';
		p.text[n++] = (unsigned char)*s < ' ' ? '?' : *s;
	}
	p.text[n++] = '"';
	return p;
}

void manifest_empty_dir(struct report *r, const char *folder)
{
	report_manifest(r,
		"containers:\n  - name: %s\n    volumeMounts:\n      - name: writable\n        "
		"mountPath: %s\n"
		"volumes:\n  - name: writable\n    emptyDir: {}\n",
		container_name(r), yaml(folder).text);
}

struct phrase folder_of_path(const char *path)
{
	struct phrase p;

	snprintf(p.text, sizeof(p.text), "%s", path);
	char *slash = strrchr(p.text, '/');
	if (slash)
		slash[slash == p.text] = '\0';
	return p;
}

static bool always_read_only(const struct mount *m)
{
	return m->kind == MOUNT_CONFIGMAP || m->kind == MOUNT_SECRET || m->kind == MOUNT_PROJECTED;
}

void advise_writable(struct report *r, const struct failure *f)
{
	const struct mount *m = mount_of(r->q, f);
	const char *folder = f->event && f->event->facts && *f->event->facts->folder_path
				     ? f->event->facts->folder_path
				     : NULL;
	struct phrase parent = folder_of_path(f->path);

	if (always_read_only(m)) {
		report_mend(r,
			"Mount the %s somewhere else (say /config), put an emptyDir at %s, and "
			"copy into that "
			"one: a %s volume can never be written.",
			mount_title(m->kind), m->destination, mount_title(m->kind));
		manifest_empty_dir(r, m->destination);
		return;
	}
	if (m->kind == MOUNT_ROOTFS || !strcmp(m->destination, "/")) {
		report_mend(r,
			"Mount an emptyDir over %s, so that the rest of the image can stay "
			"read-only.",
			folder && strcmp(folder, "/") ? folder : parent.text);
		manifest_empty_dir(r, folder && strcmp(folder, "/") ? folder : parent.text);
		report_mend(r, "Or let the container write to its own root file system.");
		manifest_container(
			r, "    securityContext:\n      readOnlyRootFilesystem: false\n");
		return;
	}
	report_mend(r, "Mount the volume at %s without readOnly, or write somewhere else.",
		m->destination);
	if (*m->name)
		report_manifest(r,
			"containers:\n  - name: %s\n    volumeMounts:\n      - name: %s\n        "
			"mountPath: %s\n"
			"        readOnly: false\n",
			container_name(r), m->name, m->destination);
}

static void advise_fs_group(struct report *r, const struct failure *f, const struct mount *m)
{
	uint32_t gid = f->event && f->event->gid ? f->event->gid : 1000;

	report_mend(r,
		"Set fsGroup for the pod: the kubelet then gives the %s to that group, and every "
		"container "
		"of the pod is in it%s.",
		mount_title(m->kind),
		m->subpath ? " (a subPath folder that the kubelet made itself stays root's: leave "
			     "subPath out)"
			   : "");
	report_manifest(r, "securityContext:\n  fsGroup: %u\n", gid);
}

void advise_access(struct report *r, const struct failure *f)
{
	const struct mount *m = mount_of(r->q, f);
	uint32_t uid = f->event ? f->event->uid : 0;

	switch (m->kind) {
	case MOUNT_SECRET:
	case MOUNT_CONFIGMAP:
	case MOUNT_PROJECTED:
		advise_fs_group(r, f, m);
		report_mend(r,
			"Or let everybody in the container read it: defaultMode 0444 for the %s.",
			mount_title(m->kind));
		if (m->kind == MOUNT_SECRET && *m->name)
			report_manifest(r,
				"volumes:\n  - name: %s\n    secret:\n      defaultMode: 0444\n",
				m->name);
		return;
	case MOUNT_PVC:
	case MOUNT_EMPTYDIR:
	case MOUNT_TMPFS:
	case MOUNT_OTHER:
		advise_fs_group(r, f, m);
		report_mend(r,
			"Or give the folder to uid %u in an init container that runs as root "
			"(chown).",
			uid);
		return;
	case MOUNT_HOSTPATH:
		report_mend(r, "hostPath volumes ignore fsGroup: change owner or mode of the "
			       "folder on the "
			       "node, or in an init container that runs as root.");
		report_manifest(r,
			"initContainers:\n  - name: own\n    image: busybox\n    command: [chown, "
			"\"%u\", %s]\n"
			"    securityContext:\n      runAsUser: 0\n",
			uid, m->destination);
		return;
	default:
		report_mend(r, "Give %s to uid %u in the image (RUN chown %u, or COPY --chown=%u).",
			folder_of_path(f->path).text, uid, uid, uid);
		if (call_creates(f)) {
			report_mend(r, "Or mount an emptyDir there: every uid may write to it.");
			manifest_empty_dir(r, folder_of_path(f->path).text);
		}
	}
}

void advise_loud(struct report *r, const struct failure *f)
{
	bool swallowed = f->led_to || !r->q->ended || r->q->stop;

	if (swallowed)
		report_mend(r, "Let the script stop at the first failure (`set -e`), and do not "
			       "send its errors "
			       "to /dev/null.");
}
