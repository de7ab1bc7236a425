/* SPDX-License-Identifier: MIT */
/* Programs that serve: how each is kept in the foreground, and how it is told to listen on all addresses. */
#ifndef KTRACE_KNOWLEDGE_SERVICES_H
#define KTRACE_KNOWLEDGE_SERVICES_H

struct service {
	const char *program;
	const char *foreground; /* "`nginx -g 'daemon off;'`"; NULL: it stays there by itself */
	const char *everywhere; /* "`bind 0.0.0.0`"; NULL: not known */
};

/* NULL for a program that is none of them. A version may follow its name: php-fpm8.2. */
const struct service *service_of(const char *program);

#endif
