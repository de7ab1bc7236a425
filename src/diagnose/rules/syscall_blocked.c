// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"

/* Anybody may, unless a sysctl of the node or a filter says no. */
static bool makes_user_namespace(const struct event *e)
{
	return e->call_args[0] & CLONE_NEWUSER;
}

/* Calls that need no right at all: who refuses them with EPERM is a filter. */
static bool never_refused(const struct failure *f)
{
	static const char *const calls[] = { "mkdir", "open", "creat", "stat", "lstat",
		"newfstatat", "statx", "access", "faccessat", "pipe2", "fork", "vfork",
		"memfd_create", "io_uring_setup", "inotify", "listen", "accept", "flock", "read",
		"write", "fallocate", "chdir", "getcwd", "symlink", "bind", "keyctl", "add_key",
		"request_key", "io_setup", "semget", "msgget", "set_mempolicy", "mbind",
		"personality" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (call_is(f, calls[i]))
			return !strstr(f->event->flags, "O_NOATIME");
	/* A user namespace needs no right at all, other namespaces need CAP_SYS_ADMIN. */
	if (call_is(f, "unshare"))
		return makes_user_namespace(f->event);
	/* Threads and processes need nothing. */
	if (call_is(f, "clone"))
		return !strstr(f->event->flags, "CLONE_NEW") || makes_user_namespace(f->event);
	return call_is(f, "socket") && f->event->family != 16 && f->event->family != 17 &&
	       f->event->sock_type != 3;
}

/* Refused what owner or capability allow. chown is left out: a network file system may refuse root too. */
static bool refused_all_the_same(const struct context *q, const struct failure *f)
{
	const struct path_facts *facts = f->event->facts;
	int capability = capability_wanted(f);

	if ((call_is(f, "chmod") || call_is(f, "fchmod")) && facts && facts->known)
		return facts->file.type != FILE_MISSING && facts->file.uid == f->event->uid;
	return capability >= 0 && !call_owns(f) && capability_held(q, f->event, capability);
}

/* Devices are kept back by their cgroup, which no profile changes. */
static bool is_device(const struct event *e)
{
	return e->facts && e->facts->known &&
	       (e->facts->file.type == FILE_CHAR_DEVICE ||
		       e->facts->file.type == FILE_BLOCK_DEVICE);
}

/* A file system may refuse a write with EPERM too (an immutable file): only a filter refuses all else. */
static bool blocked(const struct context *q, const struct failure *f)
{
	bool filtered = f->event && f->event->process.known
				? f->event->process.seccomp == 2
				: q->container->seccomp || !q->container->described;

	if (!f->event || f->event->kind == EVENT_EXEC_FAILED || !filtered || is_device(f->event))
		return false;
	if (f->error == ENOSYS)
		return f->line != NULL;
	return f->error == EPERM && (never_refused(f) || refused_all_the_same(q, f));
}

static bool match_signal(const struct context *q, struct verdict *v)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct candidate *s = &q->candidates[i];
		int code = s->process->ended_at ? status_exit_code(s->process->status) : 0;
		struct verdict one = *v;
		rule_process(&one, s,
			status_signal(s->process->status) ? CLUE_sigsys : CLUE_sigsys_status);
		if (code == 128 + SIGSYS && s->responsible &&
			(!v->candidate || one.clues.total > v->clues.total))
			*v = one;
	}
	return v->candidate != NULL;
}

static bool match(const struct context *q, struct verdict *v)
{
	return match_signal(q, v) || rule_failure(q, v, blocked);
}

/* Calls younger than many runtimes: their default profile does not know them, and libseccomp has no number for them. */
static bool is_young(const struct failure *f)
{
	static const char *const calls[] = { "clone3", "faccessat2", "close_range", "openat2",
		"io_uring", "epoll_pwait2", "rseq", "statx", "fchmodat2", "futex_waitv", "mseal",
		"cachestat", "landlock", "memfd_secret", "process_mrelease", "map_shadow_stack" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (call_is(f, calls[i]))
			return true;
	return false;
}

/* Calls that the default profiles of containerd, CRI-O and Docker refuse, and the capability with which they allow them. */
static const struct refused_by_default {
	const char *call,
		*capability; /* NULL: none, or one that is no less than root on the node */
} refused_by_default[] = {
	{ "set_mempolicy", "SYS_NICE" },
	{ "get_mempolicy", "SYS_NICE" },
	{ "mbind", "SYS_NICE" },
	{ "move_pages", "SYS_NICE" },
	{ "io_uring", NULL },
	{ "personality", NULL },
	{ "unshare", NULL },
	{ "setns", NULL },
	{ "keyctl", NULL },
	{ "add_key", NULL },
	{ "request_key", NULL },
	{ "userfaultfd", NULL },
	{ "perf_event_open", NULL },
	{ "bpf", NULL },
};

static const struct refused_by_default *refusal_by_default(const struct failure *f)
{
	static const struct refused_by_default namespaces = { "clone", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(refused_by_default); i++)
		if (call_is(f, refused_by_default[i].call))
			return &refused_by_default[i];
	return call_is(f, "clone") && strstr(f->event->flags, "CLONE_NEW") ? &namespaces : NULL;
}

/* What helps depends on whose list it is: the runtime's default one refuses some calls on purpose, and is older than others. */
static void advise(const struct failure *f, struct report *r)
{
	static const struct advice default_allows = {
		.text = "Use the runtime's default seccomp profile, which allows {name}, or allow "
			"it in the profile that this container has.",
		"{list}:\n  - name: {container}\n    securityContext:\n      seccompProfile:\n"
		"        type: RuntimeDefault\n",
	};
	static const struct advice default_refuses = {
		.text = "Give the container a seccomp profile that allows {name}, as a file on the "
			"node (below the kubelet's directory seccomp): the default one of today's "
			"runtimes refuses it.",
		"{list}:\n  - name: {container}\n    securityContext:\n      seccompProfile:\n"
		"        type: Localhost\n        localhostProfile: profiles/app.json\n",
	};
	static const struct advice do_without = {
		.text = "Or let the program do without {name}: many have a setting for it.",
	};
	static const struct advice newer = {
		.text = "Update containerd or CRI-O, runc and libseccomp on the node: {name} is "
			"newer than the list of calls that an older default profile allows.",
	};
	static const struct advice own_list = {
		.text = "Or, where the container has a seccomp profile of its own "
			"(seccompProfile: Localhost), add {name} to the calls that it allows.",
	};
	static const struct advice killed = {
		.text = "Allow the call in the container's seccomp profile: the node's log has its "
			"number (`dmesg | grep type=1326`, syscall=). Or use the runtime's default "
			"profile, which kills nobody.",
		"{list}:\n  - name: {container}\n    securityContext:\n      seccompProfile:\n"
		"        type: RuntimeDefault\n",
	};
	static const struct advice capability = {
		.text = "Give the container the capability {value}: with it the runtime's default "
			"seccomp profile allows {name}.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n"
		"        add: [{value}]\n",
	};
	const struct refused_by_default *by_default = f ? refusal_by_default(f) : NULL;
	struct blanks b = { .name = f ? f->event->syscall : NULL,
		.value = by_default ? by_default->capability : NULL };

	if (!f) {
		recommend(r, &killed, &b);
	} else if (by_default) {
		recommend(r, &capability, &b);
		recommend(r, &default_refuses, &b);
		recommend(r, &do_without, &b);
	} else if (is_young(f)) {
		recommend(r, &newer, &b);
		recommend(r, &own_list, &b);
	} else {
		recommend(r, &default_allows, &b);
	}
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure;

	if (f) {
		report_title(r, "System call blocked: %s may not call %s", phrase_name(f).text,
			f->event->syscall);
		report_sentence(r,
			"%s wanted to %s with the system call %s and was answered \"%s\", which "
			"the kernel itself would not do here: a seccomp profile blocks the call.",
			phrase_who(f).text, phrase_attempt(f).text, f->event->syscall,
			errno_text(f->error));
		report_consequence(r, f);
		report_failure(r, f);
	} else {
		const struct process *p = v->candidate->process;
		report_title(r, "System call blocked: %s was killed with SIGSYS",
			phrase_process_name(p).text);
		report_sentence(r,
			"%s made a system call that the container's seccomp profile forbids, and "
			"was killed for it with SIGSYS.",
			phrase_process(p).text);
		if (q->failed)
			report_sentence(r, "The container ended with exit code %d.", q->exit_code);
		report_culprit(r, p->exit);
		report_event(r, p->exit, "%s was killed by the seccomp filter (SIGSYS)",
			phrase_process(p).text);
	}
	advise(f, r);
}

const struct rule rule_syscall_blocked = {
	.match = match,
	.explain = explain,
};
