"""What may stay of a lesson's HTML: an allowlist applied by nh3 after everything else was rendered."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from lms_core.content.text.highlight import token_classes
from lms_core.content.text.markup import TAGS

if TYPE_CHECKING:
    from nh3 import Cleaner

# Elements that go with all they hold; any other unknown element leaves its text behind.
_DROPPED = (
    "applet audio base canvas embed frame frameset head iframe link meta noembed noframes noscript object script "
    "select style svg template textarea title video xmp"
)
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"class", "id", "dir", "lang", "hidden", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope"},
    "details": {"open"},
    "math": {"display", "alttext"},
    "mo": {"stretchy", "fence", "separator", "lspace", "rspace", "minsize", "maxsize", "movablelimits", "accent"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mfrac": {"linethickness"},
    "mi": {"mathvariant"},
    "mtable": {"columnalign", "rowspacing", "columnspacing"},
    "mtd": {"columnalign"},
    "mspace": {"width"},
    "menclose": {"notation"},
    "mstyle": {"displaystyle", "scriptlevel"},
}
# Those after tel: are this product's own; the page pass resolves or drops them.
SCHEMES = frozenset({"http", "https", "mailto", "tel", "asset", "lesson", "video", "embed", "quiz", "assignment"})

IDENTIFIER = re.compile(r"[^\W\d][\w.:-]{0,200}")
OWN_CLASSES = frozenset(
    {"callout", "callout-title", "footnotes", "footnote-backref", "footnote-ref", "image-alt", "math-block"}
    | {"math-source", "page-mark", "plain", "remote-image", "time-mark"}
)


def sanitise(html: str) -> str:
    """`html` without scripts, handlers, styles, forms, frames and unknown classes; always well formed."""
    return _cleaner().clean(html)


@lru_cache(maxsize=1)
def _cleaner() -> "Cleaner":
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED.split()),
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        strip_comments=True,
        link_rel=None,
        url_schemes=set(SCHEMES),
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if _allowed_class(word)]
        return " ".join(kept) if kept else None
    if name == "id":
        return value if IDENTIFIER.fullmatch(value) else None
    if name == "dir":
        return value if value in ("ltr", "rtl", "auto") else None
    if name == "hidden":
        return ""
    return value


def _allowed_class(word: str) -> bool:
    return word in OWN_CLASSES or word in token_classes() or word.startswith(("callout-", "language-"))
