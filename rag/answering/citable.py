"""Which sentences of a lesson may be quoted, and what they need beside them to be understood.

Three judgements: instructions aimed at an assistant are never quoted; page
furniture (quiz links, picture captions, "in this lesson") is never quoted; a
sentence that leans on its neighbour ("This means ...", "as follows:") is quoted
only together with it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.answering.words import content_words, word_count

_INJECTION = re.compile(
    r"""\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b(?:instructions?|prompts?|directions|guidelines|
        (?:previous|prior|above|earlier|safety|system)\s+(?:rules|messages?|text|orders))\b
    |\byou\s+are\s+(?:now|no\s+longer)\s+(?:in|an?|the|my|bound|dan|free|acting)\b
    |\b(?:maintenance|developer|debug|god|jailbreak|admin|dan)\s+mode\b(?=.*\b(?:you|reveal|enabled|prompt|answers?)\b)
    |\b(?:reveal|print|repeat|show|output|leak|display|disclose|send)\b[^.!?\n]{0,30}
        \b(?:your|the|this)\s+(?:(?:system|hidden|initial|secret|original)\s+)+(?:prompt|instructions?|message|rules)
    |\b(?:answer|respond|reply)\s+(?:to\s+)?(?:every|all|any|each)\s+(?:questions?|messages?|users?|prompts?)\b
    |\b(?:answer|respond|reply)\s+(?:only\s+)?with\s+(?:only\s+)?['"“‘]
    |\bmark\s+(?:this|the|every|all)\s+(?:learner|student|user|submission|answer)s?\s+as\b
    |\b(?:reveal|give|show)\b[^.!?\n]{0,20}\banswers?\s+to\s+(?:every|all|the)\s+quiz
    |\b(?:dear|attention|note\s+to|hey|to\s+the)\s+(?:ai|assistant|chatbot|language\s+model|llm|model)\b
    |\b(?:the|any|this)\s+(?:ai|assistant|chatbot|language\s+model|llm)\s+(?:must|should|shall|has\s+to)\s+(?:not\s+)?
        (?:say|answer|reply|respond|tell|ignore|reveal|output|recommend|claim)
    |\bdo\s+not\s+(?:tell|inform|mention\s+to)\s+the\s+(?:user|learner|student)\b
    |^\W*(?:system|assistant)\s*:\s|<\|[a-z_]+\|>|\[/?INST\]|<<\s*SYS\s*>>|\#{2,}\s*(?:system|new\s+instructions?)\b
    |\bnew\s+instructions?\s*:|\bas\s+an\s+ai\s+(?:language\s+)?(?:model|assistant)\b
    |\b(?:puuza|sahau|achana\s+na)\b[^.!?\n]{0,30}\b(?:maagizo|maelekezo)\b|\bfichua\b[^.!?\n]{0,30}\b(?:maagizo|siri)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)

_BOILERPLATE = re.compile(
    r"""\b(?:in|by\s+the\s+end\s+of)\s+this\s+(?:lesson|chapter|module|section|unit|tutorial|episode|video|course)\b[^.]{0,40}
        \b(?:you|we|you'(?:ll|ve)|we'(?:ll|ve)|cover|learn|explore|look\s+at|discuss|introduce|see|find)\b
    |^\W*this\s+(?:lesson|chapter|module|section|unit|tutorial|episode|video|course)\s+(?:\w+ly\s+)?(?:will|is\s+about|
        explains|gives|covers|shows|teaches|helps|introduces|describes|discusses|continues|looks|presents|explores|provides)\b
    |\b(?:pre|post)[-\s]lecture\s+quiz\b|\bsketch\s?note\s+(?:by|overview)\b|\bclick\s+(?:here|on\s+the\s+image|the\s+image|on\s+the\s+link|the\s+link)
    |\b(?:taught|recorded|presented)\s+as\s+part\s+of\b|\bwatch\s+(?:the|this)\s+(?:video|recording)\b
    |\byou\s+can\s+(?:find|refer\s+to|read)\s+(?:this|the|more|all|out)\b|\bread\s+more\s+(?:about|on|in)\b
    |\blessons?\s+(?:about|teach|explain|cover|show|introduce|tell)\b
    |\bdo\s+some\s+research\b|\brefer\s+to\s+the\s+(?:instructions|documentation|guide)\b
    |\bwork\s+through\s+the\s+(?:relevant\s+)?(?:guide|instructions|steps)\b
    |\b(?:photo|image|picture|video|icon|illustration)s?\s+(?:by|credit|courtesy|from|:)
    |\b(?:translated|translation)\b[^.]{0,60}\b(?:machine|ai|automated|co-op)\b|\bsubscribe\s+to\b|\ball\s+rights\s+reserved\b
    |\bin\s+the\s+(?:last|previous|next)\s+(?:lesson|chapter|section|episode)s?\b|\byou(?:'ll|\s+will)\s+(?:also\s+)?learn\b
    |\bkatika\s+somo\s+hili\b|^\W*somo\s+hili\b|\bjaribio\s+la\s+(?:kabla|baada)\b|^\W*(?:rubric|criteria|exemplary)\b
    |^\W*(?:https?://|www\.)\S+\W*$""",
    re.VERBOSE | re.IGNORECASE,
)
_FURNITURE_HEADING = re.compile(
    r"""^\W*(?:(?:learning\s+)?(?:objectives?|outcomes?|goals)|what\s+you(?:'ll|\s+will)\s+learn|rubric|assignments?|
    (?:further|additional|extra|more|suggested)\s+(?:reading|resources|study|materials?|links)|references|resources|
    bibliography|see\s+also|useful\s+links|credits?|acknowledge?ments?|licen[cs]e|contribut(?:ing|ors?)|prerequisites?|
    review\s*(?:&|and)\s*self[\s-]?study|quiz(?:zes)?|(?:check|test)\s+(?:yourself|your\s+(?:understanding|knowledge))|
    self[\s-]check|exercises?|jipime|jaribu\s+mwenyewe|table\s+of\s+contents|contents|help|feedback|
    malengo(?:\s+ya\s+\w+)?|marejeo|kazi\s+ya\s+nyumbani|usomaji\s+zaidi|viungo\s+vya\s+ziada)\W*$""",
    re.VERBOSE | re.IGNORECASE,
)
_POINTS_AT_PICTURE = re.compile(
    r"\b(?:in|on) the (?:image|picture|diagram|video|figure|screenshot|photo|graph|chart)\b|"
    r"\bthe (?:image|diagram|picture) (?:above|below)\b",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"""^\W*(?:this|these|those|that|it(?:'s|\s+(?!is\s+(?:possible|important|worth|common|easy|hard|best)))|they|them|
    he|she|his|her|its|their|such|here|instead|however|therefore|thus|then|otherwise|similarly|likewise|also|but|
    and|so|for\s+example|for\s+instance|in\s+(?:this|that)\s+(?:case|way|example)|as\s+a\s+result|because\s+of\s+this|
    the\s+(?:former|latter|same|other)|both|another|hii|hizi|hiyo|hizo|hilo|hivyo|huyo|hao|yeye|wao|lakini|kwa\s+hivyo|
    pia|kwa\s+mfano)\b""",
    re.VERBOSE | re.IGNORECASE,
)
# What is left of a sentence that was cut at a sign inside it: "[The ?] is also a wildcard."
_TAIL = re.compile(r"^(?:is|are|was|were|and|or|which|whose)\b")
_AIM = re.compile(
    r"^\W*(?:explain|describe|discuss|understand|recogni[sz]e|demonstrate|distinguish|trace|appreciate|summari[sz]e|"
    r"compare and contrast|be able to|familiari[sz]e|learn)\b",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(r"(?::|\bthe following|\bas follows|\bzifuatazo|\byafuatayo)\W*$", re.IGNORECASE)
_LEADING_ORNAMENT = re.compile(r"^(?:[^\w\s(\[\"'“‘`$<\-/.#*{@~+\\]|[\ufe0f\u200d\s])+")


def is_instruction_to_assistant(text: str) -> bool:
    """Whether the text tries to command the assistant: prompt injection. Such text is never quoted or obeyed."""
    return bool(_INJECTION.search(" ".join(text.split())))


def is_boilerplate(text: str) -> bool:
    """Whether the sentence is page furniture that answers nothing."""
    return bool(_BOILERPLATE.search(text))


def is_furniture(heading_path: Sequence[str]) -> bool:
    """Whether what stands under these headings lists aims, links or tasks instead of teaching."""
    return any(_FURNITURE_HEADING.match(heading) for heading in heading_path)


def is_aim(text: str) -> bool:
    """Whether a list item names what a learner should come to know, as lists of objectives do."""
    return bool(_AIM.match(text))


def points_at_picture(text: str) -> bool:
    """Whether the sentence describes a picture the reader of the answer does not see."""
    return bool(_POINTS_AT_PICTURE.search(text))


def opens_dangling(text: str) -> bool:
    """Whether the sentence opens with a word that refers to the sentence before it."""
    return bool(_DANGLING.match(text))


def introduces_list(text: str) -> bool:
    """Whether the sentence promises items, code or rows that follow it."""
    return bool(_INTRODUCES.search(text))


@lru_cache(maxsize=20_000)
def is_citable(text: str, *, kind: str) -> bool:
    """Whether a sentence span may be quoted at all as (part of) an answer."""
    if kind == "image" or is_instruction_to_assistant(text):
        return False
    if kind in ("code", "math"):
        return bool(text.strip())
    if kind == "heading" or is_boilerplate(text) or text.rstrip().endswith("?"):
        return False
    if kind in ("table_row", "table_header", "list_item"):
        return bool(content_words(text))
    return word_count(text) >= 3 and not _TAIL.match(text)


def ornament_length(text: str) -> int:
    """How many leading characters are emoji, check marks and spaces that a quote leaves out."""
    match = _LEADING_ORNAMENT.match(text)
    return match.end() if match and match.end() < len(text) else 0
