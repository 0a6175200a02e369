"""Interface languages: gettext catalogues, English and Swahili, compiled when first needed.

The catalogue folder holds `<language>/LC_MESSAGES/messages.po`; compiling at
load keeps binary files out of the repository.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "sw")
DEFAULT_LANGUAGE = "en"


def phrases_file(folder: Path, language: str) -> Path:
    """Where the translations of `language` are written, if it has any."""
    return folder / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(folder: Path, language: str) -> NullTranslations:
    """The translations of `language`; English text stands for what is missing."""
    path = phrases_file(folder, language)
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def negotiate(accepted: str) -> str:
    """The interface language for an Accept-Language header (RFC 9110, 12.5.4)."""
    wanted = []
    for part in accepted.split(","):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            quality = 0.0
        wanted.append((-quality, tag.split("-")[0].lower()))
    return next((tag for quality, tag in sorted(wanted) if tag in LANGUAGES and quality < 0), DEFAULT_LANGUAGE)
