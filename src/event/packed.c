// SPDX-License-Identifier: MIT
/* A structure is taken as words of eight bytes: a bit for each that is not 0, and those as numbers of as many bytes as they need. */
#include "event/packed.h"

#include <stdlib.h>
#include <string.h>

#include "event/event_private.h"
#include "ktrace/container.h"
#include "util/cleanup.h"

#define WORD sizeof(uint64_t)
#define EVENT_WORDS (sizeof(struct event) / WORD)
#define FACTS_WORDS (sizeof(struct path_facts) / WORD)
#define NUMBER_MAX 10 /* bytes of one, seven bits in each */
#define PACKED_MAX(words) (((words) + 7) / 8 + (words)*NUMBER_MAX)

_Static_assert(sizeof(struct event) % WORD == 0, "an event is words");
_Static_assert(sizeof(struct path_facts) % WORD == 0, "facts are words");
#define IS_A_WORD(member) \
	_Static_assert(offsetof(struct event, member) % WORD == 0, "a string is a word");
STRINGS(IS_A_WORD)
#undef IS_A_WORD

struct packed_facts {
	uint32_t size; /* of the bytes */
	unsigned char bytes[];
};

struct packed_event {
	struct container *container; /* owned, and so is this */
	struct packed_facts *facts;
	uint32_t text, numbers; /* bytes of each, one behind the other */
	unsigned char bytes[];
};

static unsigned char *put_number(unsigned char *out, uint64_t n)
{
	for (; n >> 7; n >>= 7)
		*out++ = (unsigned char)(n | 0x80);
	*out++ = (unsigned char)n;
	return out;
}

static const unsigned char *get_number(const unsigned char *in, uint64_t *n)
{
	unsigned shift = 0;

	*n = 0;
	do
		*n |= (uint64_t)(*in & 0x7f) << shift;
	while (shift += 7, *in++ & 0x80);
	return in;
}

/* Returns how many bytes. */
static size_t pack_words(unsigned char *out, const uint64_t *words, size_t n)
{
	unsigned char *p = out + (n + 7) / 8;

	memset(out, 0, (n + 7) / 8);
	for (size_t i = 0; i < n; i++) {
		if (!words[i])
			continue;
		out[i / 8] |= (unsigned char)(1 << i % 8);
		p = put_number(p, words[i]);
	}
	return (size_t)(p - out);
}

static void unpack_words(const unsigned char *in, uint64_t *words, size_t n)
{
	const unsigned char *p = in + (n + 7) / 8;

	for (size_t i = 0; i < n; i++) {
		words[i] = 0;
		if (in[i / 8] >> i % 8 & 1)
			p = get_number(p, &words[i]);
	}
}

/* Pointers become what stands in their place: a string's is where it lies in the block, 0 for "". */
static void to_words(const struct block *block, uint64_t words[EVENT_WORDS])
{
	const struct event *e = &block->event;

	memcpy(words, e, sizeof(*e));
#define PLACE(member) \
	words[offsetof(struct event, member) / WORD] = \
		*e->member ? (uint64_t)(e->member - (const char *)block) : 0;
	STRINGS(PLACE)
#undef PLACE
	words[offsetof(struct event, args) / WORD] = 0;
	words[offsetof(struct event, facts) / WORD] = 0;
	words[offsetof(struct event, container) / WORD] = 0;
}

static void from_words(const uint64_t words[EVENT_WORDS], struct block *block)
{
	struct event *e = &block->event;

	memcpy(e, words, sizeof(*e));
#define STRING(member) \
	e->member = words[offsetof(struct event, member) / WORD] \
			    ? (const char *)block + words[offsetof(struct event, member) / WORD] \
			    : "";
	STRINGS(STRING)
#undef STRING
	e->args = (const char *const *)(block + 1);
}

struct packed_facts *facts_pack(const struct path_facts *facts)
{
	uint64_t words[FACTS_WORDS];
	unsigned char bytes[PACKED_MAX(FACTS_WORDS)];

	memcpy(words, facts, sizeof(words));
	size_t size = pack_words(bytes, words, FACTS_WORDS);
	struct packed_facts *p = malloc(sizeof(*p) + size);
	if (!p)
		return NULL;
	p->size = (uint32_t)size;
	memcpy(p->bytes, bytes, size);
	return p;
}

void facts_unpack(const struct packed_facts *p, struct path_facts *out)
{
	uint64_t words[FACTS_WORDS];

	unpack_words(p->bytes, words, FACTS_WORDS);
	memcpy(out, words, sizeof(words));
}

struct packed_event *event_pack(struct event *e)
{
	struct block *block = (struct block *)e;
	uint64_t words[EVENT_WORDS];
	unsigned char numbers[PACKED_MAX(EVENT_WORDS)];

	if (e->refs != 1 || e->argc)
		return NULL;
	to_words(block, words);
	size_t size = pack_words(numbers, words, EVENT_WORDS), text = block->size - sizeof(*block);
	_cleanup_free_ struct packed_facts *facts = e->facts ? facts_pack(e->facts) : NULL;
	struct packed_event *p = malloc(sizeof(*p) + text + size);
	if (!p || (e->facts && !facts)) {
		free(p);
		return NULL;
	}
	p->container = e->container;
	p->facts = take(facts);
	p->text = (uint32_t)text;
	p->numbers = (uint32_t)size;
	memcpy(p->bytes, block + 1, text);
	memcpy(p->bytes + text, numbers, size);
	free(e->facts);
	free(block);
	return p;
}

struct event *event_unpack(struct packed_event *p)
{
	uint64_t words[EVENT_WORDS];
	_cleanup_free_ struct block *block = malloc(sizeof(*block) + p->text);
	_cleanup_free_ struct path_facts *facts = p->facts ? malloc(sizeof(*facts)) : NULL;

	if (!block || (p->facts && !facts))
		return NULL;
	unpack_words(p->bytes + p->text, words, EVENT_WORDS);
	from_words(words, block);
	memcpy(block + 1, p->bytes, p->text);
	block->size = sizeof(*block) + p->text;
	if (facts)
		facts_unpack(p->facts, facts);
	block->event.facts = take(facts);
	block->event.container = p->container;
	free(p->facts);
	free(p);
	return &take(block)->event;
}

void packed_event_free(struct packed_event *p)
{
	if (!p)
		return;
	if (p->container)
		container_unref(p->container);
	free(p->facts);
	free(p);
}

size_t packed_event_size(const struct packed_event *p)
{
	return sizeof(*p) + p->text + p->numbers +
	       (p->facts ? sizeof(*p->facts) + p->facts->size : 0);
}
