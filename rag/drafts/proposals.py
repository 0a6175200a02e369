"""From what lessons say to questions, by templates and gaps. Pure and deterministic.

- a definition: "What is X?", its wrong answers the definitions of other terms of the course; or the sentence with a gap
  for the term, its wrong answers other terms
- a number with its unit: the sentence with a gap
- an announced list: which of these belong to it, with items of other lists between
- numbered steps: put them into order
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import ChoiceIn, QuestionIn
from lms_core.learning.assessments.types.ordering import OrderingKey, Scoring
from lms_core.learning.assessments.types.shapes import Side
from rag.answering import citable
from rag.answering.words import content_stems
from rag.drafts.material import IMPERATIVES, Definition, Listing, Passage, listings
from rag.drafts.models import DraftKind
from rag.drafts.wording import phrase

GAP = "\\_\\_\\_\\_\\_"
WRONG_ANSWERS = 3
LONGEST_CHOICE = 220  # characters
LEAST_ABOUT, LEAST_ANNOUNCED = 2, 4  # words that say what a list is about
LEAST_VALUE = 2.0  # nothing and one are guessed
ALIKE = 0.5  # Jaccard of content stems: two wrong answers more alike than this could both be right
MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~$])")
COUNTED = (
    ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    ("mbili", "tatu", "nne", "tano", "sita", "saba", "nane", "tisa", "kumi"),
)
_UNIT = (
    r"(?:%|°\s?[CF]\b|percent\b|degrees?\b|seconds?\b|minutes?\b|hours?\b|days?\b|weeks?\b|months?\b|years?\b|times\b|"
    r"milli\w+|centi\w+|kilo\w+|met(?:re|er)s?\b|lit(?:re|er)s?\b|grams?\b|mm\b|cm\b|km\b|kg\b|mg\b|ml\b|m\b|g\b|V\b|"
    r"volts?\b|amps?\b|watts?\b|W\b|Hz\b|kHz\b|MHz\b|GHz\b|bits?\b|bytes?\b|[KMG]B\b|people\b|pins?\b|inches\b|feet\b|"
    r"million\b|billion\b)"
)
_NUMBER = re.compile(
    rf"(?<![\w.,/:$€£+-])(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d{{1,7}}(?:\.\d{{1,4}})?|{'|'.join(COUNTED[0])})"
    rf"(?P<after>\s*(?:{_UNIT}))",
    re.IGNORECASE,
)
_NUMBER_SW = re.compile(
    r"\b(?P<unit>siku|saa|dakika|sekunde|wiki|miezi|miaka|mita|kilomita|lita|kilo|gramu|asilimia|nyuzi|mara|watu)\s+"
    rf"(?P<number>\d{{1,7}}(?:\.\d{{1,4}})?|{'|'.join(COUNTED[1])})\b",
    re.IGNORECASE,
)
_ANY_NUMBER = re.compile(rf"\d|\b(?:{'|'.join((*COUNTED[0], *COUNTED[1]))})\b", re.IGNORECASE)
# Not a statement of the lesson's own: code, a quotation, an example, or a number that only names a step or a picture.
_NO_STATEMENT = re.compile(
    r"[=|{}<>\\~\"“”_]|(?:^|\s)-\w|https?:|(?-i:[a-z]{2}[A-Z])|\be\.g\.|\bi\.e\.|"
    r"\b(?:step|figure|table|lesson|chapter|version)\s+\d|"
    r"\b(?:examples?|such as|for instance|if you see|above|below|this|these|here|we|our|mfano|hapo|hii|huu)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question with its source `passage.text[start:end]`; `asked` is put to the answerer, who should find `keys`.

    `wrong`: the wrong answers offered.
    """

    kind: DraftKind
    passage: Passage
    start: int
    end: int
    question: QuestionIn
    asked: str
    keys: tuple[str, ...]
    wrong: tuple[str, ...] = ()

    @property
    def quote(self) -> str:
        """The source, as the lesson writes it."""
        return self.passage.text[self.start : self.end]

    @property
    def fingerprint(self) -> str:
        """The same for the same question on the same source, whatever its wrong answers."""
        told = f"{self.kind}\n{self.question.text}\n{self.quote}"
        return hashlib.sha256(told.encode()).hexdigest()


def propose(
    lesson: Sequence[Passage], *, known: Sequence[Definition], lists: Sequence[Listing], limit: int
) -> list[Proposal]:
    """At most `limit` questions on one lesson, the kinds in turn. `known`, `lists`: of the whole course."""
    ids = {passage.chunk_id for passage in lesson}
    own = [each for each in known if each.passage.chunk_id in ids]
    by_kind = [
        [made for each in own if (made := _on_definition(each, known)) is not None],
        [made for passage in lesson for made in _on_numbers(passage)],
        [made for passage in lesson for each in listings(passage) if (made := _on_list(each, lists)) is not None],
    ]
    found: dict[str, Proposal] = {}
    for place in range(max(map(len, by_kind), default=0)):
        for kind in by_kind:
            if place < len(kind):
                found.setdefault(kind[place].fingerprint, kind[place])
    return list(found.values())[:limit]


def escaped(text: str) -> str:
    """Text of a lesson as Markdown that shows just it."""
    return MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _on_definition(definition: Definition, known: Sequence[Definition]) -> Proposal | None:
    """What is it, or which term is it: by turns, but no gap for a term that its definition repeats."""
    others = _others(definition, known)
    if len(others) < 2:
        return None
    repeats = bool(content_stems(definition.term) & definition.stems)
    turn = hashlib.sha256(definition.term.casefold().encode()).digest()[0] % 2
    if repeats or turn:
        return _what_is(definition, others)
    return _which_term(definition, others)


def _what_is(definition: Definition, others: Sequence[Definition]) -> Proposal:
    article = "" if definition.verb == "are" or definition.article != "a" else "a "
    article = "an " if definition.article == "an" else "the " if definition.article == "the" else article
    term = _inside(definition)
    name = "what_are" if definition.verb == "are" else "what_is"
    language = definition.passage.language
    asked = phrase(name, language=language, term=term if language.startswith("sw") else f"{article}{term}")
    wrong = tuple(each.predicate for each in others[:WRONG_ANSWERS])
    return Proposal(
        kind=DraftKind.DEFINITION,
        passage=definition.passage,
        start=definition.start,
        end=definition.end,
        question=_single(escaped(asked), _sentence(definition.predicate), [_sentence(each) for each in wrong]),
        asked=asked,
        keys=(definition.predicate,),
        wrong=wrong,
    )


def _which_term(definition: Definition, others: Sequence[Definition]) -> Proposal:
    language = definition.passage.language
    gapped = f"{GAP} {definition.verb} {escaped(definition.predicate)}."
    wrong = tuple(each.term for each in others[:WRONG_ANSWERS])
    asked = f"{definition.predicate} ni nini?" if language.startswith("sw") else f"What is {definition.predicate}?"
    return Proposal(
        kind=DraftKind.TERM,
        passage=definition.passage,
        start=definition.start,
        end=definition.end,
        question=_single(f"{phrase('which_term', language=language)}\n\n> {gapped}", definition.term, list(wrong)),
        asked=asked,
        keys=(definition.term,),
        wrong=wrong,
    )


def _on_numbers(passage: Passage) -> Iterator[Proposal]:
    """Sentences with one number, and its unit beside it."""
    if not passage.teaches:
        return
    swahili = passage.language.startswith("sw")
    for span, sentence in zip(passage.spans, passage.sentences, strict=True):
        text = " ".join(span.text.split())
        whole = span.citable and not span.dangling and not span.introduces and not span.label and not span.picture
        if span.kind not in ("paragraph", "list_item") or not whole or _NO_STATEMENT.search(text):
            continue
        match = (_NUMBER_SW if swahili else _NUMBER).search(text)
        if match is None or len(_ANY_NUMBER.findall(text.replace(match["number"], "", 1))) > 0:
            continue
        if not 6 <= span.words <= 35 or text.count(match["number"]) != 1 or not text[:1].isupper():
            continue
        value = _value(match["number"])
        before, after = text[: match.start("number")], text[match.end("number") :]
        aside = before.count("(") > before.count(")")
        if value < LEAST_VALUE or aside or text.split()[0].casefold() in IMPERATIVES:
            continue
        gapped = f"{escaped(before)} {GAP}{' ' if after[:1].isspace() else ''}{escaped(after)}"
        yield Proposal(
            kind=DraftKind.NUMBER,
            passage=passage,
            start=sentence.start,
            end=sentence.end,
            question=QuestionIn(
                type=QuestionType.NUMERIC,
                text=f"{phrase('which_number', language=passage.language)}\n\n> {gapped.strip()}",
                value=value,
            ),
            asked=f"{before}{phrase('how_many', language=passage.language)}{after}".rstrip(".") + "?",
            keys=(match["number"],),
        )


def _on_list(listing: Listing, lists: Sequence[Listing]) -> Proposal | None:
    """Steps to order, or items to tell from those of other lists."""
    language = listing.passage.language
    about = listing.introduction
    if not about or citable.opens_dangling(about):
        about = listing.passage.headings[-1] if listing.passage.headings else ""
    if len(about.split()) < LEAST_ABOUT or len(set(listing.items)) != len(listing.items):
        return None
    if listing.ordered:
        key = OrderingKey(items=tuple(Side(text=escaped(item)) for item in listing.items), scoring=Scoring.LONGEST)
        question = QuestionIn(
            type=QuestionType.ORDERING,
            text=f"{phrase('order', language=language)}\n\n> {escaped(about)}",
            points=2.0,
            key=key,
        )
        asked = f"Hatua za {about}?" if language.startswith("sw") else f"How to: {about}?"
        return _of_list(DraftKind.STEPS, listing, question, asked, ())
    wrong = _strangers(listing, lists)
    announced = about == listing.introduction and len(about.split()) >= LEAST_ANNOUNCED
    if listing.numbered or not announced or len(listing.items) > 6 or len(wrong) < 2:
        return None
    choices = [ChoiceIn(text=escaped(item), correct=True) for item in listing.items]
    choices += [ChoiceIn(text=escaped(item)) for item in wrong]
    question = QuestionIn(
        type=QuestionType.MULTIPLE,
        text=f"{phrase('which_belong', language=language)}\n\n> {escaped(about)}",
        points=2.0,
        choices=_mixed(choices),
    )
    return _of_list(DraftKind.LIST, listing, question, f"{about}?", tuple(wrong))


def _of_list(kind: DraftKind, listing: Listing, question: QuestionIn, asked: str, wrong: tuple[str, ...]) -> Proposal:
    return Proposal(
        kind=kind,
        passage=listing.passage,
        start=listing.start,
        end=listing.end,
        question=question,
        asked=asked,
        keys=listing.items,
        wrong=wrong,
    )


def _others(definition: Definition, known: Sequence[Definition]) -> list[Definition]:
    """Definitions whose term or predicate is plausible and wrong here: the same language and number, nothing alike."""
    term = frozenset(content_stems(definition.term))
    fitting = [
        each
        for each in known
        if each.passage.language == definition.passage.language
        and each.verb == definition.verb
        and not term & content_stems(each.term)
        and not term & each.stems
        and not content_stems(each.term) & definition.stems
        and _alike(definition.stems, each.stems) < ALIKE
        and len(each.predicate) <= LONGEST_CHOICE
    ]
    size = len(definition.predicate)
    fitting.sort(key=lambda each: (abs(len(each.predicate) - size) // 25, _rank(definition.term, each.term)))
    chosen: list[Definition] = []
    for each in fitting:
        if all(_alike(each.stems, other.stems) < ALIKE for other in chosen):
            chosen.append(each)
    return chosen


def _strangers(listing: Listing, lists: Sequence[Listing]) -> list[str]:
    """Items of lists elsewhere in the course that share no word with this one."""
    own = content_stems(" ".join((*listing.items, listing.introduction)))
    size = sum(map(len, listing.items)) / len(listing.items)
    offered = [
        item
        for each in lists
        if each.passage.lesson_id != listing.passage.lesson_id
        and each.passage.language == listing.passage.language
        and not each.numbered
        for item in each.items
        if not content_stems(item) & own and content_stems(item) and len(item) <= LONGEST_CHOICE
    ]
    offered = sorted(set(offered), key=lambda item: (abs(len(item) - size) // 10, _rank(listing.introduction, item)))
    return offered[:WRONG_ANSWERS]


def _single(text: str, right: str, wrong: Sequence[str]) -> QuestionIn:
    choices = [ChoiceIn(text=escaped(right), correct=True), *(ChoiceIn(text=escaped(each)) for each in wrong)]
    return QuestionIn(type=QuestionType.SINGLE, text=text, choices=_mixed(choices))


def _mixed(choices: Sequence[ChoiceIn]) -> list[ChoiceIn]:
    """In an order that says nothing: by a hash of their texts."""
    return sorted(choices, key=lambda choice: hashlib.sha256(choice.text.encode()).digest())


def _rank(one: str, other: str) -> bytes:
    """Another order of wrong answers for each question, the same each time."""
    return hashlib.sha256(f"{one}\n{other}".encode()).digest()


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _inside(definition: Definition) -> str:
    """The term as it stands inside a sentence: lower case where only the sentence's beginning made it a capital."""
    first, _, rest = definition.term.partition(" ")
    begins = not definition.article and first[1:] == first[1:].lower() and rest == rest.lower()
    return f"{first.lower()} {rest}".strip() if begins else definition.term


def _sentence(predicate: str) -> str:
    return predicate[:1].upper() + predicate[1:]


def _value(number: str) -> float:
    """The number that digits or a word stand for."""
    for words in COUNTED:
        if number.casefold() in words:
            return float(words.index(number.casefold()) + 2)
    return float(number.replace(",", ""))
