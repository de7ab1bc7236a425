/* SPDX-License-Identifier: MIT */
/* What mends a name that is not resolved. */
#ifndef KTRACE_DIAGNOSE_TEXT_ADVICE_NAMES_H
#define KTRACE_DIAGNOSE_TEXT_ADVICE_NAMES_H

#include "diagnose/report.h"

bool name_is_of_cluster(const char *name);
bool server_is_stub(const char *address); /* systemd's, on the node's loopback address */

/* The name, "" where it is not known. */
void advise_name(struct report *r, const char *name);
/* The name server; `answers`: it did, with an error of its own. */
void advise_name_server(struct report *r, const char *address, bool answers);
/* The variables whose values end in a line break, or hold a placeholder. */
void advise_line_break(struct report *r);
void advise_placeholder(struct report *r);
/*
 * Says which variables the kubelet made of Services (NAME_PORT=tcp://ADDRESS:PORT), and what to do about them; `variable`: that
 * one alone, or NULL. False, and nothing is said, where there is none.
 */
bool advise_service_variables(struct report *r, const char *variable);
/* A setting that is a port was refused, and the kubelet made a variable of the Service that bears this pod's name. */
bool advise_own_service(struct report *r, const char *setting);
/* A name of a proxy, or the container's own, by what `who` (or NULL) said of it; false when it is neither. */
bool advise_special_name(struct report *r, const struct candidate *who, const char *name);

#endif
