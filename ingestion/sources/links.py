"""Links between the files of a course, rewritten so that they hold inside the product."""

import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote

INLINE = re.compile(r"(\]\(\s*)(<[^<>\n]*>|[^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*)(?=(?:\s+[\"'(][^\n]*?[\"')])?\s*\))")
REFERENCE = re.compile(r"^( {0,3}\[[^\]\n]+\]:[ \t]+)(<[^<>\n]*>|\S+)", re.M)
ATTRIBUTE = re.compile(r"(<(?:img|a|source|video)\b[^<>]{0,2000}?\b(?:src|href)\s*=\s*)(\"[^\"\n]*\"|'[^'\n]*')", re.I)
CODE = re.compile(
    r"^( {0,3})(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\2[`~]*[ \t]*$|\Z)|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\3(?!`)", re.M | re.S
)
FOREIGN = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#)", re.I)

PICTURE = re.compile(r"!\[[^\]\n]*\]\(\s*(<[^<>\n]*>|[^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*)")
PICTURE_TAG = re.compile(r"<img\b[^<>]{0,2000}?\bsrc\s*=\s*[\"']([^\"'\n]*)[\"']", re.I)

Resolve = Callable[[str], str | None]  # a path inside the course to `asset:...` or `lesson:...`, or None


def rewrite(body: str, *, folder: str, resolve: Resolve) -> str:
    """`body`, a file in `folder`, with each relative link that `resolve` knows replaced; code stays as it is."""
    pieces: list[str] = []
    end = 0
    for code in CODE.finditer(body):
        pieces += [_prose(body[end : code.start()], folder, resolve), code.group(0)]
        end = code.end()
    return "".join([*pieces, _prose(body[end:], folder, resolve)])


def pictures(body: str, *, folder: str) -> list[str]:
    """The paths inside the course that the pictures of `body`, a file in `folder`, name; code names none."""
    prose = CODE.sub("", body)
    urls = [url.strip("<>") for url in (*PICTURE.findall(prose), *PICTURE_TAG.findall(prose))]
    return [path_inside(url, folder) for url in urls if url and not FOREIGN.match(url)]


def path_inside(url: str, folder: str) -> str:
    """The path in the course that a relative `url` in a file of `folder` means; what climbs out begins at the top."""
    path = unquote(url.partition("#")[0].partition("?")[0])
    joined = path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path)
    normal = posixpath.normpath(joined)
    while normal.startswith("../"):
        normal = normal[3:]
    return normal


def _prose(text: str, folder: str, resolve: Resolve) -> str:
    def plain(found: re.Match[str]) -> str:
        target = found.group(2)
        inner = target[1:-1] if target.startswith("<") else target
        new = _target(inner, folder, resolve)
        return found.group(1) + (f"<{new}>" if new and " " in new else new or target)

    def attribute(found: re.Match[str]) -> str:
        quote, inner = found.group(2)[0], found.group(2)[1:-1]
        return found.group(1) + quote + (_target(inner, folder, resolve) or inner) + quote

    return ATTRIBUTE.sub(attribute, REFERENCE.sub(plain, INLINE.sub(plain, text)))


def _target(url: str, folder: str, resolve: Resolve) -> str | None:
    if not url or FOREIGN.match(url):
        return None
    anchor = url.partition("#")[2]
    found = resolve(path_inside(url, folder))
    if found is None:
        return None
    return f"{found}#{anchor}" if anchor and found.startswith("lesson:") else found
