#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A folder that a seccomp filter of its own refuses with EPERM; kill with a negative pid, which it lets through."""
import ctypes, os, platform, struct, sys

ALLOW, EPERM = 0x7fff0000, 0x00050001
MKDIR = {"x86_64": 83, "aarch64": 34}[platform.machine()]      # arm64 has mkdirat alone
FILTER = [(0x20, 0, 0, 0), (0x15, 0, 1, MKDIR), (0x06, 0, 0, EPERM), (0x06, 0, 0, ALLOW)]

libc = ctypes.CDLL(None)
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *i) for i in FILTER))
libc.prctl(38, 1, 0, 0, 0)          # PR_SET_NO_NEW_PRIVS
if libc.prctl(22, 2, struct.pack("HxxxxxxQ", len(FILTER), ctypes.addressof(program))):     # PR_SET_SECCOMP
    sys.exit("the kernel takes no filter")
try:
    os.kill(-1000000, 0)
except ProcessLookupError:
    pass
try:
    os.mkdir("/run/refused")
except PermissionError as e:
    print(e, file=sys.stderr, flush=True)
    sys.exit(3)
