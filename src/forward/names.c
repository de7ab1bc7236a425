// SPDX-License-Identifier: MIT
#include "forward/forward.h"

static const char *const states[FORWARD_STATES] = { "idle", "resolving", "connecting", "securing",
	"authenticating", "ready", "waiting", "backing_off" };
static const char *const errors[FORWARD_ERRORS] = { "none", "resolve", "connect", "timeout", "tls",
	"tls_wanted", "handshake", "certificate", "client_certificate", "key", "user", "refused",
	"protocol", "closed", "ack" };
static const char *const drops[FORWARD_DROPS] = { "full", "disk", "corrupt", "invalid" };

const char *forward_state_name(enum forward_state state)
{
	return states[state];
}

const char *forward_error_name(enum forward_error error)
{
	return errors[error];
}

const char *forward_drop_name(enum forward_drop drop)
{
	return drops[drop];
}
