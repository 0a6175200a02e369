"""The blocks of a course: found by the names that point to them, each at most once, named as policies say."""

from dataclasses import dataclass
from typing import Any

from ingestion.readers import Unreadable
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting

MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Block:
    """One component or container: its kind, its id, the name it shows, and its XML."""

    kind: str
    name: str
    title: str
    element: markup.Element
    hidden: bool


class Blocks:
    """Opens blocks; what points in a circle or to nothing is reported."""

    def __init__(self, draft: Drafting, *, policies: dict[str, Any]) -> None:
        self.draft = draft
        self._policies = policies
        self._seen: set[tuple[str, str]] = set()

    def open(self, pointer: markup.Element, *, within: str) -> Block | None:
        """The block that an element is or points to; None when it is missing, damaged, or there already."""
        kind, name = markup.local(pointer), pointer.get("url_name") or ""
        element = pointer
        if name and not len(pointer):
            if (kind, name) in self._seen:
                self.draft.lost(within, saying.of(saying.BOOKMARK, f"{kind} {name}"))
                return None
            self._seen.add((kind, name))
            path = f"{kind}/{name.replace(':', '/')}.xml"
            if self.draft.contents.has(path):
                try:
                    element = self.draft.contents.xml(path)
                except Unreadable:
                    self.draft.lost(within, saying.of(saying.DAMAGED, path))
                    return None
            elif not (set(pointer.attrib) - {"url_name"}) and not (pointer.text or "").strip():
                self.draft.lost(within, saying.of(saying.BOOKMARK, path))
                return None
        policy = self._policies.get(f"{kind}/{name}")
        told = policy if isinstance(policy, dict) else {}
        title = element.get("display_name") or pointer.get("display_name") or str(told.get("display_name") or "")
        staff_only = element.get("visible_to_staff_only") or told.get("visible_to_staff_only")
        return Block(kind, name, " ".join(title.split()), element, str(staff_only).lower() == "true")

    def inside(self, block: Block) -> list[Block]:
        """The blocks that a container holds."""
        found = (self.open(each, within=block.title or block.name) for each in markup.children(block.element))
        return [each for each in found if each is not None]
