# SPDX-License-Identifier: MIT
"""What a case expects of a diagnosis: shared by run-scenarios (real containers) and the corpus (recordings)."""
import json, re


def diagnosis_of(record):
    return record.get("ktrace", {}).get("diagnosis", {})


def said(record):
    found = diagnosis_of(record)
    return f"{found.get('root_cause')} ({found.get('confidence')}) {record.get('file', {}).get('path', '')}".strip()


def judge(case, diagnoses):
    """-> (cause right, told right, what was said).  The diagnosis that counts is the last one of the container."""
    want = case["expect"]
    if want.get("healthy"):
        ok = not diagnoses
        return ok, ok, "no diagnosis" if ok else "false alarm: " + said(diagnoses[-1])
    if not diagnoses:
        return False, False, "no diagnosis"
    record, found = diagnoses[-1], diagnosis_of(diagnoses[-1])
    cause = found.get("root_cause") in want["root_cause"]
    told = cause
    if told and want.get("path"):
        paths = [record.get("file", {}).get("path")] + [e.get("path") for e in found.get("evidence", []) if isinstance(e, dict)]
        told = any(p and re.fullmatch(want["path"], p) for p in paths)
    if told and want.get("process"):
        told = record.get("process", {}).get("name") == want["process"]
    if told and "exit_code" in want:
        told = found.get("exit_code") == want["exit_code"]
    text = json.dumps(found)
    for word in want.get("says", []):               # a list among the words: any of them will do
        told = told and any(w in text for w in ([word] if isinstance(word, str) else word))
    return cause, told, said(record)


def recommendations(diagnoses):
    """The text and the manifest of each recommendation of the diagnosis that counts, the first one first."""
    if not diagnoses:
        return []
    return [f"{r.get('text', '')}\n{r.get('manifest') or ''}".strip() for r in diagnosis_of(diagnoses[-1]).get("recommendations", [])]


def advise(case, given):
    """-> (score, harmful).  `mends`: what mends the case, in the first (1) or only in the second (0.5)
    recommendation; `never`: what no recommendation may say.  The score is None for a case without `mends`."""
    want = case["expect"]

    def match(patterns, text):
        return next((p for p in patterns if re.search(p, text, re.I | re.S)), None)

    harmful = next((p for text in given for p in [match(want.get("never", []), text)] if p), None)
    if "mends" not in want:
        return None, harmful
    for i, text in enumerate(given[:2]):
        if match(want["mends"], text):
            return (1.0, 0.5)[i], harmful
    return 0.0, harmful


def show_advice(score, harmful, given):
    """Prints the recommendations of a case whose advice falls short, and how."""
    if score is not None and score < 1:
        print("     mends: " + ("the second recommendation, not the first" if score else "none of the first two"))
    if harmful:
        print(f"     harmful: /{harmful}/")
    for i, text in enumerate(given):
        print(f"     {i + 1}. " + text.replace("\n", "\n        "), flush=True)
    if not given:
        print("     (no recommendation)", flush=True)


def summary_of(rows):
    """What a run of cases comes to -> shares and counts. Each row: healthy, cause, told, advice, harmful, confidence."""
    sick, well = [r for r in rows if not r["healthy"]], [r for r in rows if r["healthy"]]
    advised = [r["advice"] for r in sick if r["advice"] is not None]

    def share(n, of):
        return n / of if of else 1.0

    return {"failing": len(sick), "healthy": len(well), "false_alarms": sum(not r["told"] for r in well),
            "cause": share(sum(r["cause"] for r in sick), len(sick)), "told": share(sum(r["told"] for r in sick), len(sick)),
            "advised": len(advised), "advice": share(sum(advised), len(advised)), "harmful": sum(bool(r["harmful"]) for r in rows)}
