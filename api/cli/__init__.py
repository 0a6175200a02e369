"""The `mwalimu` command. Commands speak HTTP: to the server that owns the data, or to one of their own."""

import os

# Before numpy is imported: its matrix products here are small, and OpenBLAS's helper threads wait for the next one
# by spinning, which doubled the processor time of an answer.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from api.cli.app import main

__all__ = ["main"]
