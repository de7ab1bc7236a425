// SPDX-License-Identifier: MIT
/* Any bytes as a record of the ring: refused, or decoded to an event that can be kept. */

#include "event/decode.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decode_buffer buffer;
	/* At its own address, so that the sanitiser sees a read behind the end. */
	void *record = malloc(size ? size : 1);
	struct event draft;

	if (!record)
		return 0;
	memcpy(record, data, size);
	if (size >= sizeof(struct wire_head)) {
		struct wire_head *h = record;
		h->size = (uint16_t)
			size; /* the ring's own word for it; else nearly all is refused here */
	}
	if (!event_decode(record, size, 0, &buffer, &draft)) {
		struct event *e = event_new(&draft);
		event_unref(e);
	}
	free(record);
	return 0;
}
