"""Every measure of the project in one table: `python -m benchmarks [NAME ...]`.

Each part runs in a process of its own, so that none lives on what another
warmed up or left behind, and ends after its limit. A part that cannot run says
why, and the rest go on.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module

Row = tuple[str, str, str]  # measure, value, goal

# Seconds each part may take; what it usually takes on two cores is less than half.
PARTS = {
    "indexing": 360,
    "search": 360,
    "retrieval": 360,
    "answers": 300,
    "http": 360,
    "answers_latency": 240,
    "freshness": 180,
    "startup": 120,
    "catalogue": 300,
    "certificates": 360,
    "exam": 420,
    "gradebook": 360,
    "quiz_statistics": 240,
    "media": 300,
    "payments_webhook": 420,
    "payments_chaos": 1800,
    "proctoring_upload": 420,
    "detection": 300,
    "detection_speed": 300,
    "proctoring_episodes": 240,
}
HEADINGS: Row = ("measure", "value", "goal")
ROWS_FOLLOW = "rows: "


def main() -> None:
    """Run the parts that were named, or all, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and print one table.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"parts to run: {', '.join(PARTS)} (all by default)")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part is not None:
        print(ROWS_FOLLOW + json.dumps(list(import_module(f"benchmarks.{given.part}").run())))
        return
    unknown = [name for name in given.names if name not in PARTS]
    if unknown:
        parser.error(f"there is no part called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    rows: list[Row] = []
    for name in given.names or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = _measured(name)
        rows += [_heading(name), *found]
    print(table([HEADINGS, *rows]))


def _heading(name: str) -> Row:
    load = os.getloadavg()[0]
    return (f"-- {name}", f"machine load {load:.1f} at its end", "")


def _measured(name: str) -> list[Row]:
    """The rows of a part, or one row that says why there are none."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "benchmarks", "--part", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PARTS[name])
    except subprocess.TimeoutExpired:
        return [(name, f"not measured: not done after {PARTS[name]} s", "")]
    for line in done.stdout.splitlines():
        if line.startswith(ROWS_FOLLOW):
            found = [tuple(row) for row in json.loads(line.removeprefix(ROWS_FOLLOW))]
            return [*found, (f"{name} took", f"{time.monotonic() - begun:.0f} s", "")]
    reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return [(name, f"not measured: {reason}", "")]


def table(rows: Sequence[Row]) -> str:
    """The rows as text, in columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


if __name__ == "__main__":
    main()
