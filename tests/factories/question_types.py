"""One question of each type with a key of its own, and what is right of it."""

import io
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from lms_core.content.files import service as files
from lms_core.kit.context import Database
from lms_core.kit.ids import new_id
from lms_core.learning.assessments import keys
from lms_core.learning.assessments.papers import PaperQuestion, printed
from lms_core.learning.assessments.schemas import QuestionDetail, QuestionIn
from lms_core.learning.assessments.types import HANDLING
from lms_core.learning.assessments.types.cloze import ChoiceGap, ClozeKey, Gap, NumberGap
from lms_core.learning.assessments.types.drag_text import DragTextKey
from lms_core.learning.assessments.types.hotspot import HotspotKey
from lms_core.learning.assessments.types.matching import MatchingKey
from lms_core.learning.assessments.types.ordering import OrderingKey
from tests.factories.people import Person, actor_of

PICTURE = "questions/map.png"


def matching(**more: Any) -> QuestionIn:
    """Three capitals, one distractor."""
    pairs = [("Kenya", "Nairobi"), ("Uganda", "Kampala"), ("Rwanda", "Kigali")]
    key = {
        "type": "matching",
        "pairs": [{"left": {"text": left}, "right": {"text": right}} for left, right in pairs],
        "extra": [{"text": "Mombasa"}],
    }
    return question("matching", "Which capital belongs to which country?", key, points=3.0, **more)


def ordering(scoring: str = "positions", items: int = 4, **more: Any) -> QuestionIn:
    """Steps of making tea."""
    steps = ["Boil the water", "Add the leaves", "Let it **stand**", "Pour the tea", "Add milk", "Drink"][:items]
    key = {"type": "ordering", "items": [{"text": step} for step in steps], "scoring": scoring}
    return question("ordering", "How is tea made?", key, points=2.0, **more)


def cloze(**more: Any) -> QuestionIn:
    """A gap of each kind, one of them in a table."""
    gaps: list[dict[str, Any]] = [
        {"kind": "text", "accepted": ["Kilimanjaro", "Mount Kilimanjaro"]},
        {"kind": "number", "value": 5895, "tolerance": 5},
        {"kind": "choice", "options": [{"text": "Tanzania", "correct": True}, {"text": "Chad"}, {"text": "Peru"}]},
    ]
    text = "The highest mountain of Africa is [[1]].\n\n| metres | country |\n|---|---|\n| [[2]] | [[3]] |"
    return question("cloze", text, {"type": "cloze", "gaps": gaps}, points=3.0, **more)


def drag_text(**more: Any) -> QuestionIn:
    """Two gaps, four words."""
    key = {
        "type": "drag_text",
        "gaps": [{"word": {"text": "evaporates"}}, {"word": {"text": "condenses"}}],
        "extra": [{"text": "freezes"}, {"text": "melts"}],
    }
    return question("drag_text", "Water [[1]] from the lake and [[2]] in the clouds.", key, points=2.0, **more)


def hotspot(**more: Any) -> QuestionIn:
    """A region of each shape."""
    triangle = {"shape": "polygon", "points": [[0.6, 0.6], [0.9, 0.6], [0.75, 0.9]]}
    key = {
        "type": "hotspot",
        "picture": PICTURE,
        "description": "A map with a lake in the west, a town in the north and a hill in the south-east",
        "markers": [
            {
                "label": "the lake",
                "regions": [{"shape": "ellipse", "x": 0.2, "y": 0.5, "radius_x": 0.1, "radius_y": 0.2}],
            },
            {"label": "the town", "regions": [{"shape": "rectangle", "x": 0.4, "y": 0.1, "width": 0.2, "height": 0.2}]},
            {"label": "the hill", "regions": [triangle]},
        ],
    }
    return question("hotspot", "Find them on the map.", key, points=3.0, **more)


def formula(**more: Any) -> QuestionIn:
    """A force in newtons or kilonewtons."""
    key = {
        "type": "formula",
        "expression": "{m} * a",
        "variables": [
            {"name": "m", "minimum": 2, "maximum": 9, "step": 0.5},
            {"name": "a", "minimum": 1, "maximum": 5, "step": 1},
        ],
        "tolerance": {"kind": "relative", "amount": 0.01},
        "units": [{"name": "N"}, {"name": "kN", "factor": 1000}],
        "unit_penalty": 0.25,
    }
    text = "A mass of {m} kg is accelerated by $a = {a}$ m/s². What force acts?"
    return question("formula", text, key, points=4.0, **more)


def upload(**more: Any) -> QuestionIn:
    """Up to two pictures or PDFs of one megabyte."""
    key = {"type": "upload", "maximum_files": 2, "maximum_megabytes": 1, "kinds": ["image", "document"]}
    return question("upload", "Hand in your drawing.", key, points=5.0, **more)


def every_keyed_type() -> list[QuestionIn]:
    """One of each, worth 3, 2, 3, 2, 3, 4 and 5 points."""
    return [matching(), ordering(), cloze(), drag_text(), hotspot(), formula(), upload()]


def on_paper(given: QuestionIn) -> PaperQuestion:
    """The question as an attempt gets it."""
    fields = given.model_dump(exclude={"id", "choices", "key"})
    stored = keys.stored(given, frozenset()) if given.type in HANDLING else None
    detail = QuestionDetail(**fields, id=new_id(), choices=(), key=stored)
    return printed(detail, course_slug="geography")


def right_parts(key: Any) -> dict[str, str]:
    """The answer that earns everything, for types with parts; `key` as an object or as JSON."""
    match key:
        case MatchingKey():
            return {str(pair.left.id): str(pair.right.id) for pair in key.pairs}
        case OrderingKey():
            return {str(item.id): str(place) for place, item in enumerate(key.items, 1)}
        case ClozeKey():
            return {str(gap.id): _right_of(gap) for gap in key.gaps}
        case DragTextKey():
            return {str(gap.id): str(gap.word.id) for gap in key.gaps}
        case HotspotKey():
            inside = ("0.2,0.5", "0.5,0.2", "0.75,0.7")
            return {str(marker.id): point for marker, point in zip(key.markers, inside, strict=True)}
        case _:
            return {}


def _right_of(gap: Gap) -> str:
    match gap:
        case ChoiceGap():
            return next(str(option.id) for option in gap.options if option.correct)
        case NumberGap():
            return f"{gap.value:g}"
        case _:
            return gap.accepted[0]


def question(type: str, text: str, key: dict[str, Any], **more: Any) -> QuestionIn:
    """A question of any keyed type."""
    return QuestionIn.model_validate({"type": type, "text": text, "key": key, **more})


def draw_map() -> bytes:
    """The picture of `hotspot`, a PNG."""
    picture = Image.new("RGB", (720, 480), "#dfe8d4")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((72, 144, 216, 336), fill="#8fbfe0", outline="#4d86ad", width=3)
    pen.rectangle((288, 48, 432, 144), fill="#d9b08c", outline="#8a5a33", width=3)
    pen.polygon([(432, 288), (648, 288), (540, 432)], fill="#b6a37a", outline="#6e6142")
    pen.line((216, 240, 720, 200), fill="#b9c4ac", width=6)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def add_map(database: Database, instructor: Person, course_id: UUID) -> None:
    """Put the picture among the files of a course."""
    with database.write(actor_of(database, instructor)) as ctx:
        files.store(ctx, owner_id=course_id, path=PICTURE, content=draw_map())
