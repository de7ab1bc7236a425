// SPDX-License-Identifier: MIT
/* Any bytes as a question to the helper, and as its answer: neither crashes the side that reads it. */
#include <errno.h>
#include <unistd.h>

#include "container/helper.h"
#include "container/looks_parts.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char reply[HELPER_MESSAGE_MAX];
	struct input in = { data, size };
	unsigned kind = next(&in) % (LOOKS + 1), before = open_files();
	char *question = malloc(in.size + 1); /* its end is known to the sanitizer */

	memcpy(question, in.data, in.size);
	int len = looks_serve(kind, question, in.size, reply, sizeof(reply));
	check(len <= (int)sizeof(reply) && len >= -4095);
	look_rest();
	check(open_files() == before);
	free(question);
	return 0;
}
