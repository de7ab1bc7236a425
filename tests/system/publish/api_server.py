# SPDX-License-Identifier: MIT
"""The API server as far as Events go (events.k8s.io/v1): it takes what the real one takes and refuses what that refuses. The rules are
those of its OpenAPI document (types, required members, nothing unknown) and of its validation (lengths, forms, what a patch may change)."""
import json
import re

from servers import Server

LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
MICRO_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
QUALIFIED = rf"({SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?"
# member: (required, type, longest, form)
EVENT = {
    "apiVersion": (True, str, 64, r"events\.k8s\.io/v1"), "kind": (True, str, 64, "Event"), "metadata": (True, dict, 0, None),
    "eventTime": (True, str, 64, MICRO_TIME), "series": (False, dict, 0, None), "reportingController": (True, str, 316, QUALIFIED),
    "reportingInstance": (True, str, 128, ".+"), "action": (True, str, 128, ".+"), "reason": (True, str, 128, "[A-Z][A-Za-z]+"),
    "regarding": (True, dict, 0, None), "note": (True, str, 1024, r"[^\n\x1b]+"), "type": (True, str, 16, "Normal|Warning"),
}
METADATA = {"name": (True, str, 253, SUBDOMAIN), "namespace": (True, str, 63, LABEL)}
REGARDING = {"apiVersion": (True, str, 8, "v1"), "kind": (True, str, 8, "Pod"), "namespace": (True, str, 63, LABEL),
             "name": (True, str, 253, SUBDOMAIN), "uid": (True, str, 64, "[0-9a-f-]{36}"),
             "fieldPath": (False, str, 128, rf"spec\.(init)?[cC]ontainers\{{{LABEL}\}}")}
SERIES = {"count": (True, int, 0, None), "lastObservedTime": (True, str, 64, MICRO_TIME)}


def faults_of(value, rules, where):
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    found = [f"{where}.{name} is unknown" for name in value if name not in rules]
    for name, (required, kind, longest, form) in rules.items():
        if name not in value:
            found += [f"{where}.{name} is required"] if required else []
        elif type(value[name]) is not kind:
            found.append(f"{where}.{name} is of type {type(value[name]).__name__}")
        elif kind is str and len(value[name].encode()) > longest:
            found.append(f"{where}.{name} is too long")
        elif form and not re.fullmatch(form, value[name]):
            found.append(f"{where}.{name} is {value[name]!r}")
    return found


def event_faults(event, namespace):
    found = faults_of(event, EVENT, "event")
    if not found:
        found = faults_of(event["metadata"], METADATA, "metadata") + faults_of(event["regarding"], REGARDING, "regarding")
    if not found and (event["metadata"]["namespace"] != namespace or event["regarding"]["namespace"] != namespace):
        found.append("the namespaces differ")
    return found + series_faults(event)


def series_faults(event):
    if "series" not in event:
        return []
    found = faults_of(event["series"], SERIES, "series")
    return found or (["series.count is below 2"] if event["series"]["count"] < 2 else [])


class ApiServer(Server):
    PATH = re.compile(rf"/apis/events\.k8s\.io/v1/namespaces/({LABEL})/events(?:/({SUBDOMAIN}))?(?:\?fieldManager=ktrace)?")

    def __init__(self, certificate, token="first", **options):
        self.token, self.events, self.namespaces = token, {}, {"shop"}
        super().__init__(certificate, **options)

    def answer(self, method, path, headers, body):
        if headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"Content-Type": "application/json"}, b'{"message":"Unauthorized"}'
        where = self.PATH.fullmatch(path)
        if not where:
            return self.refuse(404, f"no such path: {path}", body)
        namespace, name = where.group(1), where.group(where.lastindex) if where.group(3) else None
        try:
            value = json.loads(body)
        except ValueError:
            return self.refuse(400, "no JSON", body)
        if method == "POST" and not name and headers.get("Content-Type") == "application/json":
            return self.create(namespace, value, body)
        if method == "PATCH" and name and headers.get("Content-Type") == "application/merge-patch+json":
            return self.patch(namespace, name, value, body)
        return self.refuse(405, f"{method} of {path} as {headers.get('Content-Type')}", body)

    def create(self, namespace, event, body):
        found = event_faults(event, namespace)
        if found:
            return self.refuse(422, "; ".join(found), body)
        if namespace not in self.namespaces:
            return 404, {}, b'{"message":"namespaces not found"}'
        key = namespace, event["metadata"]["name"]
        if key in self.events:
            return 409, {}, b'{"reason":"AlreadyExists"}'
        self.events[key] = event
        return 201, {"Content-Type": "application/json"}, json.dumps(event).encode()

    def patch(self, namespace, name, patch, body):
        event = self.events.get((namespace, name))
        if event is None:
            return 404, {}, b'{"reason":"NotFound"}'
        if set(patch) - {"series"}:
            return self.refuse(422, "the field is immutable", body)
        changed = {**event, **patch}
        found = series_faults(changed)
        if found:
            return self.refuse(422, "; ".join(found), body)
        self.events[namespace, name] = changed
        return 200, {"Content-Type": "application/json"}, json.dumps(changed).encode()

    def counts(self):
        return {key: event.get("series", {}).get("count", 1) for key, event in self.events.items()}
