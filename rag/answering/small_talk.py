"""Recognises greetings, thanks, questions about the assistant and plainly foreign wishes, in English and Swahili."""

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "farewell", "about", "off_topic"]

# Each pattern must match the whole message: "hello, what is a relay?" is a question, not a greeting.
_GREETING = r"""(?:(?:hi|hello|hey|good\s(?:morning|afternoon|evening|day)|greetings|
    how\sare\syou(?:\sdoing)?(?:\stoday)?|
    what'?s\sup|hujambo|jambo|mambo(?:\svipi)?|habari(?:\s(?:yako|zenu|za\s(?:asubuhi|mchana|jioni|leo)))?|salamu|sasa|
    shikamoo|karibu|vipi|mwalimu|there|everyone|assistant|teacher|sir|madam)\b)"""
_WHOLE: tuple[tuple[SmallTalk, str], ...] = (
    ("greeting", rf"{_GREETING}(?:\s+{_GREETING})*"),
    (
        "thanks",
        r"""(?:ok(?:ay)?\s+|great\s+|cool\s+)?(?:thanks?|thank\s+you|thx|cheers|much\s+appreciated|asante(?:ni)?|
        nashukuru|shukrani|shukran)(?:\s+(?:you|a\s+lot|so\s+much|very\s+much|sana|mwalimu|again|for\s+(?:the|your)
        \s+(?:help|answer)))*""",
    ),
    ("farewell", r"(?:good\s?bye|bye(?:\s+bye)?|see\s+you(?:\s+later)?|kwaheri(?:ni)?|tutaonana(?:\s+baadaye)?)"),
    (
        "about",
        r"""(?:who|what)\s+are\s+you|what\s+(?:is\s+your\s+name|can\s+you\s+do(?:\s+for\s+me)?|do\s+you\s+do)|
        how\s+(?:can|do)\s+you\s+help(?:\s+me)?|are\s+you\s+(?:a\s+)?(?:human|robot|bot|ai|chatgpt|real(?:\s+person)?)|
        help(?:\s+me)?|(?:wewe\s+)?ni\s+nani(?:\s+wewe)?|wewe\s+ni\s+(?:nani|nini)|jina\s+lako\s+ni\s+nani|unaitwa\s+nani|
        unaweza\s+kufanya\s+nini|unaweza\s+kunisaidia(?:je)?(?:\s+(?:nini|vipi))?|nisaidie""",
    ),
    (
        "off_topic",
        r"""(?:tell|write|sing)\s+(?:me\s+)?(?:a|another)\s+(?:joke|poem|story|song).*|
        (?:what(?:'s|\s+is)\s+the\s+)?weather\s+(?:like\s+)?(?:today|tomorrow|now|in\s+\w+).*|
        what\s+(?:time|day)\s+is\s+it(?:\s+now)?|who\s+(?:won|will\s+win)\s+the\s+(?:match|game|election|world\s+cup).*|
        do\s+you\s+love\s+me|(?:niambie|nipe)\s+(?:kichekesho|utani|hadithi).*|
        hali\s+ya\s+hewa\s+(?:leo|kesho|ikoje).*|saa\s+ngapi\s+sasa|ni\s+saa\s+ngapi""",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern, re.VERBOSE | re.IGNORECASE)) for kind, pattern in _WHOLE)
_PLAIN = re.compile(r"[^\w\s'’]+")


def small_talk(message: str) -> SmallTalk | None:
    """Which kind of small talk the whole message is, or None for a question about the course."""
    if len(message) > 120:
        return None
    plain = " ".join(_PLAIN.sub(" ", message).replace("’", "'").split())
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(plain)), None)
