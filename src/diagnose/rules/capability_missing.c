// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

/* Which capability a call wants when it is refused. */
static const struct want {
	const char *call;
	int capability;
	const char *name;
	const char *instead;
} wants[] = {
	{ "chown", CAP_CHOWN, "CHOWN",
		"leave the chown out: fsGroup, or COPY --chown in the image, does without" },
	{ "lchown", CAP_CHOWN, "CHOWN",
		"leave the chown out: fsGroup, or COPY --chown in the image, does without" },
	{ "fchown", CAP_CHOWN, "CHOWN",
		"leave the chown out: fsGroup, or COPY --chown in the image, does without" },
	{ "chmod", CAP_FOWNER, "FOWNER", "set the mode when the image is built" },
	{ "fchmod", CAP_FOWNER, "FOWNER", "set the mode when the image is built" },
	{ "utimensat", CAP_FOWNER, "FOWNER", "copy without keeping times (`cp` without -p or -a)" },
	{ "setuid", CAP_SETUID, "SETUID",
		"run as the final user from the start (runAsUser), without gosu or su-exec" },
	{ "setresuid", CAP_SETUID, "SETUID",
		"run as the final user from the start (runAsUser), without gosu or su-exec" },
	{ "setgid", CAP_SETGID, "SETGID", "run as the final group from the start (runAsGroup)" },
	{ "setresgid", CAP_SETGID, "SETGID", "run as the final group from the start (runAsGroup)" },
	{ "setgroups", CAP_SETGID, "SETGID",
		"run as the final user from the start (runAsUser), without gosu or su-exec" },
	{ "capset", CAP_SETPCAP, "SETPCAP", "leave capabilities as they are" },
	{ "mount", CAP_SYS_ADMIN, "SYS_ADMIN", "let Kubernetes mount it, as a volume" },
	{ "umount", CAP_SYS_ADMIN, "SYS_ADMIN", "leave the mounts to Kubernetes" },
	{ "chroot", CAP_SYS_CHROOT, "SYS_CHROOT", "run without chroot" },
	{ "mknod", CAP_MKNOD, "MKNOD", "have the device mounted" },
	{ "unshare", CAP_SYS_ADMIN, "SYS_ADMIN", "do without name spaces of its own" },
	{ "setns", CAP_SYS_ADMIN, "SYS_ADMIN", "stay in the container's own name spaces" },
	{ "sethostname", CAP_SYS_ADMIN, "SYS_ADMIN", "set hostname in the pod spec" },
	{ "ptrace", CAP_SYS_PTRACE, "SYS_PTRACE", "run without a debugger or tracer" },
	{ "setpriority", CAP_SYS_NICE, "SYS_NICE", "leave the priority as it is" },
	{ "sched_set", CAP_SYS_NICE, "SYS_NICE", "run without real-time priority" },
	{ "clock_settime", CAP_SYS_TIME, "SYS_TIME", "let the node keep the time" },
	{ "mlock", CAP_IPC_LOCK, "IPC_LOCK",
		"switch the locking of memory off (disable_mlock in Vault)" },
	{ "prlimit64", CAP_SYS_RESOURCE, "SYS_RESOURCE", "do not raise limits at the start" },
	{ "socket", CAP_NET_RAW, "NET_RAW", "do without raw sockets" },
};

static const struct want *want_of(const struct failure *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(wants); i++)
		if (call_is(f, wants[i].call))
			return &wants[i];
	return NULL;
}

int capability_wanted(const struct failure *f)
{
	const struct want *want = f->event ? want_of(f) : NULL;

	return want ? want->capability : -1;
}

static bool has(const struct container *c, int capability)
{
	return c->described && (c->capabilities >> capability & 1);
}

/* Root without DAC_OVERRIDE is refused like anybody else. */
static bool overridden_once(const struct context *q, const struct failure *f)
{
	return f->event && f->error == EACCES && f->event->uid == 0 &&
	       f->event->kind == EVENT_FILE_ERROR && q->container->described &&
	       !has(q->container, CAP_DAC_OVERRIDE) && !failure_is_copy(q, f);
}

/* Only root expects to change owners; anybody else has simply no business there. */
static bool about_files(const struct failure *f)
{
	return call_is(f, "chown") || call_is(f, "lchown") || call_is(f, "fchown") ||
	       call_is(f, "chmod") || call_is(f, "fchmod") || call_is(f, "utimensat");
}

static bool lacks(const struct context *q, const struct failure *f)
{
	const struct want *want = want_of(f);

	if (overridden_once(q, f))
		return true;
	bool denied = f->error == EPERM || (f->error == ENOMEM && call_is(f, "mlock")) ||
		      (f->error == EACCES && call_is(f, "setpriority"));
	if (!want || !denied || failure_is_copy(q, f))
		return false;
	if (about_files(f) && f->event->uid != 0)
		return false;
	return !has(q->container, want->capability) || f->event->uid != 0;
}

static const struct want network = { "", CAP_NET_ADMIN, "NET_ADMIN",
	"leave the pod's network to the CNI plugin" };
static const struct want kernel_module = { "", CAP_SYS_MODULE, "SYS_MODULE",
	"load modules on the node" };
static const struct want kernel_log = { "", CAP_SYSLOG, "SYSLOG",
	"read the kernel's log on the node" };
static const struct want node_clock = { "", CAP_SYS_TIME, "SYS_TIME",
	"let the node keep the time" };

/* Tools that ask the kernel by netlink or ioctl, so that only their words tell of a refusal. */
static const struct tool {
	const char *program;
	const struct want *want;
} tools[] = {
	{ "ip", &network },
	{ "ifconfig", &network },
	{ "route", &network },
	{ "iptables", &network },
	{ "ip6tables", &network },
	{ "xtables-nft-mul", &network },
	{ "nft", &network },
	{ "ipset", &network },
	{ "tc", &network },
	{ "wg", &network },
	{ "ethtool", &network },
	{ "modprobe", &kernel_module },
	{ "insmod", &kernel_module },
	{ "dmesg", &kernel_log },
	{ "hwclock", &node_clock },
};

static const struct want *want_of_tool(const struct event *exec)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!strcmp(program_name(exec), tools[i].program))
			return tools[i].want;
	return NULL;
}

static bool reports_refusal(const char *line)
{
	return strcasestr(line, "not permitted") || strcasestr(line, "permission denied") ||
	       strcasestr(line, "must be root");
}

static bool refused_a_tool(const struct context *q, struct verdict *v)
{
	if (!rule_log_line(q, v, reports_refusal))
		return false;
	clues_add(&v->clues, CLUE_refused_tool);
	const struct want *want = want_of_tool(v->candidate->process->exec);
	return want && !has(q->container, want->capability);
}

static bool match(const struct context *q, struct verdict *v)
{
	return rule_failure(q, v, lacks) || refused_a_tool(q, v);
}

static void advise(const struct want *want, struct report *r)
{
	/* Who becomes another user changes groups and user, one after the other. */
	bool becomes = want->capability == CAP_SETUID || want->capability == CAP_SETGID;
	char lines[200];

	report_recommend(r, "Best: %s.", want->instead);
	report_recommend(
		r, becomes ? "Or give the container both capabilities that a change of user takes."
			   : "Or give the container the capability.");
	snprintf(lines, sizeof(lines),
		"    securityContext:\n      capabilities:\n        add: [%s]\n",
		becomes ? "SETGID, SETUID" : want->name);
	manifest_container(r, lines);
}

static void explain_tool(const struct verdict *v, struct report *r)
{
	const struct process *p = v->candidate->process;
	const struct want *want = want_of_tool(p->exec);

	report_title(
		r, "Capability missing: %s needs CAP_%s", phrase_process_name(p).text, want->name);
	report_sentence(r,
		"`%.200s` was refused by the kernel: that takes the capability %s, which the "
		"container "
		"was not given.",
		phrase_command(p).text, want->name);
	report_culprit(r, p->exit);
	report_quote(r, p, v->line);
	advise(want, r);
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	static const struct want dac = { "", CAP_DAC_OVERRIDE, "DAC_OVERRIDE",
		"give the file or folder to the user that the container runs as" };
	const struct failure *f = v->failure;

	if (!f) {
		explain_tool(v, r);
		return;
	}
	const struct want *want = overridden_once(q, f) ? &dac : want_of(f);
	struct phrase owner = phrase_owner(f);

	report_title(r, "Capability missing: %s needs CAP_%s", phrase_name(f).text, want->name);
	report_sentence(r, "%s could not %s: that takes the capability %s, which %s.",
		phrase_who(f).text, phrase_attempt(f).text, want->name,
		f->event->uid ? "the container does not give to a process that is not root"
			      : "the container was not given");
	if (*owner.text && f->event->kind == EVENT_FILE_ERROR)
		report_sentence(r, "%s.", owner.text);
	report_consequence(r, f);
	report_failure(r, f);
	advise(want, r);
}

const struct rule rule_capability_missing = {
	.match = match,
	.explain = explain,
};
