"""Moodle's questions about pictures, markers and labels to drag, as places to find; regions, pixels to fractions."""

import io
import math
import re
from typing import TYPE_CHECKING, Any

from ingestion.questions import rich
from ingestion.questions.building import NoQuestion
from ingestion.questions.trees import text_of
from lms_core.learning.assessments.models import QuestionType

if TYPE_CHECKING:
    from ingestion.questions.moodle_more import Item

LABEL_SIZE = (80, 30)  # pixels: Moodle measures a dragged text in the browser; a word or two take about this
MOST_PIXELS = 40_000_000


def pixels(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture; None for what cannot be read as one."""
    from PIL import Image  # only questions about pictures need it

    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    return (width, height) if 0 < width * height <= MOST_PIXELS else None


def number_in(text: str) -> float:
    """The number that a text says; NaN for none."""
    try:
        read = float(text.replace(",", ".").replace(" ", ""))
    except ValueError:
        return math.nan
    return read if math.isfinite(read) else math.nan


def markers(item: "Item") -> dict[str, Any]:
    """Markers to put on a picture; each may have several places."""
    path, width, height = item.picture()
    labels = {
        text_of(each, "no").strip(): rich.to_line(rich.from_html(text_of(each, "text")))
        for each in item.element.iterfind("drag")
    }
    regions: dict[str, list[dict[str, Any]]] = {}
    for drop in item.element.iterfind("drop"):
        shape = region(text_of(drop, "shape").strip(), text_of(drop, "coords"), width, height)
        if shape is not None:
            regions.setdefault(text_of(drop, "choice").strip(), []).append(shape)
    return _hotspot(item, path, labels, regions)


def labels(item: "Item") -> dict[str, Any]:
    """Labels to drag onto a picture: places to find in it, of about a label's size."""
    path, width, height = item.picture()
    names = {}
    for each in item.element.iterfind("drag"):
        text = rich.to_line(rich.from_html(text_of(each, "text").replace("<br", " <br")))
        names[text_of(each, "no").strip()] = text or (
            each.find("file").get("name", "") if each.find("file") is not None else ""
        )
    regions: dict[str, list[dict[str, Any]]] = {}
    for drop in item.element.iterfind("drop"):
        left, top = number_in(text_of(drop, "xleft")), number_in(text_of(drop, "ytop"))
        shape = region("rectangle", f"{left},{top};{LABEL_SIZE[0]},{LABEL_SIZE[1]}", width, height)
        if shape is not None:
            regions.setdefault(text_of(drop, "choice").strip(), []).append(shape)
    item.note("dragged_labels")
    return _hotspot(item, path, names, regions)


def _hotspot(
    item: "Item", path: str, labels: dict[str, str], regions: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    idle = [label for number, label in labels.items() if number not in regions]
    if idle:
        item.note("extra_drags", ", ".join(idle))
    found = [{"label": label, "regions": regions[number]} for number, label in labels.items() if number in regions]
    if not found:
        item.note("no_answer")
        raise NoQuestion
    return {"type": QuestionType.HOTSPOT, "key": {"type": "hotspot", "picture": path, "markers": found}}


def region(shape: str, coords: str, width: int, height: int) -> dict[str, Any] | None:
    """A region in fractions of the picture, of Moodle's pixels: `x,y;radius`, `x,y;w,h` or `x,y;x,y;...`."""
    numbers = [number_in(each) for each in re.split(r"[,;\s]+", coords.strip()) if each]
    if not numbers or any(each != each or abs(each) > 1e6 for each in numbers):
        return None

    def across(value: float) -> float:
        return round(min(1.0, max(0.0, value / width)), 9)

    def down(value: float) -> float:
        return round(min(1.0, max(0.0, value / height)), 9)

    match shape.lower(), numbers:
        case (("circle" | "ellipse"), [x, y, radius]):
            axes = {"radius_x": across(radius), "radius_y": down(radius)}
            return {"shape": "ellipse", "x": across(x), "y": down(y)} | axes if radius > 0 else None
        case (("rectangle" | "rect"), [x, y, wide, high]) if wide > 0 and high > 0:
            left, top = across(x), down(y)
            return {
                "shape": "rectangle",
                "x": left,
                "y": top,
                "width": max(1e-6, round(across(x + wide) - left, 9)),
                "height": max(1e-6, round(down(y + high) - top, 9)),
            }
        case (("polygon" | "poly"), [*points]) if len(points) >= 6 and len(points) % 2 == 0:
            corners = [(across(x), down(y)) for x, y in zip(points[::2], points[1::2], strict=True)]
            return {"shape": "polygon", "points": corners}
    return None
