// SPDX-License-Identifier: MIT
#include "container/looks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "container/helper.h"
#include "container/hostfile.h"
#include "container/looks_parts.h"
#include "event/limits.h"
#include "util/cleanup.h"

struct process_answer {
	struct process_facts facts;
	char label[PROCESS_LABEL_MAX], limit[64];
};

static int serve_process(struct unpack *u, void *reply, size_t size)
{
	struct process_answer answer = { .label = "" };
	struct event draft = { .kind = (enum event_kind)unpack_number(u) };

	draft.pid = (uint32_t)unpack_number(u);
	draft.uid = (uint32_t)unpack_number(u);
	draft.error = (int)unpack_number(u);
	for (size_t i = 0; i < ARRAY_SIZE(draft.call_args); i++)
		draft.call_args[i] = unpack_number(u);
	draft.syscall = unpack_string(u);
	draft.flags = unpack_string(u);
	draft.path = unpack_string(u);
	draft.family = (int)unpack_number(u);
	draft.port = (uint16_t)unpack_number(u);
	draft.address = unpack_string(u);
	if (u->bad || size < sizeof(answer))
		return -EBADMSG;
	process_facts_add(&draft, answer.label);
	answer.facts = draft.process;
	snprintf(answer.limit, sizeof(answer.limit), "%s", draft.limit_name ?: "");
	memcpy(reply, &answer, sizeof(answer));
	return (int)sizeof(answer);
}

void look_at_process(struct event *draft, char label[static PROCESS_LABEL_MAX])
{
	char question[HELPER_MESSAGE_MAX / 4];
	struct pack p = { .data = question, .size = sizeof(question) };
	struct process_answer answer;

	pack_number(&p, draft->kind);
	pack_number(&p, draft->pid);
	pack_number(&p, draft->uid);
	pack_number(&p, (uint64_t)draft->error);
	for (size_t i = 0; i < ARRAY_SIZE(draft->call_args); i++)
		pack_number(&p, draft->call_args[i]);
	pack_string(&p, draft->syscall);
	pack_string(&p, draft->flags);
	pack_string(&p, draft->path);
	pack_number(&p, (uint64_t)draft->family);
	pack_number(&p, draft->port);
	pack_string(&p, draft->address);
	if (p.full)
		return;
	int len = helper_ask(LOOK_PROCESS, question, p.len, &answer, sizeof(answer));
	if (len == -ENOTCONN)
		process_facts_add(draft, label);
	if (checked(len, sizeof(answer)))
		return;
	check_bool(&answer.facts.known);
	check_bool(&answer.facts.no_new_privileges);
	check_bool(&answer.facts.user_namespace);
	if (!answer.facts.known)
		return;
	END(answer.label);
	END(answer.limit);
	const struct limit *limit = *answer.limit ? limit_by_name(answer.limit) : NULL;
	/* The height of a limit that the kernel side told stays. */
	if (draft->limit_name)
		answer.facts.limit = draft->process.limit;
	draft->process = answer.facts;
	memcpy(label, answer.label, PROCESS_LABEL_MAX);
	draft->label = label;
	draft->limit_name = limit ? limit->name : draft->limit_name;
}

static int holder_of(const struct event *e, uint32_t pid, struct process *out)
{
	if (e->family == AF_UNIX)
		return socket_file_holder(pid, e->address, out);
	return port_holder(pid, e->port, e->sock_type, out);
}

static int serve_holder(struct unpack *u, void *reply, size_t size)
{
	uint32_t pid = (uint32_t)unpack_number(u);
	struct event e = { .family = (int)unpack_number(u) };
	struct process found;

	e.port = (uint16_t)unpack_number(u);
	e.sock_type = (int)unpack_number(u);
	e.address = unpack_string(u);
	if (u->bad || size < sizeof(found))
		return -EBADMSG;
	int rc = holder_of(&e, pid, &found);
	if (!rc)
		memcpy(reply, &found, sizeof(found));
	return rc ?: (int)sizeof(found);
}

int look_for_holder(const struct event *e, uint32_t pid, struct process *out)
{
	char question[WIRE_PATH_MAX + 64];
	struct pack p = { .data = question, .size = sizeof(question) };
	struct process found;

	pack_number(&p, pid);
	pack_number(&p, (uint64_t)e->family);
	pack_number(&p, e->port);
	pack_number(&p, (uint64_t)e->sock_type);
	pack_string(&p, e->address);
	if (p.full)
		return -E2BIG;
	int len = helper_ask(LOOK_HOLDER, question, p.len, &found, sizeof(found));
	if (len == -ENOTCONN)
		return holder_of(e, pid, out);
	int rc = checked(len, sizeof(found));
	if (!rc) {
		END(found.comm);
		*out = found;
	}
	return rc;
}

static int serve_command(struct unpack *u, void *reply, size_t size)
{
	_cleanup_free_ struct command *c = NULL;
	struct pack p = { .data = reply, .size = size };
	uint32_t pid = (uint32_t)unpack_number(u);

	int rc = u->bad ? -EBADMSG : process_command(pid, &c);
	if (rc)
		return rc;
	pack_string(&p, c->executable);
	pack_string(&p, c->cwd);
	pack_number(&p, c->cut);
	pack_number(&p, c->argc);
	for (uint32_t i = 0; i < c->argc; i++)
		pack_string(&p, c->args[i]);
	return p.full ? -EMSGSIZE : (int)p.len;
}

static int unpack_command(struct unpack *u, struct command *c)
{
	size_t used = 0;

	const char *executable = unpack_string(u), *cwd = unpack_string(u);

	if (strlen(executable) >= sizeof(c->executable) || strlen(cwd) >= sizeof(c->cwd))
		return -EBADMSG;
	strcpy(c->executable, executable);
	strcpy(c->cwd, cwd);
	c->cut = unpack_number(u);
	uint64_t n = unpack_number(u);
	if (n > ARRAY_SIZE(c->args))
		return -EBADMSG;
	for (; c->argc < n; c->argc++) {
		const char *arg = unpack_string(u);
		size_t len = strlen(arg) + 1;
		if (u->bad || len > sizeof(c->text) - used)
			return -EBADMSG;
		c->args[c->argc] = memcpy(c->text + used, arg, len);
		used += len;
	}
	return u->bad ? -EBADMSG : 0;
}

int look_at_command(uint32_t pid, struct command **out)
{
	uint64_t question = pid;
	char reply[HELPER_MESSAGE_MAX / 4];
	int len = helper_ask(LOOK_COMMAND, &question, sizeof(question), reply, sizeof(reply));

	if (len == -ENOTCONN)
		return process_command(pid, out);
	if (len < 0)
		return len;
	_cleanup_free_ struct command *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	struct unpack u = { reply, (size_t)len, false };
	int rc = unpack_command(&u, c);
	if (!rc)
		*out = take(c);
	return rc;
}

static int serve_resolver(struct unpack *u, void *reply, size_t size)
{
	struct resolver found;
	uint32_t pid = (uint32_t)unpack_number(u);
	int rc = u->bad || size < sizeof(found) ? -EBADMSG : resolver_read(pid, &found);

	if (!rc)
		memcpy(reply, &found, sizeof(found));
	return rc ?: (int)sizeof(found);
}

int look_at_resolver(uint32_t pid, struct resolver *out)
{
	uint64_t question = pid;
	struct resolver found;
	int len = helper_ask(LOOK_RESOLVER, &question, sizeof(question), &found, sizeof(found));

	if (len == -ENOTCONN)
		return resolver_read(pid, out);
	int rc = checked(len, sizeof(found));
	if (!rc) {
		END(found.search);
		*out = found;
	}
	return rc;
}

static int is_directory(const char *host_root, const char *path)
{
	_cleanup_dir_ DIR *dir = host_opendir(host_root, path);

	return dir ? 0 : -errno;
}

static int serve_directory(struct unpack *u)
{
	const char *host_root = unpack_string(u), *path = unpack_string(u);

	return u->bad ? -EBADMSG : is_directory(host_root, path);
}

bool look_is_directory(const char *host_root, const char *path)
{
	char question[2 * WIRE_PATH_MAX], nothing;
	struct pack p = { .data = question, .size = sizeof(question) };

	pack_string(&p, host_root);
	pack_string(&p, path);
	if (p.full)
		return false;
	int len = helper_ask(LOOK_DIRECTORY, question, p.len, &nothing, 0);
	return len == -ENOTCONN ? !is_directory(host_root, path) : !len;
}

static int serve_addresses(struct unpack *u, void *reply, size_t size)
{
	struct addresses found = { .n = 0 };
	uint32_t pid = (uint32_t)unpack_number(u);

	if (u->bad || size < sizeof(found))
		return -EBADMSG;
	addresses_read(pid, &found);
	memcpy(reply, &found, sizeof(found));
	return (int)sizeof(found);
}

void look_at_addresses(uint32_t pid, struct addresses *out)
{
	uint64_t question = pid;
	struct addresses found;
	int len = helper_ask(LOOK_ADDRESSES, &question, sizeof(question), &found, sizeof(found));

	out->n = 0;
	if (len == -ENOTCONN)
		addresses_read(pid, out);
	if (checked(len, sizeof(found)) || found.n > ADDRESSES_MAX)
		return;
	for (unsigned i = 0; i < found.n; i++)
		END(found.text[i]);
	memcpy(out->text, found.text, sizeof(out->text));
	out->n = found.n;
}

int looks_serve(unsigned kind, const void *question, size_t len, void *reply, size_t size)
{
	struct unpack u = { question, len, false };

	switch (kind) {
	case LOOK_PATH:
		return look_serve_path(&u, reply, size);
	case LOOK_PROCESS:
		return serve_process(&u, reply, size);
	case LOOK_HOLDER:
		return serve_holder(&u, reply, size);
	case LOOK_COMMAND:
		return serve_command(&u, reply, size);
	case LOOK_RESOLVER:
		return serve_resolver(&u, reply, size);
	case LOOK_DIRECTORY:
		return serve_directory(&u);
	case LOOK_ADDRESSES:
		return serve_addresses(&u, reply, size);
	case LOOK_CALL:
		return look_serve_call(&u, reply, size);
	default:
		return -ENOSYS;
	}
}

int looks_start(void (*confine)(void))
{
	static const struct helper_work work = { looks_serve, look_rest };

	return helper_start(&work, confine);
}
