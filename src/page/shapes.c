// SPDX-License-Identifier: MIT
/* What a mark is shows by its shape first: the page is printed in black, and colours look alike to some. */
#include "page/picture.h"

static const struct {
	const char *name, *css;
	const char *path; /* around 0, 0 */
} shapes[MARK_KINDS] = {
	[MARK_STEP] = { "step of the cause", "step", "" },
	[MARK_OOM] = { "out of memory", "oom",
		"M-2.6-6.2H2.6L6.2-2.6V2.6L2.6 6.2H-2.6L-6.2 2.6V-2.6Z" },
	[MARK_LISTEN] = { "listens", "listen", "M-4 6V-6H5.5L2.5-2.8L5.5 .4H-2.2V6Z" },
	[MARK_SIGNAL] = { "signal", "signal", "M1.6-6.4L-4.4 1H-.6L-1.8 6.4L4.4-1.4H.6Z" },
	[MARK_FAILURE] = { "failed call", "failure",
		"M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0Z" },
	[MARK_EXEC] = { "program starts", "exec", "M-4-5.4L5.4 0L-4 5.4Z" },
	[MARK_OUTPUT] = { "output", "output", "M-6-5H6V2.6H-.6L-3.6 5.8V2.6H-6Z" },
};

void picture_shape(struct strbuf *out, enum mark_kind kind, double x, double y)
{
	strbuf_printf(out, "<path class=\"%s\" transform=\"translate(%.1f %.1f)\" d=\"%s\"/>",
		shapes[kind].css, x, y, shapes[kind].path);
}

const char *picture_shape_name(enum mark_kind kind)
{
	return shapes[kind].name;
}
