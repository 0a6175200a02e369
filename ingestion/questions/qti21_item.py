"""One QTI 2.1 item while it is read: its texts, its files, what it declares of its responses."""

import copy
import math
from dataclasses import dataclass, field

from ingestion.questions import rich
from ingestion.questions.attached import base_name, decoded
from ingestion.questions.building import Building
from ingestion.questions.trees import Element, inner, text_of

# Marks a field that fills a gap, where nothing but its own paragraph would tell it from an answer of its own.
GAP_CLASS = "gap"


@dataclass(slots=True)
class QtiItem:
    """One item while it is read. `told`: identifiers of feedback that stands with a choice already."""

    building: Building
    root: Element
    name: str
    files: dict[str, bytes]
    told: set[str] = field(default_factory=set)

    def note(self, code: str, value: str = "") -> None:
        """Add a line about this item to the report."""
        self.building.note(self.name, code, value)

    def rich(self, element: Element | None) -> str:
        """Markdown of what is in an element."""
        return "" if element is None else rich.from_html(self.markup(element), self.locate)

    def markup(self, element: Element) -> str:
        """HTML of what is in an element, its `object` pictures as `img`."""
        changed = copy.deepcopy(element)
        for each in list(changed.iter("object")):
            address, kind = each.get("data", ""), each.get("type", "")
            if kind.startswith("image/"):
                alt = " ".join(text_of(each).split())
                tail = each.tail
                each.clear()
                each.tag, each.tail = "img", tail
                each.set("src", address)
                each.set("alt", alt)
            else:
                self.note("media", address or kind)
                each.tag = "div"
        for each in list(changed.iterdescendants("feedbackInline", "feedbackBlock")):
            each.text, each.tag = "", "span"
            for child in list(each):
                each.remove(child)
        for each in list(changed.iter("printedVariable")):
            self.note("media", "printedVariable")
            each.tag = "span"
        return inner(changed)

    def locate(self, address: str) -> str | None:
        """The path of a file that an item shows."""
        found = rich.DATA_ADDRESS.match(address)
        content = decoded(found.group(1)) if found else self.files.get(base_name(address))
        if content is not None:
            return self.building.attach(self.name, base_name(address), content)
        if ":" not in address and not address.startswith("#"):
            self.note("file_missing", address)
        return None

    def declaration(self, interaction: Element) -> "Declared":
        """What the item declares of the response to an interaction."""
        name = interaction.get("responseIdentifier", "")
        found = next(
            (each for each in self.root.iterfind("responseDeclaration") if each.get("identifier") == name), None
        )
        return Declared(found, name)

    def before(self, body: Element, interaction: Element) -> str:
        """The item's text without the interaction, then its prompt."""
        around = copy.deepcopy(body)
        for each in [each for each in around.iter() if each.tag == interaction.tag]:
            tail = each.tail
            each.clear()
            each.tag, each.tail = "span", tail
        parts = [self.rich(around), self.rich(interaction.find("prompt"))]
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Declared:
    """A response declaration: right values in order, and points by value."""

    element: Element | None
    name: str

    @property
    def right(self) -> list[str]:
        """The right values; without any, those with the most points (all with points, where several are wanted)."""
        said = (
            []
            if self.element is None
            else [text_of(each).strip() for each in self.element.iterfind("correctResponse/value")]
        )
        if said:
            return said
        best = max(self.points.values(), default=0.0)
        several = self.element is not None and self.element.get("cardinality") != "single"
        return [key for key, points in self.points.items() if points > 0 and (several or points == best)]

    @property
    def points(self) -> dict[str, float]:
        """Points by value; none where the file maps none."""
        entries = [] if self.element is None else self.element.findall("mapping/mapEntry")
        return {each.get("mapKey", ""): number(each.get("mappedValue")) for each in entries}

    @property
    def default(self) -> float:
        """Points of a value that is not mapped."""
        mapping = None if self.element is None else self.element.find("mapping")
        return 0.0 if mapping is None else number(mapping.get("defaultValue"))

    @property
    def base(self) -> str:
        """The type of its values."""
        return "" if self.element is None else self.element.get("baseType", "")

    @property
    def ignores_case(self) -> bool:
        """Whether every mapped value says that case does not matter."""
        entries = [] if self.element is None else self.element.findall("mapping/mapEntry")
        return bool(entries) and all(each.get("caseSensitive", "true") == "false" for each in entries)


def number(text: str | None) -> float:
    """The number that an attribute says; 0 for none."""
    try:
        read = float(text or "0")
    except ValueError:
        return 0.0
    return read if math.isfinite(read) else 0.0


def is_all_or_nothing(item: QtiItem, declared: Declared) -> bool:
    """Whether the response is judged as a whole: by the template of that name, or compared with what is right."""
    processing = item.root.find("responseProcessing")
    if processing is None:
        return not declared.points
    if processing.get("template", ""):
        return "match_correct" in processing.get("template", "")
    maps = [each.get("identifier") for each in processing.iter("mapResponse", "mapResponsePoint")]
    return declared.name not in maps
