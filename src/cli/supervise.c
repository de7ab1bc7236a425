// SPDX-License-Identifier: MIT
#include "cli/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/source.h"
#include "cli/run_cgroup.h"
#include "sandbox/rights.h"
#include "util/cleanup.h"
#include "util/log.h"

struct supervisor {
	struct loop *loop;
	struct source *source;
	struct run_cgroup *run_cgroup;
	struct container *container;
	sigset_t mask; /* as ktrace was given it: the command's own */
	pid_t pid;     /* 0: not started */
	int status;
};

/* The next place where PATH looks for a program; false at the end. */
static bool next_candidate(const char **path, const char *program, char *out, size_t size)
{
	while (*path) {
		size_t len = strcspn(*path, ":");
		int n = snprintf(out, size, "%.*s%s%s", (int)len, *path, len ? "/" : "", program);

		*path = (*path)[len] ? *path + len + 1 : NULL;
		if (n > 0 && n < (int)size)
			return true;
	}
	return false;
}

static const char *search_path(void)
{
	const char *path = getenv("PATH");

	return path ? path : "/usr/bin:/bin";
}

/* Looked up from outside of the container, so that the search leaves no failures in its story. */
static void find_program(const char *program, char *out, size_t size)
{
	const char *path = search_path();

	while (!strchr(program, '/') && next_candidate(&path, program, out, size))
		if (access(out, X_OK) == 0)
			return;
	snprintf(out, size, "%s", program);
}

/*
 * A program that is nowhere is looked for once more: its story are the places where it is not. Unlike
 * execvp(3), what the kernel refuses with ENOEXEC is not handed to a shell, as no container runtime
 * does that either. Returns the errno.
 */
static int execute(const char *file, char **argv)
{
	const char *path = search_path();
	char candidate[PATH_MAX];
	int err = ENOENT;

	if (strchr(file, '/')) {
		execv(file, argv);
		return errno;
	}
	while (next_candidate(&path, file, candidate, sizeof(candidate))) {
		execv(candidate, argv);
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
	}
	return err;
}

/* In the child. 127 and 126 are what a shell would return. */
static void become(const struct supervisor *s, const char *file, char **argv)
{
	sigprocmask(SIG_SETMASK, &s->mask, NULL);
	int err = execute(file, argv);
	log_error("cannot run %s: %s", argv[0], strerror(err));
	_exit(err == ENOENT ? 127 : 126);
}

/* The child waits at a gate until it is in its cgroup: no instruction of the command is missed. */
static int start(struct supervisor *s, char **argv)
{
	int gate[2];
	char go, file[PATH_MAX];

	find_program(argv[0], file, sizeof(file));
	if (pipe2(gate, O_CLOEXEC) < 0)
		return -errno;
	_cleanup_fd_ int enter = gate[0], open_it = gate[1];
	pid_t pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close(open_it);
		if (read(enter, &go, 1) != 1)
			_exit(126);
		become(s, file, argv);
	}
	s->pid = pid;
	int err = run_cgroup_enter(s->run_cgroup, pid);
	if (err == 0 && write(open_it, "", 1) != 1)
		err = -errno;
	return err;
}

/*
 * The terminal's Ctrl-C reaches the whole foreground process group, the command included: there is
 * nothing to pass on. What somebody sent to ktrace alone was meant for the command.
 */
static void on_signal(void *ctx, const struct signalfd_siginfo *info)
{
	struct supervisor *s = ctx;
	bool from_terminal = info->ssi_code == SI_KERNEL;

	switch (info->ssi_signo) {
	case SIGCHLD:
		if (waitpid(s->pid, &s->status, WNOHANG) == s->pid)
			loop_stop(s->loop, 0);
		break;
	case SIGPIPE:
		break;
	default:
		if (!from_terminal)
			kill(s->pid, (int)info->ssi_signo);
		break;
	}
}

static int watch_signals(struct supervisor *s)
{
	static const int wanted[] = { SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2,
		SIGPIPE };
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &s->mask);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&set, wanted[i]);
	return loop_add_signals(s->loop, &set, on_signal, s);
}

static int copy_args(struct container *c, char **argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	c->args = calloc(n + 1, sizeof(*c->args));
	if (!c->args)
		return -ENOMEM;
	for (; c->n_args < n; c->n_args++) {
		c->args[c->n_args] = NULL;
		int err = container_set(&c->args[c->n_args], argv[c->n_args]);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The command as a container: what a bundle would say of one, we can say of ourselves. */
static int describe(struct supervisor *s, const struct supervise_options *o)
{
	struct container *c = container_new();
	char id[32], cwd[PATH_MAX];
	const char *path = getenv("PATH"), *slash = strrchr(o->argv[0], '/');

	if (!c)
		return -ENOMEM;
	s->container = c;
	snprintf(id, sizeof(id), "run-%d", (int)getpid());
	c->cgroup = run_cgroup_id(s->run_cgroup);
	c->uid = getuid();
	c->gid = getgid();
	c->capabilities = rights_effective();
	c->memory_limit = o->memory;
	c->host_network = c->host_pid = true;
	c->terminal = isatty(STDIN_FILENO);
	c->described = true;
	if (!getcwd(cwd, sizeof(cwd)))
		cwd[0] = '\0';
	if (container_set(&c->id, id) < 0 || container_set(&c->runtime, "ktrace") < 0 ||
		container_set(&c->name, slash ? slash + 1 : o->argv[0]) < 0 ||
		container_set(&c->cgroup_path, run_cgroup_path(s->run_cgroup)) < 0 ||
		container_set(&c->cwd, cwd) < 0 ||
		container_set(&c->path_env, path ? path : "") < 0)
		return -ENOMEM;
	return copy_args(c, o->argv);
}

struct end_search {
	const struct container *container;
	bool ended;
};

static void look_for_end(void *ctx, const struct case_view *view)
{
	struct end_search *search = ctx;

	if (view->container == search->container)
		search->ended = view->ended != 0;
}

/* A command that could not even be executed never was a process of the container's own: we saw it end. */
static void make_sure_of_end(struct supervisor *s, struct pipeline *p)
{
	struct end_search search = { .container = s->container };
	struct event draft = {
		.kind = EVENT_CONTAINER_EXITED,
		.time = wall_clock(),
		.cgroup = s->container->cgroup,
		.container = s->container,
		.pid = (uint32_t)s->pid,
		.tid = (uint32_t)s->pid,
		.uid = s->container->uid,
		.gid = s->container->gid,
		.comm = "ktrace",
		.status = s->status,
	};

	pipeline_each(p, look_for_end, &search);
	if (search.ended)
		return;
	struct event *e = event_new(&draft);
	if (e)
		pipeline_event(p, e);
}

static int prepare(struct supervisor *s, const struct supervise_options *o)
{
	struct source_options source_options = {
		.disabled = o->disabled->items,
		.n_disabled = o->disabled->n,
		.btf = o->btf,
		.no_output = o->no_output,
		.no_args = o->no_args,
		.unredacted = o->unredacted,
		.pipeline = o->pipeline,
	};
	int err = loop_new(&s->loop);

	if (err < 0 || (err = source_open(&source_options, &s->source)) < 0)
		return err;
	if ((err = run_cgroup_new(source_hierarchy(s->source), o->memory, &s->run_cgroup)) < 0)
		return err;
	if ((err = describe(s, o)) < 0 || (err = source_only(s->source, s->container)) < 0 ||
		(err = source_watch(s->source, s->loop)) < 0 || (err = watch_signals(s)) < 0)
		log_error("cannot watch the command: %s", strerror(-err));
	return err;
}

static int watch(struct supervisor *s, const struct supervise_options *o)
{
	int err = prepare(s, o);

	if (err < 0)
		return err;
	err = start(s, o->argv);
	if (err < 0) {
		log_error("cannot start the command: %s", strerror(-err));
		if (s->pid) {
			kill(s->pid, SIGKILL);
			waitpid(s->pid, NULL, 0);
		}
		return err;
	}
	err = loop_run(s->loop);
	if (err < 0)
		return err;
	source_detach(s->source);
	make_sure_of_end(s, o->pipeline);
	return 0;
}

int supervise(const struct supervise_options *options, int *status)
{
	struct supervisor s = { 0 };
	int err = watch(&s, options);

	source_close(s.source);
	run_cgroup_free(s.run_cgroup);
	loop_free(s.loop);
	container_unref(s.container);
	if (err == 0)
		*status = s.status;
	return err;
}
