/* SPDX-License-Identifier: MIT */
/*
 * libcurl, loaded when something is to be sent over HTTP. It brings some fifteen other libraries, among them a second one
 * for TLS: a program with rights on every node, most of which send nothing, is not to carry them all the time.
 */
#ifndef KTRACE_PUBLISH_CURL_LIBRARY_H
#define KTRACE_PUBLISH_CURL_LIBRARY_H

#include <curl/curl.h>

#define CURL_CALLS(X) \
	X(easy_init) \
	X(easy_setopt) \
	X(easy_getinfo) \
	X(easy_strerror) \
	X(easy_cleanup) \
	X(multi_init) \
	X(multi_setopt) \
	X(multi_assign) \
	X(multi_add_handle) \
	X(multi_remove_handle) \
	X(multi_socket_action) \
	X(multi_info_read) \
	X(multi_cleanup) \
	X(slist_append) \
	X(slist_free_all)

/* libcurl's functions under their own names: curl_easy_init() is curl->easy_init(). */
struct curl_library {
#define CURL_CALL(name) typeof(curl_##name) *name;
	CURL_CALLS(CURL_CALL)
#undef CURL_CALL
};

/* Loads it the first time. NULL where it is missing, which is logged with what to install. It is never unloaded. */
const struct curl_library *curl_library(void);

#endif
