// SPDX-License-Identifier: MIT
/*
 * Owner and mode (EACCES, EPERM). What helps depends on who sets them: the kubelet for volumes of the pod
 * (fsGroup, defaultMode), the image for its own files, the node for hostPath.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/advice_access.h"
#include "diagnose/text/places.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

#define STICKY 01000

const struct path_facts *known_facts(const struct failure *f)
{
	return f->event && f->event->facts && f->event->facts->known ? f->event->facts : NULL;
}

bool is_there(const struct path_facts *facts)
{
	return facts && facts->file.type != FILE_MISSING && facts->file.type != FILE_UNKNOWN;
}

bool changes_owner(const struct failure *f)
{
	return call_is(f, "chown") || call_is(f, "fchown") || call_is(f, "lchown");
}

bool changes_mode(const struct failure *f)
{
	return call_is(f, "chmod") || call_is(f, "fchmod");
}

static struct blanks blanks_of(const struct report *r, const struct failure *f)
{
	const struct mount *m = mount_of(r->q, f);
	const struct path_facts *facts = known_facts(f);
	struct blanks b = { .path = f->path,
		.mount = m->destination,
		.volume = m->name,
		.kind = mount_title(m->kind),
		.field = mount_field(m),
		.uid = f->event ? f->event->uid : r->q->container->uid };

	b.gid = f->event && f->event->gid ? f->event->gid : b.uid ? b.uid : 1000;
	if (facts) {
		b.owner = is_there(facts) ? facts->file.uid : facts->directory.uid;
		b.group = is_there(facts) ? facts->file.gid : facts->directory.gid;
	}
	return b;
}

/* ConfigMap, Secret, projected: mounted read-only, so no mode lets anybody write there. */
static void advise_keys(struct report *r, const struct failure *f, const struct blanks *b)
{
	static const struct advice group = {
		.text = "Set fsGroup for the pod: the {kind} then belongs to group {gid}, which "
			"every container is in.",
		"securityContext:\n  fsGroup: {gid}\n",
	};
	static const struct advice mode = {
		.text = "Or let every user of the container read it: defaultMode 0444 for the "
			"{kind}.",
		"volumes:\n  - name: {volume}\n    {field}:\n      defaultMode: 0444\n",
	};

	if (call_creates(f) || call_asks_to_write(f)) {
		advise_writable(r, f);
		return;
	}
	recommend(r, &group, b);
	recommend(r, &mode, b);
}

static void advise_fs_group(struct report *r, const struct mount *m, const struct blanks *b)
{
	static const struct advice group = {
		.text = "Set fsGroup for the pod: the {kind} then belongs to group {gid}, which "
			"every container is in[{other}].",
		"securityContext:\n  fsGroup: {gid}\n",
	};
	struct blanks all = *b;

	if (m->subpath)
		all.other = ". A subPath directory that the kubelet made itself stays root's: "
			    "leave subPath out";
	recommend(r, &group, &all);
}

/* A share of another machine: its owners are set there, or by options of the mount. */
static bool advise_share(struct report *r, const struct failure *f, const struct blanks *b)
{
	static const struct advice cifs = {
		.text = "Set uid, gid, file_mode and dir_mode in the mountOptions of the "
			"PersistentVolume or "
			"StorageClass (uid={uid}, gid={gid}): a CIFS share takes owner and mode "
			"from there, and "
			"fsGroup does not change them.",
	};
	static const struct advice nfs = {
		.text = "Run the container as uid {owner}, which owns it on the file server, or "
			"change the owner "
			"there: fsGroup does not reach most NFS volumes.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	const struct path_facts *facts = known_facts(f);
	const char *type = facts ? facts->filesystem.type : "";

	if (!strncmp(type, "cifs", 4) || !strncmp(type, "smb", 3))
		return recommend(r, &cifs, b);
	if (!strncmp(type, "nfs", 3) && b->owner && b->uid)
		return recommend(r, &nfs, b);
	return false;
}

/* Root itself is refused: a file server maps it to somebody else. */
static void advise_squashed(struct report *r, const struct failure *f, const struct blanks *b)
{
	static const struct advice no_chown = {
		.text = "Leave out the chown, and run the container as the user that owns the "
			"files on the "
			"server: servers such as NFS do not let root change owners (root_squash).",
	};
	static const struct advice owner = {
		.text = "Run the container as uid {owner}, the owner on the file server: servers "
			"such as NFS "
			"treat root as nobody (root_squash).",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	static const struct advice server = {
		.text = "Change owner or mode on the file server: NFS treats root as nobody.",
	};

	if (changes_owner(f))
		recommend(r, &no_chown, b);
	else if (b->owner)
		recommend(r, &owner, b);
	recommend(r, &server, b);
}

/* Only the owner changes a mode, and fsGroup leaves the owner as it is. */
static void advise_ownership(struct report *r, const struct mount *m, const struct blanks *b)
{
	static const struct advice give = {
		.text = "Give the volume to uid {uid} in an init container that runs as root: only "
			"the owner "
			"may change a mode, and fsGroup does not change the owner.",
		"initContainers:\n  - name: chown-volume\n    image: busybox\n"
		"    command: [chown, \"{uid}\", {mount}]\n    securityContext:\n"
		"      runAsUser: 0\n    volumeMounts:\n      - name: {volume}\n"
		"        mountPath: {mount}\n",
	};
	static const struct advice inside = {
		.text = "Or let the program use a sub-directory of {mount}, which it creates and "
			"owns itself (for "
			"PostgreSQL, the variable PGDATA).",
	};

	if (*m->name)
		recommend(r, &give, b);
	recommend(r, &inside, b);
}

static void advise_claim(
	struct report *r, const struct failure *f, const struct mount *m, const struct blanks *b)
{
	static const struct advice no_chown = {
		.text = "Leave out the chown: only root may change owners. With fsGroup the volume "
			"belongs to group {gid}, which every container is in.",
		"securityContext:\n  fsGroup: {gid}\n",
	};
	static const struct advice as_owner = {
		.text = "Or run the container as uid {owner}, to which it belongs.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};
	static const struct advice init = {
		.text = "Or give it to uid {uid} in an init container that runs as root.",
		"initContainers:\n  - name: chown-volume\n    image: busybox\n"
		"    command: [chown, \"{uid}\", {mount}]\n    securityContext:\n"
		"      runAsUser: 0\n    volumeMounts:\n      - name: {volume}\n"
		"        mountPath: {mount}\n",
	};
	const struct path_facts *facts = known_facts(f);

	if (!b->uid && f->event) {
		advise_squashed(r, f, b);
		return;
	}
	if (advise_share(r, f, b))
		return;
	if (changes_mode(f)) {
		advise_ownership(r, m, b);
		return;
	}
	if (changes_owner(f))
		recommend(r, &no_chown, b);
	else
		advise_fs_group(r, m, b);
	if (changes_owner(f))
		return;
	if (facts && b->owner && b->owner != b->uid)
		recommend(r, &as_owner, b);
	else if (*m->name)
		recommend(r, &init, b);
}

/* Made by another container of the pod, for its own user only: a group does not help there. */
static bool is_private(const struct failure *f)
{
	const struct path_facts *facts = known_facts(f);

	return is_there(facts) && facts->file.type == FILE_REGULAR &&
	       facts->file.uid != f->event->uid && !(facts->file.mode & 0040);
}

static void advise_scratch(
	struct report *r, const struct failure *f, const struct mount *m, const struct blanks *b)
{
	static const struct advice one_user = {
		.text = "Run the container that writes {path} and this one as the same user: uid "
			"{owner} wrote it, and only that one may read it.",
		"securityContext:\n  runAsUser: {uid}\n",
	};
	static const struct advice readable = {
		.text = "Or let the one that writes it give it to everybody[: `chmod a+r {path}`].",
	};

	static const struct advice mode = {
		.text = "Let uid {uid} enter and write {directory}, which a container of this pod "
			"made: `chmod u+rwx` where it belongs to uid {uid}, else run what makes it "
			"as the same user.",
	};
	struct phrase below;
	struct blanks all = *b;

	all.directory = below.text;
	if (is_private(f)) {
		recommend(r, &one_user, b);
		recommend(r, &readable, b);
	} else if (refused_further_down(f, &below)) {
		recommend(r, &mode, &all);
	} else {
		advise_claim(r, f, m, b);
	}
}

/* In a directory like /tmp only the owner may replace or remove what is there. */
static bool is_held(const struct failure *f)
{
	const struct path_facts *facts = known_facts(f);

	return is_there(facts) && f->event->uid && (facts->directory.mode & STICKY) &&
	       facts->file.uid != f->event->uid;
}

static bool advise_held(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice own_directory = {
		.text = "Remove {path} before the program starts, or mount an emptyDir at "
			"{directory}: uid "
			"{owner} made it, and in a directory with the sticky bit only the owner "
			"may replace "
			"or remove a file.",
		"{list}:\n  - name: {container}\n    volumeMounts:\n      - name: writable\n"
		"        mountPath: {directory}\nvolumes:\n  - name: writable\n    emptyDir: {}\n",
	};
	static const struct advice same_user = {
		.text = "Or run as uid {owner}, which made it.",
		"{list}:\n  - name: {container}\n    securityContext:\n      runAsUser: {owner}\n",
	};

	if (!is_held(f))
		return false;
	b->directory = f->event->facts->directory_path;
	recommend(r, &own_directory, b);
	if (b->owner)
		recommend(r, &same_user, b);
	return true;
}

static bool keeps_owner_out(const struct failure *f, const struct file_facts *file)
{
	uint32_t whole = file->type == FILE_DIRECTORY ? 0700 : 0600;

	return f->error == EACCES && f->event->uid && file->uid == f->event->uid && !*file->acl &&
	       (file->mode & whole) != whole;
}

/* Whom it belongs to already is given nothing by a group or another owner: the mode leaves the owner out. */
static bool advise_owners_mode(struct report *r, const struct failure *f, struct blanks *b)
{
	static const struct advice let_owner = {
		.text = "Let the owner of {directory} use it, by `chmod {value}` {other}: it "
			"belongs to uid {uid}, as which the program runs, and its mode keeps the "
			"owner out.",
	};
	const struct mount *m = mount_of(r->q, f);
	const char *path = NULL;
	const struct file_facts *file = file_that_refuses(f, &path);

	if (!mount_is_volume(m) || mount_holds_keys(m) || !file || !keeps_owner_out(f, file))
		return false;
	b->directory = path;
	b->value = file->type == FILE_DIRECTORY ? "u+rwx" : "u+rw";
	b->other = m->kind == MOUNT_HOSTPATH ? "on the node"
					     : "in the start script or an init container";
	return recommend(r, &let_owner, b);
}

void advise_module(struct report *r, const struct failure *f)
{
	static const struct advice apparmor = {
		.text = "Give the container an AppArmor profile that allows this, loaded on the "
			"node: owner and mode allow it, and {value} refuses it (`dmesg | grep "
			"DENIED` on the node shows it).",
		"{list}:\n  - name: {container}\n    securityContext:\n      appArmorProfile:\n"
		"        type: Localhost\n        localhostProfile: PROFILE\n",
	};
	static const struct advice selinux = {
		.text = "Give the file a label that containers may use[ (on the node: `chcon -t "
			"container_file_t {path}`)]: owner and mode allow it, so SELinux refuses "
			"it, as "
			"`ausearch -m avc` on the node shows.",
	};
	static const struct advice unknown = {
		.text = "Look for a denial by SELinux or AppArmor in the node's log (`dmesg | grep "
			"-i "
			"denied`): owner and mode of {path} allow it.",
	};
	static const struct advice way = {
		.text = "Let uid {uid} into every directory on the way to {path}[ (`namei -l "
			"{path}` "
			"shows their modes)]: owner and mode of {path} itself allow it.",
	};
	const char *label = f->event->label;
	struct blanks b = { .path = *f->path ? f->path : f->event->executable,
		.value = label,
		.uid = f->event->uid };

	if (!way_is_known(f)) {
		recommend(r, &way, &b);
		return;
	}
	recommend(r, strchr(label, ':') ? &selinux : *label ? &apparmor : &unknown, &b);
}

void advise_access(struct report *r, const struct failure *f)
{
	static const struct advice no_times = {
		.text = "Copy without keeping times and owners (`cp -r` instead of `cp -a` or `cp "
			"-p`, `tar "
			"--touch`, `rsync -r`): only the owner of {path} may set its times.",
	};
	const struct mount *m = mount_of(r->q, f);
	struct blanks b = blanks_of(r, f);

	if (!mount_is_volume(m) && advise_place(r, f, NEED_ACCESS))
		return;
	if (call_is(f, "utimensat") || call_is(f, "utime")) {
		recommend(r, &no_times, &b);
		return;
	}
	if (advise_access_list(r, f))
		return;
	if (mode_allows(f)) {
		advise_module(r, f);
		return;
	}
	if (advise_held(r, f, &b) || advise_socket(r, f, &b) || advise_owners_mode(r, f, &b))
		return;
	if (mount_holds_keys(m)) {
		advise_keys(r, f, &b);
		return;
	}
	switch (m->kind) {
	case MOUNT_EMPTYDIR:
		advise_scratch(r, f, m, &b);
		return;
	case MOUNT_PVC:
	case MOUNT_OTHER:
		advise_claim(r, f, m, &b);
		return;
	case MOUNT_HOSTPATH:
		advise_host_path(r, f, &b);
		return;
	default:
		advise_image_owner(r, f, &b);
	}
}
