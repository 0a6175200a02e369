"""A CSV file from anywhere to lines of people: pure, bounded, and outspoken about what it could not take.

Encodings: UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252 (what spreadsheets write).
Separators: comma, semicolon, tabulator. The header decides what a column holds, in English or Swahili (RFC 4180, 2.3).
"""

import csv
import io
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from lms_core.identity.accounts import addresses
from lms_core.identity.accounts.schemas import FullName
from lms_core.learning.rosters.errors import RosterRefused
from lms_core.learning.rosters.models import Verdict

LARGEST_FILE = 5 * 1024 * 1024
MOST_LINES = 10_000
MOST_COLUMNS = 50
LONGEST_FIELD = 1000
SEPARATORS = ",;\t"

# What a header may call each column, folded: lower case, without accents, spaces and hyphens as underscores.
HEADERS = {
    "email": ("email", "e_mail", "email_address", "e_mail_address", "mail", "barua_pepe", "anwani_ya_barua_pepe"),
    "full_name": ("name", "full_name", "fullname", "display_name", "jina", "jina_kamili"),
    "first_name": ("first_name", "firstname", "given_name", "jina_la_kwanza"),
    "last_name": ("last_name", "lastname", "surname", "family_name", "jina_la_mwisho", "jina_la_ukoo"),
    "language": ("language", "lang", "lugha"),
}
LANGUAGES = {"en": "en", "english": "en", "kiingereza": "en", "sw": "sw", "swahili": "sw", "kiswahili": "sw", "": ""}
FORMULA = ("=", "+", "-", "@")  # OWASP, CSV injection: no name begins so, and a spreadsheet would compute it

_NAME: TypeAdapter[str] = TypeAdapter(FullName)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `verdict` NEW as far as the file tells, or FAULTY with the code of why."""

    number: int
    email: str
    full_name: str
    language: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read: lines, which header stands for what, remarks (`windows_1252`, `ignored_columns`)."""

    lines: tuple[Line, ...]
    columns: dict[str, str]
    notes: tuple[str, ...]


def read(content: bytes, *, language: str) -> Read:
    """The people of a CSV file; `language` is that of lines that name none. RosterRefused."""
    if len(content) > LARGEST_FILE:
        raise RosterRefused("The file has more than 5 MB. Split it.")
    text, notes = _decoded(content)
    rows = _rows(text)
    number, header = next(rows, (0, []))
    columns = _columns(header)
    if "email" not in columns:
        raise RosterRefused(
            "The first line names no column of e-mail addresses. Call one “email” or “barua pepe”, and save as CSV."
        )
    if not columns.keys() & {"full_name", "first_name", "last_name"}:
        raise RosterRefused("The first line names no column of names. Call one “name” or “jina”.")
    if len(columns) < sum(1 for each in header if each.strip()):
        notes.append("ignored_columns")
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        if not any(each.strip() for each in row):
            continue
        if len(lines) == MOST_LINES:
            raise RosterRefused("The file has more than 10,000 people. Split it.")
        lines.append(_line(number, row, columns, language, seen))
    if not lines:
        raise RosterRefused("The file has a header and nobody in it. Add a line for each person.")
    return Read(tuple(lines), {key: header[at].strip()[:80] for key, at in columns.items()}, tuple(notes))


def _decoded(content: bytes) -> tuple[str, list[str]]:
    notes: list[str] = []
    try:
        if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            text = content.decode("utf-16")
        else:
            text = content.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        if b"\0" in content:
            raise RosterRefused("This is no text file. Export the list as CSV (UTF-8) and upload that.") from None
        text, notes = content.decode("cp1252", errors="replace"), ["windows_1252"]
    if "\0" in text:
        raise RosterRefused("The file holds NUL characters, so it is damaged or no CSV. Export it again.")
    return text, notes


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, fields) of each record; one that no spreadsheet writes refuses the file."""
    first = text[: text.find("\n") if "\n" in text else len(text)]
    separator = max(SEPARATORS, key=first.count)
    csv.field_size_limit(LARGEST_FILE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        told = f"Line {reader.line_num} is not CSV ({error}). Export the list again."
        raise RosterRefused(told) from error


def _columns(header: list[str]) -> dict[str, int]:
    """Which field holds what; the first of two columns of one kind counts."""
    found: dict[str, int] = {}
    for at, word in enumerate(header[:MOST_COLUMNS]):
        kind = next((kind for kind, names in HEADERS.items() if _folded(word) in names), None)
        if kind is not None:
            found.setdefault(kind, at)
    return found


def _folded(word: str) -> str:
    plain = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    return "_".join(plain.replace("-", " ").replace("_", " ").casefold().split())


def _line(number: int, row: list[str], columns: dict[str, int], language: str, seen: dict[str, int]) -> Line:
    given = {kind: row[at].strip() if at < len(row) else "" for kind, at in columns.items()}
    email, name = given["email"], given.get("full_name", "")
    if not name:
        name = f"{given.get('first_name', '')} {given.get('last_name', '')}".strip()
    spoken = LANGUAGES.get(given.get("language", "").casefold())
    reason = _fault(row, email, name, spoken)
    if not reason:
        email, name = addresses.normalise(email), _NAME.validate_python(name)
        if addresses.key_of(email) in seen:
            reason = "repeated"
        seen.setdefault(addresses.key_of(email), number)
    verdict = Verdict.FAULTY if reason else Verdict.NEW
    return Line(number, _shown(email, 320), _shown(name, 200), spoken or language, verdict, reason)


def _fault(row: list[str], email: str, name: str, language: str | None) -> str:
    """The code of what is wrong with a line, empty when nothing is."""
    if len(row) > MOST_COLUMNS or any(len(each) > LONGEST_FIELD for each in row):
        return "too_long"
    if not email:
        return "no_address"
    try:
        addresses.normalise(email)
    except ValueError:
        return "bad_address"
    if not name:
        return "no_name"
    if name.startswith(FORMULA):
        return "formula"
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return "bad_name"
    return "bad_language" if language is None else ""


def _shown(text: str, longest: int) -> str:
    """What is kept of a field that may be anything."""
    return "".join(each if each.isprintable() else "�" for each in text[:longest])
