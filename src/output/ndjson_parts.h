/* SPDX-License-Identifier: MIT */
/* The parts of a record that ndjson.c puts together. */
#ifndef KTRACE_NDJSON_PARTS_H
#define KTRACE_NDJSON_PARTS_H

#include "ktrace/diagnosis.h"
#include "output/json.h"

/* An event's members of the object ktrace, which is open; describe: with all that is known of its container. */
void ndjson_event(struct json *j, const struct event *e, bool describe);

/* The members that a diagnosis takes from its culprit: process, file, error. */
void ndjson_culprit(struct json *j, const struct diagnosis *d);

/* A diagnosis' members of the object ktrace, which is open. */
void ndjson_diagnosis(struct json *j, const struct diagnosis *d);

#endif
