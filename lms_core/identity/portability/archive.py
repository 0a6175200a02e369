"""The archive itself: a JSON file for each slice, and an index.html that reads without any program."""

import json
import zipfile
from datetime import datetime
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Self

from lms_core.identity.accounts.schemas import Account
from lms_core.kit.personal import Record

ROWS_SHOWN = 200  # of one table in index.html; the JSON has all
LONGEST_CELL = 300

WORDS = {
    "en": {
        "title": "Your data",
        "intro": "Everything that is kept about {name} ({email}), as of {day}. Each part is also a JSON file.",
        "rows": "{count} entries",
        "more": "The first {shown} of {count} entries; all are in {file}.",
        "nothing": "Nothing is kept here.",
    },
    "sw": {
        "title": "Data yako",
        "intro": "Kila kinachohifadhiwa kuhusu {name} ({email}), hadi {day}. Kila sehemu pia ni faili la JSON.",
        "rows": "Maingizo {count}",
        "more": "Maingizo {shown} ya kwanza kati ya {count}; yote yamo katika {file}.",
        "nothing": "Hakuna kinachohifadhiwa hapa.",
    },
}
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;font-size:.85rem}td,th{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}div{overflow-x:auto}"
)


class Archive:
    """A ZIP file that is written part by part; the index comes last, when it is closed."""

    def __init__(self, path: Path, *, owner: Account, made_at: datetime) -> None:
        self._zip = zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED)
        self._words = WORDS.get(owner.language, WORDS["en"])
        day = f"{made_at:%Y-%m-%d}"
        intro = self._words["intro"].format(name=owner.full_name, email=owner.email, day=day)
        self._html = [
            f'<!doctype html><html lang="{escape(owner.language)}"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{self._words["title"]}</title>'
            f"<style>{STYLE}</style><h1>{self._words['title']}</h1><p>{escape(intro)}</p>"
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._zip.writestr("index.html", "\n".join(self._html))
        self._zip.close()

    def add(self, name: str, tables: dict[str, list[Record]]) -> None:
        """One slice's rows by table."""
        file = f"{name}.json"
        self._zip.writestr(file, json.dumps(tables, ensure_ascii=False, indent=1))
        self._html.append(f'<h2>{escape(name)}</h2><p><a href="{escape(file)}">{escape(file)}</a></p>')
        for table, rows in tables.items():
            self._html.append(f"<h3>{escape(table)}</h3>{self._table(rows, file)}")

    def _table(self, rows: list[Record], file: str) -> str:
        if not rows:
            return f"<p>{self._words['nothing']}</p>"
        head = "".join(f"<th>{escape(column)}</th>" for column in rows[0])
        body = "".join(f"<tr>{''.join(_cell(value) for value in row.values())}</tr>" for row in rows[:ROWS_SHOWN])
        told = self._words["more"] if len(rows) > ROWS_SHOWN else self._words["rows"]
        said = told.format(shown=ROWS_SHOWN, count=len(rows), file=file)
        return f"<p>{escape(said)}</p><div><table><tr>{head}</tr>{body}</table></div>"


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"<td>{escape(text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + '…')}</td>"
