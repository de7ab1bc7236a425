#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws costs.svg from peers.tsv: what each program adds to a system call, as bars."""
import html, math, os, sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import costs

KERNEL = "6.1"
COLOURS = {"empty": "#9aa5b1", "ktrace": "#1f6feb", "opensnoop": "#bf8700", "bpftrace": "#8250df", "strace": "#cf222e"}
NAMES = {"empty": "empty programs", "ktrace": "ktrace", "opensnoop": "opensnoop", "bpftrace": "bpftrace opensnoop.bt", "strace": "strace -f"}
PATHS = ("unrelated", "open-good", "open-new", "open-folded", "write-file", "write-stdout", "connect-refused")
# What the peers do not watch says nothing of them: their hooks are not on these calls.
WATCHED_BY_NONE = {"opensnoop": ("write-file", "write-stdout", "connect-refused"), "bpftrace": ("write-file", "write-stdout", "connect-refused")}
LEFT, RIGHT, WIDTH, BAR, GAP, TOP = 255, 90, 920, 15, 16, 76
LEAST, MOST = 10, 1e6


def x(value):
    """Logarithmic: from 10 to a million."""
    share = math.log10(max(value, LEAST) / LEAST) / math.log10(MOST / LEAST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def text(at_x, at_y, words, anchor="start", colour="#1f2328", size=13):
    return f'<text x="{at_x:.0f}" y="{at_y:.0f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{html.escape(words)}</text>'


def bars(values):
    """-> (elements, the height at which they end)"""
    out, y = [], TOP
    for path in PATHS:
        setups = [s for s in COLOURS if (path, s) in values and path not in WATCHED_BY_NONE.get(s, ())]
        if not setups:
            continue
        out.append(text(LEFT - 10, y + len(setups) * BAR / 2 + 4, costs.WHAT[path], "end"))
        for s in setups:
            value = max(values[path, s], 0)
            end = x(value)
            out.append(f'<rect x="{LEFT}" y="{y}" width="{max(end - LEFT, 1):.1f}" height="{BAR - 2}" fill="{COLOURS[s]}"/>')
            out.append(text(end + 5, y + BAR - 4, f"{value:,.0f}", size=11))
            y += BAR
        y += GAP
    return out, y


def draw():
    values = {(r["path"], r["setup"]): float(r["added"]) for r in costs.read(costs.PEERS) if r["kernel"] == KERNEL}
    body, bottom = bars(values)
    head = [text(14, 24, f"Instructions added to one system call of a container, Linux {KERNEL} (logarithmic)", size=15)]
    at = 14
    for s, colour in COLOURS.items():
        if any(k[1] == s for k in values):
            head.append(f'<rect x="{at}" y="38" width="12" height="12" fill="{colour}"/>')
            head.append(text(at + 17, 49, NAMES[s]))
            at += 45 + 7 * len(NAMES[s])
    grid = []
    for power in range(1, 7):
        grid.append(f'<line x1="{x(10 ** power):.1f}" y1="{TOP - 6}" x2="{x(10 ** power):.1f}" y2="{bottom - GAP + 4}" stroke="#d8dee4"/>')
        grid.append(text(x(10 ** power), bottom + 4, f"{10 ** power:,}", "middle", "#59636e", 11))
    with open(f"{HERE}/costs.svg", "w") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 16}" viewBox="0 0 {WIDTH} {bottom + 16}" '
                'font-family="sans-serif" role="img">\n<title>What ktrace and others add to a system call</title>\n'
                '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(head + grid + body) + "\n</svg>\n")


if __name__ == "__main__":
    draw()
