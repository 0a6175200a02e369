"""The streaming citation check between a chat model and the reader.

A sentence is released only when it is complete, cites a passage that was really
retrieved, and that passage supports it: enough of its content words, every
number and every name, and no flipped negation. Everything else is dropped and
counted. Each citation of a released sentence is given the passage's
best-matching verbatim sentence as its quote. The check is lexical: it cannot
see a swapped relation between words that all stand in the passage.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rag.answering import citable
from rag.answering.phrases import base_language
from rag.answering.prose import cite
from rag.answering.schemas import Cited
from rag.answering.words import WORD, content_stems, numbers, stem, words
from rag.schemas import Hit

MIN_OVERLAP = 0.5  # share of a sentence's content stems that its passages or the question must hold
POLARITY_OVERLAP = 0.6  # above it, a sentence and its best match must agree on negation
MIN_CODE_LINES = 0.8  # share of a code block's lines that must stand in the passage
LEAK_WORDS = 8  # a run this long from the prompt gives it away

_CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LEADING_MARK = re.compile(r"^(?:\s*(?:[-*+•]|\d{1,2}[.)]|#{1,6})\s+)")
# A sentence ends at a terminator with its citations, at citations before a capital, or at a line end.
_BOUNDARY = re.compile(
    r"(?:[.!?][\"'”’)*_]*(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+[.!?]?|"
    r"(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+[.!?]?|[.!?][\"'”’)*_]*)(?=\s+[^\s\[])|\n+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|fig|no|mr|mrs|ms|dr|prof|st|n\.b|k\.m|approx)|\b[A-Z]|^\s*\d{1,2})\.$",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"\b(?:not|never|cannot|neither|nor)\b|n['’]t\b|\bno longer\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)\b(?:[A-Z][\w-]+|\w*\d[\w-]*[A-Za-z][\w-]*)\b")
_IDENTIFIER = re.compile(r"`([^`\n]+)`")
_AS_AN_AI = re.compile(
    r"\bas an? (?:ai|artificial|large language|language model)\b|\b(?:my|system) (?:prompt|instructions)\b",
    re.IGNORECASE,
)


class CitationGuard:
    """Feed it the model's text; it yields what may be shown. One instance per answer."""

    def __init__(
        self, passages: Mapping[int, Hit], *, question: str, language: str, secrets: Sequence[str] = ()
    ) -> None:
        self._passages = passages
        self._language = base_language(language)
        self._question = question
        self._question_stems = content_stems(question)
        self._question_numbers = numbers(question, spelled=True)
        self._markers = [secret for secret in secrets if " " not in secret]
        self._shingles = {run for secret in secrets for run in _runs(words(secret))}
        self._buffer = ""
        self._newlines = 0  # since the last released sentence
        self._numbers: dict[tuple[int, int, int], int] = {}
        self.citations: list[Cited] = []
        self.dropped: Counter[str] = Counter()
        self.released = 0

    def feed(self, text: str) -> Iterator[tuple[list[Cited], str]]:
        """Yield (new citations, Markdown) for every sentence that became complete and holds."""
        self._buffer += text
        while (cut := self._complete()) is not None:
            sentence, self._buffer = self._buffer[:cut], self._buffer[cut:]
            yield from self._judge(sentence)

    def finish(self) -> Iterator[tuple[list[Cited], str]]:
        """Judge what is left when the stream ended properly; half a sentence of a broken stream is never shown."""
        rest, self._buffer = self._buffer, ""
        yield from self._judge(rest)

    def _complete(self) -> int | None:
        """Where the first complete sentence or code block of the buffer ends; None when there is none yet."""
        head = len(self._buffer) - len(self._buffer.lstrip())
        if self._buffer[head : head + 3] == "```":
            close = re.compile(r"\n\s*```[ \t]*(?:\n?\s*\[\d{1,3}\])*(?=\s*[^\s\[])").search(self._buffer, head + 3)
            return close.end() if close else None
        for match in _BOUNDARY.finditer(self._buffer, head):
            before = self._buffer[head : match.end()]
            if match[0].isspace() or not _ABBREVIATION.search(before):
                return match.end()
        return None

    def _judge(self, raw: str) -> Iterator[tuple[list[Cited], str]]:
        body = raw.strip()
        start = raw.index(body) if body else len(raw)
        self._newlines += raw[:start].count("\n")
        if not body:
            return
        cited = [int(number) for group in _CITATION.findall(body) for number in re.split(r"\s*,\s*", group)]
        code = body.startswith("```")
        text = _CITATION.sub("", body).strip()
        problem = self._problem(text, cited, code=code)
        if problem:
            self.dropped[problem] += 1
        else:
            new, marks = self._cite(text, [number for number in cited if number in self._passages], code=code)
            shown = f"{self._gap(code=code)}{text}{chr(10) if code else ' '}{marks}"
            self._newlines = 2 * code
            self.released += 1
            yield new, shown
        self._newlines += raw[start + len(body) :].count("\n")

    def _gap(self, *, code: bool) -> str:
        """The white space before a released sentence: none at the start, else as the model broke its lines."""
        if not self.released:
            return ""
        return "\n\n" if code or self._newlines > 1 else "\n" if self._newlines else " "

    def _problem(self, text: str, cited: list[int], *, code: bool) -> str | None:
        """Why this sentence may not be shown, as a code; None when it may."""
        if self._leaks(text):
            return "leak"
        known = [self._passages[number] for number in cited if number in self._passages]
        if not cited:
            return "no_citation"
        if not known:
            return "false_citation"
        if code:
            return None if _code_stands(text, known) else "unsupported"
        body = _LEADING_MARK.sub("", text)
        return None if self._supported(body, known) else "unsupported"

    def _leaks(self, text: str) -> bool:
        if any(marker in text for marker in self._markers) or _AS_AN_AI.search(text):
            return True
        return citable.is_instruction_to_assistant(text) or not self._shingles.isdisjoint(_runs(words(text)))

    def _supported(self, sentence: str, hits: list[Hit]) -> bool:
        passage = "\n".join(f"{' '.join(hit.candidate.heading_path)}\n{_quotable(hit)}" for hit in hits)
        allowed_numbers = numbers(passage, spelled=True) | self._question_numbers
        if not numbers(sentence) <= allowed_numbers:
            return False
        held = {word.lower() for word in WORD.findall(passage + " " + self._question)}
        held |= {stem(word) for word in held}
        if any(code.lower() not in (passage + self._question).lower() for code in _IDENTIFIER.findall(sentence)):
            return False
        if any(base_language(hit.candidate.language) != self._language for hit in hits):
            # Another language shares neither words nor (translated) names with its passage.
            return True
        names = {name.lower() for name in _NAME.findall(sentence)}
        if any(name not in held and stem(name) not in held for name in names):
            return False
        stems = content_stems(sentence)
        spoken = content_stems(passage)
        if not stems or len(stems & (spoken | self._question_stems)) / len(stems) < MIN_OVERLAP or not stems & spoken:
            return False
        return self._polarity_agrees(sentence, stems, hits)

    def _polarity_agrees(self, sentence: str, stems: set[str], hits: list[Hit]) -> bool:
        index, hit = max(((_best_sentence(hit, stems), hit) for hit in hits), key=lambda pair: pair[0][1])
        span = hit.candidate.sentences[index[0]]
        match = hit.candidate.text[span.start : span.end]
        if len(stems & content_stems(match)) / len(stems) < POLARITY_OVERLAP:
            return True
        return bool(_NEGATION.search(sentence)) == bool(_NEGATION.search(match))

    def _cite(self, text: str, cited: list[int], *, code: bool) -> tuple[list[Cited], str]:
        """Citations numbered by first appearance, one number per distinct quote."""
        new: list[Cited] = []
        marks: list[str] = []
        stems = content_stems(text)
        for passage in dict.fromkeys(cited):
            hit = self._passages[passage]
            index, score = _best_code(hit, text) if code else _best_sentence(hit, stems)
            span = hit.candidate.sentences[index]
            start = span.start
            if span.kind not in ("code", "math"):
                start += citable.ornament_length(hit.candidate.text[span.start : span.end])
            key = (passage, start, span.end)
            if key not in self._numbers:
                self._numbers[key] = len(self._numbers) + 1
                new.append(cite(self._numbers[key], hit, spans=[(start, span.end)], score=score))
            marks.append(f"[{self._numbers[key]}]")
        self.citations += new
        return new, "".join(dict.fromkeys(marks))


def _quotable(hit: Hit) -> str:
    """The passage without what may never be quoted, so that an injected sentence supports nothing."""
    found = hit.candidate
    return "\n".join(
        text
        for text in (found.text[span.start : span.end] for span in found.sentences)
        if not citable.is_instruction_to_assistant(text)
    )


def _best_sentence(hit: Hit, stems: set[str]) -> tuple[int, float]:
    """(index, score) of the passage's sentence nearest to the stems: the Dice coefficient, ties by sentence score."""
    found = hit.candidate

    def nearness(index: int) -> tuple[float, float, int]:
        text = found.text[found.sentences[index].start : found.sentences[index].end]
        own = content_stems(text)
        dice = 2 * len(stems & own) / (len(stems) + len(own)) if stems and own else 0.0
        scored = float(hit.sentence_scores[index]) if index < len(hit.sentence_scores) else 0.0
        return (-1.0 if citable.is_instruction_to_assistant(text) else dice, scored, -index)

    best = max(range(len(found.sentences)), key=nearness)
    return best, nearness(best)[0]


def _code_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("```")]


def _best_code(hit: Hit, text: str) -> tuple[int, float]:
    lines = _code_lines(text)
    found = hit.candidate

    def shared(index: int) -> float:
        span = found.sentences[index]
        own = found.text[span.start : span.end]
        return sum(line in own for line in lines) / max(len(lines), 1)

    best = max(range(len(found.sentences)), key=shared)
    return best, shared(best)


def _code_stands(text: str, hits: list[Hit]) -> bool:
    lines = _code_lines(text)
    return bool(lines) and max(_best_code(hit, text)[1] for hit in hits) >= MIN_CODE_LINES


def _runs(tokens: list[str]) -> set[tuple[str, ...]]:
    return {tuple(tokens[index : index + LEAK_WORDS]) for index in range(len(tokens) - LEAK_WORDS + 1)}
