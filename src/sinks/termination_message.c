// SPDX-License-Identifier: MIT
#include "sinks/termination_message.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "container/hostfile.h"
#include "record/diagnosis_text.h"
#include "sinks/terminal.h"
#include "util/cleanup.h"
#include "util/log.h"

#define CHANGES_SHOWN 3
#define SUFFIX_DIGITS 8 /* the kubelet's name for the file of one start */
#define REMEMBERED \
	64 /* the latest messages; a better diagnosis of the same end comes within seconds */

/* What was written into one file. */
struct message {
	char id[80]; /* of the container */
	char text[TERMINATION_MESSAGE_MAX];
	size_t len;
};

struct termination_output {
	struct output output;
	const char *host_root;
	struct message *messages; /* a ring */
	size_t next;
	bool failed; /* reported once */
};

/* One line: a line break in a path or a message is shown as "\n", and starts none. False when it does not fit. */
static bool put_line(struct strbuf *out, const char *before, const char *text)
{
	_cleanup_strbuf_ struct strbuf safe = STRBUF_INIT;

	strbuf_puts(&safe, before);
	terminal_text(&safe, text);
	strbuf_putc(&safe, '\n');
	if (!safe.data || out->len + safe.len > TERMINATION_MESSAGE_MAX)
		return false;
	strbuf_puts(out, safe.data);
	return true;
}

/* The lines of a fragment, whose own strings are quoted for YAML; one that does not fit leaves itself and the rest out. */
static bool put_fragment(struct strbuf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, len);

		if (!line || !put_line(out, "  ", line))
			return false;
		text += len + (text[len] == '\n');
	}
	return true;
}

static void put_more(struct strbuf *more, const struct diagnosis *d)
{
	const struct container *c = d->container;

	strbuf_printf(more, "More: kubectl ktrace explain -n %s %s", c->k8s_namespace, c->pod);
}

/* One line: those that bear on it come first, and the others are in the log. */
static bool put_changes(struct strbuf *out, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf line = STRBUF_INIT;
	size_t n = d->n_changes < CHANGES_SHOWN ? d->n_changes : CHANGES_SHOWN;

	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_puts(&line, "; ");
		diagnosis_change_text(&line, &d->changes[i]);
	}
	if (d->n_changes > n)
		strbuf_printf(&line, "; and %zu more", d->n_changes - n);
	return !line.len || put_line(out, "Changed since it last started well: ", line.data);
}

void termination_message_text(struct strbuf *out, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf more = STRBUF_INIT;
	bool fits = !d->title || put_line(out, "", d->title);

	fits = fits && (!d->summary || put_line(out, "", d->summary));
	fits = fits && put_changes(out, d);
	if (fits && d->n_recommendations) {
		const struct recommendation *r = &d->recommendations[0];
		fits = put_line(out, "Fix: ", r->text);
		/* Half a fragment is none: it goes in whole or not at all. */
		if (fits && r->manifest &&
			out->len + 3 * strlen(r->manifest) <= TERMINATION_MESSAGE_MAX)
			fits = put_fragment(out, r->manifest);
	}
	put_more(&more, d);
	if (fits && more.data)
		put_line(out, "", more.data);
}

static bool is_suffix(const char *name)
{
	return strlen(name) == SUFFIX_DIGITS && strspn(name, "0123456789abcdef") == SUFFIX_DIGITS;
}

/*
 * Is that the file of this container? DIR/pods/UID/containers/NAME/SUFFIX, with its pod's uid and its name. *below is
 * then where UID begins in source.
 */
static bool is_message_of(const struct container *c, const char *source, size_t *below)
{
	_cleanup_strbuf_ struct strbuf middle = STRBUF_INIT;
	const char *found = NULL;

	if (!*c->pod_uid || !*c->k8s_container || strchr(c->k8s_container, '/'))
		return false;
	strbuf_printf(&middle, "/pods/%s/containers/%s/", c->pod_uid, c->k8s_container);
	/* The last one counts: a test's own directory may look like a pod's, too. */
	for (const char *p = source; middle.data && (p = strstr(p, middle.data)); p++)
		found = p;
	if (!found || !is_suffix(found + middle.len))
		return false;
	*below = (size_t)(found - source) + strlen("/pods/");
	return true;
}

/*
 * The file, opened to be read and written. The kubelet's own directory may be a link of the node's; below it no link is
 * followed, and what is no regular file is not opened. A file descriptor or a negative errno.
 */
static int open_message(const char *host_root, const char *source, size_t below)
{
	static const uint64_t no_links =
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
	_cleanup_free_ char *pods = strndup(source, below);
	struct stat st;

	if (!pods)
		return -ENOMEM;
	_cleanup_fd_ int directory = host_open(host_root, pods, O_PATH | O_DIRECTORY);
	if (directory < 0)
		return directory;
	_cleanup_fd_ int place = open_below(directory, source + below, O_PATH, no_links);
	if (place < 0)
		return place;
	if (fstat(place, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return -EINVAL;
	return reopen(place, O_RDWR);
}

static struct message *message_of(struct termination_output *t, const char *id)
{
	for (size_t i = 0; i < REMEMBERED; i++)
		if (!strcmp(t->messages[i].id, id))
			return &t->messages[i];
	return NULL;
}

/* Is the file empty, or does it hold no more than what we wrote? */
static bool may_write(int fd, const struct message *ours)
{
	char held[TERMINATION_MESSAGE_MAX + 1];
	ssize_t n = pread(fd, held, sizeof(held), 0);

	return n == 0 || (ours && n == (ssize_t)ours->len && !memcmp(held, ours->text, ours->len));
}

/* 1: written; 0: the file holds what is not ours; or a negative errno. */
static int write_message(
	struct termination_output *t, const char *id, int fd, const char *text, size_t len)
{
	struct message *ours = message_of(t, id);

	if (!may_write(fd, ours))
		return 0;
	if (pwrite(fd, text, len, 0) != (ssize_t)len)
		return errno ? -errno : -EIO;
	if (ours && ours->len > len && ftruncate(fd, (off_t)len))
		return -errno;
	if (!ours) {
		ours = &t->messages[t->next];
		t->next = (t->next + 1) % REMEMBERED;
	}
	snprintf(ours->id, sizeof(ours->id), "%s", id);
	memcpy(ours->text, text, len);
	ours->len = len;
	return 1;
}

static struct termination_output *termination_of(struct output *o)
{
	return (struct termination_output *)((char *)o -
					     offsetof(struct termination_output, output));
}

/* As write_message(). */
static int explain(
	struct termination_output *t, const struct diagnosis *d, const char *source, size_t below)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_fd_ int fd = open_message(t->host_root, source, below);

	if (fd == -ENOENT)
		return 0; /* the pod was deleted meanwhile */
	if (fd < 0)
		return fd;
	termination_message_text(&text, d);
	if (!text.data)
		return -ENOMEM;
	return write_message(t, d->container->id, fd, text.data, text.len);
}

static int termination_write(struct output *o, const struct record *r)
{
	struct termination_output *t = termination_of(o);
	size_t below;

	/* While a container runs its message is its own. */
	if (r->type != RECORD_DIAGNOSIS || !r->diagnosis->has_exit_code || !r->diagnosis->container)
		return 0;
	const struct container *c = r->diagnosis->container;
	for (size_t i = 0; i < c->n_mounts; i++) {
		const char *source = c->mounts[i].source;
		if (!is_message_of(c, source, &below))
			continue;
		int err = explain(t, r->diagnosis, source, below);
		if (err >= 0) {
			o->written += (uint64_t)err;
			return 0;
		}
		o->lost++;
		if (!t->failed)
			log_warning("cannot write the termination message %s: %s%s (reported once)",
				source, strerror(-err),
				err == -EACCES ? "; is --kubelet-dir the kubelet's --root-dir?"
					       : "");
		t->failed = true;
		return err;
	}
	return 0;
}

static int termination_flush(struct output *o)
{
	(void)o;
	return 0;
}

static void termination_free(struct output *o)
{
	struct termination_output *t = termination_of(o);

	free(t->messages);
	free(t);
}

static const struct output_ops termination_ops = {
	.name = "termination-message",
	.write = termination_write,
	.flush = termination_flush,
	.free = termination_free,
};

int termination_message_new(const char *host_root, struct output **out)
{
	struct termination_output *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->output.ops = &termination_ops;
	t->host_root = host_root;
	t->messages = calloc(REMEMBERED, sizeof(*t->messages));
	if (!t->messages) {
		free(t);
		return -ENOMEM;
	}
	*out = &t->output;
	return 0;
}
