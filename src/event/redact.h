/* SPDX-License-Identifier: MIT */
/*
 * Secrets in arguments and output are masked before anything keeps them: passwords and tokens behind a telling name,
 * credentials in URLs and headers, keys that are known by their shape, the bodies of PEM blocks.
 *
 * A mask is a run of asterisks of 1, 4, 8, 16, 32 or 64 characters: the longest of these that the secret fills. So an
 * empty password still shows as empty and one that is far too short as short, and what is masked twice stays the same.
 * The name before it, and what it is by its shape ("AKIA"), stay. Masks are written in place. Pure.
 */
#ifndef KTRACE_EVENT_REDACT_H
#define KTRACE_EVENT_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;

/* What the end of a text leaves open for what the same process writes next. */
enum redact_open {
	REDACT_NOTHING,
	REDACT_VALUE, /* a name and "=" or ":": its value comes next */
	REDACT_REST,  /* a value that was cut */
	REDACT_PEM,   /* inside a PEM block */
};

#define REDACT_WRITERS 64

struct redact {
	bool off;     /* nothing is masked */
	bool no_args; /* of arguments only the first, the program's name, is kept */
	struct redact_writer {
		uint32_t pid, fd;
		enum redact_open open;
	} writers[REDACT_WRITERS]; /* by pid and descriptor; the latest one stays */
};

/*
 * Masks an event's arguments, output and paths, and with EVENT_CONTAINER_CREATED the command of its container. The
 * event must not be shared yet.
 */
void redact_event(struct redact *r, struct event *e);

/* Masks text of len bytes with a NUL behind; returns the new length, which is never larger. */
size_t redact_text(char *text, size_t len, enum redact_open *open);

/* Masks a command line, its strings in place: *args may be shortened to what is kept. */
void redact_args(const char *const *args, size_t n);

#endif
