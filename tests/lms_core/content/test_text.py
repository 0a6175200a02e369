"""Lesson text: safe pages, and blocks that can always be found on them."""

import re
import time
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms_core.content.text import blocks, plain, render
from lms_core.content.text.schemas import Block
from tests.shared_data import shared

INLINE = "a|abbr|b|bdi|bdo|cite|code|del|dfn|em|i|ins|kbd|mark|q|rp|rt|ruby|s|samp|small|span|strong|sub|sup|u|var|wbr"
MATH = "math|m[a-z]+|none"


def shown(html: str) -> str:
    """The page's text: cells joined by " | ", other block boundaries as spaces, white space folded."""
    html = re.sub(r"</t[dh]>\s*<t[dh][^>]*>", " | ", html)
    html = re.sub(rf"</?(?:{INLINE}|{MATH})(?:\s[^>]*)?>", "", html)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def check_blocks_are_on_the_page(markdown: str) -> list[Block]:
    found, html = blocks(markdown), render(markdown).html
    page = shown(html)
    for block in found:
        assert block.text.strip()
        if block.kind not in ("heading", "math"):
            assert " ".join(block.text.split()) in page, block
        if block.anchor is not None:
            assert f'id="{block.anchor}"' in html
    return found


def kinds(markdown: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(markdown)]


FRAGMENTS = st.sampled_from(
    [
        "# Title\n",
        "## Title\n",
        "- item\n",
        "  - nested\n",
        "1. step\n",
        "> quote\n",
        "```py\n",
        "```\n",
        "|a|b|\n",
        "|-|-|\n",
        "**",
        "*",
        "_",
        "`",
        "[",
        "](",
        ")",
        "![",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<!--",
        "-->",
        "<table><tr><td>",
        "</td></tr></table>",
        "$x^2$",
        "$$\n",
        "\\(",
        "\\)",
        "\\[",
        "::: note\n",
        ":::\n",
        "[^1]",
        "[^1]: note\n",
        "\n\n",
        "<p hidden>",
        "<span style='display:none'>",
        "<li>",
        "</ul>",
        "<pre>",
        "&lt;",
        "&nbsp;",
        "مرحبا",
        "🎓",
        "~~",
        "> [!TIP]\n",
        "- [x] done\n",
        "<h2>",
        "</h2>",
        "<details>",
        "<aside>",
        "</aside>",
        "<br>",
        "    indented\n",
        "~~~\n",
        "<!-- page: 2 -->\n",
        "<svg>",
        "<math>",
        "</math>",
        "<script>",
        "</script>",
        "<a href='x'>",
        "\\",
        "word ",
        "\n",
    ]
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS | st.text(max_size=12), max_size=25).map("".join))
def test_every_block_stands_on_the_page(markdown: str) -> None:
    check_blocks_are_on_the_page(markdown)


@pytest.mark.parametrize("course", ["swc-shell-novice", "langchain4j-for-beginners", "iot-for-beginners"])
def test_every_block_of_a_real_course_stands_on_the_page(course: str) -> None:
    files = sorted(shared(f"data/courses/{course}").rglob("*.md"))[:60]
    assert files
    assert sum(len(check_blocks_are_on_the_page(file.read_text(errors="replace"))) for file in files) > 500


def test_headings_have_unique_github_anchors_and_paths() -> None:
    markdown = "# Hello, World!\n\none\n\n## Set up\n\ntwo\n\n## Set up\n\nthree\n\n## Fixed {#own}\n\nfour"
    lesson = render(markdown, base_heading=2)
    assert [entry.anchor for entry in lesson.outline] == ["hello-world", "set-up", "set-up-1", "own"]
    assert [entry.level for entry in lesson.outline] == [1, 2, 2, 2]
    assert '<h2 dir="auto" id="hello-world">' in lesson.html
    assert "<h3" in lesson.html
    three = next(block for block in blocks(markdown) if block.text == "three")
    assert (three.anchor, three.heading_path) == ("set-up-1", ("Hello, World!", "Set up"))


def test_a_heading_with_the_name_of_an_own_id_still_gets_a_unique_one() -> None:
    html = render("## a-1\n\n## a\n\n## a\n\n<span id='a'>x</span>").html
    ids = re.findall(r'id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 3


def test_lists_tables_code_and_quotes_become_their_own_blocks() -> None:
    markdown = (
        "1. First\n   - Inner *one*\n2. Second\n\n   more\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n"
        "```python\nif x:\n    y()\n\nz()\n```\n\n> Said so\n\n![A map of Nairobi](asset:map.png)\n\n- [ ] task"
    )
    found = blocks(markdown)
    assert [(block.kind, block.text, block.level, block.ordered) for block in found] == [
        ("list_item", "First", 1, True),
        ("list_item", "Inner one", 2, False),
        ("list_item", "Second", 1, True),
        ("paragraph", "more", 0, False),
        ("table_header", "A | B", 0, False),
        ("table_row", "1 | 2", 0, False),
        ("code", "if x:\n    y()\n\nz()", 0, False),
        ("quote", "Said so", 0, False),
        ("image", "A map of Nairobi", 0, False),
        ("list_item", "☐ task", 1, False),
    ]
    assert found[6].language == "python"


def test_marks_carry_pages_and_seconds_to_blocks_and_page() -> None:
    markdown = "before\n\n<!-- page: 3 -->\n\nafter\n\n<!-- time: 83.5 -->\n\nspoken"
    assert [(block.page, block.start_seconds) for block in blocks(markdown)] == [(None, None), (3, None), (3, 83.5)]
    html = render(markdown).html
    assert '<span id="page-3" class="page-mark"></span>' in html
    assert 'id="t-83.5"' in html


def test_what_is_hidden_or_a_comment_is_in_no_block() -> None:
    markdown = (
        "Seen <!-- secret1 --> here.\n\n<!-- secret2 -->\n\n<p hidden>secret3</p>\n\n"
        '<div style="color:red; DISPLAY : none">secret4 <b>secret5</b></div>\n\n'
        "<span style='font-size:0'>secret6</span>end\n\n<style>secret7</style><script>secret8</script>"
    )
    assert plain(markdown) == "Seen here.\nend"
    html = render(markdown).html
    assert not re.search("secret[1278]", html)
    assert "<p hidden" in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "<a href='jAvascript:alert(1)'>x</a>",
    "<iframe src='https://x.example'></iframe>",
    "<form action='/x'><input name=a><button>b</button></form>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<p style='background:url(https://x.example)'>x</p>",
    "$\\href{javascript:alert(1)}{x}$ $\\style{color:red}{x}$ $\\text{<script>alert(1)</script>}$",
    "<object data=x></object><embed src=x><base href='https://x.example'>",
    "```<script>\nalert(1)\n```",
    '![x](https://x.example/"onerror=alert(1))',
    "<div class='modal app-header' id='\"><script>'>x</div>",
    '| <img src="https://x.example/a.png"> |\n|---|\n| x |',
    '# x" onmouseover="alert(1)\n\n|a|\n|-|',
]
FORBIDDEN_TAGS = re.compile(
    "script|iframe|form|input|button|svg|object|embed|base|style|link|meta|textarea|video|audio|source|template"
)


class Inspector(HTMLParser):
    """What a browser would run or fetch on its own."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            url = (value or "").strip().lower()
            if name.startswith("on") or name in ("style", "srcset", "formaction", "action", "background"):
                self.active.append(f"{tag} {name}")
            elif name in ("href", "src") and url.startswith(("javascript:", "data:", "vbscript:")):
                self.active.append(f"{tag} {name}={url}")
            elif name == "src" and url.startswith(("http:", "https:", "//")):
                self.active.append(f"{tag} loads {url}")
        if FORBIDDEN_TAGS.fullmatch(tag):
            self.active.append(tag)


def active(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.active


def test_the_inspector_sees_what_it_should() -> None:
    assert len(active("<script></script><p onclick=x style=y><a href='javascript:x'><img src='//x.example/a'>")) == 5


@pytest.mark.parametrize("markdown", HOSTILE)
def test_nothing_active_or_remote_is_left(markdown: str) -> None:
    html = render(markdown, resolve=lambda url: f"/files/{len(url)}").html
    assert not active(html)
    assert "modal" not in html


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(HOSTILE) | FRAGMENTS, max_size=12).map("".join))
def test_hostile_mixtures_stay_harmless(markdown: str) -> None:
    assert not active(render(markdown).html)


def test_the_hostile_lesson_is_harmless() -> None:
    html = render(Path(shared("data/hostile/xss_lesson.md")).read_text()).html
    assert not active(html)


def test_links_and_pictures_are_resolved_or_leave_their_text() -> None:
    known = {"asset:a.png": "/files/1", "lesson:b.md#c": "/lessons/2#c", "d.md": "/lessons/4"}
    markdown = (
        "[in](lesson:b.md#c) [rel](d.md) [gone](nowhere.md) [out](https://example.org) [here](#x)\n\n"
        "![alt one](asset:a.png) ![alt two](asset:lost.png) ![alt three](https://example.org/p.png)"
    )
    html = render(markdown, resolve=known.get).html
    assert '<a href="/lessons/2#c">in</a> <a href="/lessons/4">rel</a> gone ' in html
    assert '<a href="https://example.org" rel="noopener noreferrer">out</a> <a href="#x">here</a>' in html
    assert '<img src="/files/1" alt="alt one" loading="lazy">' in html
    assert '<span class="image-alt">alt two</span>' in html
    assert 'href="https://example.org/p.png" rel="noopener noreferrer">alt three</a>' in html
    assert html.count("<img") == 1


def test_formulas_are_mathml_and_bad_ones_their_source() -> None:
    html = render("Let $x^2$ and \\(a_1\\) cost $5 or $6.\n\n$$\\frac{a}{b}$$\n\n\\[\nE = mc^2\n\\]\n\n$\\frac{$").html
    assert html.count("<math") == 4
    assert "cost $5 or $6." in html
    assert [text for kind, text in kinds("$$\\frac{a}{b}$$\n\n\\[\nE = mc^2\n\\]") if kind == "math"] == [
        "\\frac{a}{b}",
        "E = mc^2",
    ]
    assert kinds("an escaped \\(parenthesis\\) is text") == [("paragraph", "an escaped (parenthesis) is text")]
    assert '<code class="math-source">\\left(</code>' in render("$\\left($").html


def test_callouts_alerts_and_solutions() -> None:
    markdown = (
        "## Section\n\n:::::::: challenge\n\n## Try it\n\nDo this.\n\n:::::::::::: solution\n\n"
        "```bash\n::: not a fence\n```\n\n::::::::\n\nStill inside.\n\n::::::::\n\nOutside.\n\n"
        "> [!WARNING]\n> Be careful."
    )
    html = render(markdown).html
    assert re.search(r'<aside class="callout callout-challenge">.*</details>.*Still inside.*</aside>', html, re.DOTALL)
    assert '<details class="callout callout-solution">' in html
    assert 'class="callout callout-warning"' in html
    by_text = {block.text: block for block in blocks(markdown)}
    assert by_text["Still inside."].heading_path == ("Try it",)
    assert by_text["Outside."].heading_path == ("Section",)
    assert "Solution" not in by_text
    assert "::: not a fence" in by_text


def test_the_page_helps_keyboards_and_right_to_left_readers() -> None:
    html = render("## Prices\n\n| A |\n|---|\n| 1 |\n\nمرحبا 🎓 بالعالم\n\n```\ncode\n```").html
    assert 'role="region" tabindex="0" aria-label="Table: Prices"' in html
    assert '<p dir="auto">مرحبا 🎓 بالعالم</p>' in html
    assert '<pre dir="ltr" tabindex="0">' in html


def test_code_is_coloured_by_class_and_kept_verbatim() -> None:
    source = "def f():\n\n\treturn '<b>' # é\n"
    html = render(f"```python\n{source}```").html
    assert '<span class="k">def</span>' in html
    assert "style=" not in html
    assert blocks(f"```python\n{source}```")[0].text == source.rstrip("\n")


def test_front_matter_is_no_text_and_length_is_counted() -> None:
    lesson = render("---\ntitle: secret\n---\n\n" + "word " * 500)
    assert "secret" not in lesson.html
    assert (lesson.word_count, lesson.reading_minutes) == (500, 3)
    assert render("").reading_minutes == 1
    assert render("你好世界").word_count == 4


BOMBS = {
    "brackets": "[" * 1_000_000,
    "bracket lines": ("[" * 390 + "\n\n") * 300,
    "bracket pairs": ("[a" * 19 + "](b)" * 19 + "\n\n") * 500,
    "bracket run": ("[" * 19 + "a" + "](" * 19 + "\n\n") * 500,
    "stars": "*" * 1_000_000,
    "star words": "*a " * 100_000,
    "images": "![" * 200_000,
    "quotes": ">" * 20_000 + " deep",
    "lists": "- " * 20_000 + "deep",
    "nested list": "\n".join("  " * depth + "- a" for depth in range(300)),
    "divs": "<div>" * 20_000 + "deep",
    "spaced divs": "<div>\n\n" * 5_000 + "deep",
    "bold": "<b>" * 20_000 + "deep",
    "fences": "::: note\n" * 20_000 + "deep",
    "backticks": "".join("`" * length + " " for length in range(1, 600)),
    "dollars": "$a " * 100_000,
    "formula": "$" + "{" * 3_000 + "}" * 3_000 + "$",
    "comments": "<!--" * 50_000,
    "tags": "<a " * 100_000,
    "addresses": "http://" * 30_000,
    "mails": "a@" * 100_000,
    "footnotes": "[^a]" * 50_000 + "\n\n[^a]: x",
    "headings": "# same\n" * 5_000,
    "lines": "a line of text\n" * 100_000,
    "table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 10_000,
    "wide table": "|a" * 5_000 + "|\n" + "|-" * 5_000 + "|\n" + "|b" * 5_000 + "|",
    "entities": "&amp" * 50_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_sizes_take_bounded_time(name: str) -> None:
    begun = time.process_time()
    lesson = render(BOMBS[name])
    # Generous: the point is that nothing grows with the square of its length.
    assert time.process_time() - begun < 60
    assert "deep" in lesson.html or not BOMBS[name].endswith("deep")
