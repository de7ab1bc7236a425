/* SPDX-License-Identifier: MIT */
/* Clients that take an address of this machine where they are told none, and what a pod has there. */
#ifndef KTRACE_KNOWLEDGE_DEFAULT_ADDRESSES_H
#define KTRACE_KNOWLEDGE_DEFAULT_ADDRESSES_H

#include <stdint.h>

/* How the program is told its server, when the port is the one that it takes by itself; else NULL. */
const char *default_address_of(const char *program, uint16_t port);

/* Whose port of this machine that is in a pod with a sidecar: "Istio's sidecar"; NULL where it is no such. */
const char *sidecar_of(uint16_t port);

#endif
