"""The faces of printed documents: DejaVu, as matplotlib ships it, cut down to what the text at hand needs.

DejaVu's licence (Bitstream Vera) lets it be embedded. A whole face takes a
second to read; cut down it takes a few milliseconds, so the cut is kept per
process and shared by every document.
"""

import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lms_core.kit.errors import Unavailable

FACES = {
    "regular": "DejaVuSerif.ttf",
    "bold": "DejaVuSerif-Bold.ttf",
    "italic": "DejaVuSerif-Italic.ttf",
    "sans": "DejaVuSans.ttf",
}
# What nearly every document is written with: printable Latin-1, Latin Extended-A, and typographic signs.
USUAL = frozenset(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2013, 0x2014, 0x2019, 0x201C, 0x201D, 0xFFFD]))
KEPT_FEATURES = ("kern", "liga", "mark")
FONTFORGE_TABLES = ["FFTM"]  # when the face was last saved; named, because the cutter warns of tables it does not know


def face_files(text: str) -> dict[str, Path]:
    """A file per face that holds every character of `text` the face has."""
    extra = frozenset(text) - USUAL
    found = _cut(extra)
    if all(file.is_file() for file in found.values()):
        return found
    _cut.cache_clear()  # whoever tidies temporary folders took them
    _folder.cache_clear()
    return _cut(extra)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="document-faces-")  # goes with the process


@cache
def _cut(extra: frozenset[str]) -> dict[str, Path]:
    from fontTools import subset  # type: ignore[import-untyped]  # only who renders documents needs it

    folder = Path(_folder().name)
    name = "-".join(f"{ord(each):x}" for each in sorted(extra))[:80] + f"-{abs(hash(extra)):x}"
    found = {}
    for face, file_name in FACES.items():
        options = subset.Options(layout_features=list(KEPT_FEATURES), hinting=False, notdef_outline=True)
        options.drop_tables += FONTFORGE_TABLES
        font = subset.load_font(str(_source(file_name)), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=[ord(each) for each in USUAL | extra])
        cutter.subset(font)
        found[face] = folder / f"{face}{name}.ttf"
        subset.save_font(font, str(found[face]), options)
    return found


@cache
def _source(file_name: str) -> Path:
    # The module is only located, not imported: importing matplotlib takes seconds.
    found = find_spec("matplotlib")
    if found is not None and found.origin is not None:
        file = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / file_name
        if file.is_file():
            return file
    raise Unavailable(f"The font {file_name} is missing. Install the package matplotlib, which carries it.")
