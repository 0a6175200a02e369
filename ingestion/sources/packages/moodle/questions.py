"""The question bank of a backup (questions.xml), and the questions that a quiz takes from it.

Moodle 2 to 3.11 name questions by their ids; Moodle 4 by entries of the bank, which hold versions. A slot that draws at
random gets all the questions that it could draw.
"""

import json
from collections.abc import Iterator

from ingestion.readers import Unreadable
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting
from ingestion.sources.packages.moodle.question_types import Texts, read_question
from ingestion.sources.schemas import QuestionDraft


class Bank:
    """Questions by their ids, categories and entries. Empty when the backup has none."""

    def __init__(self, draft: Drafting) -> None:
        self._draft = draft
        self._questions: dict[str, markup.Element] = {}
        self._categories: dict[str, list[str]] = {}
        self._entries: dict[str, list[str]] = {}
        self._contexts: dict[str, str] = {}
        if not draft.contents.has("questions.xml"):
            return
        try:
            root = draft.contents.xml("questions.xml")
        except Unreadable:
            draft.lost(draft.title, saying.of(saying.DAMAGED, "questions.xml"))
            return
        for category in markup.children(root, "question_category"):
            self._take(category)

    def _take(self, category: markup.Element) -> None:
        own = self._categories.setdefault(category.get("id") or "", [])
        context = markup.said(category, "contextid")
        for question in markup.within(category, "question"):
            name = question.get("id") or ""
            if markup.child(question, "qtype") is None:
                continue
            self._questions[name], self._contexts[name] = question, context
            entry = next((e for e in question.iterancestors() if markup.local(e) == "question_bank_entry"), None)
            if entry is None:
                own.append(name)
                continue
            versions = self._entries.setdefault(entry.get("id") or "", [])
            if versions:  # of several versions only the newest counts, and they are written in their order
                own.remove(versions[-1])
            versions.append(name)
            own.append(name)

    def of_quiz(self, quiz: markup.Element, *, where: str) -> list[QuestionDraft]:
        """The questions of a quiz in the order of its slots, each once; what cannot be carried is reported."""
        found: list[QuestionDraft] = []
        seen: set[str] = set()
        for name, points in self._slots(quiz, where):
            if name in seen:
                continue
            seen.add(name)
            question = self._questions[name]
            title = markup.said(question, "name")
            texts = Texts(self._draft, f"{where}: {title}", self._contexts[name], name)
            read = read_question(question, texts, points=points, others=self._questions)
            if isinstance(read, saying.Lost):
                self._draft.lost(where, saying.of(read, f"{title} ({markup.said(question, 'qtype')})"))
            else:
                found.append(read)
        return found

    def _slots(self, quiz: markup.Element, where: str) -> Iterator[tuple[str, float | None]]:
        """Ids of questions and their points (None: their own)."""
        for slot in markup.within(quiz, "question_instance"):
            told = markup.said(slot, "maxmark") or markup.said(slot, "grade")
            points = float(told) if told.replace(".", "", 1).isdecimal() and len(told) < 15 else None
            names, drawn = self._named(slot)
            if drawn:
                self._draft.lost(where, saying.DRAWN)
            if not names:
                self._draft.lost(where, saying.of(saying.BOOKMARK, f"question {markup.said(slot, 'slot')}"))
            yield from ((each, points) for each in names)

    def _named(self, slot: markup.Element) -> tuple[list[str], bool]:
        """The questions of a slot, and whether it draws among them."""
        reference = next(markup.within(slot, "question_reference"), None)
        if reference is not None:
            versions = self._entries.get(markup.said(reference, "questionbankentryid"), [])
            told = markup.said(reference, "version")
            at = int(told) - 1 if told.isdecimal() and 0 < int(told[:6]) <= len(versions) else -1
            return (versions[at:][:1] if versions else []), False
        drawing = next(markup.within(slot, "question_set_reference"), None)
        if drawing is not None:
            return self._plain(_category_of(markup.said(drawing, "filtercondition"))), True
        name = markup.said(slot, "questionid")
        question = self._questions.get(name)
        if question is None:
            return [], False
        if markup.said(question, "qtype") == "random":
            return self._plain(markup.said(slot, "questioncategoryid") or self._category_with(name)), True
        return [name], False

    def _plain(self, category: str) -> list[str]:
        """The questions of a category that can be drawn: none that draws, and no part of another."""
        return [
            name
            for name in self._categories.get(category, [])
            if markup.said(self._questions[name], "qtype") != "random"
            and markup.said(self._questions[name], "parent") in ("", "0", name)
        ]

    def _category_with(self, name: str) -> str:
        return next((category for category, names in self._categories.items() if name in names), "")


def _category_of(condition: str) -> str:
    """The category that Moodle 4's filter draws from: in its plain form, and in that of 4.3 and later."""
    try:
        told = json.loads(condition)
        if "questioncategoryid" in told:
            return str(told["questioncategoryid"])
        return str(told["filter"]["category"]["values"][0])
    except (ValueError, TypeError, LookupError):
        return ""
