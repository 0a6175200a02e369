"""Names as addresses, and text folded for searching."""

import re
import unicodedata

from lms_core.kit.ids import parse_id

LONGEST = 60
HYPHENATED = re.compile(r"\w+(?:[-‐‑]\w+)+")
NOT_WORD = re.compile(r"[^a-z0-9]+")


def slug_of(text: str, *, otherwise: str) -> str:
    """`text` as lower-case ASCII words joined by hyphens; `otherwise` when nothing is left, or it reads as an id."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = NOT_WORD.sub("-", plain)[:LONGEST].strip("-")
    return slug if slug and parse_id(slug) is None else otherwise


def tag_slug(name: str) -> str:
    """What makes two tags the same: case, accents and spacing do not count; any script is kept."""
    return "-".join(folded(name).split())[:60]


def folded(text: str) -> str:
    """Text in which case and accents are gone (Unicode compatibility caseless matching, D146), spaces single."""
    # Folded again, since a letter such as 𝐀 has no small form before it is decomposed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    return " ".join("".join(char for char in decomposed if unicodedata.category(char) != "Mn").split())


def searchable(text: str) -> str:
    """`text` folded, followed by its hyphenated words in one piece: who looks for mpesa means M-Pesa too."""
    plain = folded(text)
    return " ".join([plain, *dict.fromkeys(re.sub(r"[-‐‑]", "", word) for word in HYPHENATED.findall(plain))])


def containing(word: str) -> str:
    """A LIKE pattern (escape character backslash) for text that contains `word` literally."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
