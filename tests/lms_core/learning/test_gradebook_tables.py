"""Gradebooks as tables: written without formulas, read within limits, previewed and applied."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from lms_core.learning.gradebook import tables
from lms_core.learning.gradebook.errors import SheetRefused
from lms_core.learning.gradebook.service.sheets import parse_points
from tests.factories.assessments import create_quiz, enrol, pass_it, single
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.learning.grading import Headers, add_column, at, change, opened, points
from workers.runtime import Runtime

Drain = Callable[[], int]
LINE = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30).map(str.strip).filter(bool)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(LINE | st.floats(0, 1e5).map(lambda x: round(x, 2)), min_size=1), min_size=1, max_size=5))
def test_a_table_comes_back_as_it_was(rows: list[list[str | float]]) -> None:
    for form in ("csv", "xlsx"):
        found = tables.read(tables.write(rows, form))  # type: ignore[arg-type]
        assert [[str(cell) for cell in row] for row in found] == [
            [str(_as_read(cell, form)) for cell in row] for row in rows
        ]


def _as_read(cell: str | float, form: str) -> str | float:
    """CSV has no numbers, only their digits."""
    if isinstance(cell, float):
        return f"{cell:.10g}" if form == "csv" else cell
    return cell


@pytest.mark.parametrize("text", ['=cmd|"/C calc"!A0', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    written = tables.write([["Name"], [text]], "csv").decode("utf-8-sig")
    assert next(iter(list(csv.reader(io.StringIO(written, newline="")))[1])).startswith("'")
    book = load_workbook(io.BytesIO(tables.write([["Name"], [text]], "xlsx")))
    cell = book.worksheets[0]["A2"]
    assert (cell.data_type, str(cell.value)[0]) == ("s", "'")


def _zip(**parts: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def _huge_sheet() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(tables.MAXIMUM_ROWS + 5):
        sheet.append(["x"])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _far_cell() -> bytes:
    book = Workbook()
    book.active["XFD1048576"] = 1  # type: ignore[index]
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _with_entities() -> bytes:
    good, written = tables.write([["Name"]], "xlsx"), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(written, "w") as new:
        for part in old.infolist():
            bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' if part.filename.endswith("sheet1.xml") else b""
            new.writestr(part, bomb + old.read(part))
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\xff\xfe\x00bad",
        b"a,b\0",
        b"PK\x03\x04 not really",
        _zip(bomb=b"\0" * (tables.MAXIMUM_UNPACKED + 1)),
        _zip(**{f"p{number}": b"" for number in range(tables.MAXIMUM_PARTS + 1)}),
        _zip(nothing=b"here"),
        b"x\n" * (tables.MAXIMUM_ROWS + 5),
        b"," * (tables.MAXIMUM_COLUMNS + 5),
        b"x" * (tables.MAXIMUM_BYTES + 1),
        _huge_sheet(),
        _with_entities(),
    ],
    ids=range(13),  # what is packed differs from second to second, and every worker must name the tests alike
)
def test_hostile_tables_are_refused(content: bytes) -> None:
    with pytest.raises(SheetRefused):
        tables.read(content)


def test_a_cell_far_away_costs_nothing() -> None:
    with pytest.raises(SheetRefused):
        tables.read(_far_cell())


@pytest.mark.parametrize(
    ("cell", "expected"), [("12,5", 12.5), ("50 %", 10.0), (20.0, 20.0), ("-", None), (" 7 ", 7.0), ("0", 0.0)]
)
def test_points_as_people_write_them(cell: str | float, expected: float | None) -> None:
    assert parse_points(cell, 20) == expected


@pytest.mark.parametrize(
    ("cell", "why"), [("A", "number"), ("20.01", "range"), ("-1", "range"), ("nan", "range"), ("1e9", "range")]
)
def test_what_is_no_points_is_told(cell: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_points(cell, 20)


def _exported(client: TestClient, course: Made, teaching: Headers, form: str = "csv") -> list[list[Any]]:
    answer = client.get(at(course, "/export"), headers=teaching, params={"form": form})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    return tables.read(answer.content)


def _preview(client: TestClient, course: Made, teaching: Headers, rows: list[list[Any]], form: Any = "csv") -> Any:
    table = tables.write(rows, form)
    return client.post(at(course, "/import/preview"), headers=teaching, files={"file": (f"a.{form}", table)}).json()


def _apply(client: TestClient, course: Made, teaching: Headers, preview: Any, **more: str) -> Any:
    cells = [
        {"item_id": each["item_id"], "user_id": each["user_id"], "points": each["after"], "expected": each["before"]}
        for each in preview["changes"]
    ]
    return client.post(at(course, "/import"), headers=teaching, json={"cells": cells, **more})


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_out_filled_in_and_in_again(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers, learner: Person, form: str
) -> None:
    other = enrol(runtime.database, create_person(runtime.database, full_name="=Juma"), course.id)
    essay = add_column(client, course, teaching)
    add_column(client, course, teaching, "Essay")  # the same title twice
    change(client, course, teaching, learner, essay, points=10)
    rows = _exported(client, course, teaching, form)
    assert rows[0][:5] == ["Learner id", "Name", "E-mail", "Essay / 20", "Essay / 20 (2)"]
    by_name = {row[1]: row for row in rows[1:]}
    assert by_name["=Juma"][2] == other.email
    assert [float(cell) for cell in by_name["Amina Wanjiru"][3:4]] == [10.0]
    by_name["Amina Wanjiru"][3] = "12,5"
    by_name["=Juma"][3:5] = ["75%", "21"]
    unknown = [["", "Nobody", "nobody@example.org", "3"], ["x", "", other.email, "3"]]
    preview = _preview(client, course, teaching, [[*rows[0], "Shoe size"], *rows[1:], *unknown], form)
    told = {(each["name"], each["title"], each["before"], each["after"]) for each in preview["changes"]}
    assert told == {("Amina Wanjiru", "Essay", 10.0, 12.5), ("=Juma", "Essay", None, 15.0)}
    assert preview["unknown_learners"] == ["nobody@example.org"]
    assert preview["unknown_columns"] == ["Shoe size"]
    assert sorted(why for _, _, why in preview["problems"]) == ["range", "twice"]
    assert points(opened(client, course, teaching), learner) == {"Essay": 10.0}, "a preview changes nothing"
    assert _apply(client, course, teaching, preview).json() == {"changed": 2, "left": []}
    view = opened(client, course, teaching)
    assert [row["cells"][0]["points"] for row in view["rows"]] == [15.0, 12.5]


def test_what_was_changed_after_the_export_is_a_conflict_and_is_left(
    client: TestClient, course: Made, instructor: Person, teaching: Headers, learner: Person, clock: MovingClock
) -> None:
    essay = add_column(client, course, teaching)
    rows = _exported(client, course, teaching)
    clock.move(timedelta(minutes=5))
    change(client, course, teaching, learner, essay, points=3)
    rows[1] += [None] * (len(rows[0]) - len(rows[1]))
    rows[1][3] = "8"
    preview = _preview(client, course, teaching, rows)
    assert [(each["before"], each["after"], each["conflict"]) for each in preview["changes"]] == [(3.0, 8.0, True)]
    change(client, course, teaching, learner, essay, points=4)
    done = _apply(client, course, teaching, preview).json()
    assert (done["changed"], [each["name"] for each in done["left"]]) == (0, ["Amina Wanjiru"])
    assert points(opened(client, course, teaching), learner) == {"Essay": 4.0}


def test_an_import_over_a_quiz_is_an_override_and_all_or_nothing(
    runtime: Runtime,
    client: TestClient,
    drain: Drain,
    instructor: Person,
    course: Made,
    teaching: Headers,
    headers: Headers,
    learner: Person,
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(points=10.0)])
    pass_it(client, quiz, headers)
    drain()
    essay = add_column(client, course, teaching)
    rows = [["E-mail", "Essay", "Water"], [learner.email.upper(), "5", "4"]]
    preview = _preview(client, course, teaching, rows)
    assert {each["title"]: each["override"] for each in preview["changes"]} == {"Essay": False, "Water": True}
    assert _apply(client, course, teaching, preview).status_code == 422, "an override needs its reason"
    assert points(opened(client, course, teaching), learner) == {"Water": 10.0}, "the essay was not kept either"
    assert _apply(client, course, teaching, preview, reason="Marked on paper").json()["changed"] == 2
    assert points(opened(client, course, teaching), learner) == {"Water": 4.0, "Essay": 5.0}
    client.put(
        at(course, f"/columns/{essay}"), headers=teaching, json={"title": "Essay", "maximum": 20, "locked": True}
    )
    locked = _preview(client, course, teaching, [["E-mail", "Essay"], [learner.email, "6"]])
    assert (locked["changes"], locked["problems"]) == ([], [[2, "Essay", "locked"]])


def test_a_table_without_learners_is_refused(client: TestClient, course: Made, teaching: Headers) -> None:
    told = client.post(at(course, "/import/preview"), headers=teaching, files={"file": ("a.csv", b"a,b\n1,2\n")})
    assert (told.status_code, told.json()["code"]) == (422, "grade_sheet_refused")


def test_the_transcript_has_every_course(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    essay = add_column(client, course, teaching)
    change(client, course, teaching, learner, essay, points=16)
    hidden = add_column(client, course, teaching, "Hidden", hidden=True)
    change(client, course, teaching, learner, hidden, points=0)
    seen = client.get("/api/v1/my-transcript", headers=headers).json()
    result = seen["courses"][0]
    assert (seen["name"], result["title"], result["percent"], result["letter"], result["letter_points"]) == (
        "Amina Wanjiru",
        "Heat and water",
        80.0,
        "A",
        12.0,
    )
    pdf = client.get("/api/v1/my-transcript/document", headers=headers, params={"language": "sw"})
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert b"/FontFile2" in pdf.content
    broken = pdf.content.replace(b"/Author (Mwalimu)", b"/Author (Mwalimo)")
    for content, outcome, finding in (
        (pdf.content, "valid", "transcript"),
        (broken, "tampered", "signature_broken"),
        (pdf.content + b"% more", "tampered", "added_after_signing"),
    ):
        checked = client.post("/api/v1/verify/document", files={"file": ("t.pdf", content)}).json()
        assert checked["outcome"] == outcome and finding in checked["findings"], checked
    path = f"/api/v1/people/{learner.id}/transcript"
    assert client.get(path, headers=headers).status_code == 200
    assert client.get(path, headers=teaching).status_code == 404

    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    assert client.get(f"{path}/document", headers=admin).content[:5] == b"%PDF-"
    client.cookies.clear()
    assert client.get("/api/v1/my-transcript").status_code == 401
