r"""Rich text of banks to Markdown of our dialect and back: HTML, plain text, Markdown, formulas, pictures.

While HTML is read, each formula and each gap is one private-use character with its number, which no escaping touches.
Moodle shows a formula by `\(`...`\)`; in its Markdown each of these backslashes, and all that is special within, is
escaped by one more. In ours a formula is `$`...`$`.
"""

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html

from ingestion.questions import mathml
from ingestion.questions.attached import base_name
from ingestion.readers.html import to_markdown
from ingestion.readers.text import escape as escaped_markdown
from ingestion.readers.text import plain_to_markdown
from lms_core.content import text as lesson_text

OPEN, CLOSE = "\ue2f0", "\ue2f1"  # around the number of a formula
GAP_OPEN, GAP_CLOSE = "\ue2f2", "\ue2f3"  # around the number of a gap
PRIVATE = re.compile("[\ue000-\uf8ff]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MARK = re.compile(f"{OPEN}(\\d{{1,6}}){CLOSE}")
GAP_MARK = re.compile(f"{GAP_OPEN}(\\d{{1,4}}){GAP_CLOSE}")
# A formula holds no beginning of another: what is never closed costs no more than its length.
TEX = re.compile(r"\\\(((?:(?!\\\().){1,2000}?)\\\)|(\\\[(?:(?!\\\[).){1,4000}?\\\]|\$\$[^$]{1,4000}?\$\$)", re.DOTALL)
MATH = re.compile(
    r"<(?:m:|mml:)?math\b(?:(?!<(?:m:|mml:)?math\b).){0,20000}?</(?:m:|mml:)?math>", re.DOTALL | re.IGNORECASE
)
TAGS = re.compile(r"<[^>]{0,500}>")
IMG = re.compile(r"<img\b[^>]{0,5000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#)", re.IGNORECASE)
ADDRESS = re.compile(r"""(\b(?:src|href|data)\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
DATA_ADDRESS = re.compile(r"data:[\w/+.-]{1,60};base64,(.+)", re.DOTALL)
LEADING_BRACKET = re.compile(r"^([ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*)\\\[", re.MULTILINE)
CODE = re.compile(
    r"(^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\2|\Z)|(?<!`)(`+)(?!`).+?(?<!`)\3(?!`))", re.DOTALL | re.MULTILINE
)
OUR_MATH = re.compile(r"(?<![\\$\d])\$\$([^$]+?)\$\$(?![\d$])|(?<![\\$\d])\$(?![\s$])([^$\n]+?)(?<![\s\\])\$(?![\d$])")
THEIR_MATH = re.compile(
    r"(?<!\\)(?:\\\\\(((?:[^\\]|\\[^\\]|\\\\(?![(\[])){1,4000}?)\\\\\)"
    r"|\\\\\[((?:[^\\]|\\[^\\]|\\\\(?![(\[])){1,4000}?)\\\\\])"
)
LOOKS_THEIRS = re.compile(r"(?<!\\)((?:\\\\)+)([(\[])")  # a backslash to be read, before a bracket
SPECIAL = re.compile(r"[\\`*_{}\[\]()>#+\-.!|<&]")
LONGEST = 100_000  # characters of Markdown in which formulas are looked for; a question has fewer
FILE_ADDRESS = "@@PLUGINFILE@@/"
ASSET = re.compile(r"asset:([^)\s\"'<>]{1,500})")

Locate = Callable[[str], str | None]  # an address in the file -> a path among the course's files


def from_html(html: str, locate: Locate | None = None) -> str:
    """Markdown of HTML; `locate` finds the files it names, by address or as `data:` content."""
    formulas: list[str] = []

    def keep(tex: str, display: bool) -> str:
        source = " ".join(unescape(TAGS.sub(" ", tex)).split())
        if not source or "$" in source:
            return tex
        formulas.append(f"$${source}$$" if display else f"${source}$")
        return f"{OPEN}{len(formulas) - 1}{CLOSE}"

    def by_markup(found: re.Match[str]) -> str:
        element = _math(found.group())
        if element is None:
            return ""
        return keep(escape(mathml.latex(element), quote=False), element.get("display") == "block")

    def by_delimiters(found: re.Match[str]) -> str:
        kept = keep(found.group(1), False) if found.group(1) is not None else keep(found.group(2)[2:-2], True)
        return kept if kept.startswith(OPEN) else found.group()

    text = MATH.sub(by_markup, _cleaned(html))
    text = IMG.sub(lambda found: _shown(found, locate), TEX.sub(by_delimiters, text))
    text = ADDRESS.sub(lambda found: _addressed(found, locate), text)
    markdown = _no_formula(to_markdown(text)[0].strip())
    return MARK.sub(lambda found: _formula(found, formulas), markdown)


def from_plain(text: str) -> str:
    """Markdown that shows exactly this plain text."""
    return _no_formula(plain_to_markdown(_cleaned(text)))


def from_line(text: str) -> str:
    """Markdown that shows this one line of plain text."""
    return _no_formula(escaped_markdown(" ".join(_cleaned(text).split())))


def from_auto(text: str, locate: Locate | None = None) -> str:
    """Moodle's own format: HTML in which a line break is one, and a blank line parts paragraphs."""
    paragraphs = re.split(r"\n[ \t]*\n", _cleaned(text).strip().replace("\r\n", "\n"))
    return from_html("".join(f"<p>{part.strip().replace(chr(10), '<br>')}</p>" for part in paragraphs), locate)


def from_markdown(text: str, locate: Locate | None = None) -> str:
    """Our Markdown of Moodle's."""
    kept = CONTROL.sub("", text)
    if len(kept) <= LONGEST:
        kept = outside_code(kept, _with_our_math)
    if locate is None:
        return kept.strip()

    def ours(found: re.Match[str]) -> str:
        path = locate(found.group(1))
        return f"asset:{path}" if path else found.group()

    return re.sub(rf"{FILE_ADDRESS}([^)\s\"'<>]+)", ours, kept).strip()


def to_moodle(markdown: str, names: Mapping[str, str]) -> str:
    """Moodle's Markdown of ours. `names`: how each of the course's files is called in the bank, by path."""
    kept = outside_code(markdown, _with_their_math)
    return ASSET.sub(
        lambda found: FILE_ADDRESS + names[path] if (path := unquote(found.group(1))) in names else found.group(), kept
    )


def to_html(markdown: str, names: Mapping[str, str]) -> str:
    """HTML of our Markdown, its files by the addresses of `names`, each formula as MathML that tells its LaTeX."""

    def resolve(url: str) -> str | None:
        scheme, _, path = url.partition(":")
        return names.get(unquote(path)) if scheme == "asset" else None

    return lesson_text.render(markdown, resolve=resolve).html


def to_line(markdown: str) -> str:
    """The text of Markdown on one line."""
    return " ".join(lesson_text.plain(markdown).split())


def is_plain(markdown: str) -> bool:
    """Whether one line of plain text says all of it."""
    return from_line(to_line(markdown)) == markdown


def assets(markdown: str) -> list[str]:
    """Paths of the course's files that it shows."""
    return [unquote(found) for found in ASSET.findall(markdown)]


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """The Markdown with `change` made to all of it but code."""
    pieces, at = [], 0
    for found in CODE.finditer(markdown):
        pieces += [change(markdown[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*pieces, change(markdown[at:])])


def gap_mark(number: int) -> str:
    """What stands for a gap while HTML is read; `with_gaps` puts `[[number]]` in its place."""
    return f"{GAP_OPEN}{number}{GAP_CLOSE}"


def with_gaps(markdown: str) -> str:
    """The Markdown with `[[1]]` where the mark of gap 1 was."""
    return GAP_MARK.sub(r"[[\1]]", markdown)


def _cleaned(text: str) -> str:
    marks = {OPEN, CLOSE}
    return PRIVATE.sub(lambda found: "" if found.group() in marks else found.group(), CONTROL.sub("", text))


def _no_formula(markdown: str) -> str:
    r"""Escaped text whose brackets begin no displayed formula, as `\[` at the beginning of a line does here."""
    return LEADING_BRACKET.sub(r"\1&#91;", markdown)


def _formula(found: re.Match[str], formulas: list[str]) -> str:
    """The formula, by brackets where a digit beside it would keep a dollar from being one."""
    tex, around = formulas[int(found.group(1))], found.string
    beside = around[max(0, found.start() - 1) : found.start()] + around[found.end() : found.end() + 1]
    if any(char.isdigit() or char == "$" for char in beside) and not tex.startswith("$$"):
        return f"\\({tex[1:-1]}\\)"
    return tex


def _math(markup: str) -> etree._Element | None:
    plain = re.sub(r"(</?)(?:m|mml):", r"\1", markup)
    plain = re.sub(r"\sxmlns(?::\w+)?=(?:\"[^\"]*\"|'[^']*')", "", plain)
    try:
        return lxml_html.fragment_fromstring(plain)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _shown(found: re.Match[str], locate: Locate | None) -> str:
    """A picture, or the description of one whose file is not there: what is asked about must not vanish."""
    said = {name.lower(): unescape(value[1:-1]) for name, value in ATTRIBUTE.findall(found.group())}
    address = said.get("src", "")
    inside = address.startswith(FILE_ADDRESS) or (address and ELSEWHERE.match(address) is None)
    if locate is None or not inside or locate(address) is not None:
        return found.group()
    return escape(said.get("alt", "").strip() or base_name(address))


def _addressed(found: re.Match[str], locate: Locate | None) -> str:
    name, address = found.group(1), unescape(found.group(2)[1:-1])
    path = locate(address) if locate is not None else None
    if path is not None:
        return f'{name}"asset:{path}"'
    if address.startswith((FILE_ADDRESS, "data:")):
        return f'{name}""'
    return found.group()


def _with_their_math(markdown: str) -> str:
    pieces, at = [], 0
    for found in OUR_MATH.finditer(markdown):
        pieces += [LOOKS_THEIRS.sub(r"\1\\\2", markdown[at : found.start()]), _their_math(found)]
        at = found.end()
    return "".join([*pieces, LOOKS_THEIRS.sub(r"\1\\\2", markdown[at:])])


def _their_math(found: re.Match[str]) -> str:
    display, inline = found.groups()
    tex = SPECIAL.sub(r"\\\g<0>", display or inline)
    return rf"\\[{tex}\\]" if display is not None else rf"\\({tex}\\)"


def _with_our_math(markdown: str) -> str:
    return re.sub(r"(?<!\\)((?:\\\\)+)\\([(\[])", r"\1\2", THEIR_MATH.sub(_our_math, markdown))


def _our_math(found: re.Match[str]) -> str:
    inline, display = found.groups()
    tex = re.sub(r"\\([\\`*_{}\[\]()>#+\-.!|<&])", r"\1", inline if inline is not None else display)
    return f"${tex}$" if inline is not None else f"$${tex}$$"


def name_in(address: str) -> str | None:
    """The name of the attached file that an address means; None for addresses of other places."""
    if address.startswith(FILE_ADDRESS):
        return base_name(address.removeprefix(FILE_ADDRESS))
    return None
