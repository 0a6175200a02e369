"""QTI 2.1's interactions with a picture, as places to find in it."""

from collections.abc import Sequence
from typing import Any

from ingestion.questions import rich
from ingestion.questions.attached import PICTURES, base_name, decoded
from ingestion.questions.building import NoQuestion
from ingestion.questions.moodle_pictures import pixels, region
from ingestion.questions.qti21_item import QtiItem, number
from ingestion.questions.trees import Element, text_of
from lms_core.learning.assessments.models import QuestionType

SHAPES = {"rect": "rectangle", "circle": "circle", "poly": "polygon"}


def hotspot(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Places to choose in a picture: each right one is to be found."""
    path, width, height, about = _picture(item, interaction)
    declared = item.declaration(interaction)
    right, markers = declared.right, []
    for each in interaction.iterfind("hotspotChoice"):
        if each.get("identifier") not in right:
            continue
        shape = _region(each.get("shape", ""), each.get("coords", ""), width, height)
        label = each.get("hotspotLabel") or " ".join(text_of(interaction, "prompt").split())
        markers.append((label, [shape] if shape else []))
    if len(markers) > 1 and len({label for label, _ in markers}) == 1:
        # Any of the places may be found first, so each marker takes all of them.
        markers = [
            (f"{number}", [shape for _, shapes in markers for shape in shapes]) for number in range(1, len(markers) + 1)
        ]
    item.note("hotspot_places")
    return _found(item, body, interaction, path, about, markers)


def select_point(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """A point to show in a picture, right within its areas."""
    path, width, height, about = _picture(item, interaction)
    declared = item.declaration(interaction)
    areas = [] if declared.element is None else declared.element.findall("areaMapping/areaMapEntry")
    best = max((number(each.get("mappedValue")) for each in areas), default=0.0)
    shapes = [
        shape
        for each in areas
        if number(each.get("mappedValue")) == best > 0
        and (shape := _region(each.get("shape", ""), each.get("coords", ""), width, height))
    ]
    label = " ".join(text_of(interaction, "prompt").split()) or item.name
    return _found(item, body, interaction, path, about, [(label, shapes)])


def graphic_gap_match(item: QtiItem, body: Element, interaction: Element) -> dict[str, Any]:
    """Labels to drag onto a picture: places to find in it."""
    path, width, height, about = _picture(item, interaction)
    declared = item.declaration(interaction)
    places = {
        each.get("identifier", ""): _region(each.get("shape", ""), each.get("coords", ""), width, height)
        for each in interaction.iterfind("associableHotspot")
    }
    labels = {}
    for each in interaction.iterfind("gapImg"):
        thing = each.find("object")
        said = each.get("objectLabel") or (" ".join(text_of(thing).split()) if thing is not None else "")
        labels[each.get("identifier", "")] = said or each.get("identifier", "")
    for each in interaction.iterfind("gapText"):
        labels[each.get("identifier", "")] = " ".join(text_of(each).split())
    found: dict[str, list[dict[str, Any]]] = {}
    for pair in (each.split() for each in declared.right):
        shape = places.get(pair[1]) if len(pair) == 2 else None
        if shape:
            found.setdefault(labels.get(pair[0], pair[0]), []).append(shape)
    item.note("dragged_labels")
    idle = [label for label in labels.values() if label not in found]
    if idle:
        item.note("extra_drags", ", ".join(idle))
    return _found(item, body, interaction, path, about, list(found.items()))


def _found(
    item: QtiItem,
    body: Element,
    interaction: Element,
    path: str,
    about: str,
    markers: Sequence[tuple[str, list[dict[str, Any]]]],
) -> dict[str, Any]:
    if not markers or not all(shapes for _, shapes in markers):
        item.note("no_answer")
        raise NoQuestion
    key = {
        "type": "hotspot",
        "picture": path,
        "description": about[:1000],
        "markers": [{"label": (label or item.name)[:500], "regions": shapes} for label, shapes in markers],
    }
    text = item.before(body, interaction) or item.name
    return {"type": QuestionType.HOTSPOT, "text": text, "key": key}


def _picture(item: QtiItem, interaction: Element) -> tuple[str, int, int, str]:
    thing = interaction.find("object")
    address = "" if thing is None else thing.get("data", "")
    found = rich.DATA_ADDRESS.match(address)
    content = decoded(found.group(1)) if found else item.files.get(base_name(address))
    size = pixels(content) if content is not None else None
    path = item.building.attach(item.name, base_name(address), content) if content is not None and size else None
    if path is None or size is None or path.rpartition(".")[2] not in PICTURES:
        item.note("picture_missing", address)
        raise NoQuestion
    # Coordinates are pixels of the size at which the item shows the picture.
    wide, high = (number(thing.get(name)) if thing is not None else 0.0 for name in ("width", "height"))
    width, height = (int(wide), int(high)) if wide >= 1 and high >= 1 else size
    return path, width, height, " ".join(text_of(thing).split())


def _region(shape: str, coords: str, width: int, height: int) -> dict[str, Any] | None:
    numbers = [each.strip() for each in coords.split(",") if each.strip()]
    if shape == "rect" and len(numbers) == 4:
        left, top, right, bottom = (number(each) for each in numbers)
        coords = f"{left},{top},{right - left},{bottom - top}"
    if shape == "ellipse" and len(numbers) == 4:
        x, y, across, down = (number(each) for each in numbers)
        return {
            "shape": "ellipse",
            "x": x / width,
            "y": y / height,
            "radius_x": across / width,
            "radius_y": down / height,
        }
    if shape == "default":
        return {"shape": "rectangle", "x": 0, "y": 0, "width": 1, "height": 1}
    return region(SHAPES.get(shape, shape), coords, width, height)
