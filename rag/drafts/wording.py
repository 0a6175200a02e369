"""The words around what a lesson says, in the lesson's language: English or Swahili."""

_PHRASES = {
    "en": {
        "what_is": "What is {term}?",
        "what_are": "What are {term}?",
        "which_term": "Which term belongs in the gap?",
        "which_number": "Which number belongs in the gap?",
        "which_belong": "Which of these does the lesson name here?",
        "order": "Put these into the order in which the lesson gives them.",
        "how_many": "how many",
    },
    "sw": {
        "what_is": "{term} ni nini?",
        "what_are": "{term} ni nini?",
        "which_term": "Ni neno gani linafaa kwenye pengo?",
        "which_number": "Ni namba gani inafaa kwenye pengo?",
        "which_belong": "Ni yapi kati ya haya yanayotajwa na somo hapa?",
        "order": "Panga haya kwa mfuatano ambao somo linautoa.",
        "how_many": "ngapi",
    },
}


def phrase(name: str, *, language: str, **values: str) -> str:
    """The phrase in the language, English where there is none."""
    spoken = _PHRASES["sw" if language.lower().startswith("sw") else "en"]
    return spoken[name].format(**values)
