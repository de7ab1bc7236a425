# SPDX-License-Identifier: MIT
"""The cases of OTLP."""
import time

from collector import Collector
from lab import check, free_port
from servers import lost, slow, status


def drive(lab, port, scheme="http", **options):
    return lab.drive({"otlp": f"{scheme}://127.0.0.1:{port}", "buffer": lab.folder / "buffer", "backoff_ms": 50, "ca": lab.ca} | options)


def all_there(server, stats, count, repeated=0):
    ids = server.ids()
    check(not server.refusals, f"not as the collector wants it: {server.refusals[:2]}")
    check(len(set(ids)) == count, f"{len(set(ids))} records of {count}; {stats}")
    check(repeated or len(ids) == count, f"{len(ids) - count} records are there twice")
    check(stats["waiting"] == 0 and stats["lost"] == 0, stats)


def case_otlp(lab):
    """2,000 diagnoses arrive once and whole, with pod, container and node as the resource."""
    server = Collector()
    stats = lab.end(drive(lab, server.port, count=2000))
    all_there(server, stats, 2000)
    check(stats["acked"] == stats["sent"] == 2000, stats)
    record = server.records[0]
    resource, values = record["resource"], record["attributes"]
    check(record["name"] == "ktrace.diagnosis" and record["severity"] == "ERROR" and "read-only" in record["body"], record)
    check(resource["k8s.namespace.name"] == "shop" and resource["k8s.pod.name"] == "orders-0" and resource["k8s.container.name"] == "orders" and
          resource["host.name"] == "node-1" and resource["container.id"].startswith("c0"), resource)
    check(type(values["process.pid"]) is int and values["ktrace.diagnosis.confidence"] == 0.95 and
          values["ktrace.diagnosis.root_cause"] == "read_only_copy" and
          values["ktrace.diagnosis.evidence"][0]["error"] == "EROFS", values)
    return f"{len(server.times)} requests, {sum(server.sizes) // 2000} bytes a record"


def case_otlp_tls(lab):
    """Over TLS with a header that authenticates; a wrong one is refused for good, as the specification asks, and counted."""
    server = Collector(lab.both)
    server.token = "let me in"
    headers = lab.folder / "headers"
    headers.write_text("# for the collector\nAuthorization: Bearer let me in\n")
    all_there(server, lab.end(drive(lab, server.port, "https", headers=headers, count=200)), 200)
    headers.write_text("Authorization: Bearer wrong\n")
    stats = lab.end(drive(lab, server.port, "https", headers=headers, count=200))
    check(stats["dropped_refused"] == stats["lost"] == 200 and stats["error_unauthorized"] > 0 and "answered 401" in lab.said, stats)


def case_otlp_away(lab):
    """A collector that is away: records wait on disk, also beyond the sender's life."""
    port = free_port()
    stats = lab.end(drive(lab, port, count=1000, for_ms=500))
    check(stats["waiting"] == 1000 and stats["error_unreachable"] > 0 and stats["lost"] == 0, stats)
    check("cannot be reached" in lab.said and "records wait in the buffer" in lab.said, lab.said)
    server = Collector(port=port)
    stats = lab.end(drive(lab, port, count=1))
    check(len(server.ids()) == 1001 and stats["acked"] == 1001, stats)


def case_otlp_trouble(lab):
    """429 with Retry-After, 503, a slow answer, one that gets lost: each is tried again, and only the lost one is there twice."""
    server = Collector()
    server.faults = [status(429, **{"Retry-After": "1"}), status(503), status(502), slow(0.5), lost, status(504)]
    stats = lab.end(drive(lab, server.port, count=2000))
    all_there(server, stats, 2000, repeated=1)
    check(server.times[1] >= server.times[0] + 1, "it came back before Retry-After")
    check(stats["error_throttled"] == 1 and stats["error_server_error"] == 3, stats)


def case_otlp_refused(lab):
    """What must not be tried again is not; partial success is counted."""
    server = Collector()
    server.faults = [status(400)]
    server.rejects = 3
    stats = lab.end(drive(lab, server.port, count=1000))
    check(stats["acked"] + stats["dropped_refused"] == 1000 and stats["dropped_refused"] > 3 and stats["waiting"] == 0, stats)
    check(len(server.records) == stats["acked"] and stats["sent"] == 1000, stats)
    check("rejected 3 records of a request: too old" in lab.said, lab.said)


def case_otlp_full(lab):
    """The buffer's limit holds: the oldest go, and are counted."""
    stats = lab.end(drive(lab, 1, count=3000, size=1 << 20, for_ms=600))
    held = sum(f.stat().st_size for f in (lab.folder / "buffer").iterdir())
    check(held <= 1 << 20 and stats["dropped_full"] > 0 and stats["dropped_full"] + stats["waiting"] == 3000, f"{held} bytes, {stats}")


def case_otlp_finish(lab):
    """A clean stop sends what waits; one without a collector does not wait for it."""
    server = Collector()
    stats = lab.end(drive(lab, server.port, count=500, for_ms=50, finish_ms=30000))
    check(len(set(server.ids())) == stats["made"] and stats["waiting"] == 0, stats)
    begin = time.monotonic()
    lab.end(drive(lab, 1, count=100, for_ms=50, finish_ms=60000))
    check(time.monotonic() < begin + 30, "it waited for a collector that is away")
