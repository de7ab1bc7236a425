/* SPDX-License-Identifier: MIT */
/*
 * Messages for whoever runs ktrace, on stderr: "ktrace: cannot open ...". stdout is for data. A
 * message is one line whatever it quotes: control bytes and broken UTF-8 are escaped.
 */
#ifndef KTRACE_UTIL_LOG_H
#define KTRACE_UTIL_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level most); /* LOG_INFO until somebody says otherwise */

void log_message(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_message(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_message(LOG_DEBUG, __VA_ARGS__)

#endif
