"""The manifest of IMS content packages, which Common Cartridge and SCORM share: items in order, and their resources.

IMS Content Packaging 1.1.4; SCORM 1.2 and 2004 and Common Cartridge 1.0 to 1.3 profile it.
"""

from dataclasses import dataclass, field

from ingestion.sources.packages import markup
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import inside

MAX_DEPTH = 30
MAX_ITEMS = 20_000


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that items show: its type, the file it opens with, and all of its files."""

    name: str
    type: str
    href: str
    files: tuple[str, ...]
    interactive: bool  # a SCO: it talks to the system that shows it
    element: markup.Element


@dataclass(slots=True)
class Item:
    """A line of the outline: a heading, a link to a resource, or both."""

    name: str
    title: str
    resource: str
    hidden: bool
    items: list["Item"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says. `cut`: it nests deeper or has more items than are read."""

    name: str
    title: str
    language: str
    items: list[Item]
    resources: dict[str, Resource]
    cut: bool
    root: markup.Element


def read_manifest(contents: Contents) -> Manifest:
    """The manifest at the top. Raises Unreadable."""
    root = contents.xml("imsmanifest.xml")
    base = _base(root)
    listed = markup.child(root, "resources")
    resources = {}
    for element in markup.children(listed, "resource") if listed is not None else []:
        own = inside(markup.attribute(element, "base") or "", base + _base(listed)).removeprefix(".")
        name = element.get("identifier") or ""
        resources[name] = _resource(element, name, own)
    organisation = _organisation(root)
    state = _State()
    items = _items(organisation, state, 0) if organisation is not None else []
    title = markup.said(organisation, "title") if organisation is not None else ""
    general = next((each for each in root.iter() if markup.local(each) == "general"), None)
    title = title or markup.said(general, "title")
    language = markup.said(general, "language") or markup.attribute(root, "lang")
    return Manifest(root.get("identifier") or "", title, language, items, resources, state.cut, root)


@dataclass(slots=True)
class _State:
    count: int = 0
    cut: bool = False


def _organisation(root: markup.Element) -> markup.Element | None:
    """The default organisation, else the first one."""
    holder = markup.child(root, "organizations")
    found = markup.children(holder, "organization") if holder is not None else []
    wanted = holder.get("default") if holder is not None else None
    return next((each for each in found if each.get("identifier") == wanted), found[0] if found else None)


def _items(parent: markup.Element, state: _State, depth: int) -> list[Item]:
    found = []
    for element in markup.children(parent, "item"):
        state.count += 1
        if depth >= MAX_DEPTH or state.count > MAX_ITEMS:
            state.cut = True
            return found
        found.append(
            Item(
                element.get("identifier") or "",
                " ".join(markup.said(element, "title").split()),
                element.get("identifierref") or "",
                (element.get("isvisible") or "true").lower() in ("false", "0"),
                _items(element, state, depth + 1),
            )
        )
    return found


def modules_of(manifest: Manifest, *, title: str) -> list[tuple[str, list[Item]]]:
    """The top of the outline as modules: an item with others below it is one, and so is a run of items without."""
    items = manifest.items
    while len(items) == 1 and not items[0].resource and _only_wraps(items[0]):
        title, items = items[0].title or title, items[0].items
    found: list[tuple[str, list[Item]]] = []
    loose: list[Item] = []
    for item in items:
        if item.items:
            loose = []
            found.append((item.title or title, [item]))
        elif loose:
            loose.append(item)
        else:
            loose = [item]
            found.append((item.title if len(items) == 1 and item.title else title, loose))
    return found


def _only_wraps(item: Item) -> bool:
    """Whether an item stands for the whole course: nameless, or with nothing but modules below it."""
    return bool(item.items) and (not item.title or all(each.items for each in item.items))


def _resource(element: markup.Element, name: str, base: str) -> Resource:
    def path(url: str | None) -> str:
        clean = (url or "").strip()
        return inside(clean, base) if clean and "://" not in clean else clean

    files = [path(each.get("href")) for each in markup.children(element, "file") if each.get("href")]
    interactive = markup.attribute(element, "scormtype").lower() == "sco"
    href = path(element.get("href"))
    return Resource(name, (element.get("type") or "").lower(), href, tuple(files), interactive, element)


def _base(element: markup.Element | None) -> str:
    told = markup.attribute(element, "base") if element is not None else ""
    return "" if "://" in told else told.rstrip("/")
