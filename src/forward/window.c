// SPDX-License-Identifier: MIT
#include "forward/window.h"

#include <stdio.h>
#include <string.h>

void window_add(struct window *w, const char *id)
{
	snprintf(w->ids[w->n++], sizeof(w->ids[0]), "%s", id);
}

int window_remove(struct window *w, const char *id)
{
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->ids[i], id) != 0)
			continue;
		w->n--;
		memmove(w->ids[i], w->ids[i + 1], (w->n - i) * sizeof(w->ids[0]));
		return (int)i;
	}
	return -1;
}
