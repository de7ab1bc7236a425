# SPDX-License-Identifier: MIT
"""Says more than is sent of a container's output, each stream to its end, and why it ends through another descriptor."""
import os
import sys

for i in range(3000):
    os.write(1, b"DEBUG loading module number %d of many, all is well so far, nothing to see here\n" % i)
os.write(1, b"ERROR the last module is broken\n")
os.dup2(2, 9)
os.close(2)
os.write(9, b"FATAL: licence expired\n")
sys.exit(4)
