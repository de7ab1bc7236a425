// SPDX-License-Identifier: MIT
#include "diagnose/advice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

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
struct phrase phrase_yaml(const char *text)
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

struct phrase directory_of_path(const char *path)
{
	struct phrase p;

	snprintf(p.text, sizeof(p.text), "%s", path);
	char *slash = strrchr(p.text, '/');
	if (slash)
		slash[slash == p.text] = '\0';
	return p;
}

bool mount_is_image(const struct mount *m)
{
	return m->kind == MOUNT_ROOTFS || m->kind == MOUNT_NONE || !strcmp(m->destination, "/");
}

bool mount_is_volume(const struct mount *m)
{
	return mount_holds_keys(m) || m->kind == MOUNT_EMPTYDIR || m->kind == MOUNT_PVC ||
	       m->kind == MOUNT_HOSTPATH;
}

const char *mount_field(const struct mount *m)
{
	switch (m->kind) {
	case MOUNT_CONFIGMAP:
		return "configMap";
	case MOUNT_SECRET:
		return "secret";
	case MOUNT_PROJECTED:
		return "projected";
	default:
		return "";
	}
}

const char *mount_key(const struct mount *m, const char *file)
{
	size_t len = strlen(m->destination);

	return !strncmp(file, m->destination, len) && file[len] == '/' ? file + len + 1
								       : path_name(file);
}

/* A shell stood above it, or somebody else went on after it. */
static bool is_scripted(const struct failure *f)
{
	if (program_is_shell(f->exec) || (f->led_to && f->led_to->process != f->process))
		return true;
	for (const struct process *p = f->process ? f->process->parent : NULL; p; p = p->parent)
		if (program_is_shell(p->exec))
			return true;
	return false;
}

void advise_visible_errors(struct report *r, const struct failure *f)
{
	advise_here(r, f);
	bool ignored = f->led_to || !r->q->ended || r->q->stop;

	if (ignored && is_scripted(f))
		report_recommend(r,
			"Let the script stop at the first failure (`set -e`), and do not "
			"send its errors to /dev/null.");
}

void advise_shm(struct report *r)
{
	report_recommend(r,
		"Give /dev/shm more room: it has 64 MiB, unless a memory-backed emptyDir is "
		"mounted there (which counts as memory of the container).");
	manifest_container(r, "    volumeMounts:\n      - name: shm\n        mountPath: /dev/shm\n"
			      "volumes:\n  - name: shm\n    emptyDir:\n      medium: Memory\n");
}
