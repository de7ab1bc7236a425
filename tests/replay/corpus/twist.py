# SPDX-License-Identifier: MIT
"""Recordings changed in ways that must not change the answer.

Each twist takes a case and its records and gives changed records, and the case with its expectation changed alike (a renamed path is
expected under its new name); None where it has nothing to change. Everything is deterministic: a twist that fails, fails again.
"""
import datetime, gzip, json, os, random, re

HERE = os.path.dirname(os.path.abspath(__file__))

# Components of paths that mean something to the system or to a known program, and so are not free to be named otherwise.
SYSTEM = set("""usr lib lib64 bin sbin etc var run tmp dev proc sys home root opt mnt media srv boot share local cache log logs lib32 shm pts fd
    self secrets kubernetes.io serviceaccount ssl certs pki ca-certificates nginx conf.d apache2 httpd mysql postgresql redis mongodb php ssh
    fonts zoneinfo locale site-packages dist-packages node_modules gems vendor jvm java python3 python3.11 perl perl5 ruby x86_64-linux-gnu
    init.d default modules cgroup fs net class devices data ..data html www cdi nvidia systemd""".split())
SOCKET_PATH_MOST = 107
NEW_NAMES = ["locale", "proc", "cache", "python3", "kestrel", "tmp", "lib", "share"]
TOKEN = r"(?![A-Za-z0-9_-]|\\?\.[A-Za-z0-9])"

HEALTHY = "cases/sys_exit/healthy-retries-database.ktrace"


def parse_time(text):
    """An RFC 3339 time -> nanoseconds."""
    whole, fraction = text.rstrip("Z").split(".")
    at = datetime.datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    return int(at.timestamp()) * 10 ** 9 + int(fraction.ljust(9, "0"))


def format_time(ns):
    at = datetime.datetime.fromtimestamp(ns // 10 ** 9, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S") + f".{ns % 10 ** 9:09}Z"


def copy(value):
    return json.loads(json.dumps(value))


def stretched(factor):
    def twist(case, records):
        begin = parse_time(next(r["@timestamp"] for r in records if "@timestamp" in r))
        changed = copy(records)
        for r in changed:
            if "@timestamp" in r:
                r["@timestamp"] = format_time(begin + int((parse_time(r["@timestamp"]) - begin) * factor))
        return changed, case
    return twist


def replace_strings(value, change):
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [replace_strings(v, change) for v in value]
    if isinstance(value, dict):
        return {k: replace_strings(v, change) for k, v in value.items()}
    return value


def renamed(pairs, case, records):
    """Every component of a path and every name that `pairs` lists, in the records and in what is expected."""
    if not pairs:
        return None
    rules = [(re.compile(r"(?<![A-Za-z0-9_.-])" + re.escape(old).replace(r"\.", r"(\\?)\.") + TOKEN), new) for old, new in pairs]

    def change(text):
        for rule, new in rules:
            text = rule.sub(lambda m, new=new: new.replace(".", (m.group(1) if m.groups() else "") + "."), text)
        return text

    expected = copy(case)
    expected["expect"] = replace_strings(case["expect"], change)
    expected["expect"]["root_cause"] = case["expect"].get("root_cause", [])
    kept = ("image", "@timestamp")
    changed = []
    for r in records:
        new = {k: (v if k in kept else replace_strings(v, change)) for k, v in r.items()}
        for k in ("event", "error", "k8s", "container"):
            if k in r:
                new[k] = r[k]
        changed.append(new)
    return changed, expected


def words_of(case):
    """Directories of the case's own, longest first."""
    paths = [m["at"] for m in case.get("mounts", [])] + [os.path.dirname(f["path"]) for f in case.get("files", [])]
    names = {part for path in paths for part in path.split("/") if len(part) >= 3 and part not in SYSTEM and "." not in part}
    return sorted(names, key=lambda n: (-len(n), n))


def directories_renamed(case, records):
    taken = json.dumps(case["expect"])
    # How long it is may be what is wrong with the path of a socket: then it stays as long.
    too_long = any(len(r.get("file", {}).get("path", "")) > SOCKET_PATH_MOST for r in records)
    pairs = [(old, new.ljust(len(old), "_") if too_long else new) for old, new in zip(words_of(case), NEW_NAMES) if not re.search(r"[A-Za-z0-9_]" + re.escape(old), taken)]
    return renamed(pairs, case, records)


def programs_renamed(case, records):
    pairs = []
    for i, spec in enumerate(case.get("files", [])):
        directory, name = os.path.split(spec["path"])
        own = directory in ("/", "/app", "/opt", "/srv", "/usr/local/bin") and (spec.get("type") == "c" or str(spec.get("mode", ""))[-1:] in "57")
        if own and len(name) > 3:
            stem, dot, suffix = name.partition(".")
            pairs.append((name, f"zq{'abcdefgh'[i % 8]}{stem[:4]}{dot}{suffix}"))
    return renamed(pairs, case, records)


def other_ids(case, records):
    uid = case.get("uid")
    if not uid or uid < 100:
        return None
    new = str(uid + 4321)

    def change(value, key=""):
        if isinstance(value, dict):
            return {k: change(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [change(v, key) for v in value]
        if key in ("id", "uid", "gid", "groups", "fs_uid", "owner", "group") and str(value) == str(uid):
            return type(value)(new)
        if key == "args" and isinstance(value, str):
            return re.sub(rf"(?<!\d){uid}(?!\d)", new, value)
        return value

    expected = copy(case)
    expected["expect"] = replace_strings(case["expect"], lambda t: re.sub(rf"(?<!\d){uid}(?!\d)", new, t))
    return [change(r) for r in records], expected


def beside_a_healthy_one(case, records):
    with gzip.open(f"{HERE}/{HEALTHY}", "rb") as f:
        other = [json.loads(line) for line in f][1:]
    shift = parse_time(records[1]["@timestamp"]) - parse_time(other[0]["@timestamp"])
    for r in other:
        r["@timestamp"] = format_time(parse_time(r["@timestamp"]) + shift + 3 * 10 ** 6)
    return [records[0]] + sorted(records[1:] + other, key=lambda r: parse_time(r["@timestamp"])), case


def action(r):
    return r.get("event", {}).get("action")


def without(*actions):
    def twist(case, records):
        kept = [r for r in records if action(r) not in actions]
        return (kept, case) if len(kept) < len(records) else None
    return twist


def without_listens(case, records):
    if {"port_in_use", "listening_on_loopback", "never_listening", "killed_from_outside"} & set(case["expect"].get("root_cause", [])):
        return None
    kept = copy([r for r in records if action(r) not in ("listen", "container_listening")])
    kept[0]["ktrace"]["missing_probes"] = "listen"
    return (kept, case) if len(kept) < len(records) else None


def shuffled(case, records):
    """The order within a millisecond, as two rings and several CPUs may hand it over; each process keeps its own."""
    luck, groups = random.Random(case["name"]), {}
    for r in records[1:]:
        groups.setdefault(parse_time(r["@timestamp"]) // 10 ** 6, []).append(r)
    changed = [records[0]]
    for key in sorted(groups):
        queues = {}
        for r in groups[key]:
            queues.setdefault(r.get("process", {}).get("pid"), []).append(r)
        while queues:
            pid = luck.choice(list(queues))
            changed.append(queues[pid].pop(0))
            if not queues[pid]:
                del queues[pid]
    return changed, case


TWISTS = {"time x0.3": stretched(0.3), "time x3": stretched(3), "time x10": stretched(10), "directories renamed": directories_renamed,
          "programs renamed": programs_renamed, "other ids": other_ids, "beside a healthy one": beside_a_healthy_one,
          "without output": without("output"), "without listens": without_listens, "order shuffled": shuffled}
KINDS = list(TWISTS)


def all_of(case, records):
    """-> (twist, changed records, case with its expectation changed alike), of each twist that changes something."""
    if case["expect"].get("healthy"):
        return
    for kind, twist in TWISTS.items():
        made = twist(case, records)
        if made:
            yield kind, made[0], made[1]
