// SPDX-License-Identifier: MIT
#include "forward/forward.h"
#include "serve/metrics.h"

void metrics_forward(struct exposition *x, const struct forward_stats *f)
{
	metric_single(x, METRIC_COUNTER, "ktrace_forward_buffered_records", f->buffered,
		"Records that went to the buffer on disk.");
	metric_single(x, METRIC_COUNTER, "ktrace_forward_sent_records", f->sent,
		"Records that were sent, each time that they were.");
	metric_single(x, METRIC_COUNTER, "ktrace_forward_acked_records", f->acked,
		"Records that a server acknowledged.");
	metric_family(x, METRIC_COUNTER, "ktrace_forward_dropped_records",
		"Records that no server will get.");
	for (enum forward_drop drop = 0; drop < FORWARD_DROPS; drop++)
		metric_sample(x, f->dropped[drop], LABELS({ "reason", forward_drop_name(drop) }));
	metric_single(x, METRIC_GAUGE, "ktrace_forward_waiting_records", f->waiting_records,
		"Records in the buffer.");
	metric_single(x, METRIC_GAUGE, "ktrace_forward_waiting_bytes", f->waiting_bytes,
		"Size of the buffer.");
	metric_single(x, METRIC_COUNTER, "ktrace_forward_connections", f->connections,
		"Connections that were ready to send.");
	metric_family(x, METRIC_COUNTER, "ktrace_forward_errors", "What went wrong with servers.");
	for (enum forward_error error = FORWARD_ERROR_NONE + 1; error < FORWARD_ERRORS; error++)
		metric_sample(x, f->errors[error], LABELS({ "error", forward_error_name(error) }));
	metric_family(x, METRIC_GAUGE, "ktrace_forward_state",
		"1 for the state that the connection is in.");
	for (enum forward_state state = 0; state < FORWARD_STATES; state++)
		metric_sample(x, state == f->state, LABELS({ "state", forward_state_name(state) }));
}
