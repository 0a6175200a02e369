"""What drafts are made of: passages of a course with their sentences, its definitions and its lists. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from rag.answering import citable
from rag.answering.spans import Span, read_text, runs
from rag.answering.words import STOP_WORDS, content_stems
from rag.schemas import Sentence

LONGEST_TERM = 4  # words
LEAST_PREDICATE, MOST_PREDICATE = 4, 32  # words
NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s+(.+)$", re.MULTILINE)
MARKUP = re.compile(r"[^\w]+")
LIST_LETTERS = 40  # of an item's beginning that are compared

_TERM = r"(?P<term>[^\W_][\w’'+#-]*(?:[ /][\w’'+#-]+){0,3})"
_ABBREVIATION = r"(?:\s*\((?P<short>[^()]{1,30})\))?"
_DEFINED = {
    "en": re.compile(
        rf"^(?P<article>An?\s+|The\s+)?{_TERM}{_ABBREVIATION},?\s+(?P<verb>is|are)\s+"
        r"(?P<predicate>(?:an?|the|any|one\s+of)\s+[^:;]+?)[.]?$"
    ),
    "sw": re.compile(rf"^(?P<article>)?{_TERM}{_ABBREVIATION}\s+(?P<verb>ni)\s+(?P<predicate>[^:;]+?)[.]?$"),
}
# A sentence about the text, an example or one place is no definition of what it begins with.
_NOT_NAMES = """
    ingawa lakini hivyo basi kwani ikiwa endapo kwamba hasara faida vifaa maana chaguo
    first second third next last final other same best main only goal purpose idea reason result example
    problem question answer advantage disadvantage difference following way aim point rest output step task
    exercise lesson section chapter figure table picture image code command line most many some several each
    every all both none thing things part parts kind type key important note tip good bad new old now today
    here there we you he she application solution program challenge assignment project file number name value
    list huu hii hiki hili hao hawa hivi hizi hizo huyo hiyo hapa hapo kuna sababu lengo mfano hatua jambo
    kitu moja kwanza pili tatu kila wote yote zote baadhi wengi somo zoezi swali jibu
"""
_NO_TERM = frozenset(_NOT_NAMES.split())
_NO_PREDICATE = re.compile(
    r"^(?:a\s+(?:good|great|bad|common|better|nice|way|lot|bit|few|little|must|problem)\b|an?\s+(?:example|important|"
    r"alternative|easy|excellent|ideal)\b|the\s+(?:same|following|next|first|last|one|ones|case|most|best|only|main|"
    r"result|reason|file|code|name|output)\b|muhimu|lazima|rahisi|vizuri|vigumu|hii|hiyo|kama|kwamba|sawa|bora|wa|ya|"
    r"za|la|cha|vya|kwa|kuwa|kubwa|ndogo|nyingi|mingi|wengi|vema|afadhali|hatari|nafuu|pia)\b",
    re.IGNORECASE,
)
# Letters, also of an acronym; no name of code, pin or number, and no relative clause of Swahili ("iliyobaki").
_NAME = re.compile(r"(?!.*\b\w{1,3}(?:liyo|lizo|liye|nayo|nazo)\w)[^\W\d_]+(?:[ /’'-][^\W\d_]+)*", re.IGNORECASE)
_NO_LIST = re.compile(r"\b(?:guides?|instructions|tutorials?|pages?|mwongozo|maelekezo|links?|viungo)\b", re.IGNORECASE)
_UNRESOLVED = re.compile(
    r"\b(?:this|these|those|above|below|previous(?:ly)?|here|our|your|we|us|huu|hii|hiki|hapo|wewe|sisi)\b",
    re.IGNORECASE,
)


# Under such a heading, lists hold answers to choose from, or what went wrong.
_QUIZ = re.compile(
    r"\?|\b(?:solutions?|challenges?|exercises?|comprehension|quiz|questions?|troubleshooting|errors?|prerequisites|"
    r"resources|next steps|previous|summary|suluhisho|maswali|zoezi)\b",
    re.IGNORECASE,
)
_NO_ITEM = re.compile(
    r"https?:|^\d|\b(?:module|lesson|chapter|step|part)\s+\d|^(?:yes|no|true|false)\b|:$|[|<>={}$`]", re.I
)
_VERBS = """
    add adjust align allow apply ask assemble attach bake boil bring build call change charge check choose clean
    clear click clip close collect colour combine compare complete configure connect consider convert copy count
    cover create cut decide define delete deploy describe design determine dig dip disconnect discuss divide
    double download drag draw drill drive dry edit enable ensure enter examine export fill find fit fix flip
    fold follow gather generate get give glue go grind hang harvest head heat hit hold identify imagine import include
    increase insert inspect install join keep launch lay leave let lift list listen load log look lower make
    mark mash measure mix mount move name navigate note observe open pack paint paste peel pick place plan plant
    plug pour prepare press pull push put raise read record reduce register release remove rename repeat replace
    restart return review rinse roll rotate run save scan screw scroll search select send separate set shake
    share sign slice slide solder sort sow split spray spread sprinkle squeeze start stick stir stop store
    submit switch take tap tell test tie transfer trim try tune turn twist type unplug unscrew update upload use
    verify visit wait wash watch water weigh wipe wire wrap write
"""
IMPERATIVES = frozenset(_VERBS.split())


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the present version of a lesson. `numbered`: beginnings of the lesson's numbered lines."""

    chunk_id: UUID
    lesson_id: UUID
    version: int
    language: str
    text: str
    sentences: tuple[Sentence, ...]
    headings: tuple[str, ...]
    anchor: str | None
    numbered: frozenset[str] = frozenset()

    @property
    def spans(self) -> tuple[Span, ...]:
        """What each sentence is, in order."""
        return read_text(self.text, self.sentences)

    @property
    def teaches(self) -> bool:
        """Whether it stands under headings that teach, and not among aims, links or tasks."""
        return not citable.is_furniture(self.headings)


@dataclass(frozen=True, slots=True)
class Definition:
    """A sentence that says what something is: `term` `verb` `predicate`, all as the lesson writes them."""

    passage: Passage
    start: int
    end: int
    article: str
    term: str
    short: str
    verb: str
    predicate: str

    @property
    def stems(self) -> frozenset[str]:
        """The content of the predicate."""
        return frozenset(content_stems(self.predicate))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with the sentence before it ("" where none announces it); `ordered`: numbered steps to take."""

    passage: Passage
    start: int
    end: int
    introduction: str
    items: tuple[str, ...]
    ordered: bool
    numbered: bool


def definitions(passages: Iterable[Passage]) -> list[Definition]:
    """The definitions of a course, each term once: where it is defined first."""
    found: dict[str, Definition] = {}
    for passage in passages:
        if passage.teaches:
            for each in _defined(passage):
                found.setdefault(each.term.casefold(), each)
    return list(found.values())


def listings(passage: Passage) -> Iterator[Listing]:
    """Lists of three to eight items of at most 25 words that a sentence ending in a colon, or a heading, announces.

    No list that answers a question or offers answers to one, and none of code or links.
    """
    if not passage.teaches or any(_QUIZ.search(heading) for heading in passage.headings):
        return
    spans = passage.spans
    for run in runs(spans):
        if spans[run.start].kind != "list_item":
            continue
        items = _items(spans, run)
        whole = all(spans[place].citable or spans[place].label for place in run)
        if not 3 <= len(items) <= 8 or not whole or not all(_is_item(item) for item in items):
            continue
        before = spans[run.start - 1] if run.start else None
        if before is not None and _is_no_announcement(before.text):
            continue
        announced = before is not None and before.kind == "paragraph" and before.text.rstrip().endswith(":")
        ordered = all(beginning(item) in passage.numbered for item in items)
        yield Listing(
            passage=passage,
            start=passage.sentences[run.start].start,
            end=passage.sentences[run.stop - 1].end,
            introduction=" ".join(before.text.split()).rstrip(" :") if announced and before is not None else "",
            items=tuple(items),
            ordered=ordered and all(_is_step(item, language=passage.language) for item in items),
            numbered=ordered,
        )


def _is_no_announcement(text: str) -> bool:
    """Whether the sentence before a list asks something, or points at aims or guides: what follows teaches nothing."""
    return (
        text.rstrip().endswith("?")
        or citable.is_boilerplate(text)
        or bool(_NO_LIST.search(text) or _UNRESOLVED.search(text))
    )


def _is_item(item: str) -> bool:
    """Whether an item is a phrase of words, not code, a link, a question or a heading of its own."""
    words = item.split()
    plain = sum(bool(re.fullmatch(r"[\w’'(),.;:/-]+", word)) for word in words)
    return len(words) <= 25 and plain >= 0.8 * len(words) and "?" not in item and _NO_ITEM.search(item) is None


def _is_step(item: str, *, language: str) -> bool:
    """Whether an item tells somebody to do something: it begins with a verb in the imperative."""
    words = item.split()
    first = words[0].strip(",.:;").casefold()
    if language.startswith("sw"):
        return len(words) >= 3 and first.endswith(("a", "e", "i", "u")) and first not in STOP_WORDS
    if first.endswith("ly") and len(words) > 1:  # "Carefully lay ..."
        first = words[1].casefold()
    return len(words) >= 3 and first in IMPERATIVES


def numbered_lines(markdown: str) -> frozenset[str]:
    """The beginnings of the numbered lines of a lesson's Markdown, as `beginning` writes them."""
    return frozenset(beginning(line) for line in NUMBERED.findall(markdown))


def beginning(text: str) -> str:
    """The first letters of a line without its markup, to find it again after it was rendered."""
    bare = re.sub(r"\]\([^)]*\)", "", text)
    return MARKUP.sub("", bare).casefold()[:LIST_LETTERS]


def _defined(passage: Passage) -> Iterator[Definition]:
    pattern = _DEFINED["sw" if passage.language.startswith("sw") else "en"]
    for span, sentence in zip(passage.spans, passage.sentences, strict=True):
        if span.kind != "paragraph" or not span.citable or span.dangling or not span.named.says_what:
            continue
        match = pattern.match(" ".join(span.text.split()))
        if match is None or span.text.split() != match.string.split() or not _is_term(match["term"]):
            continue
        predicate = match["predicate"].strip()
        if _is_predicate(predicate):
            yield Definition(
                passage=passage,
                start=sentence.start,
                end=sentence.end,
                article=(match["article"] or "").strip().lower(),
                term=match["term"].strip(),
                short=(match["short"] or "").strip(),
                verb=match["verb"],
                predicate=predicate,
            )


def _is_term(term: str) -> bool:
    words = term.casefold().split()
    allowed = {"of", "for", "ya", "wa", "za", "la", "cha", "na"}
    return (
        _NAME.fullmatch(term) is not None
        and not any(word.endswith("est") for word in words[:-1])
        and len(words) <= LONGEST_TERM
        and len(term) > 2
        and words[0] not in STOP_WORDS
        and not any(word in _NO_TERM for word in words)
        and not any(word in STOP_WORDS and word not in allowed for word in words)
        and words[-1] not in STOP_WORDS
    )


def _is_predicate(predicate: str) -> bool:
    words = predicate.split()
    return (
        LEAST_PREDICATE <= len(words) <= MOST_PREDICATE
        and _NO_PREDICATE.match(predicate) is None
        and _UNRESOLVED.search(predicate) is None
    )


def _items(spans: Sequence[Span], run: range) -> list[str]:
    """The items of a list, further sentences of an item with it."""
    items: list[str] = []
    for place in run:
        text = " ".join(spans[place].text.split())
        if spans[place].opens_line or not items:
            items.append(text)
        else:
            items[-1] = f"{items[-1]} {text}"
    return items
