// SPDX-License-Identifier: MIT
/*
 * Containers bring everything but the kernel. A call that it does not have (ENOSYS), a protocol, file system or
 * table whose module is not loaded (EPROTONOSUPPORT, ENODEV, EOPNOTSUPP): no image and no field of the pod helps,
 * the node does.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diagnose/advice.h"
#include "diagnose/knowledge/capabilities.h"
#include "diagnose/knowledge/devices.h"
#include "diagnose/knowledge/kernel.h"
#include "diagnose/rules.h"
#include "diagnose/text/recommend.h"

/* A filter refuses with ENOSYS too; what a container runtime refuses so it also refuses to newer kernels. */
static bool may_be_a_filter(const struct context *q, const struct event *e)
{
	return e->process.known ? e->process.seccomp == 2 : q->container->seccomp;
}

static bool lacking(const struct context *q, const struct failure *f)
{
	const struct event *e = f->event;
	const struct device *d = device_of(f->path);

	if (!e)
		return false;
	if (d && d->module && (e->error == ENODEV || e->error == ENXIO))
		return true;
	if (e->error == ENOSYS && may_be_a_filter(q, e))
		return false;
	return kernel_feature_of(e) != NULL;
}

static bool speaks_of_the_kernel(const char *line)
{
	return kernel_feature_in_line(line) != NULL;
}

/* Who was refused for want of a capability takes that for a missing module. */
static bool was_refused(const struct context *q, const struct process *p)
{
	for (size_t i = 0; i < q->n_failures; i++) {
		const struct failure *f = &q->failures[i];
		int capability = f->process == p ? capability_wanted(f) : -1;
		if (capability >= 0 && !capability_held(q, f->event, capability))
			return true;
	}
	return false;
}

static bool match(const struct context *q, struct verdict *v)
{
	struct verdict by_call = { 0 }, by_line = { 0 };
	bool call = rule_failure(q, &by_call, lacking);
	bool line = rule_log_line(q, &by_line, speaks_of_the_kernel) &&
		    !was_refused(q, by_line.candidate->process);

	if (!call && !line)
		return false;
	*v = call && (!line || by_call.clues.total > by_line.clues.total) ? by_call : by_line;
	return true;
}

/* A module that a message names: "modprobe: FATAL: Module ip_tables not found". */
static bool module_in(const char *line, char *out, size_t size)
{
	return line && (line_after(line, "Module ", " ", out, size) ||
			       line_after(line, "module '", "'", out, size) ||
			       line_after(line, "modprobe ", " ':\"", out, size));
}

/* `ip link add dev wg0 type wireguard`: a kind of interface has the name of its module. */
static const char *type_of_interface(const struct event *exec)
{
	for (uint32_t i = 1; i + 1 < exec->argc; i++)
		if (!strcmp(exec->args[i], "type"))
			return exec->args[i + 1];
	return "";
}

/* `modprobe -q ip_tables`: where its message names none. */
static void module_asked_for(const struct event *exec, char *out, size_t size)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *program = program_name(exec), *asked = "";

	if (*out || !exec || exec->argc < 2)
		return;
	if (!strcmp(program, "modprobe"))
		asked = exec->args[exec->argc - 1];
	else if (!strcmp(program, "ip"))
		asked = type_of_interface(exec);
	if (*asked != '-' && !asked[strspn(asked, plain)])
		snprintf(out, size, "%s", asked);
}

/* With the module it would be refused next, for a capability that the container has not got either. */
static void recommend_right(const struct context *q, const struct process *p, struct report *r)
{
	static const struct advice also = {
		"And give the container the capability {name}, which {program} takes as well.",
		"{list}:\n  - name: {container}\n    securityContext:\n      capabilities:\n"
		"        add: [{name}]\n",
	};
	const struct capability_need *need = capability_of_tool(program_name(p->exec));
	const struct container *c = q->container;

	/* Who would load the module itself is better told to leave that to the node. */
	if (r->d->n_recommendations && need && need->capability != CAP_SYS_MODULE && c->described &&
		!(c->capabilities >> need->capability & 1))
		recommend(r, &also,
			&(struct blanks){ .name = need->name, .program = program_name(p->exec) });
}

static void recommend_feature(const struct context *q, const struct process *p,
	const struct kernel_feature *feature, const char *module, struct report *r)
{
	static const struct advice load = {
		"Load the kernel module on the node (`modprobe {name}`, and in "
		"/etc/modules-load.d to last); a node whose kernel was built without it cannot run "
		"this.",
		NULL,
	};
	const struct blanks b = { .name = module };

	if (module && *module && !strchr(module, ',') && !strchr(module, ' '))
		recommend(r, &load, &b);
	else if (module && *module)
		report_recommend(r, "Load the kernel modules on the node: %s.", module);
	recommend_right(q, p, r);
	if (feature && feature->node)
		report_recommend(r, "%s%s.", r->d->n_recommendations ? "Or: " : "", feature->node);
	if (feature && feature->instead)
		report_recommend(r, "Or %s.", feature->instead);
	if (!r->d->n_recommendations)
		report_recommend(r, "%s",
			strcmp(p->comm, "modprobe") != 0
				? "Use a node with a newer kernel, or an image that does without."
				: "Load the module on the node (in /etc/modules-load.d to last) "
				  "and leave modprobe out of the container: there it takes "
				  "SYS_MODULE and the node's /lib/modules.");
}

static void explain(const struct context *q, const struct verdict *v, struct report *r)
{
	const struct failure *f = v->failure && v->failure->event ? v->failure : NULL;
	const struct device *d = f ? device_of(f->path) : NULL;
	const struct kernel_feature *feature = f && kernel_feature_of(f->event)
						       ? kernel_feature_of(f->event)
					       : v->line ? kernel_feature_in_line(v->line)
							 : NULL;
	const struct process *p = f ? f->process : v->candidate->process;
	char module[64] = "";

	if (!module_in(v->line, module, sizeof(module)) && feature && feature->module)
		snprintf(module, sizeof(module), "%s", feature->module);
	module_asked_for(p->exec, module, sizeof(module));
	if (!feature && d && d->module)
		snprintf(module, sizeof(module), "%s", d->module);
	const char *what = feature ? feature->what : d ? d->what : "what was asked for";
	struct phrase named = phrase_print("the module %s", module);
	bool is_named = feature && !feature->module && *module;
	if (is_named)
		what = named.text;

	report_title(r, "The node's kernel does not offer %s", what);
	if (f)
		report_sentence(r, "%s could not %s (%s): the node's kernel does not offer %s%s.",
			phrase_who(f).text, phrase_attempt(f).text, errno_text(f->error), what,
			*module ? ", or its module is not loaded" : "");
	else
		report_sentence(r, "%s needs %s, which the node's kernel does not offer%s.",
			phrase_process(p).text, what,
			*module && !is_named ? " without the module" : "");
	if (f) {
		report_consequence(r, f);
		report_failure(r, f);
	} else {
		report_sentence(r, "It said: \"%s\".", phrase_message(v->line, p->comm).text);
		report_culprit(r, p->exit);
		report_quote(r, p, v->line);
	}
	recommend_feature(q, p, feature, module, r);
}

const struct rule rule_kernel_unsupported = {
	.match = match,
	.explain = explain,
};
