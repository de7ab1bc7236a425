// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "agent/source.h"
#include "cli/agent_options.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/doctor_agent.h"
#include "cli/node.h"
#include "cli/printer.h"
#include "record/json.h"
#include "sandbox/landlock.h"
#include "sandbox/rights.h"
#include "sinks/terminal_parts.h"
#include "util/cleanup.h"
#include "util/log.h"

struct doctor_options {
	int format, color;
	const char *socket, *host_root;
	struct option_list disabled;
	const char *btf;
};

static const struct doctor_options doctor_defaults = { .socket = DEFAULT_SOCKET };

static const struct option_row doctor_rows[] = {
	OPTION_ROW_FORMAT(struct doctor_options),
	OPTION_ROW_COLOR(struct doctor_options),
	OPTION_ROW_SOCKET(struct doctor_options),
	OPTION_ROW_HOST_ROOT(struct doctor_options),
	OPTION_ROW_DISABLE_PROBE(struct doctor_options),
	OPTION_ROW_BTF(struct doctor_options),
	{ 0 },
};

static const struct example doctor_examples[] = {
	{ "ktrace doctor", "is this node fit for ktrace?" },
	{ "ktrace doctor --disable-probe syscalls/fexit",
		"check it without the fast way of attaching" },
	{ 0 },
};

/* Holds on every kernel, so no probe can report it. */
static const char io_uring[] = "Files that a program opens through io_uring are not seen: no "
			       "system call is made for them.";

static const char host_root_fix[] = "containers have no names; the capabilities SYS_PTRACE and "
				    "DAC_READ_SEARCH, and in a pod hostPID, are needed";

struct finding {
	struct node node;
	const char *host_root, *btf; /* --btf */
	uint64_t rights;
	struct agent_finding agent; /* after its start */
	int landlock;               /* this kernel's version of it, or a negative errno */
	const struct probe_status *probes;
	size_t n_probes;
	const struct capture_gap *gaps;
	size_t n_gaps;
	const char *why; /* nothing could be captured; NULL: something can */
};

static const char *state_name(const struct probe_status *p)
{
	static const char *const names[] = {
		[PROBE_MISSING] = "missing",
		[PROBE_UNPROVED] = "attached",
		[PROBE_PROVED] = "proved",
		[PROBE_DISABLED] = "disabled",
	};

	return names[p->state];
}

/* An attached probe is taken to work: not each has a call that proves it. */
static bool works(const struct probe_status *p)
{
	return p->state == PROBE_PROVED || p->state == PROBE_UNPROVED;
}

static bool is_healthy(const struct finding *f)
{
	for (size_t i = 0; i < f->n_probes; i++)
		if (!works(&f->probes[i]))
			return false;
	return !f->why && f->node.has_hierarchy && !f->node.host_root_error;
}

static bool lacks_right(const struct finding *f, const struct right *r)
{
	return !(f->rights & RIGHT(r->number)) && right_is_wanted(r, f->node.kernel);
}

static void write_probe(struct json *j, const struct probe_status *p)
{
	json_open_object(j, NULL);
	json_string(j, "name", p->name);
	json_string(j, "method", p->method);
	json_bool(j, "best", p->best);
	json_string(j, "state", state_name(p));
	json_string(j, "tried", p->tried);
	json_string(j, "lost", works(p) ? "" : p->lost);
	json_string(j, "cost", p->best ? "" : p->cost);
	json_string(j, "mend", p->fix);
	json_close_object(j);
}

static void write_node(struct json *j, const struct finding *f)
{
	json_string(j, "kernel", f->node.kernel);
	json_string(j, "machine", f->node.machine);
	json_bool(j, "btf", f->node.btf);
	json_string(j, "lockdown", f->node.lockdown);
	json_open_object(j, "cgroup");
	json_string(j, "layout",
		f->node.has_hierarchy ? hierarchy_layout_name(f->node.hierarchy.layout) : "");
	json_string(j, "root", f->node.has_hierarchy ? f->node.hierarchy.root : "");
	json_close_object(j);
	json_open_object(j, "capabilities");
	for (const struct right *r = rights_wanted; r->name; r++)
		if (right_is_wanted(r, f->node.kernel))
			json_bool(j, r->name, !lacks_right(f, r));
	json_close_object(j);
	doctor_write_agent(j, &f->agent);
	json_uint(j, "landlock", f->landlock < 0 ? 0 : (uint64_t)f->landlock);
	json_string(j, "host_root", f->host_root);
	json_string(j, "host_root_error",
		f->node.host_root_error ? strerror(-f->node.host_root_error) : "");
	json_open_array(j, "runtimes");
	for (size_t i = 0; i < f->node.n_runtimes; i++) {
		const struct node_runtime *r = &f->node.runtimes[i];

		json_open_object(j, NULL);
		json_string(j, "name", r->name);
		json_string(j, "binary", r->binary);
		json_string(j, "socket", r->socket);
		json_close_object(j);
	}
	json_close_array(j);
}

static void write_json(struct strbuf *out, const struct finding *f)
{
	struct json j = json_start(out);

	json_open_object(&j, NULL);
	json_open_object(&j, "ktrace");
	json_open_object(&j, "doctor");
	json_string(&j, "version", KTRACE_VERSION);
	write_node(&j, f);
	json_open_array(&j, "probes");
	for (size_t i = 0; i < f->n_probes; i++)
		write_probe(&j, &f->probes[i]);
	json_close_array(&j);
	json_open_array(&j, "lacks");
	for (size_t i = 0; i < f->n_gaps; i++) {
		json_open_object(&j, NULL);
		json_string(&j, "name", f->gaps[i].name);
		json_string(&j, "instead", f->gaps[i].instead);
		json_close_object(&j);
	}
	json_close_array(&j);
	json_open_array(&j, "not_seen");
	json_string(&j, NULL, io_uring);
	json_close_array(&j);
	json_string(&j, "error", f->why ? f->why : "");
	json_bool(&j, "healthy", is_healthy(f));
	json_close_object(&j);
	json_close_object(&j);
	json_close_object(&j);
	strbuf_putc(out, '\n');
}

#define COLUMN 14 /* where the values start */

struct paint {
	const char *good, *bad, *off;
	size_t width;
};

static struct paint paint_for(int color)
{
	struct terminal_style style = terminal_style_for(STDOUT_FILENO, color);

	if (style.color)
		return (struct paint){ "\033[32m", "\033[31m", "\033[0m", terminal_width(&style) };
	return (struct paint){ "", "", "", terminal_width(&style) };
}

static void print_btf(struct strbuf *out, const struct finding *f)
{
	if (f->node.btf)
		strbuf_puts(out, "BTF           yes\n");
	else if (f->btf)
		strbuf_printf(out, "BTF           from %s\n", f->btf);
	else
		strbuf_puts(out, "BTF           no: the kernel was built without "
				 "CONFIG_DEBUG_INFO_BTF\n");
}

static void print_node(struct strbuf *out, const struct finding *f, const struct paint *p)
{
	const struct node *n = &f->node;

	strbuf_printf(out, "kernel        %s %s\n", n->kernel, n->machine);
	print_btf(out, f);
	if (*n->lockdown)
		strbuf_printf(out, "lockdown      %s\n", n->lockdown);
	if (n->has_hierarchy)
		strbuf_printf(out, "cgroups       %s, watched at %s\n",
			hierarchy_layout_name(n->hierarchy.layout), n->hierarchy.root);
	else
		strbuf_printf(out,
			"cgroups       %snone mounted%s: mount -t cgroup2 none "
			"/sys/fs/cgroup\n",
			p->bad, p->off);
	strbuf_puts(out, "capabilities  ");
	size_t missing = 0;
	for (const struct right *r = rights_wanted; r->name; r++)
		if (lacks_right(f, r))
			strbuf_printf(out, "%s%s%s%s is missing, %s", missing++ ? "; " : "", p->bad,
				r->name, p->off, r->wanted_for);
	strbuf_puts(out, missing ? "\n" : "all that are needed\n");
	if (f->landlock < 0)
		strbuf_printf(out,
			"Landlock      no (%s): only capabilities and system calls limit where an "
			"agent can write\n",
			strerror(-f->landlock));
	else
		strbuf_printf(out, "Landlock      yes, version %d\n", f->landlock);
	strbuf_puts(out, "agent         ");
	doctor_print_agent(out, &f->agent, COLUMN);
	if (n->host_root_error)
		strbuf_printf(out, "host root     %s%s cannot be read: %s%s: %s\n", p->bad,
			f->host_root, strerror(-n->host_root_error), p->off, host_root_fix);
	strbuf_puts(out, "runtimes      ");
	for (size_t i = 0; i < n->n_runtimes; i++)
		strbuf_printf(out, "%s%s%s", i ? ", " : "", n->runtimes[i].name,
			*n->runtimes[i].socket ? " (listens)" : "");
	strbuf_puts(out, n->n_runtimes ? "\n" : "none found\n");
}

/* A wrapped line under a probe's. */
static void print_more(
	struct strbuf *out, const char *label, const char *text, const struct paint *p)
{
	strbuf_printf(out, "%*s%s", COLUMN, "", label);
	terminal_wrap(out, text, COLUMN + strlen(label), COLUMN + 2, p->width);
	strbuf_putc(out, '\n');
}

static void print_probe(struct strbuf *out, const struct probe_status *s, const struct paint *p)
{
	bool good = works(s);

	strbuf_printf(out, "  %-12s%s%s%s%s%s%s\n", s->name, good ? p->good : p->bad, state_name(s),
		p->off, *s->method ? " by " : "", s->method,
		good && s->best ? ""
		: good          ? " (a fallback)"
				: "");
	if (*s->tried)
		print_more(out, "tried: ", s->tried, p);
	if (!good)
		print_more(out, "lost: ", s->lost, p);
	if (good && !s->best && *s->cost)
		print_more(out, "costs: ", s->cost, p);
	if (!(good && s->best) && *s->fix)
		print_more(out, "fix: ", s->fix, p);
}

static void print_gap(struct strbuf *out, const struct capture_gap *gap, const struct paint *p)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text, "%s: %s", gap->name, gap->instead) < 0) {
		text = NULL;
		return;
	}
	strbuf_puts(out, "kernel lacks  ");
	terminal_wrap(out, text, COLUMN, COLUMN, p->width);
	strbuf_putc(out, '\n');
}

static void print_finding(struct strbuf *out, const struct finding *f, const struct paint *p)
{
	print_node(out, f, p);
	strbuf_puts(out, "probes\n");
	for (size_t i = 0; i < f->n_probes; i++)
		print_probe(out, &f->probes[i], p);
	for (size_t i = 0; i < f->n_gaps; i++)
		print_gap(out, &f->gaps[i], p);
	if (f->why)
		strbuf_printf(out, "  %snone%s: %s\n", p->bad, p->off, f->why);
	strbuf_puts(out, "not seen      ");
	terminal_wrap(out, io_uring, COLUMN, COLUMN, p->width);
	strbuf_puts(out, "\n\n");
	if (is_healthy(f))
		strbuf_printf(out, "%sktrace can do all of its work here.%s\n", p->good, p->off);
	else
		strbuf_printf(out, "%sDiagnoses suffer here: see what is lost, above.%s\n", p->bad,
			p->off);
}

static void drop(void *ctx, const void *record, size_t size)
{
	(void)ctx, (void)record, (void)size;
}

static int run(const void *options, int argc, char **argv)
{
	const struct doctor_options *o = options;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	_cleanup_free_ char *why = NULL;
	struct capture *capture = NULL;
	void *configured = NULL;
	struct finding f = { .rights = rights_effective(), .btf = o->btf };
	const struct paint paint = paint_for(o->color);

	(void)argc, (void)argv;
	f.host_root = o->host_root ?: agent_configured(&configured)->host_root ?: "";
	node_look(f.host_root, &f.node);
	f.landlock = landlock_version();
	doctor_find_agent(o->socket, &f.agent);
	struct capture_options capture_options = {
		.disabled = o->disabled.items,
		.n_disabled = o->disabled.n,
		.btf = o->btf,
		.cgroup_v1 = f.node.hierarchy.layout == HIERARCHY_V1,
		.cgroup_root = f.node.has_hierarchy ? f.node.hierarchy.root : NULL,
		.deliver = drop,
	};
	int err = capture_open(&capture_options, &capture, &why);
	if (err < 0)
		f.why = why ? why : strerror(-err);
	else
		f.n_probes = capture_probes(capture, &f.probes);
	if (capture)
		f.n_gaps = capture_gaps(capture, &f.gaps);
	if (o->format == FORMAT_JSON)
		write_json(&out, &f);
	else
		print_finding(&out, &f, &paint);
	bool healthy = is_healthy(&f);
	capture_close(capture);
	config_free(&agent_command, configured);
	if (out.failed || write_all(STDOUT_FILENO, out.data, out.len) < 0)
		return EXIT_FAILURE;
	return healthy ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command doctor_command = {
	.name = "doctor",
	.operands = "",
	.summary = "what this kernel and node offer, and what is lost",
	.description = "Checks what this kernel and node support: how each probe can be attached, "
		       "tested by a system call of ktrace's own where possible, what each fallback "
		       "costs, what is lost without a probe and how to fix it, and what the kernel "
		       "lacks that ktrace does without. Exits with status 1 if diagnoses would be "
		       "affected.",
	.options = doctor_rows,
	.examples = doctor_examples,
	.options_size = sizeof(struct doctor_options),
	.defaults = &doctor_defaults,
	.run = run,
};
