"""Makes a follow-up question stand on its own, without a model, in English and Swahili.

"What is a relay?" then "How does it work?" gives "How does a relay work?";
where no clean replacement is known the earlier topic is appended in brackets,
which is what retrieval needs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.schemas import Turn
from rag.answering.small_talk import small_talk
from rag.answering.words import content_words

LOOK_BACK = 4
MAX_TOPIC_WORDS = 6

_PRONOUN = re.compile(
    r"\b(?:it|its|this|that|these|those|they|them|their|he|she|him|her|his|the (?:former|latter|same|first|second) one|"
    r"hii|hiyo|hizi|hizo|hili|hilo|hicho|hiki|huyo|huyu|hao|yake|yao|zake|lake|chake|wake|vyake|yeye|wao)\b",
    re.IGNORECASE,
)
_NOT_REFERRING = re.compile(
    r"\bthat (?:is|are|can|has|have|was|were|the|a|an|i|you|we)\b|\b(?:this|the) (?:course|lesson|module|week)\b|"
    r"\bis it (?:possible|ok|true|safe|better|necessary|important)\b|\bdoes it (?:mean|matter|take)\b|"
    r"\b(?:kozi|somo) h\w+\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(
    r"^\W*(?:and|but|or|so|also|then|what about|how about|what else|why(?: not)?\W*$|how(?: so)?\W*$|when\W*$|"
    r"where\W*$|"
    r"(?:for )?example|an example|give (?:me )?(?:an? )?(?:example|more)|more|explain|tell me more|go on|continue|"
    r"na (?:je|vipi|kuhusu)|vipi kuhusu|je,? (?:na|kuhusu)|kwa ?nini\W*$|kivipi|lini\W*$|wapi\W*$|mfano|"
    r"nipe mfano|eleza zaidi|endelea)\b",
    re.IGNORECASE,
)
_WHAT_IS = re.compile(
    r"^\W*what(?:'s| is| are| was| were) ((?:(?:an?|the) )?[\w][\w '’-]{1,60}?)"
    r"(?: (?:used )?for| in .*| on .*)?\W*$",
    re.IGNORECASE,
)
_NI_NINI = re.compile(r"^\W*(?:je,? )?([\w][\w '’-]{1,60}?) ni nini\W*$", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:it|they|them)\b", re.IGNORECASE)
_VAGUE_WORDS = """
    course lesson explain example more tell mean means work works use uses know learn difference
    kind kinds type types somo kozi eleza mfano zaidi tofauti aina
"""
_GENERIC = frozenset(_VAGUE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Standalone:
    """The question to search with. `carried` holds the words brought over from earlier turns."""

    text: str
    carried: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.carried)


def standalone_question(question: str, history: Sequence[Turn]) -> Standalone:
    """`question` made independent of the turns before it; unchanged when it already is."""
    previous, topic = "", None
    for turn in history[-LOOK_BACK:]:
        if small_talk(turn.question) is None:
            resolved = _resolve(turn.question, previous, topic)
            # A follow-up keeps speaking of what the question before it was about.
            topic = topic if resolved.changed else _topic(turn.question)
            previous = resolved.text
    return _resolve(question, previous, topic)


def leans_on_history(question: str) -> bool:
    """Whether the question has a pronoun without its noun, or leaves out what it is about."""
    if small_talk(question) is not None:
        return False
    if _ELLIPSIS.match(question):
        return True
    own = [word for word in content_words(question) if word not in _GENERIC]
    refers = bool(_PRONOUN.search(_NOT_REFERRING.sub(" ", question)))
    # A long question names what its pronoun means itself: "When I start the broker, how do I stop it?"
    return (refers and len(own) <= 3) or (not own and len(question.split()) <= 6)


def _resolve(question: str, previous: str, topic: str | None) -> Standalone:
    if not previous or not leans_on_history(question):
        return Standalone(question)
    if topic and len(_SUBJECT.findall(question)) == 1 and not _ELLIPSIS.match(question):
        return Standalone(_SUBJECT.sub(lambda _: topic, question), tuple(content_words(topic)))
    own = set(content_words(question))
    bare = re.sub(r"\(([^)]*)\)\W*$", r" \1", previous)
    carried = [word for word in dict.fromkeys(content_words(bare)) if word not in own and word not in _GENERIC]
    carried = carried[-MAX_TOPIC_WORDS:]
    if not carried:
        return Standalone(question)
    return Standalone(f"{question.rstrip()} ({' '.join(carried)})", tuple(carried))


def _topic(previous: str) -> str | None:
    """What a "what is X" question was about, with its article; None for any other question."""
    match = _WHAT_IS.match(previous) or _NI_NINI.match(previous)
    if match is None or len(match[1].split()) > MAX_TOPIC_WORDS or " of " in match[1]:
        return None
    return match[1].strip()
