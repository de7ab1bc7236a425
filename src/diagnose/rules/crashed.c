// SPDX-License-Identifier: MIT
#include <signal.h>

#include "diagnose/advice.h"
#include "diagnose/rules.h"
#include "util/cleanup.h"

static const struct fate {
	int signo;
	const char *what;
} fates[] = {
	{ SIGSEGV, "it used memory that is not its own (or it is the container's first process and "
		   "called abort: "
		   "SIGABRT does not end that one)" },
	{ SIGABRT, "it gave up by itself (abort), as after a failed assertion or an uncaught "
		   "exception" },
	{ SIGBUS, "it used memory that had no page behind it, as when /dev/shm or a mapped file is "
		  "full" },
	{ SIGILL, "it ran an instruction that this processor does not have" },
	{ SIGFPE, "it divided by zero or the like" },
	{ SIGTRAP, "it ran into a trap" },
};

static const struct fate *fate_of(int signo)
{
	for (size_t i = 0; i < ARRAY_SIZE(fates); i++)
		if (fates[i].signo == signo)
			return &fates[i];
	return NULL;
}

/* By the signal itself, or as a shell hands it on. */
static int fatal_signal(const struct process *p)
{
	int signo = status_signal(p->status), code = status_exit_code(p->status);

	if (!signo && code > 128 && code < 128 + 32)
		signo = code - 128;
	return fate_of(signo) ? signo : 0;
}

static bool match(const struct inquiry *q, struct verdict *v)
{
	for (size_t i = 0; i < q->n_processes; i++) {
		const struct suspect *s = &q->suspects[i];
		bool by_signal = status_signal(s->process->status) != 0;
		double score = s->blame * (by_signal ? 0.92 : 0.6);
		if (!s->process->ended_at || !fatal_signal(s->process) || score <= v->score)
			continue;
		v->score = score;
		v->suspect = s;
	}
	if (!v->suspect)
		return false;
	v->line = words_last(&v->suspect->words);
	return true;
}

static void tell(const struct inquiry *q, const struct verdict *v, struct report *r)
{
	const struct process *p = v->suspect->process;
	int signo = fatal_signal(p);
	const char *name = signal_name(signo);

	report_title(r, "Crash: %s was ended by %s", p->comm, name);
	report_say(
		r, "%s crashed with %s: %s.", phrase_process(p).text, name, fate_of(signo)->what);
	if (v->line)
		report_say(r, "Its last words: \"%.300s\".", v->line);
	if (p != q->first && q->ended)
		report_say(r, "The container ended after it, with exit code %d.", q->exit_code);
	report_culprit(r, p->exit);
	report_event(r, p->exit, "%s was ended by %s", phrase_process(p).text, name);
	report_quote(r, p, v->line);
	switch (signo) {
	case SIGILL:
		report_mend(r, "Use a build of the program for older processors (without AVX, "
			       "say), or nodes that have "
			       "the instruction.");
		break;
	case SIGBUS:
		report_mend(r, "Give /dev/shm more room: it has 64 MiB unless a memory-backed "
			       "emptyDir is mounted there.");
		manifest_container(r, "    volumeMounts:\n      - name: shm\n        mountPath: "
				      "/dev/shm\nvolumes:\n"
				      "  - name: shm\n    emptyDir:\n      medium: Memory\n");
		break;
	default:
		report_mend(r, "It is the program's own fault: look for a known bug of this "
			       "version, or try the one before.");
		report_mend(r, "Save a core dump (node: kernel.core_pattern) and read the stack "
			       "with gdb.");
	}
}

const struct rule rule_crashed = {
	.match = match,
	.tell = tell,
};
