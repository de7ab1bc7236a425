# SPDX-License-Identifier: MIT
"""The metrics that users rely on (INTERFACES.md), as an OpenMetrics parser names them: type and labels of each."""
PROMISED = {
    "ktrace_build": ("info", {"version"}),
    "ktrace_events": ("counter", {"action"}),
    "ktrace_events_lost": ("counter", {"reason"}),
    "ktrace_events_left_out": ("counter", {"reason"}),
    "ktrace_containers_with_losses": ("counter", set()),
    "ktrace_diagnoses": ("counter", {"root_cause", "namespace"}),
    "ktrace_oom_kills": ("counter", {"namespace"}),
    "ktrace_containers": ("gauge", {"state"}),
    "ktrace_container_start_seconds": ("histogram", set()),
    "ktrace_diagnosis_delay_seconds": ("histogram", set()),
    "ktrace_probe_attached": ("gauge", {"probe", "method"}),
    "ktrace_forward_buffered_records": ("counter", set()),
    "ktrace_forward_sent_records": ("counter", set()),
    "ktrace_forward_acked_records": ("counter", set()),
    "ktrace_forward_dropped_records": ("counter", {"reason"}),
    "ktrace_forward_waiting_records": ("gauge", set()),
    "ktrace_forward_waiting_bytes": ("gauge", set()),
    "ktrace_forward_connections": ("counter", set()),
    "ktrace_forward_errors": ("counter", {"error"}),
    "ktrace_forward_state": ("gauge", {"state"}),
    "ktrace_looks": ("counter", {"result"}),
    "ktrace_looks_hanging": ("gauge", set()),
    "process_cpu_seconds": ("counter", set()),
    "process_resident_memory_bytes": ("gauge", set()),
    "process_virtual_memory_bytes": ("gauge", set()),
    "process_start_time_seconds": ("gauge", set()),
    "process_open_fds": ("gauge", set()),
    "process_max_fds": ("gauge", set()),
}


def complaints(families):
    """What is missing or other than promised; families: what the parser made of /metrics."""
    by_name = {f.name: f for f in families}
    for name, (kind, labels) in PROMISED.items():
        family = by_name.get(name)
        if not family or not family.samples:
            yield f"{name} is not there"
            continue
        if family.type != kind:
            yield f"{name} is a {family.type}, not a {kind}"
        if not family.documentation:
            yield f"{name} has no HELP"
        found = {frozenset(s.labels) - {"le"} for s in family.samples}
        if found != {frozenset(labels)}:
            yield f"{name} has the labels {[sorted(f) for f in found]}, not {sorted(labels)}"
