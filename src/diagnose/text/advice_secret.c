// SPDX-License-Identifier: MIT
/* A password, token or key that was refused, where what the container was given of that name is empty or ends in a line break. */
#include "diagnose/text/advice_secret.h"

#include <stdio.h>
#include <string.h>

#include "diagnose/advice.h"
#include "diagnose/text/recommend.h"
#include "util/cleanup.h"
#include "util/find.h"

/* How secrets are called, the longer words first. */
static const char *const kinds[] = { "PASSWORD", "PASSPHRASE", "PASS", "TOKEN", "SECRET", "KEY",
	"CREDENTIAL" };

/* The first of these names, with blanks between them, that has the word in it. */
static bool name_with(const char *names, const char *word, char *out, size_t size)
{
	for (const char *at = names; *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (len < size) {
			snprintf(out, size, "%.*s", (int)len, at);
			if (find_folded(path_name(out), word))
				return true;
		}
		at += len;
	}
	return false;
}

/* "invalid header value b'...\\n'": what goes into a header is a secret, whatever its name. */
static bool is_of_a_header(const char *line)
{
	return find_folded(line, "header") &&
	       (find_folded(line, "value") || find_folded(line, "content") ||
		       find_folded(line, "character"));
}

static bool advise_line_break(const char *line, struct report *r)
{
	static const struct advice without_break = {
		.text = "Take the line break from the end of the value of {name}: make the Secret "
			"with `printf` or `echo -n` before `base64`, or with stringData.",
	};
	const char *names = r->q->container->env_line_break;
	char name[128];

	if (is_of_a_header(line) && name_with(names, "", name, sizeof(name)))
		return recommend(r, &without_break, &(struct blanks){ .name = name });
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (find_folded(line, kinds[i]) && name_with(names, kinds[i], name, sizeof(name)))
			return recommend(r, &without_break, &(struct blanks){ .name = name });
	return false;
}

bool advise_empty_key(const char *path, struct report *r)
{
	static const struct advice fill = {
		"Fill {path}, which is empty[: key {value} of the {kind} {volume}].", NULL
	};
	const struct mount *m = container_mount_of(r->q->container, path);

	report_sentence(r, "%s is empty.", path);
	report_path(r, path);
	return recommend(r, &fill,
		&(struct blanks){ .path = path,
			.value = mount_key(m, path),
			.kind = mount_title(m->kind),
			.volume = m->name });
}

/* Who says that a login was refused does not say that it sent nothing. */
static bool advise_empty(const char *line, struct report *r)
{
	static const char *const refusals[] = { "login", "authent", "authoriz", "credential",
		"password", "passphrase", "token", "secret", "api key", "access key" };
	static const struct advice set = {
		.text = "Give the environment variable {name} a value: it is set, and empty.",
	};
	const struct container *c = r->q->container;
	char name[512];

	if (!has_one_folded(line, refusals, ARRAY_SIZE(refusals)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (name_with(c->keys_empty, kinds[i], name, sizeof(name)))
			return advise_empty_key(name, r);
		if (!name_with(c->env_empty, kinds[i], name, sizeof(name)))
			continue;
		report_sentence(r, "The environment variable %s is empty.", name);
		return recommend(r, &set, &(struct blanks){ .name = name });
	}
	return false;
}

bool advise_secret(const char *line, struct report *r)
{
	return line && (advise_line_break(line, r) || advise_empty(line, r));
}
