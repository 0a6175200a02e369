"""Question banks for tests, filled through the product's own verbs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from lms_core.kit.context import Database
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.schemas.banks import BankIn
from lms_core.learning.assessments.service import banks
from tests.factories.assessments import API, Headers
from tests.factories.people import Person, actor_of


def sums(number: int, *, first: int = 0) -> list[QuestionIn]:
    """So many questions about sums, each of another one; the key is the sum."""
    return [
        QuestionIn(type=QuestionType.NUMERIC, text=f"What is {each} + {each}?", value=2 * each)
        for each in range(first, first + number)
    ]


def create_bank(
    database: Database,
    teacher: Person,
    course: UUID | None,
    *,
    questions: Sequence[QuestionIn] = (),
    path: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> tuple[UUID, list[UUID]]:
    """A bank of a course, or of the institution, and the ids of its questions."""
    with database.write(actor_of(database, teacher)) as ctx:
        bank = banks.create(ctx, bank=BankIn(name="Sums", course=None if course is None else str(course)))
        ids = banks.add_questions(ctx, bank.id, category_path=path, questions=questions, tags=tags)
    return bank.id, ids


def arrange(
    client: TestClient, quiz_id: UUID, headers: Headers, *sections: dict[str, Any], status: int = 200
) -> dict[str, Any]:
    """Give a quiz these sections over HTTP."""
    path = f"{API}/quizzes/{quiz_id}/sections"
    revision = client.get(path, headers=headers).json()["revision"]
    sent = client.put(path, json={"base_revision": revision, "sections": list(sections)}, headers=headers)
    assert sent.status_code == status, sent.text
    return dict(sent.json())


def draw_of(bank_id: UUID, count: int, **more: Any) -> dict[str, Any]:
    """A random draw as a section takes it."""
    return {"kind": "draw", "bank_id": str(bank_id), "count": count, **more}
