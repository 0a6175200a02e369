"""Word's equations (Office Math, ECMA-376 part 1, chapter 22) as LaTeX, so that lessons show them as mathematics."""

import io
import re
import zipfile
from typing import Any

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Private-use characters carry an equation's number through HTML and Markdown untouched.
OPEN, CLOSE = "\ue000", "\ue001"
PLACE = re.compile(f"{OPEN}(\\d+){CLOSE}")
OPERATORS = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int", "⋃": r"\bigcup", "⋂": r"\bigcap", "": r"\int"}
SYMBOLS = {
    "×": r"\times ", "÷": r"\div ", "±": r"\pm ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∞": r"\infty ",
    "π": r"\pi ", "α": r"\alpha ", "β": r"\beta ", "θ": r"\theta ", "∂": r"\partial ", "→": r"\to ", "…": r"\dots ",
    "%": r"\%", "#": r"\#", "$": r"\$", "&": r"\&", "_": r"\_",
}  # fmt: skip
MAX_DEPTH = 60


def equations_as_text(archive: zipfile.ZipFile, part: str) -> tuple[bytes, list[str]]:
    """The archive with each equation in `part` replaced by a numbered mark, and the equations as LaTeX."""
    source = archive.read(part)
    if b"oMath" not in source:
        return _bytes(archive), []
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        return _bytes(archive), []
    equations: list[str] = []
    for node in [*root.iter(f"{MATH}oMathPara"), *root.iter(f"{MATH}oMath")]:
        parent = node.getparent()
        if parent is None or (node.tag == f"{MATH}oMath" and parent.tag == f"{MATH}oMathPara"):
            continue
        latex = _children(node, 0).strip()
        run = etree.Element(f"{WORD}r")
        text = etree.SubElement(run, f"{WORD}t")
        text.text = f"{OPEN}{len(equations)}{CLOSE}" if latex else ""
        equations.append(f"${latex}$")
        run.tail = node.tail
        parent.replace(node, run)
    return _with_part(archive, part, etree.tostring(root)), equations


def restore_equations(markdown: str, equations: list[str]) -> str:
    """`markdown` with the marks replaced by their equations."""

    def equation(found: re.Match[str]) -> str:
        number = int(found.group(1))
        return equations[number] if number < len(equations) else ""

    return PLACE.sub(equation, markdown)


def _bytes(archive: zipfile.ZipFile) -> bytes:
    assert archive.fp is not None
    archive.fp.seek(0)
    return archive.fp.read()


def _with_part(archive: zipfile.ZipFile, part: str, content: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as copy:
        for member in archive.infolist():
            copy.writestr(member.filename, content if member.filename == part else archive.read(member))
    return written.getvalue()


def _children(node: Any, depth: int) -> str:
    return "".join(_latex(child, depth + 1) for child in node) if depth < MAX_DEPTH else ""


def _part(node: Any, name: str, depth: int) -> str:
    found = node.find(f"{MATH}{name}")
    return "" if found is None else _children(found, depth + 1)


def _latex(node: Any, depth: int) -> str:
    kind = str(node.tag).removeprefix(MATH)

    def part(name: str) -> str:
        return _part(node, name, depth)

    if kind == "t":
        return "".join(SYMBOLS.get(character, character) for character in node.text or "")
    if kind == "f":
        return rf"\frac{{{part('num')}}}{{{part('den')}}}"
    if kind in ("sSup", "sSub", "sSubSup"):
        below = f"_{{{part('sub')}}}" if kind != "sSup" else ""
        above = f"^{{{part('sup')}}}" if kind != "sSub" else ""
        return f"{{{part('e')}}}{below}{above}"
    if kind == "rad":
        degree = part("deg")
        return rf"\sqrt[{degree}]{{{part('e')}}}" if degree else rf"\sqrt{{{part('e')}}}"
    if kind == "nary":
        sign = node.find(f"{MATH}naryPr/{MATH}chr")
        operator = OPERATORS.get(sign.get(f"{MATH}val", "∫") if sign is not None else "∫", r"\sum")
        return f"{operator}_{{{part('sub')}}}^{{{part('sup')}}}{{{part('e')}}}"
    if kind == "d":
        return rf"\left({part('e')}\right)"
    if kind == "func":
        return f"{part('fName')}{{{part('e')}}}"
    return "" if kind.endswith("Pr") else _children(node, depth)
