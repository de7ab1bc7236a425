/* SPDX-License-Identifier: MIT */
/* The inside of redact.c: what is taken for a secret, as tables, and how a value is found and judged. */
#ifndef KTRACE_EVENT_REDACT_PARTS_H
#define KTRACE_EVENT_REDACT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/redact.h"

/* A name whose value is a secret: the end of a key, compared without case, '_', '-' and '.'. */
enum {
	NAME_ALONE = 1 << 0, /* no part of a longer word: "pass", not "bypass" */
	NAME_LINE = 1 << 1,  /* the value is the rest of the line */
};
struct secret_name {
	const char *name; /* lower case, without '_', '-' and '.' */
	char last;        /* its last letter */
	unsigned flags;
};
extern const struct secret_name secret_names[]; /* ends with one without a name */

/* A secret that is known by how it begins and how long it is. */
struct secret_shape {
	const char *prefix; /* stays */
	char first;         /* its first letter */
	size_t least;       /* characters of the secret behind it */
	const char *more;   /* what belongs to it beside letters and digits */
	unsigned dots;      /* at least so many of them, of a JWT */
};
extern const struct secret_shape secret_shapes[]; /* ends with one without a prefix */

/*
 * The first byte of each prefix, the first two and the first three, a bit for each: that rules out nearly every word. The factors are those
 * by which the fewest words of the paths in tests/replay share a bit: 4 of 1,000.
 */
#define SHAPE_BIT(byte) (1ull << ((unsigned char)(byte)&63))
#define SHAPE_PAIR_BIT(text) SHAPE_BIT(5 * (unsigned char)(text)[0] + (unsigned char)(text)[1])
#define SHAPE_TRIPLE_BIT(text) \
	SHAPE_BIT(6 * (unsigned char)(text)[0] + 4 * (unsigned char)(text)[1] + \
		  (unsigned char)(text)[2])
struct secret_beginnings {
	uint64_t first, pair, triple;
};
extern const struct secret_beginnings secret_beginnings;

/* An option of one program that takes a secret and does not say so by its name. */
enum {
	OPTION_NEXT = 1 << 0,  /* -p SECRET */
	OPTION_GLUED = 1 << 1, /* -pSECRET */
	OPTION_USER = 1 << 2,  /* the value is USER:SECRET */
	OPTION_LOGIN = 1 << 3, /* only of the sub-command login */
};
struct secret_option {
	const char *programs; /* with blanks around each */
	const char *option;
	unsigned flags;
};
extern const struct secret_option secret_options[]; /* ends with one without programs */

/* The name that a key ends with; NULL: it promises no secret. */
const struct secret_name *secret_name_of(const char *key, size_t len);

/* A part of a text. */
struct span {
	size_t from, to;
};

/* Where a text comes from: a command line has no prose, and what its options are given is meant. */
enum redact_source { FROM_OUTPUT, FROM_COMMAND };

/* Of the value behind a name and its separator at text[at]: what is to be masked; empty: nothing is. */
struct span value_behind(const char *text, size_t len, size_t at, const struct secret_name *name,
	enum redact_source source);

/* The value that begins at text[at], of a name that a separator (":", "=" or " ") already follows. */
struct span value_at(const char *text, size_t len, size_t at, char separator, bool whole_line,
	enum redact_source source);

/* Of a URL whose "://" is at text[at]: its password. */
struct span password_of_url(const char *text, size_t len, size_t at);

/* Is what is there a secret? Not a reference ($NAME, ${NAME}, {{ name }}), a path, or a word for none. */
bool is_secret(const char *value, size_t len);

/* Writes the mask of a secret of len characters; returns its length, at most len. */
size_t write_mask(char *out, size_t len);

/* redact_text() of a text of either source. */
size_t redact_part(char *text, size_t len, enum redact_source source, enum redact_open *open);

/* Words that stand where a value would and are none: "password: required", "token=null". */
bool is_plain_word(const char *word, size_t len);

#endif
