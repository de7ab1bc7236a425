/* SPDX-License-Identifier: MIT */
/* Records for whoever sits in front of it: text or JSON lines to a file descriptor. An output. */
#ifndef KTRACE_CLI_PRINTER_H
#define KTRACE_CLI_PRINTER_H

#include "cli/options.h"
#include "record/filter.h"
#include "sinks/terminal.h"

struct printer_options {
	int fd; /* borrowed */
	enum format format;
	int color;                   /* enum when */
	const struct filter *filter; /* borrowed; NULL: all that comes */
	bool one_container;          /* all records are of one */
	bool diagnosis_last;         /* keeps the latest diagnosis back until printer_finish() */
};

int printer_new(const struct printer_options *options, struct output **out); /* 0 or -ENOMEM */

/* A line that was read, as it is: saves writing it anew for JSON. The record is what it holds. */
void printer_line(struct output *o, const struct record *r, const char *line, size_t len);

/* Writes what was kept back, or the page of FORMAT_HTML. True when a diagnosis was among all that was printed. */
bool printer_finish(struct output *o);

/* How many records the filter let through but for being harmless. */
uint64_t printer_spared(const struct output *o);

bool printer_broken(const struct output *o); /* nobody reads any more */

/*
 * Whether nobody reads any more: an earlier write failed, or what lies in the pipe has lain there for
 * 30 seconds. To be asked each second or so.
 */
bool printer_abandoned(struct output *o);

/* For fd: colours as asked for, and the width of its terminal. */
struct terminal_style terminal_style_for(int fd, int color);

/*
 * Writes all of it, waiting where it must. 0, -ETIMEDOUT when nobody took anything for 30 seconds, -EINTR when
 * a blocked SIGINT, SIGTERM or SIGHUP came meanwhile, or another negative errno.
 */
int write_all(int fd, const char *data, size_t len);

#endif
