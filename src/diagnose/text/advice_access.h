/* SPDX-License-Identifier: MIT */
/* What the files about owner and mode share. */
#ifndef KTRACE_DIAGNOSE_TEXT_ADVICE_ACCESS_H
#define KTRACE_DIAGNOSE_TEXT_ADVICE_ACCESS_H

#include "diagnose/text/recommend.h"

const struct path_facts *known_facts(const struct failure *f); /* NULL: nobody looked */
bool is_there(const struct path_facts *facts);
bool changes_owner(const struct failure *f);
bool changes_mode(const struct failure *f);

/* A socket that is there and refuses: it is made at each start, so what would be done to it in the image is lost. */
bool advise_socket(struct report *r, const struct failure *f, const struct blanks *b);
/* A file or directory of the image: to be made or given to the user when it is built. */
void advise_image_owner(struct report *r, const struct failure *f, struct blanks *b);
/* In a hostPath volume; *b has owner and group of what is there, else of its directory. */
void advise_host_path(struct report *r, const struct failure *f, struct blanks *b);

#endif
