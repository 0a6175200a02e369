"""Gaps in a question's text: `[[1]]`, `[[2]]` ... in Markdown, `<span data-gap="id"></span>` in HTML.

While Markdown is read each gap is one private-use character, which survives highlighting, tables and formulas.
"""

import re
from collections import Counter
from collections.abc import Sequence

PLACE = re.compile(r"\[\[(\d{1,3})\]\]")
TAG = re.compile(r"(<[^>]*>)")
FIRST = 0xE100  # of the private use area; gaps take one character each
LAST = FIRST + 0x1FF
PRIVATE = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]")


def check(text: str, count: int) -> None:
    """ValueError unless `text` has each of the gaps 1 to `count` once and no other."""
    found = Counter(int(number) for number in PLACE.findall(text))
    wanted = range(1, count + 1)
    missing = [number for number in wanted if not found[number]]
    if missing:
        raise ValueError(f"the text has no place for gap {missing[0]}: write [[{missing[0]}]] where it belongs")
    if any(found[number] > 1 for number in wanted):
        raise ValueError("the text has a gap twice: number them 1, 2, 3 ...")
    if set(found) - set(wanted):
        raise ValueError(f"the text has gap {max(found)}, which has no answer")


def marked(text: str) -> str:
    """Markdown with each gap as its private character."""
    return PLACE.sub(lambda found: chr(FIRST + int(found.group(1)) - 1), PRIVATE.sub("", text))


def placed(html: str, ids: Sequence[str]) -> str:
    """Rendered HTML with each private character as the gap's element.

    A gap that the text does not show, since it stood in a picture's description, comes at the end.
    """
    shown: set[str] = set()

    def place(found: re.Match[str]) -> str:
        at = ord(found.group()) - FIRST
        if at >= len(ids) or ids[at] in shown:
            return ""
        shown.add(ids[at])
        return f'<span data-gap="{ids[at]}"></span>'

    pieces = [PRIVATE.sub("" if TAG.fullmatch(piece) else place, piece) for piece in TAG.split(html)]
    rest = "".join(f'<p><span data-gap="{each}"></span></p>' for each in ids if each not in shown)
    return "".join(pieces) + rest
