"""What the assistant says in its own voice, in English and Swahili. None of it asserts course content."""

from typing import Literal

PhraseName = Literal[
    "refusal",
    "refusal_with_suggestions",
    "about",
    "greeting",
    "thanks",
    "farewell",
    "off_topic",
    "quoted_in_english",
    "quoted_in_swahili",
    "quoted_in_other",
    "lesson_says",
    "hint",
    "places_only",
    "cut_short",
]

_ENGLISH: dict[PhraseName, str] = {
    "refusal": "I could not find an answer to this in the course, so I would rather not guess. "
    "You could ask it in other words, or ask your instructor.",
    "refusal_with_suggestions": "I could not find an answer to this in the course, so I would rather not guess. "
    "You could ask it in other words, or look at the nearest lessons.",
    "about": "I am the assistant of this course. Ask me about anything in its lessons: I answer with their own words "
    "and show you where each sentence stands.",
    "greeting": "Hello! Ask me about anything in the lessons of this course, and I will show you "
    "where the answer stands.",
    "thanks": "You are welcome. Ask whenever something in the lessons is unclear.",
    "farewell": "Goodbye, and good luck with your studies.",
    "off_topic": "That is outside this course, so I cannot help with it. I am here for questions about its lessons.",
    "quoted_in_english": "The quoted passages are in English:",
    "quoted_in_swahili": "The quoted passages are in Swahili:",
    "quoted_in_other": "The quoted passages are in the language of the lesson:",
    "lesson_says": "",
    "hint": "A place to start:",
    "places_only": "While your quiz is open I only show you where to read. The nearest places in the course are below.",
    "cut_short": "The answer was stopped here.",
}

_SWAHILI: dict[PhraseName, str] = {
    "refusal": "Samahani, sikupata jibu la swali hili katika kozi, na sitaki kubahatisha. "
    "Unaweza kuliuliza kwa maneno mengine, au kumuuliza mwalimu wako.",
    "refusal_with_suggestions": "Samahani, sikupata jibu la swali hili katika kozi, na sitaki kubahatisha. "
    "Unaweza kuliuliza kwa maneno mengine, au kuangalia masomo yaliyo karibu.",
    "about": "Mimi ni msaidizi wa kozi hii. Niulize chochote kuhusu masomo yake: ninajibu kwa maneno ya masomo yenyewe "
    "na kukuonyesha kila sentensi ilipo.",
    "greeting": "Habari! Niulize chochote kuhusu masomo ya kozi hii, nami nitakuonyesha jibu lilipo.",
    "thanks": "Karibu sana. Uliza wakati wowote jambo katika masomo lisipoeleweka.",
    "farewell": "Kwaheri, na kila la heri katika masomo yako.",
    "off_topic": "Hilo liko nje ya kozi hii, kwa hivyo siwezi kusaidia. Niko hapa kwa maswali kuhusu masomo yake.",
    "quoted_in_english": "Somo linasema (nukuu ziko kwa Kiingereza):",
    "quoted_in_swahili": "Somo linasema:",
    "quoted_in_other": "Somo linasema (nukuu ziko kwa lugha ya somo):",
    "lesson_says": "Somo linasema:",
    "hint": "Pa kuanzia:",
    "places_only": "Wakati jaribio lako liko wazi ninakuonyesha tu mahali pa kusoma. "
    "Sehemu za kozi zilizo karibu ziko hapa chini.",
    "cut_short": "Jibu limesimamishwa hapa.",
}


def base_language(tag: str) -> str:
    """The primary subtag of a BCP 47 tag, lower case: `sw-KE` is `sw`."""
    return tag.replace("_", "-").split("-")[0].lower()


def phrase(name: PhraseName, *, language: str) -> str:
    """The phrase in the asker's language; English where there is no translation."""
    return (_SWAHILI if base_language(language) == "sw" else _ENGLISH)[name]


def lead_in(*, asker: str, lessons: str) -> str:
    """What introduces quotes in `lessons` language to someone who asked in `asker`'s; may be empty."""
    spoken, quoted = base_language(asker), base_language(lessons)
    if spoken == quoted:
        return phrase("lesson_says", language=asker)
    if quoted == "en":
        return phrase("quoted_in_english", language=asker)
    if quoted == "sw":
        return phrase("quoted_in_swahili", language=asker)
    return phrase("quoted_in_other", language=asker)
