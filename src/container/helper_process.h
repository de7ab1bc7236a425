/* SPDX-License-Identifier: MIT */
/* The helper's own processes, and what is said to them: for helper.c alone. */
#ifndef KTRACE_CONTAINER_HELPER_PROCESS_H
#define KTRACE_CONTAINER_HELPER_PROCESS_H

#include "container/helper.h"

struct helper_head {
	uint32_t number; /* of the question, and of its answer */
	uint32_t kind;   /* of a question */
	int32_t result;  /* of an answer: 0 or a negative errno */
	uint32_t pad;
};

struct helper_message {
	struct helper_head head;
	char data[HELPER_MESSAGE_MAX];
};

/* Forks a worker for each byte that comes, until the other end is closed. */
void starter_run(int fd, const struct helper_work *work, void (*confine)(void))
	__attribute__((noreturn));

#endif
