"""Refusals of uploads and imports, in the language of the page, with their own numbers and names."""

import ast
import re
from gettext import NullTranslations
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.web.refusals import SENTENCES, told, translated
from api.web.rendering import FOLDER
from lms_core.kit import i18n
from lms_core.kit.permissions import Role
from tests.factories.people import create_person, log_in
from tests.ingestion.documents import pdf
from workers.runtime import Runtime

REPOSITORY = Path(__file__).parents[2]
SOURCES = [
    *(REPOSITORY / "ingestion/readers").rglob("*.py"),
    *(REPOSITORY / "ingestion/sources").rglob("*.py"),
    *(REPOSITORY / "ingestion/imports").rglob("*.py"),
    REPOSITORY / "api/middleware.py",
]
SWAHILI = i18n.catalogue(FOLDER / "locales", "sw")
SENTENCE = re.compile(r"[^\n]{15,}\w[.)]?[^\n]*\. [A-Z][^\n]+\.")


def sentences_of(file: Path) -> list[str]:
    """The sentences that a module tells people: two sentences in one text, 7 where a value is filled in."""
    tree = ast.parse(file.read_text())
    said: list[str] = []
    skipped = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(each) for each in ast.walk(node) if each is not node}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            said.append("".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in node.values))
    return [text for text in said if SENTENCE.fullmatch(text)]


def test_every_refusal_of_a_file_is_told_in_swahili() -> None:
    said = {text for file in SOURCES for text in sentences_of(file)}
    assert len(said) > 40
    assert [text for text in said if translated(SWAHILI, text) is None] == []
    assert [text for text in SENTENCES if SWAHILI.gettext(text) == text] == []


def test_numbers_and_names_are_kept() -> None:
    text = "The file has 300 MB; at most 50 MB are read. Split it, or leave out large pictures."
    assert told(SWAHILI, code="too_large", text=text) == (
        "Faili lina MB 300; zinasomwa MB 50 tu. Ligawanye, au acha picha kubwa."
    )
    assert told(NullTranslations(), code="too_large", text=text) == text
    odd = "“100%(path)s <b>.md” points outside the course or is too long. Rename the file and upload it again."
    assert "“100%(path)s <b>.md”" in told(SWAHILI, code="bad_path", text=odd)


def test_a_reason_inside_a_reason_and_two_of_them_are_translated() -> None:
    inner = "The PDF is protected by a password. Save a copy without a password and import it."
    nested = f"No lesson was found in course (a.pdf: {inner}). Put Markdown files or documents into it."
    assert "a.pdf: PDF imelindwa kwa nenosiri" in (translated(SWAHILI, nested) or "")
    two = f"../x.md: {SENTENCES_OF_ARCHIVES} No lesson was found in course. Put Markdown files or documents into it."
    assert (translated(SWAHILI, two) or "").startswith("../x.md: Jina linaelekeza nje ya kifurushi")
    assert translated(SWAHILI, "Nobody wrote this.") is None
    assert translated(SWAHILI, "x" * 100_000) is None


SENTENCES_OF_ARCHIVES = "The name points outside the archive, so the file was left out. Pack the course again."


@pytest.fixture
def headers(client: TestClient, runtime: Runtime) -> dict[str, str]:
    return log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))


def test_problem_documents_keep_code_and_title_whatever_the_language(
    client: TestClient, headers: dict[str, str]
) -> None:
    def refused(language: str) -> dict[str, str]:
        sent = {"files": [("files", ("a.md", b"# A"))], "data": {"paths": ["../../a.md"]}}
        answer = client.post("/api/v1/imports", headers={**headers, "Accept-Language": language}, **sent)
        assert answer.status_code == 422
        return answer.json()

    english, swahili = refused("en"), refused("sw")
    assert (english["code"], english["title"]) == (swahili["code"], swahili["title"])
    assert english["detail"].startswith("“../../a.md” points outside the course")
    assert swahili["detail"].startswith("“../../a.md” inaelekeza nje ya kozi")


def test_the_page_of_an_import_tells_what_failed_in_its_language(
    client: TestClient, headers: dict[str, str], drain: object
) -> None:
    sent = {"files": [("files", ("scan.pdf", pdf("Hi").replace(b"(Hi)", b"()  ")))], "data": {"paths": ["scan.pdf"]}}
    import_id = client.post("/api/v1/imports", headers=headers, **sent).json()["id"]
    drain()  # type: ignore[operator]
    swahili = {**headers, "Cookie": "mwalimu_language=sw"}
    page = client.get(f"/teach/imports/{import_id}", headers=swahili).text
    assert "scan.pdf" in page and "PDF ina picha za kurasa (skani) bila maandishi yoyote." in page
    assert "without any text" in client.get(f"/teach/imports/{import_id}", headers=headers).text
