/* SPDX-License-Identifier: MIT */
/* Clients that take an address of this machine where they are told none. */
#ifndef KTRACE_KNOWLEDGE_DEFAULT_ADDRESSES_H
#define KTRACE_KNOWLEDGE_DEFAULT_ADDRESSES_H

#include <stdint.h>

/* How the program is told its server, when the port is the one that it takes by itself; else NULL. */
const char *default_address_of(const char *program, uint16_t port);

#endif
