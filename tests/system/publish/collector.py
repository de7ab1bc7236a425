# SPDX-License-Identifier: MIT
"""An OpenTelemetry Collector as far as OTLP/HTTP logs in JSON go. Each request is checked against opentelemetry-proto's messages in
their JSON form: no member that these do not have, each of its type, 64 bits as decimal strings."""
import json
import re

from servers import Server

NUMBER = re.compile(r"-?(0|[1-9]\d*)")
VALUES = {"stringValue", "boolValue", "intValue", "doubleValue", "arrayValue", "kvlistValue", "bytesValue"}
SEVERITIES = {9: "INFO", 13: "WARN", 17: "ERROR", 21: "FATAL"}


def check(condition, what, value):
    if not condition:
        raise ValueError(f"{what}: {json.dumps(value)[:200]}")


def members(value, what, known):
    check(isinstance(value, dict) and not set(value) - set(known), what, value)
    return value


def items(value, what):
    check(isinstance(value, list), what, value)
    return value


def any_value(value, what):
    """-> the value as Python has it"""
    check(isinstance(value, dict) and len(value) <= 1 and set(value) <= VALUES, f"{what} is no AnyValue", value)
    for kind, inner in value.items():
        if kind == "stringValue":
            check(isinstance(inner, str), what, value)
        elif kind == "boolValue":
            check(isinstance(inner, bool), what, value)
        elif kind == "intValue":
            check(isinstance(inner, str) and NUMBER.fullmatch(inner) and -2**63 <= int(inner) < 2**63, what, value)
            return int(inner)
        elif kind == "doubleValue":
            check(type(inner) in (int, float), what, value)
            return float(inner)
        elif kind == "arrayValue":
            return [any_value(v, what) for v in items(members(inner, what, {"values"})["values"], what)]
        elif kind == "kvlistValue":
            return attributes(members(inner, what, {"values"})["values"], what)
        return inner
    return None


def attributes(value, what):
    found = {}
    for pair in items(value, what):
        members(pair, f"an attribute of {what}", {"key", "value"})
        check(isinstance(pair.get("key"), str) and pair["key"] and pair["key"] not in found, f"a key of {what}", pair)
        found[pair["key"]] = any_value(pair["value"], pair["key"])
    return found


def log_record(value):
    members(value, "logRecord", {"timeUnixNano", "observedTimeUnixNano", "severityNumber", "severityText", "body", "attributes",
                                 "droppedAttributesCount", "flags", "traceId", "spanId", "eventName"})
    for time in ("timeUnixNano", "observedTimeUnixNano"):
        check(NUMBER.fullmatch(value[time]) and 10**18 < int(value[time]) < 2**63, time, value)
    check(SEVERITIES[value["severityNumber"]] == value["severityText"], "severity", value)
    check(value["eventName"].startswith("ktrace."), "eventName", value)
    return {"name": value["eventName"], "severity": value["severityText"], "body": any_value(value["body"], "body"),
            "attributes": attributes(value["attributes"], "logRecord")}


def logs(request):
    members(request, "request", {"resourceLogs"})
    for resource_logs in items(request["resourceLogs"], "resourceLogs"):
        members(resource_logs, "resourceLogs", {"resource", "scopeLogs", "schemaUrl"})
        resource = attributes(members(resource_logs["resource"], "resource", {"attributes", "droppedAttributesCount"})["attributes"], "resource")
        check(resource.get("service.name"), "service.name", resource)
        for scope_logs in items(resource_logs["scopeLogs"], "scopeLogs"):
            members(scope_logs, "scopeLogs", {"scope", "logRecords", "schemaUrl"})
            members(scope_logs["scope"], "scope", {"name", "version", "attributes", "droppedAttributesCount"})
            for value in items(scope_logs["logRecords"], "logRecords"):
                yield log_record(value) | {"resource": resource}


class Collector(Server):
    def __init__(self, *args, **options):
        self.records, self.sizes, self.token, self.rejects = [], [], None, 0
        super().__init__(*args, **options)

    def answer(self, method, path, headers, body):
        if self.token and headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {}, b"who are you?"
        if (method, path, headers.get("Content-Type")) != ("POST", "/v1/logs", "application/json"):
            return self.refuse(404, f"{method} {path} {headers.get('Content-Type')}", body)
        try:
            records = list(logs(json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            return self.refuse(400, f"{type(fault).__name__}: {fault}", body)
        self.sizes.append(len(body))
        partial, self.rejects = self.rejects, 0
        self.records += records[partial:]
        reply = {"partialSuccess": {"rejectedLogRecords": str(partial), "errorMessage": "too old"}} if partial else {}
        return 200, {"Content-Type": "application/json"}, json.dumps(reply).encode()

    def ids(self):
        return [r["attributes"]["log.record.uid"] for r in self.records]
