/* SPDX-License-Identifier: MIT */
/*
 * Who attaches goes before who detaches. The kernel makes and undoes each fexit program under the same locks, and waits
 * with them in hand, a tenth of a second or more, each time that one goes. A start right after a stop would meet the
 * hundred of the one before, and wait for each. So whoever attaches says so by a lock on a file that both have, and whoever
 * takes programs down, which are idle by then, looks for that before each. Anybody may lock that file: nobody waits long.
 */
#ifndef KTRACE_UTIL_TURNS_H
#define KTRACE_UTIL_TURNS_H

#define TURN_PLACE \
	"/sys/kernel/btf/vmlinux" /* every agent of this kernel has it: without it there is no fexit */

/*
 * "I attach." place: the file that is locked, TURN_PLACE. Returns a descriptor for the other calls, the caller's to
 * close, or -1, which they take too.
 */
int turn_take(const char *place);
void turn_end(int fd); /* the descriptor is kept, for when it is taken down */
/* Waits for others that attach; *patience_us, which it lowers, in all. */
void turn_let_pass(int fd, unsigned *patience_us);

#endif
