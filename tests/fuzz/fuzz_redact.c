// SPDX-License-Identifier: MIT
/* Any text around a planted password, in any state: it is masked, and what is written fits where it was. */

#include "event/redact.h"
#include "fuzz/fuzz.h"

#define TEXT_MAX 4096 /* an event has no longer ones */

static const char secret[] = "Zq9xTr4mKw7b";

static void check_mask(char *text, size_t len, enum redact_open open, bool planted)
{
	size_t now = redact_text(text, len, &open);

	check(now <= len && !text[now] && strlen(text) == now);
	check(open <= REDACT_PEM);
	check(!planted || !strstr(text, secret));
}

/* As events have it: valid UTF-8, without a NUL. */
static size_t clean(char *out, const uint8_t *data, size_t size)
{
	size_t n = utf8_sanitise(out, (const char *)data, size);

	for (size_t i = 0; i < n; i++)
		if (!out[i])
			out[i] = ' ';
	out[n] = '\0';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size = size < TEXT_MAX ? size : TEXT_MAX;
	enum redact_open open = size ? data[0] % (REDACT_PEM + 1) : REDACT_NOTHING;
	size_t half = size / 2, most = UTF8_SANITISED_MAX(size) + 64;
	char *text = malloc(most), *arg = malloc(most);
	size_t n = clean(text, data, half);

	n += (size_t)sprintf(text + n, "\npassword=%s\n", secret);
	n += clean(text + n, data + half, size - half);
	char *again = strdup(text);
	/* The fuzzer finds out what is looked for, and puts it elsewhere too. */
	bool alone = !memmem(data, size, secret, strlen(secret));
	check_mask(text, n, open, alone);
	strcpy(arg, "--token=");
	clean(arg + strlen(arg), data, size);
	const char *args[] = { text, arg, again, arg, text };
	redact_args(args, 1);
	redact_args(args + 1, 2);
	check(!alone || !strstr(again, secret));
	free(again);
	free(arg);
	free(text);
	return 0;
}
