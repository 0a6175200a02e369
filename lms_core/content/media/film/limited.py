"""Run a program with limits on memory, processor time and file size: `limited.py BYTES SECONDS BYTES PROGRAM ...`.

A file of its own, run by path in a bare interpreter: limits set after a fork in a
process with threads can deadlock, and a shell would have to be given names.
"""

import os
import resource
import sys

if __name__ == "__main__":
    memory, seconds, size = (int(value) for value in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # people's requests come first
    os.execvp(sys.argv[4], sys.argv[4:])  # noqa: S606 - the caller names the program, outside text never does
