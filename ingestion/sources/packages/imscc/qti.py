"""QTI 1.2 assessments as cartridges hold them: the six question types of the Common Cartridge profile.

IMS QTI 1.2.1, and the profile of Common Cartridge 1.3, section 3.7: one response an item, told by `cc_profile`.
"""

from collections.abc import Callable, Iterator

from ingestion.readers.text import escape
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting, number
from ingestion.sources.schemas import ChoiceDraft, QuestionDraft

Relinked = Callable[[str], str]


def read_assessment(draft: Drafting, root: markup.Element, *, where: str, relinked: Relinked) -> list[QuestionDraft]:
    """The questions of an assessment or an object bank; those that cannot be carried are reported."""
    found = []
    for item in markup.within(root, "item"):
        name = item.get("title") or item.get("ident") or where
        question = _question(draft, item, _Texts(draft, f"{where}: {name}", relinked))
        if isinstance(question, saying.Lost):
            draft.lost(where, saying.of(question, name))
        else:
            found.append(question)
    return found


class _Texts:
    """Materials of an item as Markdown."""

    def __init__(self, draft: Drafting, where: str, relinked: Relinked) -> None:
        self._draft = draft
        self._where = where
        self._relinked = relinked

    def of(self, element: markup.Element | None) -> str:
        """All material below an element."""
        if element is None:
            return ""
        return "\n\n".join(filter(None, (self._one(each) for each in markup.within(element, "mattext")))).strip()

    def _one(self, material: markup.Element) -> str:
        text = markup.said(material)
        if material.get("texttype") == "text/plain":
            return escape(text)
        return self._draft.snippet(self._relinked(text), where=self._where)


def _question(draft: Drafting, item: markup.Element, texts: _Texts) -> QuestionDraft | saying.Lost:
    facts = {
        markup.said(field, "fieldlabel"): markup.said(field, "fieldentry")
        for field in markup.within(item, "qtimetadatafield")
    }
    kind = facts.get("cc_profile") or facts.get("question_type") or ""
    points = number(facts.get("cc_weighting") or facts.get("points_possible") or "") or 1.0
    presentation = markup.child(item, "presentation")
    if presentation is None:
        return saying.NO_KEY
    responses = list(markup.within(presentation, "response_lid", "response_str", "response_num"))
    text = _text(presentation, texts)
    if not text:
        return saying.NO_KEY
    feedback = _feedback(item, texts)
    shared = feedback.get("general_fb") or feedback.get("general_incorrect_fb") or ""
    if not responses or "essay" in kind:
        return QuestionDraft("essay", text, points, feedback=shared)
    if len(responses) > 1:
        return saying.NO_TYPE
    if markup.local(responses[0]) == "response_lid":
        return _choices(item, responses[0], kind, text, points, texts, feedback, shared)
    if "num" in markup.local(responses[0]) or "numerical" in kind:
        return _numeric(item, text, points, shared)
    accepted = tuple(dict.fromkeys(said for _, said, good in _keys(item) if good and said))
    if not accepted:
        return saying.NO_KEY
    if "pattern_match" in kind:
        draft.lost(text[:80], saying.PARTLY)
    cased = any((each.get("case") or "").lower() == "yes" for each in markup.within(item, "varequal"))
    return QuestionDraft("short_text", text, points, feedback=shared, accepted=accepted, match_case=cased)


def _text(presentation: markup.Element, texts: _Texts) -> str:
    """The material of the question itself, which may be wrapped in flows, outside of any response."""
    parts = []
    for material in markup.within(presentation, "material"):
        inside = (markup.local(each) for each in material.iterancestors())
        if not any(name.startswith(("response_", "render_")) for name in inside):
            parts.append(texts.of(material))
    return "\n\n".join(filter(None, parts))


def _choices(
    item: markup.Element,
    response: markup.Element,
    kind: str,
    text: str,
    points: float,
    texts: _Texts,
    feedback: dict[str, str],
    shared: str,
) -> QuestionDraft | saying.Lost:
    labels = list(markup.within(response, "response_label"))
    right = {said for _, said, good in _keys(item) if good}
    told = _feedback_of(item, feedback)
    choices = tuple(
        ChoiceDraft(
            texts.of(label), (label.get("ident") or "") in right, feedback=told.get(label.get("ident") or "", "")
        )
        for label in labels
    )
    if len(choices) < 2 or not any(each.correct for each in choices) or not all(each.text for each in choices):
        return saying.NO_KEY
    several = (response.get("rcardinality") or "").lower() == "multiple" or sum(each.correct for each in choices) > 1
    if several:
        return QuestionDraft("multiple", text, points, feedback=shared, choices=choices)
    both = "true_false" in kind and len(choices) == 2
    return QuestionDraft("true_false" if both else "single", text, points, feedback=shared, choices=choices)


def _numeric(item: markup.Element, text: str, points: float, shared: str) -> QuestionDraft | saying.Lost:
    exact = [value for _, said, good in _keys(item) if good and (value := number(said)) is not None]
    low = [number(markup.said(each)) for each in markup.within(item, "vargte", "vargt")]
    high = [number(markup.said(each)) for each in markup.within(item, "varlte", "varlt")]
    if low and high and low[0] is not None and high[0] is not None:
        value, tolerance = (low[0] + high[0]) / 2, abs(high[0] - low[0]) / 2
    elif exact:
        value, tolerance = exact[0], 0.0
    else:
        return saying.NO_KEY
    return QuestionDraft("numeric", text, points, feedback=shared, value=value, tolerance=tolerance)


def _keys(item: markup.Element) -> Iterator[tuple[markup.Element, str, bool]]:
    """Each answer that a condition names, and whether it is right: it earns points and is not negated."""
    for condition in markup.within(item, "respcondition"):
        earns = any(
            (number(markup.said(each)) or 0) > 0 and (each.get("action") or "Set").lower() in ("set", "add")
            for each in markup.children(condition, "setvar")
        )
        for equal in markup.within(condition, "varequal", "varsubstring"):
            negated = any(markup.local(each) == "not" for each in equal.iterancestors())
            yield condition, markup.said(equal), earns and not negated


def _feedback(item: markup.Element, texts: _Texts) -> dict[str, str]:
    return {each.get("ident") or "": texts.of(each) for each in markup.children(item, "itemfeedback")}


def _feedback_of(item: markup.Element, feedback: dict[str, str]) -> dict[str, str]:
    """What is said to who chooses an answer, by the answer."""
    found = {}
    for condition, said, _ in _keys(item):
        shown = [each.get("linkrefid") or "" for each in markup.children(condition, "displayfeedback")]
        if said and shown:
            found[said] = feedback.get(shown[0], "")
    return found
