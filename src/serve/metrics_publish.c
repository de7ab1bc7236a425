// SPDX-License-Identifier: MIT
#include "publish/kubernetes_events.h"
#include "publish/otlp.h"
#include "serve/metrics.h"

void metrics_kubernetes_events(struct exposition *x, const struct kubernetes_events_stats *e)
{
	metric_family(x, METRIC_COUNTER, "ktrace_kubernetes_events_requests",
		"Events that the API server took, and counts of them.");
	metric_sample(x, e->created, LABELS({ "kind", "created" }));
	metric_sample(x, e->updated, LABELS({ "kind", "updated" }));
	metric_family(x, METRIC_GAUGE, "ktrace_kubernetes_events_waiting_diagnoses",
		"Diagnoses that the API server does not know of yet.");
	metric_sample(x, e->waiting, NO_LABELS);
	metric_family(x, METRIC_COUNTER, "ktrace_kubernetes_events_dropped_diagnoses",
		"Diagnoses that no Event will tell.");
	for (enum event_drop drop = 0; drop < EVENT_DROPS; drop++)
		metric_sample(x, e->dropped[drop], LABELS({ "reason", event_drop_name(drop) }));
	metric_family(x, METRIC_COUNTER, "ktrace_kubernetes_events_errors",
		"What went wrong with the API server.");
	for (enum http_outcome i = HTTP_DONE + 1; i < HTTP_OUTCOMES; i++)
		metric_sample(x, e->errors[i], LABELS({ "error", http_outcome_name(i) }));
}

void metrics_otlp(struct exposition *x, const struct otlp_stats *o)
{
	metric_single(x, METRIC_COUNTER, "ktrace_otlp_buffered_records", o->buffered,
		"Records that went to the buffer on disk for OTLP.");
	metric_single(x, METRIC_COUNTER, "ktrace_otlp_sent_records", o->sent,
		"Records that were sent by OTLP, each time that they were.");
	metric_single(x, METRIC_COUNTER, "ktrace_otlp_acked_records", o->acked,
		"Records that the collector took.");
	metric_family(x, METRIC_COUNTER, "ktrace_otlp_dropped_records",
		"Records that no collector will get.");
	for (enum otlp_drop drop = 0; drop < OTLP_DROPS; drop++)
		metric_sample(x, o->dropped[drop], LABELS({ "reason", otlp_drop_name(drop) }));
	metric_single(x, METRIC_GAUGE, "ktrace_otlp_waiting_records", o->waiting_records,
		"Records in the buffer for OTLP.");
	metric_single(x, METRIC_GAUGE, "ktrace_otlp_waiting_bytes", o->waiting_bytes,
		"Size of that buffer.");
	metric_family(
		x, METRIC_COUNTER, "ktrace_otlp_errors", "What went wrong with the collector.");
	for (enum http_outcome i = HTTP_DONE + 1; i < HTTP_OUTCOMES; i++)
		metric_sample(x, o->errors[i], LABELS({ "error", http_outcome_name(i) }));
}
