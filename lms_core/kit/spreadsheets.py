"""CSV for spreadsheets: rows out, with nothing in them that a spreadsheet would compute.

A cell that begins with `=`, `+`, `-`, `@`, a tabulator or a line break gets an apostrophe before it (OWASP, CSV
injection); numbers of our own are left alone. A byte order mark comes first: without one Excel misreads UTF-8.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"
ROWS_AT_ONCE = 500


def safe_cell(value: object) -> str:
    """The text of a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        return text
    return f"'{text}" if text.startswith(DANGEROUS) else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The CSV text (RFC 4180) of a table in pieces."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write(BOM)
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(each) for each in row])
        if number % ROWS_AT_ONCE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
