"""A question as an `assessmentItem` of QTI 2.1: the interaction, what is right, how it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from ingestion.questions import qti21_markup as markup
from ingestion.questions import rich
from ingestion.questions.gift_writing import percents
from ingestion.questions.moodle_pictures import pixels
from ingestion.questions.qti21_item import GAP_CLASS
from ingestion.questions.qti21_markup import MATHML, QTI
from ingestion.questions.report import ReportLine, line
from ingestion.questions.schemas import ReadQuestion
from ingestion.questions.trees import Element
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import CHOICE_TYPES, QuestionIn
from lms_core.learning.assessments.types.cloze import ChoiceGap, ClozeKey, Gap, NumberGap, TextGap
from lms_core.learning.assessments.types.drag_text import DragTextKey
from lms_core.learning.assessments.types.hotspot import Ellipse, HotspotKey, Polygon, Rectangle, Region
from lms_core.learning.assessments.types.matching import MatchingKey
from lms_core.learning.assessments.types.ordering import OrderingKey, Scoring
from lms_core.learning.assessments.types.upload import UploadKey

TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates"
RESPONSE = "RESPONSE"


class NotWritten(Exception):
    """The question has no place in this format; the report says so already."""


@dataclass(slots=True)
class Writing:
    """A question while it is written. `shown`: the files it shows, path in the course to path beside the item."""

    each: ReadQuestion
    item: str
    identifier: str
    files: dict[str, bytes]
    file_names: dict[str, str]
    report: list[ReportLine] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def question(self) -> QuestionIn:
        """The question itself."""
        return self.each.question

    def lost(self, code: str, value: str = "") -> None:
        """Add a line to the report."""
        self.report.append(line(self.item, code, value))

    def names(self, markdown: str) -> dict[str, str]:
        """Addresses of the files that a text shows."""
        for path in rich.assets(markdown):
            if path in self.files:
                self.shown[path] = f"files/{self.file_names[path]}"
            else:
                self.lost("file_missing", path)
        return self.shown


def node(tag: str, *children: Element, text: str | None = None, **attributes: str) -> Element:
    """An element of QTI."""
    element = etree.Element(f"{{{QTI}}}{tag}", attributes)
    element.text = text
    element.extend(children)
    return element


def item(writing: Writing) -> Element:
    """The whole item. NotWritten, told, for types that QTI has not."""
    question = writing.question
    root = etree.Element(f"{{{QTI}}}assessmentItem", nsmap={None: QTI, "m": MATHML})
    for name, value in (
        ("identifier", writing.identifier),
        ("title", " ".join(writing.item.split())),
        ("adaptive", "false"),
        ("timeDependent", "false"),
    ):
        root.set(name, value)
    declarations, body, processing = _parts(writing)
    root.extend(declarations)
    root.append(node("outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float"))
    maximum = node("defaultValue", node("value", text=f"{question.points:g}"))
    root.append(node("outcomeDeclaration", maximum, identifier="MAXSCORE", cardinality="single", baseType="float"))
    if question.feedback:
        shown = node("defaultValue", node("value", text="general"))
        root.append(
            node("outcomeDeclaration", shown, identifier="FEEDBACK", cardinality="single", baseType="identifier")
        )
    root.append(node("itemBody", *body))
    root.append(processing)
    if question.feedback:
        told = node("modalFeedback", outcomeIdentifier="FEEDBACK", showHide="show", identifier="general")
        markup.fill(told, question.feedback, writing.names(question.feedback))
        root.append(told)
    return root


Parts = tuple[Sequence[Element], Sequence[Element], Element]


def _parts(writing: Writing) -> Parts:
    question = writing.question
    match question.key:
        case MatchingKey() as key:
            return _matching(writing, key)
        case OrderingKey() as key:
            return _ordering(writing, key)
        case ClozeKey() as key:
            return _cloze(writing, key)
        case DragTextKey() as key:
            return _drag_text(writing, key)
        case HotspotKey() as key:
            return _hotspot(writing, key)
        case UploadKey() as key:
            if key != UploadKey():
                writing.lost("file_kinds", f"{key.maximum_files} × {key.maximum_megabytes} MB")
            return _judged(writing, "uploadInteraction", "file")
        case None:
            return _choices(writing) if question.type in CHOICE_TYPES else _typed(writing)
    writing.lost("not_held", question.type.value)
    raise NotWritten


def _typed(writing: Writing) -> Parts:
    question = writing.question
    if question.type == QuestionType.NUMERIC:
        return _alone(writing, NumberGap(value=question.value or 0.0, tolerance=question.tolerance))
    if question.type == QuestionType.SHORT_TEXT:
        return _alone(writing, TextGap(accepted=tuple(question.accepted), match_case=question.match_case))
    return _judged(writing, "extendedTextInteraction", "string")


def _judged(writing: Writing, interaction: str, base: str) -> Parts:
    """What a person judges."""
    declared = node("responseDeclaration", identifier=RESPONSE, cardinality="single", baseType=base)
    return [declared], [*_text(writing), node(interaction, responseIdentifier=RESPONSE)], _processing()


def _text(writing: Writing) -> list[Element]:
    return markup.elements(writing.question.text, writing.names(writing.question.text))


def _processing(template: str = "") -> Element:
    attributes = {"template": f"{TEMPLATES}/{template}"} if template else {}
    return node("responseProcessing", **attributes)


def _declared(right: Sequence[str], points: Sequence[tuple[str, float]], *, cardinality: str, base: str) -> Element:
    declared = node("responseDeclaration", identifier=RESPONSE, cardinality=cardinality, baseType=base)
    if right:
        declared.append(node("correctResponse", *(node("value", text=each) for each in right)))
    if points:
        entries = [node("mapEntry", mapKey=key, mappedValue=f"{value:.7g}") for key, value in points]
        declared.append(node("mapping", *entries, defaultValue="0", lowerBound="0"))
    return declared


def _choices(writing: Writing) -> Parts:
    question = writing.question
    several = question.type == QuestionType.MULTIPLE
    whole = several and not question.partial_credit
    if whole and any(choice.weight is not None for choice in question.choices):
        writing.lost("weights")
    names = [f"c{place}" for place in range(1, len(question.choices) + 1)]
    if question.type == QuestionType.TRUE_FALSE:
        names = [
            "true" if choice.text.casefold() == "true" else f"c{place}"
            for place, choice in enumerate(question.choices, 1)
        ]
    right = [name for name, choice in zip(names, question.choices, strict=True) if choice.correct]
    shares = percents(question, several=several)
    points = [(name, share / 100 * question.points) for name, share in zip(names, shares, strict=True)]
    weighted = several or any(choice.weight is not None for choice in question.choices)
    declared = _declared(
        right,
        points if weighted and not whole else [],
        cardinality="multiple" if several else "single",
        base="identifier",
    )
    interaction = node(
        "choiceInteraction", responseIdentifier=RESPONSE, shuffle="false", maxChoices="0" if several else "1"
    )
    for name, choice in zip(names, question.choices, strict=True):
        offered = node("simpleChoice", identifier=name)
        markup.fill(offered, choice.text, writing.names(choice.text))
        if choice.feedback:
            told = node("feedbackInline", outcomeIdentifier=RESPONSE, showHide="show", identifier=name)
            markup.fill(told, choice.feedback, writing.names(choice.feedback))
            offered.append(told)
        interaction.append(offered)
    template = "map_response" if weighted and not whole else "match_correct"
    return [declared], [*_text(writing), interaction], _processing(template)


def _graded(writing: Writing) -> str:
    return "map_response" if writing.question.partial_credit else "match_correct"


def _side(writing: Writing, tag: str, name: str, text: str, **attributes: str) -> Element:
    side = node(tag, identifier=name, **attributes)
    markup.fill(side, text, writing.names(text))
    return side


def _matching(writing: Writing, key: MatchingKey) -> Parts:
    rights = list(dict.fromkeys([*(pair.right.text for pair in key.pairs), *(side.text for side in key.extra)]))
    pairs = [f"l{place} r{rights.index(pair.right.text) + 1}" for place, pair in enumerate(key.pairs, 1)]
    share = writing.question.points / len(pairs)
    points = [(pair, share) for pair in pairs] if writing.question.partial_credit else []
    declared = _declared(pairs, points, cardinality="multiple", base="directedPair")
    lefts = [
        _side(writing, "simpleAssociableChoice", f"l{place}", pair.left.text, matchMax="1")
        for place, pair in enumerate(key.pairs, 1)
    ]
    most = str(len(key.pairs))
    others = [
        _side(writing, "simpleAssociableChoice", f"r{place}", text, matchMax=most)
        for place, text in enumerate(rights, 1)
    ]
    interaction = node(
        "matchInteraction",
        node("simpleMatchSet", *lefts),
        node("simpleMatchSet", *others),
        responseIdentifier=RESPONSE,
        shuffle="true",
        maxAssociations=most,
    )
    return [declared], [*_text(writing), interaction], _processing(_graded(writing))


def _ordering(writing: Writing, key: OrderingKey) -> Parts:
    names = [f"o{place}" for place in range(1, len(key.items) + 1)]
    whole = key.scoring == Scoring.ALL or not writing.question.partial_credit
    if not whole and key.scoring != Scoring.POSITIONS:
        writing.lost("scoring", key.scoring.value)
    declared = _declared(names, [], cardinality="ordered", base="identifier")
    shown = sorted(zip(names, key.items, strict=True), key=lambda pair: pair[1].text)  # the file's order tells nothing
    interaction = node("orderInteraction", responseIdentifier=RESPONSE, shuffle="true")
    interaction.extend(_side(writing, "simpleChoice", name, each.text) for name, each in shown)
    return (
        [declared],
        [*_text(writing), interaction],
        _places(names, writing.question.points) if not whole else _processing("match_correct"),
    )


def _places(names: Sequence[str], points: float) -> Element:
    """Judging an order by its places: the sum of a share for each item that stands where it belongs."""
    total = node("sum")
    for place, name in enumerate(names, 1):
        at = node("index", node("variable", identifier=RESPONSE), n=str(place))
        hit = node("match", at, node("baseValue", text=name, baseType="identifier"))
        total.append(_if(hit, points / len(names)))
    processing = node("responseProcessing")
    processing.extend(total)
    return processing


def _if(condition: Element, points: float) -> Element:
    added = node("sum", node("variable", identifier="SCORE"), node("baseValue", text=f"{points:.7g}", baseType="float"))
    return node("responseCondition", node("responseIf", condition, node("setOutcomeValue", added, identifier="SCORE")))


def _gap_parts(name: str, gap: Gap, points: float) -> tuple[Element, Element, Element]:
    """Declaration, interaction and judging of one gap."""
    match gap:
        case NumberGap():
            declared = node("responseDeclaration", identifier=name, cardinality="single", baseType="float")
            declared.append(node("correctResponse", node("value", text=f"{gap.value!r}")))
            mode = {"toleranceMode": "absolute", "tolerance": f"{gap.tolerance!r} {gap.tolerance!r}"}
            near = node("equal", node("variable", identifier=name), node("correct", identifier=name), **mode)
            return declared, node("textEntryInteraction", responseIdentifier=name), _if(near, points)
        case TextGap():
            declared = node("responseDeclaration", identifier=name, cardinality="single", baseType="string")
            declared.append(node("correctResponse", node("value", text=gap.accepted[0])))
            case = "true" if gap.match_case else "false"
            entries = [
                node("mapEntry", mapKey=each, mappedValue=f"{points:.7g}", caseSensitive=case) for each in gap.accepted
            ]
            declared.append(node("mapping", *entries, defaultValue="0"))
            return declared, node("textEntryInteraction", responseIdentifier=name), _mapped(name)
        case ChoiceGap():
            declared = node("responseDeclaration", identifier=name, cardinality="single", baseType="identifier")
            right = [f"g{place}" for place, option in enumerate(gap.options, 1) if option.correct]
            declared.append(node("correctResponse", node("value", text=right[0])))
            entries = [node("mapEntry", mapKey=each, mappedValue=f"{points:.7g}") for each in right]
            declared.append(node("mapping", *entries, defaultValue="0"))
            interaction = node("inlineChoiceInteraction", responseIdentifier=name, shuffle="true")
            for place, option in enumerate(gap.options, 1):
                interaction.append(node("inlineChoice", identifier=f"g{place}", text=rich.to_line(option.text)))
            return declared, interaction, _mapped(name)


def _mapped(name: str) -> Element:
    added = node("sum", node("variable", identifier="SCORE"), node("mapResponse", identifier=name))
    return node("setOutcomeValue", added, identifier="SCORE")


def _alone(writing: Writing, gap: Gap) -> Parts:
    declared, interaction, judged = _gap_parts(RESPONSE, gap, writing.question.points)
    processing = node("responseProcessing", judged)
    return [declared], [*_text(writing), node("p", interaction)], processing


def _cloze(writing: Writing, key: ClozeKey) -> Parts:
    share = writing.question.points / len(key.gaps)
    if not writing.question.partial_credit:
        writing.lost("partial_credit")
    if any(
        isinstance(gap, ChoiceGap) and not all(rich.is_plain(option.text) for option in gap.options) for gap in key.gaps
    ):
        writing.lost("plain_sides")
    parts = [_gap_parts(f"R{place}", gap, share) for place, gap in enumerate(key.gaps, 1)]
    text = writing.question.text
    for _, interaction, _ in parts:
        interaction.set("class", GAP_CLASS)
    body = markup.elements(text, writing.names(text), [interaction for _, interaction, _ in parts])
    return [declared for declared, _, _ in parts], body, node("responseProcessing", *(judged for _, _, judged in parts))


def _drag_text(writing: Writing, key: DragTextKey) -> Parts:
    words = list(dict.fromkeys([*(gap.word.text for gap in key.gaps), *(side.text for side in key.extra)]))
    if not all(rich.is_plain(word) for word in words):
        writing.lost("plain_sides")
    pairs = [f"w{words.index(gap.word.text) + 1} p{place}" for place, gap in enumerate(key.gaps, 1)]
    share = writing.question.points / len(pairs)
    points = [(pair, share) for pair in pairs] if writing.question.partial_credit else []
    declared = _declared(pairs, points, cardinality="multiple", base="directedPair")
    interaction = node("gapMatchInteraction", responseIdentifier=RESPONSE, shuffle="true")
    for place, word in enumerate(words, 1):
        times = sum(gap.word.text == word for gap in key.gaps)
        most = "0" if key.reuse else str(max(1, times))
        interaction.append(node("gapText", identifier=f"w{place}", matchMax=most, text=rich.to_line(word)))
    gaps = [node("gap", identifier=f"p{place}") for place in range(1, len(key.gaps) + 1)]
    interaction.extend(markup.elements(writing.question.text, writing.names(writing.question.text), gaps))
    return [declared], [interaction], _processing(_graded(writing))


def _hotspot(writing: Writing, key: HotspotKey) -> Parts:
    """One marker: a point to show within its areas. Several have no interaction that judges each by its own."""
    content = writing.files.get(key.picture)
    size = pixels(content) if content is not None else None
    if size is None:
        writing.lost("picture_missing", key.picture)
        raise NotWritten
    if len(key.markers) != 1:
        writing.lost("not_held", f"{writing.question.type.value} × {len(key.markers)}")
        raise NotWritten
    writing.shown[key.picture] = f"files/{writing.file_names[key.picture]}"
    entries = [_area(region, size, writing.question.points) for region in key.markers[0].regions]
    declared = node("responseDeclaration", identifier=RESPONSE, cardinality="single", baseType="point")
    declared.append(node("areaMapping", *entries, defaultValue="0"))
    picture = node(
        "object", data=writing.shown[key.picture], width=str(size[0]), height=str(size[1]), text=key.description or None
    )
    ending = key.picture.rpartition(".")[2]
    picture.set("type", f"image/{'jpeg' if ending == 'jpg' else ending}")
    prompt = node("prompt", text=key.markers[0].label)
    interaction = node("selectPointInteraction", prompt, picture, responseIdentifier=RESPONSE, maxChoices="1")
    return [declared], [*_text(writing), interaction], _processing("map_response_point")


def _area(region: Region, size: tuple[int, int], points: float) -> Element:
    width, height = size
    match region:
        case Rectangle():
            right, bottom = region.x + region.width, region.y + region.height
            shape = "rect"
            coords = [region.x * width, region.y * height, right * width, bottom * height]
        case Ellipse():
            shape = "ellipse"
            coords = [region.x * width, region.y * height, region.radius_x * width, region.radius_y * height]
        case Polygon():
            shape = "poly"
            coords = [value for x, y in region.points for value in (x * width, y * height)]
    said = ",".join(str(round(each)) for each in coords)
    return node("areaMapEntry", shape=shape, coords=said, mappedValue=f"{points:.7g}")
