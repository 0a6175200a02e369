"""Tables as files: CSV and XLSX written without formulas, and foreign ones read within limits.

A spreadsheet runs a cell that begins with = + - @, a tab or a carriage return
(OWASP, "CSV Injection"), so text that does is written with an apostrophe before
it, which reading takes off again. Numbers stay numbers.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from typing import Literal

from lms_core.kit.spreadsheets import DANGEROUS, safe_cell
from lms_core.learning.gradebook.errors import SheetRefused

Cell = str | float | None
Format = Literal["csv", "xlsx"]

MAXIMUM_BYTES = 10 * 1024 * 1024
MAXIMUM_UNPACKED = 60 * 1024 * 1024
MAXIMUM_PARTS = 500
MAXIMUM_ROWS = 5_000
MAXIMUM_COLUMNS = 600
MAXIMUM_TEXT = 5_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML cannot hold
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def write(rows: Iterable[Sequence[Cell]], form: Format) -> bytes:
    """The rows as a file; text is guarded, numbers are not."""
    guarded = ([_guarded(cell) for cell in row] for row in rows)
    return _to_csv(guarded) if form == "csv" else _to_xlsx(guarded)


def read(content: bytes) -> list[list[Cell]]:
    """The rows of a CSV or of the first sheet of an XLSX; formulas are read as what they last gave. SheetRefused."""
    if len(content) > MAXIMUM_BYTES:
        raise SheetRefused("The table is larger than 10 MB. Split it into parts and import those.")
    found = _from_xlsx(content) if content.startswith(b"PK\x03\x04") else _from_csv(content)
    rows = []
    for row in found:
        cells = [_plain(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        rows.append(cells)
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise SheetRefused("The table is empty. Export the gradebook, fill it in, and import that.")
    return rows


def _guarded(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    return safe_cell(_CONTROL.sub(" ", cell))


def _plain(cell: object) -> Cell:
    if cell is None or isinstance(cell, bool):
        return None if cell is None else str(cell)
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell)[:MAXIMUM_TEXT].strip()
    if text.startswith("'") and text[1:].startswith(DANGEROUS):
        text = text[1:]
    return text or None


def _to_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    written = StringIO()
    csv.writer(written).writerows(["" if cell is None else _number(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")  # with its mark, so that Excel reads names as UTF-8


def _number(cell: str | float) -> str:
    return cell if isinstance(cell, str) else f"{cell:.10g}"


def _to_xlsx(rows: Iterable[Sequence[Cell]]) -> bytes:
    from openpyxl import Workbook  # type: ignore[import-untyped]  # slow to import: only who exports needs it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Gradebook")
    sheet.freeze_panes = "C2"
    for row in rows:
        sheet.append(list(row))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _from_csv(content: bytes) -> Iterator[Sequence[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused(
            "The table is neither XLSX nor CSV in UTF-8. Save it as one of these and import that."
        ) from error
    if "\0" in text:
        raise SheetRefused("The table is neither XLSX nor CSV in UTF-8. Save it as one of these and import that.")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader):
            _require_size(number, len(row))
            yield row
    except csv.Error as error:
        raise SheetRefused("The CSV is damaged. Export it again, then import that.") from error


def _from_xlsx(content: bytes) -> Iterator[Sequence[object]]:
    _require_harmless(content)
    from openpyxl import load_workbook

    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not believed
        for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAXIMUM_COLUMNS + 1)):
            _require_size(number, max((place for place, cell in enumerate(row, 1) if cell is not None), default=0))
            yield row
    except SheetRefused:
        raise
    except Exception as error:  # the parser's own errors on damaged files are of every kind
        raise SheetRefused("The XLSX is damaged. Export it again, then import that.") from error


def _require_size(rows: int, columns: int) -> None:
    if rows > MAXIMUM_ROWS or columns > MAXIMUM_COLUMNS:
        told = f"The table has more than {MAXIMUM_ROWS} rows or {MAXIMUM_COLUMNS} columns. Split it into parts."
        raise SheetRefused(told)


def _require_harmless(content: bytes) -> None:
    """Refuse archives that unpack to too much, and XML that declares entities (XLSX never does)."""
    told = "The XLSX unpacks to too much, or is built in a way spreadsheets are not. Save it anew and import that."
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAXIMUM_PARTS or sum(part.file_size for part in parts) > MAXIMUM_UNPACKED:
                raise SheetRefused(told)
            left = MAXIMUM_UNPACKED
            for part in parts:
                with archive.open(part) as opened:
                    unpacked = opened.read(left + 1)  # the size an archive states may be a lie
                left -= len(unpacked)
                if left < 0 or _DECLARATION.search(unpacked):
                    raise SheetRefused(told)
    # RuntimeError: parts under a password, or packed in a way that `zipfile` does not know.
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError) as error:
        raise SheetRefused("The XLSX is damaged. Export it again, then import that.") from error
