"""H5P: content types whose text or questions have a place here; others are reported.

Types nest (a column holds texts and questions), so each is read by its own reader and containers read what they hold.
Shapes: each type's semantics.json, as published with the libraries at h5p.org.
"""

import html
import re
from collections.abc import Callable
from typing import Any

from ingestion.readers import Unreadable
from ingestion.readers.serving import Progress
from ingestion.readers.text import escape_inline
from ingestion.sources.packages import saying
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import Converted, Drafting, gap_places, joined, side
from ingestion.sources.packages.pages import page_link
from ingestion.sources.schemas import ChoiceDraft, QuestionDraft

MAX_DEPTH = 12
MAX_PARTS = 5_000
STARRED = re.compile(r"\*([^*\n]{1,500}?)\*")
# Where containers keep what they hold.
HELD = ("content", "action", "params", "chapters", "questions", "slides", "elements", "panels", "interactions", "list")


def convert(contents: Contents, *, name: str, progress: Progress) -> Converted:
    """One piece of interactive content as a lesson, a quiz, or both."""
    about = contents.values("h5p.json")
    params = contents.values("content/content.json")
    if not isinstance(about, dict) or not isinstance(params, dict):
        raise Unreadable("corrupt", "The H5P file does not say what it holds. Export it again from its source.")
    title = _line(about.get("title")) or name
    draft = Drafting(contents, kind="h5p", prefix=f"h5p-{name}", title=title, language=_line(about.get("language")))
    progress(0, 1, title)
    reader = _Reader(draft, title)
    kind = _line(about.get("mainLibrary"))
    reader.read(kind, params, depth=0)
    body = joined(reader.parts)
    draft.module(title)
    if body:
        draft.lesson("content", title, body)
    if reader.questions:
        draft.quiz("quiz", draft.quiz_beside(title) if body else title, reader.questions)
    if body or reader.questions:
        draft.lost(title, saying.of(saying.INTERACTIVE, kind))
    return draft.finished()


class _Reader:
    """Gathers the parts of a lesson and the questions of a quiz."""

    def __init__(self, draft: Drafting, where: str) -> None:
        self.draft = draft
        self.where = where
        self.parts: list[str] = []
        self.questions: list[QuestionDraft] = []
        self._count = 0

    def read(self, library: str, params: dict[str, Any], *, depth: int) -> None:
        """Read content of a type such as "H5P.Blanks 1.12"."""
        self._count += 1
        kind = library.partition(" ")[0].removeprefix("H5P.")
        if depth > MAX_DEPTH or self._count > MAX_PARTS:
            self.draft.lost(self.where, saying.TOO_MANY)
            return
        if kind in QUESTIONS:
            found = [question for question in QUESTIONS[kind](self, params) if question is not None]
            self.questions += found
            if not found:
                self.draft.lost(self.where, saying.of(saying.NO_KEY, kind))
        elif kind in TEXTS:
            self.parts += TEXTS[kind](self, params)
        elif not self._held(params, depth):
            self.draft.lost(self.where, saying.of(saying.UNKNOWN, library))

    def _held(self, values: Any, depth: int) -> bool:
        """Read every piece of content inside a container; whether there was one."""
        if depth > MAX_DEPTH:
            self.draft.lost(self.where, saying.TOO_MANY)
            return True
        if isinstance(values, list):
            found = [self._held(each, depth + 1) for each in values]
            return any(found)
        if not isinstance(values, dict):
            return False
        if isinstance(values.get("library"), str) and isinstance(values.get("params"), dict):
            self.read(values["library"], values["params"], depth=depth + 1)
            return True
        found = [self._held(values[name], depth + 1) for name in (*HELD, *_others(values)) if name in values]
        return any(found)

    def text(self, value: Any) -> str:
        """HTML of a content type as Markdown."""
        return self.draft.snippet(value, where=self.where, folder="content") if isinstance(value, str) else ""

    def picture(self, value: Any, alt: str = "") -> str:
        """A picture of the content as Markdown; "" when there is none."""
        path = value.get("path") if isinstance(value, dict) else None
        if not isinstance(path, str):
            return ""
        link = self.draft.asset(f"content/{path.partition('#')[0]}")
        if link is None:
            self.draft.lost(self.where, saying.of(saying.NO_FILE, path))
            return ""
        return f"![{escape_inline(alt)}]({link})"


# -- texts ---------------------------------------------------------------------


def _text(reader: _Reader, params: dict[str, Any]) -> list[str]:
    return [reader.text(params.get("text"))]


def _image(reader: _Reader, params: dict[str, Any]) -> list[str]:
    return [reader.picture(params.get("file"), _line(params.get("alt")))]


def _greeting_card(reader: _Reader, params: dict[str, Any]) -> list[str]:
    return [reader.text(params.get("greeting")), reader.picture(params.get("image"))]


def _link(reader: _Reader, params: dict[str, Any]) -> list[str]:
    target = params.get("linkWidget")
    address = f"{_line(target.get('protocol'))}{_line(target.get('url'))}" if isinstance(target, dict) else ""
    return [page_link(escape_inline(_line(params.get("title")) or address), address)] if address else []


def _video(reader: _Reader, params: dict[str, Any]) -> list[str]:
    title = escape_inline(_line(params.get("title")) or "Video")
    sources = params.get("sources") or params.get("files")
    for source in sources if isinstance(sources, list) else []:
        path = _line(source.get("path")) if isinstance(source, dict) else ""
        if path.startswith(("https://", "http://")):
            return [page_link(title, path)]
        if path:
            reader.draft.lost(reader.where, saying.of(saying.PLAYER, path))
    return []


def _pairs(reader: _Reader, params: dict[str, Any]) -> list[str]:
    """Cards and panels: a heading or a front, and what belongs to it."""
    parts = [reader.text(params.get("description"))]
    listed = params.get("dialogs") or params.get("cards") or params.get("panels") or []
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            front = reader.text(each.get("text") or each.get("title") or each.get("question"))
            back = reader.text(each.get("answer"))
            parts.append(joined([f"**{front}**" if front and "\n" not in front else front, back]))
            reader._held(each.get("content"), MAX_DEPTH - 2)
    return parts


# -- questions -----------------------------------------------------------------


def _multi_choice(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    choices = []
    for answer in _dicts(params.get("answers")):
        tips = answer.get("tipsAndFeedback")
        feedback = reader.text(tips.get("chosenFeedback")) if isinstance(tips, dict) else ""
        choices.append(ChoiceDraft(reader.text(answer.get("text")), answer.get("correct") is True, feedback=feedback))
    right = sum(choice.correct for choice in choices)
    behaviour = params.get("behaviour")
    single = right == 1 and not (isinstance(behaviour, dict) and behaviour.get("type") == "multi")
    return [_question("single" if single else "multiple", reader.text(params.get("question")), choices=tuple(choices))]


def _true_false(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    right = str(params.get("correct")).lower() == "true"
    labels = params.get("l10n") if isinstance(params.get("l10n"), dict) else {}
    said = [_line(labels.get("trueText")) or "True", _line(labels.get("falseText")) or "False"]  # type: ignore[union-attr]
    choices = (ChoiceDraft(escape_inline(said[0]), right), ChoiceDraft(escape_inline(said[1]), not right))
    return [_question("true_false", reader.text(params.get("question")), choices=choices)]


def _choice_set(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    """In these sets the first answer is the right one."""
    found = []
    for each in _dicts(params.get("choices")):
        answers = [reader.text(answer) for answer in _list(each.get("answers"))]
        choices = tuple(ChoiceDraft(answer, at == 0) for at, answer in enumerate(answers))
        found.append(_question("single", reader.text(each.get("question")), choices=choices))
    return found


def _summary(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    intro = reader.text(params.get("intro")) or "Which statement is right?"
    found = []
    for each in _dicts(params.get("summaries")):
        statements = [reader.text(statement) for statement in _list(each.get("summary"))]
        choices = tuple(ChoiceDraft(statement, at == 0) for at, statement in enumerate(statements))
        found.append(_question("single", intro, choices=choices))
    return found


def _blanks(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    """`*word/other:tip*` in a text is a gap."""
    behaviour = params.get("behaviour")
    match_case = isinstance(behaviour, dict) and behaviour.get("caseSensitive") is True
    gaps: list[dict[str, Any]] = []

    def gap(found: re.Match[str]) -> str:
        words = html.unescape(found.group(1)).partition(":")[0]
        accepted = [word.strip() for word in words.split("/") if word.strip()]
        if not accepted:
            return ""
        gaps.append({"kind": "text", "accepted": accepted, "match_case": match_case})
        return f"[[{len(gaps)}]]"

    written = [STARRED.sub(gap, each) for each in _list(params.get("questions")) if isinstance(each, str)]
    text = gap_places(joined([reader.text(params.get("text")), *(reader.text(each) for each in written)]))
    return [_question("cloze", text, key={"type": "cloze", "gaps": gaps})] if gaps else [None]


def _drag_text(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    words: list[dict[str, Any]] = []

    def gap(found: re.Match[str]) -> str:
        words.append({"word": side(escape_inline(html.unescape(found.group(1)).partition(":")[0].strip()))})
        return f"[[{len(words)}]]"

    field = _line_breaks(params.get("textField"))
    text = gap_places(joined([reader.text(params.get("taskDescription")), reader.text(STARRED.sub(gap, field))]))
    extra = [
        side(escape_inline(each.partition(":")[0])) for each in STARRED.findall(str(params.get("distractors") or ""))
    ]
    return [_question("drag_text", text, key={"type": "drag_text", "gaps": words, "extra": extra})] if words else [None]


def _essay(reader: _Reader, params: dict[str, Any]) -> list[QuestionDraft | None]:
    return [_question("essay", reader.text(params.get("taskDescription")))]


def _question(type_: Any, text: str, **rest: Any) -> QuestionDraft | None:
    choices = rest.get("choices", ())
    wrong = bool(choices) and (len(choices) < 2 or not any(choice.correct for choice in choices))
    return QuestionDraft(type_, text, **rest) if text and not wrong else None


def _line_breaks(value: Any) -> str:
    return "".join(f"<p>{line}</p>" for line in value.split("\n")) if isinstance(value, str) else ""


def _line(value: Any) -> str:
    return " ".join(html.unescape(value).split()) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _others(values: dict[str, Any]) -> list[str]:
    return [name for name in values if name not in HELD]


Texts = Callable[[_Reader, dict[str, Any]], list[str]]
Questions = Callable[[_Reader, dict[str, Any]], list[QuestionDraft | None]]

TEXTS: dict[str, Texts] = {
    "AdvancedText": _text,
    "Text": _text,
    "Table": _text,
    "Image": _image,
    "GreetingCard": _greeting_card,
    "Link": _link,
    "Video": _video,
    "Dialogcards": _pairs,
    "Flashcards": _pairs,
    "Accordion": _pairs,
}
QUESTIONS: dict[str, Questions] = {
    "MultiChoice": _multi_choice,
    "TrueFalse": _true_false,
    "SingleChoiceSet": _choice_set,
    "Summary": _summary,
    "Blanks": _blanks,
    "DragText": _drag_text,
    "Essay": _essay,
}
