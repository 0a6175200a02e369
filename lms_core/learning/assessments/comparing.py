"""Whether what was written is what was meant: numbers within a tolerance, words without case, accents, spare spaces."""

import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from lms_core.learning.assessments.numbers import readings


def is_near(text: str, *, value: float, tolerance: float) -> bool:
    """Whether some reading of `text` lies within `tolerance` of `value`, both ends included."""
    right, allowed = Decimal(str(value)), Decimal(str(tolerance))
    return any(abs(number - right) <= allowed for number in readings(text))


def says(text: str, accepted: Iterable[str], *, match_case: bool = False) -> bool:
    """Whether `text` is one of the accepted answers; with `match_case` letters and accents must be the same too."""
    compared = _as_written if match_case else folded
    said = compared(text)
    return bool(said) and any(said == compared(each) for each in accepted)


def folded(text: str) -> str:
    """Text for comparing: without case, accents and spare spaces.

    Dropped are marks that stand above, below or around a letter (canonical combining class from 200 on) and the vowel
    points of Hebrew and Arabic (10 to 35); marks that make another letter, as in Devanagari or kana, stay.
    Case is folded on both sides of the decomposition, as compatibility caseless matching wants it (Unicode, D146).
    """
    plain = unicodedata.normalize("NFD", text)
    for _ in range(2):
        plain = unicodedata.normalize("NFKD", plain.casefold())
    kept = "".join(char for char in plain if not _is_accent(unicodedata.combining(char)))
    return " ".join(unicodedata.normalize("NFKC", kept).split())


def _as_written(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _is_accent(combining_class: int) -> bool:
    return combining_class >= 200 or 10 <= combining_class <= 35
