"""Pages of packages, which are HTML, as Markdown of this product: formulas kept, what is embedded told as a link."""

import re
from dataclasses import dataclass
from html import unescape

from ingestion.readers.html import to_markdown
from ingestion.sources.packages import saying

# TeX as MathJax finds it in pages: never inside code.
TEX = re.compile(
    r"<(?P<code>pre|code|script|style|textarea)\b[^<>]*>.*?</(?P=code)\s*>"
    r"|(?P<tex>\\\((?:[^\n\\<>]|\\(?!\)))*\\\)|\\\[(?:[^\\<>]|\\(?!\]))*\\\])"
    r"|\[mathjaxinline\](?P<inline>[^<>]*?)\[/mathjaxinline\]|\[mathjax\](?P<block>[^<>]*?)\[/mathjax\]",
    re.I | re.S,
)
# Icons that are words in a font of their own.
ICON = re.compile(r"<(i|span)\b[^<>]*class\s*=\s*[\"'][^\"'<>]*material-(?:icons|symbols)[^<>]*>[^<>]*</\1\s*>", re.I)
FRAME = re.compile(r"<(iframe|embed|object)\b([^<>]*)>(.*?)(?:</\1\s*>|(?=<(?:iframe|embed|object)\b)|\Z)", re.I | re.S)
MEDIA = re.compile(r"<(video|audio)\b([^<>]*)>(.*?)</\1\s*>", re.I | re.S)
ADDRESS = re.compile(r"\b(?:src|data)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.I)
TITLE = re.compile(r"\btitle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.I)
SCRIPT = re.compile(r"<script\b(?![^<>]*type\s*=\s*[\"']?(?:application/ld\+json|math/tex))[^<>]*>", re.I)
FORM = re.compile(r"<(?:form|input|select|textarea)\b", re.I)
FIRST, LAST = "\ue000", "\ue001"  # private characters round a formula's number while the page is converted
MARK = re.compile(f"{FIRST}(\\d+){LAST}")
YOUTUBE = re.compile(r"(?:https?:)?//(?:www\.)?(?:youtube(?:-nocookie)?\.com/embed/|youtu\.be/)([\w-]{6,20})", re.I)
LONGEST = 5_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page as Markdown; `lost` are what of it does not come over, as pairs of what it is and why."""

    body: str
    title: str
    language: str | None
    lost: tuple[saying.Lost, ...]


def read_page(html: str) -> Page:
    """The page; what is cut off past `LONGEST` characters is told too."""
    lost: list[saying.Lost] = []
    if len(html) > LONGEST:
        html = html[:LONGEST]
        lost.append(saying.TOO_LONG)
    html = html.replace(FIRST, "").replace(LAST, "")
    formulas: list[str] = []
    html = ICON.sub("", html)
    html = TEX.sub(lambda found: _formula(found, formulas), html)
    html = MEDIA.sub(lambda found: _linked(found, lost, saying.PLAYER), html)
    html = FRAME.sub(lambda found: _linked(found, lost, saying.EMBEDDED), html)
    if SCRIPT.search(html):
        lost.append(saying.SCRIPT)
    if FORM.search(html):
        lost.append(saying.FORM)
    body, title, language = to_markdown(html)
    body = MARK.sub(lambda found: formulas[int(found.group(1))], body)
    return Page(body.strip(), title, language, tuple(dict.fromkeys(lost)))


def page_link(title: str, address: str) -> str:
    """A paragraph with a link to an address elsewhere, as Markdown; an embedded player's is that of its page."""
    found = YOUTUBE.match(address)
    target = f"https://www.youtube.com/watch?v={found.group(1)}" if found else address
    return f"[{title}]({_escaped(target)})"


def _formula(found: re.Match[str], formulas: list[str]) -> str:
    if found.group("code"):
        return found.group(0)
    if found.group("tex"):
        tex = unescape(found.group("tex"))
    elif found.group("inline") is not None:
        tex = f"\\({unescape(found.group('inline'))}\\)"
    else:
        tex = f"\\[{unescape(found.group('block'))}\\]"
    formulas.append(re.sub(r"\s*\n\s*", " ", tex))
    return f"{FIRST}{len(formulas) - 1}{LAST}"


def _linked(found: re.Match[str], lost: list[saying.Lost], kind: saying.Lost) -> str:
    source = ADDRESS.search(found.group(2)) or ADDRESS.search(found.group(3))
    address = unescape(source.group(1) or source.group(2) or "").strip() if source else ""
    if not address:
        return ""
    video = YOUTUBE.match(address)
    if video:
        address = f"https://www.youtube.com/watch?v={video.group(1)}"
    elif address.startswith("//"):
        address = f"https:{address}"
    named = TITLE.search(found.group(2))
    title = unescape(named.group(1) or named.group(2) or "").strip() if named else ""
    lost.append(saying.of(kind, address))
    quoted = address.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
    return f'<p><a href="{quoted}">{(title or address).replace("<", "").replace(">", "")}</a></p>'


def _escaped(url: str) -> str:
    return re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found.group(0)):02X}", url.strip())
