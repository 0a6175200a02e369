"""The block editor's text: cut and joined without loss, written again as it was read. What changed between texts."""

import base64
import json
import shutil
import subprocess
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.web import assets
from lms_core.content import text
from lms_core.content.text.embeds import frame_address
from tests import services
from tests.shared_data import shared

EVERYTHING = """\ufeff

# Boiling {#boil}
Water boils at 100 degrees.
Still the same paragraph.

- one

- two
    - nested

![Water \\[boils\\] \\\\ now](asset:water.jpg)

![Why](video:why-water-boils)
[Notes](asset:notes.pdf)

[Notes](asset:notes.pdf)

![A talk](embed:https://youtu.be/abcdefghijk)

[Take it](quiz:0190b5a0-0000-7000-8000-000000000001)

[Hand in](assignment:0190b5a0-0000-7000-8000-000000000002)
```python {.numbered}
print("``` in a text")


```
~~~
```
~~~

| a | b \\| c |
|:--|:-:|
| 1 |
|  | `x\\|y` |

> [!WARNING]
> Hot!
>
> - very

> only a quotation

::: tip
Blow on it.

::: note
inner
:::
:::
:::: challenge

How hot?

::: solution
100 degrees
:::

::::
$$
E = mc^2
$$
\\[ \\frac{1}{2} \\]
***
<!-- page: 3 -->

    indented code

[^1]: A note.

[link]: https://example.org

Heading below
=============

<div>
raw
</div>"""
KINDS = """text heading text text image text file embed quiz assignment code code table callout text callout exercise
    formula formula divider markdown markdown markdown markdown text markdown"""
PIECES = st.sampled_from([*EVERYTHING.split("\n"), *EVERYTHING.split("\n\n"), "", " ", "\r", ":::", "- ", "> ", "|-|"])
TEXTS = st.lists(PIECES, max_size=30).map("\n".join) | st.text(
    alphabet="#*_`>-|: \t\n\r[]()!$\\ab1\u2028", max_size=200
)


ODD = [
    "# a # b #",
    "###### six",
    "# C \\#",
    "![](asset:x.png)",
    "[a\\]b](asset:x.pdf)",
    "````\n```\n````",
    "| only |\n|--|\n",
    "|a|b|\n|-|-:|\n|`x`|\\||",
    "> [!note]\n>no space\n> > quoted",
    "::: {.challenge}\nq\n::: solution\ns\n:::\n:::",
    "::: exercise\n```\n:::\n```\n\n::: {.solution}\na\n\n::: hint\nh\n:::\n\n:::\n\n:::",
    "$$x$$",
    "$$\na\\\\\nb\n$$",
    "~~~js\n~~~",
    "::: warning\n:::\n",
    "![t](embed:https://vimeo.com/12345?a=1&b=2)",
    "* * *",
    "```\nunclosed",
    ":::: note\nunclosed",
]


def joined(cut: text.SplitText) -> str:
    return cut.lead + "".join(block.source + block.after for block in cut.blocks)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example(EVERYTHING)
@example(EVERYTHING.replace("\n", "\r\n"))
@example("---\ntitle: x\n---\n\n# a\n\n\n")
@example("> " * 30 + "deep")
def test_cut_and_joined_is_the_same_text(markdown: str) -> None:
    cut = text.split(markdown)
    assert joined(cut) == markdown
    assert all(block.source.strip(" \t\r\n") and not block.after.strip(" \t\r\n") for block in cut.blocks)


def test_each_kind_is_known() -> None:
    assert [block.kind for block in text.split(EVERYTHING).blocks] == KINDS.split()


def in_node(script: str, given: Any) -> Any:
    """What `script` makes of `given`; in it `writing` and `document` are the editor's modules."""
    node = shutil.which("node")
    if node is None:
        services.absent("node")
    loading = "".join(f"const {name} = await import({json.dumps(_module(name))});" for name in ("writing", "document"))
    reading = "const given = JSON.parse(await new Response(process.stdin).text());"
    program = f"{loading}{reading}process.stdout.write(JSON.stringify(({script})(given)));"
    command = [str(node), "--input-type=module", "-e", program]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _module(name: str) -> str:
    """A module of the editor as an address: node would want a package.json to take the file itself for one."""
    content = (assets.FOLDER / f"js/editor/{name}.js").read_bytes()
    return f"data:text/javascript;base64,{base64.b64encode(content).decode()}"


def written_again(blocks: list[Any]) -> list[str]:
    fields = [{"kind": block.kind, "fields": dict(block.fields)} for block in blocks]
    written: list[str] = in_node("(all) => all.map(({ kind, fields }) => writing.write(kind, fields))", fields)
    return written


def check_nothing_is_lost(markdowns: list[str]) -> None:
    """Every block that is understood, written again from its fields, says the same and looks the same."""
    blocks = list(chain.from_iterable(text.split(markdown).blocks for markdown in markdowns))
    assert blocks
    for block, source in zip(blocks, written_again(blocks), strict=True):
        again = text.split(source).blocks
        if block.kind in ("text", "markdown"):
            continue  # what they say is their source
        assert [(each.kind, each.fields) for each in again] == [(block.kind, block.fields)], source
        assert text.render(source).html == text.render(block.source).html, (block.source, source)


def test_what_is_understood_is_written_as_it_was() -> None:
    check_nothing_is_lost([EVERYTHING, *ODD])


def test_real_lessons_lose_nothing() -> None:
    lessons = sorted(shared("data/courses").rglob("*.md"))[:150]
    bodies = [path.read_text("utf-8", errors="replace")[:60_000] for path in lessons]
    assert all(joined(text.split(body)) == body for body in bodies)
    check_nothing_is_lost(bodies)


ARRANGE = """({ lead, blocks }) => {
  const first = document.opened({ lead, blocks });
  const history = new document.History(first);
  const ids = first.blocks.map((block) => block.id);
  history.push(document.moved(first, ids[0], 2));
  const there = document.join(history.doc);
  history.push(document.moved(history.doc, ids[0], 0));
  history.push(document.duplicated(history.doc, ids[1]));
  history.push(document.removed(history.doc, ids[0]));
  const made = { id: document.newId(), kind: "text", fields: { text: "" }, source: "", after: "", html: "" };
  const empty = document.inserted(first, 1, made);
  const filled = document.replaced(empty, made.id, { ...made, source: "New." });
  const after = document.join(history.doc);
  const undone = [history.undo(), history.undo(), history.undo(), history.undo(), history.undo()];
  return { there, after, undone, back: document.join(history.doc), redone: history.redo() && document.join(history.doc),
    empty: document.join(empty), filled: document.join(filled),
    gone: document.join(document.removed(filled, made.id)) };
}"""


def test_blocks_are_moved_and_nothing_else_changes() -> None:
    markdown = "\n# One\nText of one.\n\n\n> Two\n\n- three"
    cut = text.split(markdown)
    blocks = [
        {"kind": each.kind, "source": each.source, "after": each.after, "fields": dict(each.fields), "html": ""}
        for each in cut.blocks
    ]
    done = in_node(ARRANGE, {"lead": cut.lead, "blocks": blocks})
    assert done["there"] == "\nText of one.\n\n\n> Two\n\n# One\n\n- three"
    assert done["after"] == "\nText of one.\n\n\nText of one.\n\n\n> Two\n\n- three"
    assert done["undone"] == [True] * 4 + [False]
    assert (done["back"], done["redone"]) == (markdown, done["there"])
    assert done["empty"] == markdown
    assert done["filled"] == "\n# One\n\nNew.\n\nText of one.\n\n\n> Two\n\n- three"
    assert done["gone"] == "\n# One\n\nText of one.\n\n\n> Two\n\n- three"


def both(changes: text.Differences) -> tuple[list[str], list[str]]:
    """The texts a comparison was made from."""
    before = ["".join(s.text for s in line.before) for line in changes.lines if line.before_number]
    return before, ["".join(s.text for s in line.after) for line in changes.lines if line.after_number]


LINES = st.lists(st.sampled_from(["", "Water boils.", "Water boils soon.", "Ice", "- a", "- b"]), max_size=12)


@settings(max_examples=50, deadline=None)
@given(LINES, LINES)
def test_a_comparison_holds_both_texts(old: list[str], new: list[str]) -> None:
    changes = text.compare("\n".join(old), "\n".join(new))
    hidden = sum(line.count for line in changes.lines if line.kind == "skipped")
    before, after = both(changes)
    assert len(before) + hidden == len("\n".join(old).splitlines())
    assert len(after) + hidden == len("\n".join(new).splitlines())
    assert set(before) <= set(old) and set(after) <= set(new)
    assert (changes.added + changes.removed == 0) == ("\n".join(old).splitlines() == "\n".join(new).splitlines())


def test_a_comparison_marks_words() -> None:
    [line] = text.compare("Water boils at 100 degrees.", "Water boils at 90 degrees.").lines
    assert [span.text for span in line.before if span.changed] == ["100"]
    assert [span.text for span in line.after if span.changed] == ["90"]
    long = "\n".join(f"line {number}" for number in range(50))
    changes = text.compare(long, long.replace("line 25", "something else entirely"))
    assert [line.kind for line in changes.lines] == [
        "skipped", "same", "same", "removed", "added", "same", "same", "skipped"
    ]  # fmt: skip
    wide = text.compare("\n".join(f"a{n}" for n in range(5_000)), "\n".join(f"b{n}" for n in range(5_000)))
    assert wide.cut and wide.added == wide.removed == 5_000


@pytest.mark.parametrize(
    ("url", "frame"),
    [
        ("https://www.youtube.com/watch?v=abc_DEF-123&t=3", "https://www.youtube-nocookie.com/embed/abc_DEF-123"),
        ("https://youtu.be/abcdefghijk?si=x", "https://www.youtube-nocookie.com/embed/abcdefghijk"),
        ("https://www.youtube.com/shorts/abcdefghijk", "https://www.youtube-nocookie.com/embed/abcdefghijk"),
        ("https://www.youtube.com/watch?v=..%2F..", None),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        ("https://vimeo.com/76979871/0a1b2c3d4e", "https://player.vimeo.com/video/76979871?dnt=1&h=0a1b2c3d4e"),
        ("https://vimeo.com/blog", None),
        ("https://tube.example.org/w/qFbYYFvTwnTgXvVFBKZxWf", "https://tube.example.org/videos/embed/qFbYYFvTwnTgXvVFBKZxWf"),
        ("https://phet.example.org/sims/x.html", "https://phet.example.org/sims/x.html"),
        ("http://youtu.be/abcdefghijk", None),
        ("https://a:b@youtu.be/abcdefghijk", None),
        ("https://youtu.be:8443/abcdefghijk", None),
        ("https://[", None),
        ("javascript:alert(1)", None),
    ],
)  # fmt: skip
def test_addresses_of_frames(url: str, frame: str | None) -> None:
    assert frame_address(url) == frame
    html = text.render(f"![A talk](embed:{url})").html
    assert ("data-frame=" in html) == (frame is not None)
    assert "<iframe" not in html and "<img" not in html
