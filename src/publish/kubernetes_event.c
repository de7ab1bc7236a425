// SPDX-License-Identifier: MIT
#include "publish/kubernetes_event.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "record/json.h"
#include "record/rfc3339.h"
#include "record/terminal_text.h"
#include "util/cleanup.h"
#include "util/hash.h"

#define LABEL_MAX 63
#define SUBDOMAIN_MAX 253
#define INSTANCE_MAX 128
#define KEY_SUFFIX 17 /* '.' and 16 hex digits */

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* Lower-case letters and digits, and `inner` between them: what may stand in a URL as it is. */
static bool is_name(const char *text, const char *inner, size_t most)
{
	char allowed[48];
	size_t len = strlen(text);

	snprintf(allowed, sizeof(allowed), "%s%s", lower, inner);
	return len > 0 && len <= most && strspn(text, allowed) == len && strchr(lower, text[0]) &&
	       strchr(lower, text[len - 1]);
}

static bool is_uid(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= LABEL_MAX &&
	       strspn(text, "ABCDEFabcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool kubernetes_event_is_possible(const struct diagnosis *d)
{
	const struct container *c = d->container;

	return c && *d->fingerprint && is_name(c->k8s_namespace, "-", LABEL_MAX) &&
	       is_name(c->pod, "-.", SUBDOMAIN_MAX) && is_uid(c->pod_uid);
}

static uint64_t add(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

uint64_t kubernetes_event_key(const struct diagnosis *d)
{
	uint64_t hash = add(HASH_START, d->container->k8s_namespace);

	hash = add(hash, d->container->pod);
	hash = add(hash, d->container->pod_uid);
	return add(hash, d->fingerprint);
}

void kubernetes_event_name(struct strbuf *out, const struct diagnosis *d)
{
	const char *pod = d->container->pod;
	size_t len = strlen(pod);

	if (len > SUBDOMAIN_MAX - KEY_SUFFIX)
		len = SUBDOMAIN_MAX - KEY_SUFFIX;
	while (len > 1 && !strchr(lower, pod[len - 1]))
		len--;
	strbuf_printf(out, "%.*s.%016" PRIx64, (int)len, pod, kubernetes_event_key(d));
}

/* Words that Kubernetes writes in capitals, as in OOMKilling. */
static size_t acronym(const char *word, size_t len)
{
	static const char *const known[] = { "oom", "dns", "gpu", "cpu" };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (len == strlen(known[i]) && !strncmp(word, known[i], len))
			return len;
	return 1;
}

void kubernetes_event_reason(char out[EVENT_REASON_SIZE], const char *root_cause)
{
	size_t at = 0;

	for (const char *word = root_cause; *word && at < EVENT_REASON_SIZE - 1;) {
		size_t len = strcspn(word, "_"), capitals = acronym(word, len);

		for (size_t i = 0; i < len && at < EVENT_REASON_SIZE - 1; i++)
			out[at++] =
				(char)(i < capitals ? toupper((unsigned char)word[i]) : word[i]);
		word += len + (word[len] == '_');
	}
	out[at] = '\0';
}

void kubernetes_event_time(char out[EVENT_TIME_SIZE], uint64_t ns)
{
	char whole[RFC3339_SIZE];

	rfc3339_format(whole, ns);
	memcpy(out, whole, EVENT_TIME_SIZE - 2);
	strcpy(out + EVENT_TIME_SIZE - 2, "Z");
}

/* As much of text as leaves room for `rest` bytes in the note; "…" says that it was cut. */
static void put_bounded(struct strbuf *note, const char *text, size_t rest)
{
	size_t len = strlen(text), room = EVENT_NOTE_MAX - rest - note->len;

	if (len <= room) {
		strbuf_append(note, text, len);
		return;
	}
	strbuf_append(note, text, json_cut_length(text, room - strlen(JSON_ELLIPSIS)));
	strbuf_puts(note, JSON_ELLIPSIS);
}

/* The title, the first advice and where the rest is: one line, because `kubectl` shows it in a column. */
static void put_note(struct strbuf *note, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_strbuf_ struct strbuf more = STRBUF_INIT;

	strbuf_printf(&more, " More: kubectl ktrace explain -n %s %s", d->container->k8s_namespace,
		d->container->pod);
	terminal_text(&text, d->title ? d->title : "");
	strbuf_putc(&text, '.');
	if (d->n_recommendations) {
		strbuf_puts(&text, " Fix: ");
		terminal_text(&text, d->recommendations[0].text);
	}
	if (!text.data || !more.data)
		return;
	/* A pod's name may be 253 bytes and a namespace's 63: there is always room for a title. */
	put_bounded(note, text.data, more.len);
	strbuf_puts(note, more.data);
}

static void put_regarding(struct json *j, const struct container *c)
{
	_cleanup_strbuf_ struct strbuf path = STRBUF_INIT;

	json_open_object(j, "regarding");
	json_string(j, "apiVersion", "v1");
	json_string(j, "kind", "Pod");
	json_string(j, "namespace", c->k8s_namespace);
	json_string(j, "name", c->pod);
	json_string(j, "uid", c->pod_uid);
	if (is_name(c->k8s_container, "-", LABEL_MAX)) {
		strbuf_printf(&path, "spec.%s{%s}",
			c->type == CONTAINER_INIT ? "initContainers" : "containers",
			c->k8s_container);
		json_string(j, "fieldPath", path.data ? path.data : "");
	}
	json_close_object(j);
}

static void put_metadata(struct json *j, const struct diagnosis *d)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	kubernetes_event_name(&name, d);
	json_open_object(j, "metadata");
	json_string(j, "name", name.data ? name.data : "");
	json_string(j, "namespace", d->container->k8s_namespace);
	json_close_object(j);
}

void kubernetes_event_head(
	struct strbuf *out, const struct diagnosis *d, const char *node, uint64_t time)
{
	_cleanup_strbuf_ struct strbuf note = STRBUF_INIT;
	char when[EVENT_TIME_SIZE], reason[EVENT_REASON_SIZE], instance[INSTANCE_MAX + 1];
	struct json j = json_start(out);

	kubernetes_event_time(when, time);
	kubernetes_event_reason(reason, d->root_cause);
	snprintf(instance, sizeof(instance), "ktrace-%s", node);
	put_note(&note, d);
	json_open_object(&j, NULL);
	json_string(&j, "apiVersion", "events.k8s.io/v1");
	json_string(&j, "kind", "Event");
	put_metadata(&j, d);
	json_string(&j, "eventTime", when);
	json_string(&j, "reportingController", "ktrace");
	json_string(&j, "reportingInstance", instance);
	json_string(&j, "action", "Diagnosed");
	json_string(&j, "reason", reason);
	put_regarding(&j, d->container);
	json_string(&j, "note", note.data ? note.data : "");
	json_string(&j, "type", "Warning");
}

void kubernetes_event_series(struct strbuf *out, uint64_t count, uint64_t last)
{
	char when[EVENT_TIME_SIZE];

	kubernetes_event_time(when, last);
	strbuf_printf(
		out, "\"series\":{\"count\":%" PRIu64 ",\"lastObservedTime\":\"%s\"}", count, when);
}
