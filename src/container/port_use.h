/* SPDX-License-Identifier: MIT */
#ifndef KTRACE_CONTAINER_PORT_USE_H
#define KTRACE_CONTAINER_PORT_USE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * How many local ports connections to this address and port have in the network of process `pid`, those that are
 * closing (TIME_WAIT) among them: each takes one. IPv4 only; 0 where nothing can be read.
 */
uint64_t port_use(uint32_t pid, const char *address, uint16_t port);

/* The same of one table, as /proc/PID/net/tcp has it; mapped: tcp6, for ::ffff:ADDRESS. */
uint64_t port_use_parse(FILE *table, const char *address, uint16_t port, bool mapped);

#endif
