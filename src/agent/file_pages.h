/* SPDX-License-Identifier: MIT */
/* The pages of the program's own file and of its libraries. */
#ifndef KTRACE_AGENT_FILE_PAGES_H
#define KTRACE_AGENT_FILE_PAGES_H

/*
 * Lets go of all that can be read again: a start goes through code and tables (the BPF programs, those of TLS) that nobody needs
 * afterwards. What is needed comes back with the next access, from the page cache.
 */
void file_pages_trim(void);

#endif
