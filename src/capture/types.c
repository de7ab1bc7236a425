// SPDX-License-Identifier: MIT
/*
 * Of the kernel's types those that the programs name, with what lies inside of them. libbpf goes through all types that it is
 * given for each of ours, and the kernel has more than a hundred thousand.
 */
#include "capture/internal.h"
#include "util/cleanup.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NAMES_MAX 512
#define FIRST_LETTERS 65536 /* all pairs of bytes that a name can begin with */

struct selection {
	const struct btf *from;
	struct btf *to;
	__u32 *ids; /* where a type of `from` is in `to`; 0: it is not */
	const char *names[NAMES_MAX];
	size_t lengths[NAMES_MAX]; /* without what is behind ___ */
	size_t n_names;
	bool begins[FIRST_LETTERS];
};

static void selection_end(struct selection *s)
{
	btf__free(s->to);
	free(s->ids);
	free(s);
}

static void cleanup_selection(struct selection **s)
{
	if (*s)
		selection_end(*s);
}

static bool has_name(const struct btf_type *t)
{
	return t->name_off && (btf_is_composite(t) || btf_is_any_enum(t) || btf_is_typedef(t));
}

static unsigned first_letters(const char *name)
{
	return (unsigned)(unsigned char)name[0] << 8 | (unsigned char)name[1];
}

/* What the programs' own types are called. */
static int take_names(struct selection *s, const struct btf *ours)
{
	for (__u32 id = 1; id < btf__type_cnt(ours); id++) {
		const struct btf_type *t = btf__type_by_id(ours, id);
		if (!has_name(t))
			continue;
		if (s->n_names == NAMES_MAX)
			return -E2BIG;
		const char *name = btf__name_by_offset(ours, t->name_off);
		const char *flavour = strstr(name, "___");
		s->names[s->n_names] = name;
		s->lengths[s->n_names++] = flavour ? (size_t)(flavour - name) : strlen(name);
		s->begins[first_letters(name)] = true;
	}
	return 0;
}

static bool is_named(const struct selection *s, const char *name)
{
	const char *flavour = strstr(name, "___");
	size_t length = flavour ? (size_t)(flavour - name) : strlen(name);

	for (size_t i = 0; i < s->n_names; i++)
		if (s->lengths[i] == length && !memcmp(s->names[i], name, length))
			return true;
	return false;
}

static int copy(struct selection *s, __u32 id, __u32 *out);

/* The copy's reference to another type becomes one to that one's copy. The copy may move as others are added. */
static int copy_member(struct selection *s, __u32 owner, unsigned member)
{
	struct btf_type *t = (struct btf_type *)btf__type_by_id(s->to, owner);
	__u32 id;
	int err = copy(s, btf_members(t)[member].type, &id);

	if (err)
		return err;
	t = (struct btf_type *)btf__type_by_id(s->to, owner);
	btf_members(t)[member].type = id;
	return 0;
}

static int copy_array(struct selection *s, __u32 owner)
{
	const struct btf_array *a = btf_array(btf__type_by_id(s->to, owner));
	__u32 element, index, index_from = a->index_type;
	int err = copy(s, a->type, &element);

	if (!err)
		err = copy(s, index_from, &index);
	if (err)
		return err;
	struct btf_array *to = btf_array(btf__type_by_id(s->to, owner));
	to->type = element;
	to->index_type = index;
	return 0;
}

static int copy_inside(struct selection *s, __u32 owner)
{
	struct btf_type *t = (struct btf_type *)btf__type_by_id(s->to, owner);
	int err = 0;
	__u32 id;

	if (btf_is_array(t))
		return copy_array(s, owner);
	if (btf_is_composite(t)) {
		for (unsigned i = 0, n = btf_vlen(t); i < n && !err; i++)
			err = copy_member(s, owner, i);
		return err;
	}
	if (btf_is_ptr(t)) {
		t->type = 0; /* what it points to is named by itself, or not asked for */
		return 0;
	}
	if (!btf_is_mod(t) && !btf_is_typedef(t))
		return 0;
	err = copy(s, t->type, &id);
	if (!err)
		((struct btf_type *)btf__type_by_id(s->to, owner))->type = id;
	return err;
}

static int copy(struct selection *s, __u32 id, __u32 *out)
{
	if (id && !s->ids[id]) {
		int added = btf__add_type(s->to, s->from, btf__type_by_id(s->from, id));
		if (added < 0)
			return added;
		s->ids[id] = (__u32)added;
		int err = copy_inside(s, (__u32)added);
		if (err)
			return err;
	}
	*out = id ? s->ids[id] : 0;
	return 0;
}

static int copy_named(struct selection *s)
{
	for (__u32 id = 1, copied; id < btf__type_cnt(s->from); id++) {
		const struct btf_type *t = btf__type_by_id(s->from, id);
		if (!has_name(t))
			continue;
		const char *name = btf__name_by_offset(s->from, t->name_off);
		if (!s->begins[first_letters(name)] || !is_named(s, name))
			continue;
		int err = copy(s, id, &copied);
		if (err)
			return err;
	}
	return 0;
}

static int select_types(struct selection *s, const struct btf *ours, int fd)
{
	__u32 size;

	s->to = btf__new_empty();
	s->ids = calloc(btf__type_cnt(s->from), sizeof(*s->ids));
	if (!s->to || !s->ids)
		return -ENOMEM;
	int err = take_names(s, ours);
	if (!err)
		err = copy_named(s);
	if (err)
		return err;
	const void *raw = btf__raw_data(s->to, &size);
	if (!raw)
		return -ENOMEM;
	return write(fd, raw, size) == (ssize_t)size ? 0 : -EIO;
}

struct btf *types_of_kernel(struct capture *c)
{
	if (!c->kernel_types)
		c->kernel_types = btf__load_vmlinux_btf();
	return c->kernel_types;
}

void types_forget(struct capture *c)
{
	btf__free(c->kernel_types);
	c->kernel_types = NULL;
	if (c->types_fd >= 0)
		close(c->types_fd);
	c->types_fd = -1;
}

bool types_begin(struct capture *c)
{
	if (c->options.btf || c->types_fd >= 0 || c->all_types)
		return false;
	c->types_fd = memfd_create("ktrace-types", MFD_CLOEXEC);
	c->all_types = c->types_fd < 0;
	return !c->all_types;
}

const char *types_path(struct capture *c)
{
	if (c->options.btf || c->types_fd < 0)
		return c->options.btf;
	snprintf(c->types_file, sizeof(c->types_file), "/proc/self/fd/%d", c->types_fd);
	return c->types_file;
}

int types_write(struct capture *c)
{
	_cleanup_(cleanup_selection) struct selection *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->from = types_of_kernel(c);
	int err = s->from ? select_types(s, bpf_object__btf(c->skel->obj), c->types_fd) : -errno;
	if (!err && access(types_path(c), R_OK))
		err = -errno;
	if (err) {
		close(c->types_fd);
		c->types_fd = -1;
		c->all_types = true;
	}
	return err;
}
