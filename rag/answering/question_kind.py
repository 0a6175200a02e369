"""What shape of answer a question asks for, from its wording in English or Swahili."""

import re
from typing import Literal

QuestionKind = Literal["definition", "how_to", "code", "list", "number", "date", "reason", "comparison", "fact"]

# Order decides: "which command shows how many lines" wants the command, not the number.
_SHAPES: tuple[tuple[QuestionKind, str], ...] = (
    (
        "code",
        r"\b(?:which|what) (?:\w+ )?(?:command|function|statement|method|annotation|option|flag)s?\b|\bcommand to\b|"
        r"\bhow (?:do|can|would|to|should) (?:i |you |we )?(?:write|code|declare|import|call|print)\b|"
        r"\b(?:code|snippet|syntax|example program) (?:for|to|of)\b|\bshow (?:me )?(?:the |some )?code\b|"
        r"\bamri (?:gani|ipi)\b|\b(?:msimbo|kodi) (?:gani|wa|ya)\b",
    ),
    ("comparison", r"\bdifferen(?:ce|t)\b|\bcompared? (?:to|with)\b|\bversus\b|\bvs\b|\btofauti\b|\bkulinganisha\b"),
    (
        "list",
        r"\b(?:which|what)(?: are)?(?: the| your| its)?(?: main| most\w*| different| common)? "
        r"(?:two|three|four|five|six|seven|eight|nine|ten|types|kinds|sorts|forms|parts|examples|"
        r"advantages|disadvantages|rules|requirements)\b|\b(?:table|lists?) of\b|^\W*(?:list|name) (?:the|all|some|two|"
        r"three|four|five)\b|\bjedwali\b|\borodha\b|\btaja\b|\b(?:aina|njia|hatua) (?:gani|zipi)\b",
    ),
    (
        "number",
        r"\bhow (?:many|much|long|far|big|large|fast|often|old|tall|high|deep|wide|heavy|hot|cold)\b|"
        r"\bwhat (?:percent(?:age)?|number|amount|proportion|voltage|temperature|range|distance)\b|"
        r"\bngapi\b|\bkiasi gani\b|\basilimia\b|\bmara ngapi\b",
    ),
    (
        "date",
        r"^\W*(?:so |and )?when\b|\b(?:what|which|in what) (?:year|date|day|month|century|decade)\b|"
        r"\blini\b|\bmwaka (?:gani|upi)\b",
    ),
    ("reason", r"\bwhy\b|\bwhat (?:is|are|was) the (?:reason|purpose|benefit)s?\b|\bkwa ?nini\b|\bsababu\b"),
    (
        "how_to",
        r"^\W*(?:so |and )?how (?:do|can|could|should|would|to|does one)\b|\bhow (?:do|can|should) (?:i|you|we|one)\b|"
        r"\bsteps? (?:to|for|in)\b|\bhow to\b|\bjinsi ya\b|"
        r"\b(?:na|nina|tuna|una|ni|tu)\w*wezaje\b|\bhatua\b|\b(?:ni|tu)(?:ta)?fanyeje\b|\bnitafanyaje\b|"
        r"\b(?:ni|tu)fanye nini\b|\bwhat (?:should|must|can|do) (?:i|we|you) do\b",
    ),
    (
        "definition",
        r"^\W*(?:so |and )?what(?:'s| is| are| was| were)\b|\bwhat does .{1,60} (?:mean|stand for)\b|"
        r"\bdefin(?:e|ition)\b|"
        r"\bmeaning of\b|\bexplain\b|\bni nini\b|\bmaana ya\b|\bnini maana\b|\bfafanua\b|\beleza\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SHAPES)


def question_kind(question: str) -> QuestionKind:
    """The first shape whose wording the question shows; `fact` when none does."""
    head = question[:400].replace("’", "'")
    return next((kind for kind, pattern in _PATTERNS if pattern.search(head)), "fact")
