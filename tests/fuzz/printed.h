/* SPDX-License-Identifier: MIT */
/* What code of ktrace's prints to stdout and stderr, kept to be looked at. */
#ifndef KTRACE_FUZZ_PRINTED_H
#define KTRACE_FUZZ_PRINTED_H

#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define PRINTED_MAX (1 << 20) /* of each, so much is looked at */

static struct {
	int file, before;
} printed[3]; /* by descriptor */

/* Once. A fault in what prints is still told where somebody reads it. */
static inline void printed_init(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		printed[fd].file = memfd_create("printed", MFD_CLOEXEC);
	__sanitizer_set_report_fd((void *)(intptr_t)fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
}

static inline void printed_begin(void)
{
	fflush(NULL);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		int file = printed[fd].file;

		printed[fd].before = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		check(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
		dup2(file, fd);
	}
}

static inline void printed_end(void)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		dup2(printed[fd].before, fd);
		close(printed[fd].before);
	}
}

/* The first PRINTED_MAX bytes, cut after a whole line; the caller's to free. */
static inline char *printed_text(int fd, size_t *len)
{
	char *text = malloc(PRINTED_MAX + 1);
	ssize_t n = pread(printed[fd].file, text, PRINTED_MAX, 0);

	check(n >= 0);
	*len = (size_t)n;
	while (*len && text[*len - 1] != '\n')
		(*len)--;
	check(n == PRINTED_MAX || *len == (size_t)n);
	text[*len] = '\0';
	return text;
}

/* Messages: whole lines that say who speaks, and drive no terminal. */
static inline bool are_messages(const char *text, size_t len)
{
	for (const char *line = text; line < text + len; line = strchr(line, '\n') + 1)
		if (strncmp(line, "ktrace: ", 8))
			return false;
	return is_harmless(text, len);
}

#endif
