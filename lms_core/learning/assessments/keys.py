"""Keys as rows hold them: JSON in which every side and part has an id, random and kept from revision to revision."""

import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from lms_core.kit.ids import new_id
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.types import HANDLING

ID_BYTES = 6  # twelve hexadecimal digits, as `types.shapes.PartId` has them


def stored(given: QuestionIn, known: frozenset[str]) -> dict[str, Any]:
    """The key of a question as its row holds it. Part ids among `known`, those of the quiz, are kept, each once.

    Others are drawn anew: an id of the sender's own choice could tell a learner what belongs where.
    """
    if given.type == QuestionType.NUMERIC:
        return {"value": given.value, "tolerance": given.tolerance}
    if given.type == QuestionType.SHORT_TEXT:
        return {"accepted": given.accepted, "match_case": given.match_case}
    if given.type not in HANDLING or given.key is None:
        return {}
    key = given.key.model_dump(mode="json")
    taken: set[str] = set()
    for holder in _holders(key):
        if holder["id"] not in known or holder["id"] in taken:
            holder["id"] = secrets.token_hex(ID_BYTES)
        taken.add(holder["id"])
    return key


def kept_id(given: UUID | None, known: set[UUID]) -> UUID:
    """The id given when it is one of `known`, each once; else a new one."""
    if given is None or given not in known:
        return new_id()
    known.discard(given)
    return given


def fields(kind: QuestionType, key: dict[str, Any]) -> dict[str, Any]:
    """A stored key as the fields of a `QuestionDetail`."""
    if kind in HANDLING:
        return {"value": None, "tolerance": 0.0, "accepted": (), "key": key}
    return {
        "value": key.get("value"),
        "tolerance": key.get("tolerance", 0.0),
        "accepted": tuple(key.get("accepted", ())),
        "match_case": key.get("match_case", False),
    }


def part_ids(key: dict[str, Any]) -> list[str]:
    """Every id in a stored key."""
    return [holder["id"] for holder in _holders(key)]


def _holders(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it that has an id."""
    if isinstance(value, dict):
        if "id" in value:
            yield value
        for inner in value.values():
            yield from _holders(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _holders(inner)
