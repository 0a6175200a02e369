"""Tables for spreadsheets, CSV and XLSX: rows out, with nothing in them that a spreadsheet would compute.

A cell that begins with `=`, `+`, `-`, `@`, a tabulator or a line break gets an apostrophe before it (OWASP, CSV
injection); numbers of our own are left alone. A byte order mark comes first: without one Excel misreads UTF-8.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Literal

Form = Literal["csv", "xlsx"]
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"
ROWS_AT_ONCE = 500
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML cannot hold


def safe_cell(value: object) -> str:
    """The text of a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float | Decimal):
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


def table(header: Sequence[str], rows: Iterable[Sequence[object]], form: Form, *, sheet: str) -> bytes:
    """A table as a file; `sheet` names the one sheet of an XLSX. Numbers stay numbers, all else is guarded text."""
    if form == "csv":
        return "".join(csv_lines(header, rows)).encode()
    from openpyxl import Workbook  # type: ignore[import-untyped]  # slow to import: only who exports needs it

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.freeze_panes = "A2"
    page.append(list(header))
    for row in rows:
        page.append([_cell(each) for each in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(value: object) -> object:
    return value if isinstance(value, int | float | Decimal) else safe_cell(_CONTROL.sub(" ", str(value or "")))
