"""A font with many scripts, from what is installed: names in reports may be in any of them."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def font_file(*, bold: bool = False) -> Path | None:
    """DejaVu Sans as matplotlib ships it (ultralytics depends on matplotlib); None where it is missing.

    The module is only located, not imported: importing matplotlib takes seconds.
    """
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    file = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / name
    return file if file.is_file() else None
