"""The lesson page: sanitised HTML made readable and self-contained.

Anchors on headings, links and pictures resolved or dropped, nothing fetched from
a third party, tables scrollable by keyboard, text direction found per block.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlsplit

from lms_core.content.text.embeds import SCHEME as EMBED
from lms_core.content.text.embeds import frame_address
from lms_core.content.text.markup import Tag, folded, pieces

Resolve = Callable[[str], str | None]

HEADINGS = {f"h{level}": level for level in range(1, 7)}
# A list's own direction is found from its items' text, as long as these have none themselves.
DIRECTED = frozenset({"p", "ul", "ol", "dl", "blockquote", "td", "th", "figcaption", "summary", "caption", *HEADINGS})
MAX_SLUG = 120
TASKS = ("quiz:", "assignment:")  # links to what is asked of the learner


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading of the page: its level in the source (1 to 6), its text, its id."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Page:
    """Finished HTML and its headings in order."""

    html: str
    headings: tuple[OutlineEntry, ...]


def finish(html: str, *, resolve: Resolve | None, base_heading: int) -> Page:
    """Turn sanitised `html` into a page; see `render` for the arguments."""
    writer = _Writer(resolve=resolve, shift=base_heading - 1)
    for piece in pieces(html):
        if isinstance(piece, str):
            writer.text(piece)
        else:
            writer.tag(piece)
    return Page("".join(writer.out), tuple(writer.outline))


def slug(text: str) -> str:
    """GitHub's anchor for a heading: lower case, spaces to hyphens, punctuation gone; scripts with marks kept."""
    kept = (
        "-" if char == " " else char
        for char in text.lower()
        if char.isalnum() or char in " -_" or unicodedata.category(char).startswith("M")
    )
    return "".join(kept)[:MAX_SLUG] or "section"


class _Writer:
    """The page so far; `tag` and `text` take the sanitised stream in order."""

    def __init__(self, *, resolve: Resolve | None, shift: int) -> None:
        self.resolve = resolve
        self.shift = shift
        self.out: list[str] = []
        self.outline: list[OutlineEntry] = []
        self.ids: set[str] = set()
        self.next_number: dict[str, int] = {}
        self.links: list[bool] = []  # for each open <a>: whether it was written
        self.heading: tuple[Tag, int, int] | None = None  # tag, source level, place in out
        self.heading_text: list[str] = []
        self.tables = 0

    def text(self, raw: str) -> None:
        self.out.append(raw)
        if self.heading is not None:
            self.heading_text.append(raw)

    def tag(self, tag: Tag) -> None:
        if tag.name in HEADINGS:
            self._heading(tag)
            return
        self._claim_id(tag)
        if tag.name == "a":
            self._link(tag)
        elif tag.name == "img":
            self._image(tag)
        elif tag.name == "table":
            self._table(tag)
        else:
            if not tag.closing:
                self._direct(tag)
            self.out.append(str(tag))

    def _direct(self, tag: Tag) -> None:
        if tag.name == "pre":
            tag.attributes.update(dir="ltr", tabindex="0")
        elif tag.name in DIRECTED:
            tag.attributes.setdefault("dir", "auto")

    def _claim_id(self, tag: Tag) -> None:
        if "id" in tag.attributes:
            if tag.attributes["id"] in self.ids:
                del tag.attributes["id"]
            else:
                self.ids.add(tag.attributes["id"])

    def _unique(self, wanted: str) -> str:
        number, found = self.next_number.get(wanted, 0), wanted
        while found in self.ids:
            number += 1
            found = f"{wanted}-{number}"
        self.next_number[wanted] = number
        self.ids.add(found)
        return found

    def _heading(self, tag: Tag) -> None:
        level = HEADINGS[tag.name]
        tag.name = f"h{min(6, max(1, level + self.shift))}"
        if not tag.closing:
            self._direct(tag)
            self.heading, self.heading_text = (tag, level, len(self.out)), []
            self.out.append("")
            return
        if self.heading is not None:
            opening, level, place = self.heading
            text = folded(unescape("".join(self.heading_text)))
            if text:
                opening.attributes["id"] = self._unique(opening.attributes.get("id") or slug(text))
                self.outline.append(OutlineEntry(level, text, opening.attributes["id"]))
            else:
                opening.attributes.pop("id", None)
            self.out[place] = str(opening)
            self.heading = None
        self.out.append(str(tag))

    def _link(self, tag: Tag) -> None:
        if tag.closing:
            if self.links and self.links.pop():
                self.out.append("</a>")
            return
        wanted = tag.attributes.pop("href", "")
        target = self._target(wanted)
        if target is not None:
            tag.attributes["href"] = target
            if wanted.startswith(TASKS):
                tag.attributes["class"] = "lesson-task"
            if _remote(target):
                tag.attributes["rel"] = "noopener noreferrer"
        written = target is not None or "id" in tag.attributes
        self.links.append(written)
        if written:
            self.out.append(str(tag))

    def _target(self, url: str) -> str | None:
        if not url:
            return None
        if _remote(url) or url.startswith(("#", "mailto:", "tel:")):
            return url
        return self.resolve(url) if self.resolve else None

    def _image(self, tag: Tag) -> None:
        source, alt = tag.attributes.get("src", ""), folded(tag.attributes.get("alt", ""))
        if source.startswith(EMBED):
            self._embed(source.removeprefix(EMBED), alt)
            return
        if source and not _remote(source):
            resolved = self.resolve(source) if self.resolve else None
            if resolved is not None and source.startswith("video:"):
                self._film(resolved, alt)
                return
            if resolved is not None:
                shown_as = {key: value for key, value in tag.attributes.items() if key in ("width", "height", "title")}
                shown_as.update(src=resolved, alt=alt, loading="lazy")
                self.out.append(str(Tag("img", False, shown_as)))
                return
        shown = escape(alt, quote=False)
        if _remote(source) and not any(self.links):
            shown = shown or escape(urlsplit(source).path.rpartition("/")[2] or source, quote=False)
            link = Tag("a", False, {"class": "remote-image", "href": source, "rel": "noopener noreferrer"})
            shown = f"{link}{shown}</a>"
        if shown:
            self.out.append(f'<span class="image-alt">{shown}</span>')

    def _film(self, address: str, title: str) -> None:
        """A film as a link to its page; the player's script puts the player in its place."""
        link = Tag("a", False, {"class": "lesson-video", "href": address})
        shown = escape(title or address.rpartition("/")[2], quote=False)
        self.out.append(shown if any(self.links) else f"{link}{shown}</a>")

    def _embed(self, address: str, title: str) -> None:
        """What another site shows, as a link to it; a script offers a frame in its place, loaded when asked for."""
        frame = frame_address(address)
        shown = escape(title or (urlsplit(address).hostname or "" if frame else ""), quote=False)
        if frame is None or any(self.links):
            self.out.append(shown)
            return
        about = {"class": "lesson-embed", "href": address, "data-frame": frame, "rel": "noopener noreferrer"}
        self.out.append(f"{Tag('a', False, about)}{shown}</a>")

    def _table(self, tag: Tag) -> None:
        self.tables += -1 if tag.closing else 1
        if tag.closing:
            self.out.append("</table></div>" if self.tables == 0 else "</table>")
            return
        if self.tables == 1:
            near = f"Table: {self.outline[-1].text}" if self.outline else "Table"
            label = {"class": "table-scroll", "role": "region", "tabindex": "0", "aria-label": near}
            self.out.append(str(Tag("div", False, label)))
        self.out.append(str(tag))


def _remote(url: str) -> bool:
    return url.lower().startswith(("http:", "https:", "//"))
