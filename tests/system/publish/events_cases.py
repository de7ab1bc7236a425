# SPDX-License-Identifier: MIT
"""The cases of Events."""
import time

from api_server import ApiServer
from lab import Lab, check, free_port, wait_for
from servers import forget, lost, slow, status

COUNT, FINGERPRINTS = 10000, 40


def all_there(server, stats, count=COUNT, fingerprints=FINGERPRINTS):
    counts = server.counts()
    check(not server.refusals, f"not as the API server wants it: {server.refusals[:3]}")
    check(len(counts) == fingerprints and sum(counts.values()) == count, f"{len(counts)} Events of {sum(counts.values())}, {stats}")
    check(stats["waiting"] == 0 and stats["lost"] == 0, stats)


def case_events(lab):
    """10,000 diagnoses of 40 fingerprints are 40 series, none is lost, and the requests are a few."""
    server = ApiServer(lab.both)
    stats = lab.end(lab.events(server.port))
    all_there(server, stats)
    check(stats["created"] == FINGERPRINTS and len(server.times) < COUNT / 10, f"{len(server.times)} requests, {stats}")
    event = next(iter(server.events.values()))
    check(event["reason"] == "ReadOnlyCopy" and event["regarding"]["fieldPath"] == "spec.containers{orders}", event)
    check("More: kubectl ktrace explain -n shop orders-" in event["note"] and "Fix: " in event["note"], event["note"])
    return f"{len(server.times)} requests"


def case_budget(lab):
    """No request comes before its turn: a burst of 5, and then one each 20 ms."""
    server = ApiServer(lab.both)
    stats = lab.end(lab.events(server.port, burst=5, each_ms=20, count=400))
    all_there(server, stats, count=400)
    early = [n for n, t in enumerate(server.times, 1) if n > 5 and t < lab.started + (n - 5) * 0.02]
    check(not early, f"requests {early[:5]} came early")


def case_pod_budget(lab):
    """About one pod 4 requests at once, and then one each 100 ms, while another pod's do not wait for them."""
    server = ApiServer(lab.both)
    stats = lab.end(lab.events(server.port, pod_burst=4, pod_each_ms=100, repeat_ms=1, fingerprints=13, pods=2, count=26))
    all_there(server, stats, count=26, fingerprints=13)
    for pod, least in (("orders-0", 7), ("orders-1", 6)):
        times = [t for t, (path, body) in zip(server.times, server.asked) if pod in path + body]
        early = [n for n, t in enumerate(times, 1) if n > 4 and t < lab.started + (n - 4) * 0.1]
        check(len(times) >= least and not early, f"{pod}: {len(times)} requests, {early[:5]} came early")


def case_finish(lab):
    """What waits at the end is told without budget or pauses."""
    server = ApiServer(lab.both)
    stats = lab.end(lab.events(server.port, repeat_ms=600000, each_ms=600000, burst=10, count=400, for_ms=500, finish_ms=30000))
    all_there(server, stats, count=400)


def case_away(lab):
    """An API server that is away at first costs nothing but time."""
    port = free_port()
    driver = lab.events(port)
    time.sleep(1)
    server = ApiServer(lab.both, port=port)
    stats = lab.end(driver)
    all_there(server, stats)
    check(stats["error_unreachable"] > 0 and "cannot be reached" in lab.said and "takes Events" in lab.said, f"{stats} {lab.said}")


def case_trouble(lab):
    """429 with Retry-After, 503, an answer that gets lost, one that takes long: all is told, nothing twice."""
    server = ApiServer(lab.both)
    server.faults = [status(429, **{"Retry-After": "1"}), status(503), lost, slow(0.5), lost, lost, status(500)]
    stats = lab.end(lab.events(server.port))
    all_there(server, stats)
    check(stats["error_throttled"] == 1 and stats["error_server_error"] == 2, stats)
    check(server.times[1] >= server.times[0] + 1, "it came back before Retry-After")


def case_token(lab):
    """A token that expires: the file is read again."""
    server = ApiServer(lab.both)
    driver = lab.events(server.port, count=COUNT, batch=20)
    wait_for("first requests", lambda: len(server.times) >= 5)
    with server.lock:
        server.token = "second"
    before = len(server.times)
    wait_for("requests with the old token", lambda: len(server.times) >= before + 2)
    lab.token.write_text("second\n")
    stats = lab.end(driver)
    all_there(server, stats)
    check(stats["error_unauthorized"] > 0 and "answered 401" in lab.said, f"{stats} {lab.said}")


def case_earlier_agent(lab):
    """An Event that an earlier agent made goes on counting; one that the server forgot is made anew."""
    server = ApiServer(lab.both)
    lab.end(lab.events(server.port, count=80))
    check(set(server.counts().values()) == {2}, server.counts())
    stats = lab.end(lab.events(server.port, count=120))
    check(set(server.counts().values()) == {5} and stats["created"] == 0, f"{server.counts()} {stats}")
    server.faults = [None] * 50 + [forget]
    stats = lab.end(lab.events(server.port, count=2000))
    check(server.events and stats["created"] == len(server.events) and not server.refusals, f"{server.refusals} {stats}")
    check(stats["waiting"] == 0 and stats["lost"] == 0, stats)


def case_refused(lab):
    """Without the right, or for a namespace that is gone: counted, and said once with what to do."""
    server = ApiServer(lab.both)
    server.namespaces.clear()
    stats = lab.end(lab.events(server.port, count=200))
    check(stats["dropped_refused"] == stats["lost"] > 0 and stats["waiting"] == 0 and not server.events, stats)
    server.faults = [status(403)] * 100000
    stats = lab.end(lab.events(server.port, count=200))
    check(stats["error_forbidden"] > 0 and stats["dropped_refused"] == stats["lost"] > 0, stats)
    check(lab.said.count("needs a Role for events") == 1, lab.said)


def case_untrusted(lab):
    """A server with another certificate gets no token."""
    other = Lab(lab.folder / "other")
    server = ApiServer(other.both)
    stats = lab.end(lab.events(server.port, count=200, for_ms=500))
    check(stats["error_untrusted"] > 0 and not server.times and stats["waiting"] == 200, f"{stats} {lab.said}")


def case_table_is_bounded(lab):
    """More Events than the table holds while nothing can be told: the rest is counted."""
    stats = lab.end(lab.events(1, count=2000, fingerprints=1000, for_ms=400))
    check(stats["waiting"] == 1024 and stats["dropped_full"] == 976 == stats["lost"], stats)
