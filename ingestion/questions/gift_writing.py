"""GIFT, written so that Moodle and this product read the same again."""

from ingestion.questions import rich
from ingestion.questions.gift_text import escape
from ingestion.questions.report import ReportLine, line
from ingestion.questions.schemas import ReadBank, ReadQuestion, Written
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import ChoiceIn, QuestionIn
from lms_core.learning.assessments.types.matching import MatchingKey

TRUTHS = ["true", "false"]


def write(bank: ReadBank) -> Written:
    """All questions whose type GIFT has, and a report of the rest."""
    report: list[ReportLine] = []
    blocks = ["// GIFT\n"]
    category: tuple[str, ...] = ()
    for place, each in enumerate(bank.questions, 1):
        item = each.name or f"#{place}"
        body = _body(each.question)
        problem = _problem(each.question)
        if body is None or problem:
            report.append(line(item, "not_held" if body is None else "refused", problem or each.question.type.value))
            continue
        if each.category != category:
            category = each.category
            blocks.append(
                "$CATEGORY: " + "/".join(["$course$", *(part.replace("/", "//") for part in category)]) + "\n"
            )
        blocks.append(_block(each, item, body))
        report += _lost(each, item)
    return Written("\n".join(blocks).encode(), ".gift.txt", "text/plain; charset=utf-8", tuple(report))


def _block(each: ReadQuestion, item: str, body: str) -> str:
    notes = [f"[id:{_bracketed(each.number)}]"] if each.number else []
    notes += [f"[tag:{_bracketed(tag)}]" for tag in each.tags]
    comment = f"// {' '.join(notes)}\n" if notes else ""
    general = f"\n\t####{_rich(each.question.feedback)}" if each.question.feedback else ""
    name = escape(" ".join(item.split()))
    return f"{comment}::{name}::[markdown]{_escaped(each.question.text)}{{{body}{general}\n}}\n"


def _bracketed(text: str) -> str:
    return " ".join(text.replace("]", "\\]").split())


def _escaped(markdown: str) -> str:
    return escape(rich.to_moodle(markdown, {}))


def _rich(markdown: str) -> str:
    """A text behind a mark: it names its format again where its beginning could be taken for one, or for a weight."""
    text = _escaped(markdown)
    return f"[markdown]{text}" if text.startswith(("[", "%", "->")) else text


def _body(question: QuestionIn) -> str | None:
    """What stands between the braces; None for a type that GIFT has not."""
    match question.type:
        case QuestionType.ESSAY:
            return ""
        case QuestionType.TRUE_FALSE if [choice.text.casefold() for choice in question.choices] == TRUTHS:
            return _true_false(question.choices)
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            return _choices(question, several=False)
        case QuestionType.MULTIPLE:
            return _choices(question, several=True)
        case QuestionType.NUMERIC:
            return f"#\n\t=%100%{question.value!r}:{question.tolerance!r}#"
        case QuestionType.SHORT_TEXT:
            return "".join(f"\n\t=%100%{escape(each.replace('*', chr(92) + '*'))}#" for each in question.accepted)
        case QuestionType.MATCHING:
            assert isinstance(question.key, MatchingKey)
            pairs = [(_rich(pair.left.text.replace("->", "-\\>")), pair.right.text) for pair in question.key.pairs]
            extra = [("", side.text) for side in question.key.extra]
            return "".join(f"\n\t={left} -> {escape(rich.to_line(right))}" for left, right in [*pairs, *extra])
    return None


def _true_false(choices: list[ChoiceIn]) -> str:
    right = next(choice for choice in choices if choice.correct)
    wrong = next(choice for choice in choices if not choice.correct)
    said = "TRUE" if right.text.casefold() == "true" else "FALSE"
    if not right.feedback and not wrong.feedback:
        return said
    return f"{said}#{_rich(wrong.feedback)}" + (f"#{_rich(right.feedback)}" if right.feedback else "")


def percents(question: QuestionIn, *, several: bool) -> list[float]:
    """The part of the points, in percent, that each choice earns: its weight, or what the product's rule gives."""
    right = sum(choice.correct for choice in question.choices)
    wrong = len(question.choices) - right
    found = []
    for choice in question.choices:
        if choice.weight is not None:
            found.append(choice.weight)
        elif not several:
            found.append(100.0 if choice.correct else 0.0)
        else:
            found.append(100 / right if choice.correct else -100 / wrong)
    return found


def _choices(question: QuestionIn, *, several: bool) -> str:
    lines = []
    for choice, percent in zip(question.choices, percents(question, several=several), strict=True):
        mark = (
            "="
            if percent == 100 and not several
            else "~"
            if percent == 0
            else f"~%{percent:.5f}".rstrip("0").rstrip(".") + "%"
        )
        feedback = f"#{_rich(choice.feedback)}" if choice.feedback else ""
        lines.append(f"\n\t{mark}{_rich(choice.text)}{feedback}")
    return "".join(lines)


def _problem(question: QuestionIn) -> str:
    """What keeps a question of a type that GIFT has from being written; "" when nothing does."""
    if question.type == QuestionType.SHORT_TEXT and any("->" in each for each in question.accepted):
        return "->"
    if question.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE) and 100 not in percents(question, several=False):
        return "100 %"
    return ""


def _lost(each: ReadQuestion, item: str) -> list[ReportLine]:
    question = each.question
    texts = [question.text, question.feedback, *(choice.text for choice in question.choices)]
    texts += [choice.feedback for choice in question.choices]
    key = question.key
    rights = [pair.right.text for pair in key.pairs] if isinstance(key, MatchingKey) else []
    pictures = [path for text in texts for path in rich.assets(text)]
    graded = question.type in (QuestionType.MULTIPLE, QuestionType.MATCHING)
    is_truth = [choice.text.casefold() for choice in question.choices] == TRUTHS
    lost = {
        "points": f"{question.points:g}" if question.points != 1 else "",
        "partial_credit": "x" if graded and not question.partial_credit else "",
        "match_case": "x" if question.type == QuestionType.SHORT_TEXT and question.match_case else "",
        "pictures": ", ".join(pictures),
        "plain_sides": "x" if not all(rich.is_plain(text) for text in rights) else "",
        "true_false_text": "x" if question.type == QuestionType.TRUE_FALSE and not is_truth else "",
        "hints": " · ".join(each.hints),
        "penalty": "" if each.penalty is None else f"{each.penalty:g}",
    }
    return [line(item, code, "" if value == "x" else value) for code, value in lost.items() if value]
