"""Chunking: nothing lost, never past the window, spans that can be cited."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.chunking import chunk
from ingestion.chunking.sentences import sentence_spans
from lms_core.content.text import blocks
from lms_core.content.text.schemas import Block
from rag.schemas import ChunkDraft
from tests.shared_data import shared


def count_words(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def count_bytes(text: str) -> int:
    """A tokeniser that is not additive over joins: every third byte and the line ends."""
    return len(text.encode("utf-8", "surrogatepass")) // 3 + 1


def letters(text: str) -> str:
    return "".join(text.split())


def check(found: list[Block], drafts: list[ChunkDraft], *, count: Callable[[str], int], max_tokens: int) -> None:
    everything = letters("".join(draft.text for draft in drafts))
    place = 0
    for block in found:
        if block.kind == "heading":
            continue
        wanted = letters(block.text)
        at = everything.find(wanted, place)
        if block.kind == "table_row" and at < 0:
            assert wanted in everything or letters(block.text.replace("|", "")) in everything
            continue
        assert at >= 0, block
        place = at + len(wanted)
    for number, draft in enumerate(drafts):
        assert draft.ordinal == number
        assert draft.text.strip()
        assert count(f"{draft.prefix}\n{draft.text}") <= max_tokens
        end = 0
        for span in draft.sentences:
            assert end <= span.start < span.end <= len(draft.text)
            assert not draft.text[end : span.start].strip()
            end = span.end
        assert not draft.text[end:].strip()


KINDS = st.sampled_from(["paragraph", "list_item", "code", "quote", "math", "image", "heading"])
TEXTS = st.lists(
    st.sampled_from(
        ["word", "e.g.", "Dr.", "3.14", "End.", "So?", "。", "你好", "؟", "\n", "http://a.b/c", "x" * 90, "🎓"]
    )
    | st.text(min_size=1, max_size=8),
    min_size=1,
    max_size=60,
).map(" ".join)
PATHS = st.lists(st.sampled_from(["A", "B", "Long heading " * 12]), max_size=3).map(tuple)
BLOCKS = st.lists(
    st.builds(Block, kind=KINDS, text=TEXTS.filter(str.strip), anchor=st.none(), heading_path=PATHS), max_size=12
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.sampled_from([count_words, count_bytes]), st.integers(min_value=12, max_value=240))
def test_nothing_is_lost_and_the_window_holds(found: list[Block], count: Callable[[str], int], max_tokens: int) -> None:
    drafts = chunk(found, title="A lesson", count_tokens=count, max_tokens=max_tokens)
    check(found, drafts, count=count, max_tokens=max_tokens)
    assert drafts == chunk(found, title="A lesson", count_tokens=count, max_tokens=max_tokens)


@pytest.mark.parametrize("course", ["swc-shell-novice", "langchain4j-for-beginners"])
def test_a_real_course_is_covered(course: str) -> None:
    sizes = []
    for file in sorted(shared(f"data/courses/{course}").rglob("*.md")):
        found = blocks(file.read_text(errors="replace"))
        drafts = chunk(found, title=file.stem, count_tokens=count_words)
        check(found, drafts, count=count_words, max_tokens=240)
        sizes += [len(draft.text.split()) for draft in drafts]
    assert 50 < sorted(sizes)[len(sizes) // 2] < 200


def test_headings_travel_in_the_prefix_only() -> None:
    long = "Water the soil every morning before the sun is high. " * 10
    drafts = chunk(
        blocks(f"# Garden\n\n## Water\n\n{long}\n\n## Soil\n\n{long}"), title="Garden", count_tokens=count_words
    )
    assert [draft.prefix for draft in drafts] == ["Garden > Water", "Garden > Soil"]
    assert [draft.anchor for draft in drafts] == ["water", "soil"]
    assert [draft.heading_path for draft in drafts] == [("Garden", "Water"), ("Garden", "Soil")]
    assert not any("Garden" in draft.text for draft in drafts)


def test_small_siblings_share_a_chunk_that_names_both() -> None:
    drafts = chunk(blocks("# T\n\n## One\n\nA bit.\n\n## Two\n\nMore."), title="T", count_tokens=count_words)
    assert [draft.text for draft in drafts] == ["A bit.\nMore."]
    assert drafts[0].prefix == "T > One · Two"


def test_code_stays_whole_and_with_its_introduction() -> None:
    filler = "This sentence only fills the chunk with words. " * 16
    code = "\n".join(f"line_{number} = {number}" for number in range(12))
    markdown = f"## S\n\n{filler}\n\nRun this:\n\n```python\n{code}\n```"
    drafts = chunk(blocks(markdown), title="T", count_tokens=count_words, max_tokens=160)
    assert f"Run this:\n{code}" in drafts[-1].text
    assert [span.kind for span in drafts[-1].sentences].count("code") == 1


def test_a_long_program_is_cut_between_lines() -> None:
    code = "\n".join(f"value_{number} = compute({number})" for number in range(200))
    drafts = chunk(blocks(f"```python\n{code}\n```"), title="T", count_tokens=count_words)
    assert len(drafts) > 3
    assert "\n".join(draft.text for draft in drafts) == code


def test_a_cut_table_repeats_its_header_as_a_span() -> None:
    rows = "\n".join(f"| item number {number} | {number} shillings |" for number in range(60))
    drafts = chunk(blocks(f"| Item | Price |\n|---|---|\n{rows}"), title="T", count_tokens=count_words)
    assert len(drafts) > 2
    for draft in drafts:
        first = draft.sentences[0]
        assert (draft.text[first.start : first.end], first.kind) == ("Item | Price", "table_header")
        assert all(span.kind == "table_row" for span in draft.sentences[1:])


def test_a_chunk_stands_where_its_first_block_stands() -> None:
    body = "One two three four five six seven eight nine ten. " * 14
    markdown = f"<!-- page: 1 -->\n\n{body}\n\n<!-- page: 2 -->\n<!-- time: 9.5 -->\n\n{body}"
    drafts = chunk(blocks(markdown), title="T", count_tokens=count_words)
    assert [(draft.page, draft.start_seconds) for draft in drafts] == [(1, None), (2, 9.5)]


def test_an_edit_changes_only_its_own_hash() -> None:
    parts = [f"## Part {number}\n\n" + f"Sentence number {number} says something here. " * 20 for number in range(6)]
    before = chunk(blocks("\n\n".join(parts)), title="T", count_tokens=count_words)
    parts[3] = parts[3].replace("something", "nothing", 1)
    after = chunk(blocks("\n\n".join(parts)), title="T", count_tokens=count_words)
    assert len({draft.content_hash for draft in before}) == len(before)
    assert sum(a.content_hash != b.content_hash for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "It is 3.5 m. Use v1.2.3 of it. See https://a.b/c?d=e. Done!",
            ["It is 3.5 m.", "Use v1.2.3 of it.", "See https://a.b/c?d=e.", "Done!"],
        ),
        (
            'Ask Dr. Achieng, e.g. by phone. She said "Go." Then left.',
            ["Ask Dr. Achieng, e.g. by phone.", 'She said "Go."', "Then left."],
        ),
        (
            "See Fig. 3 and No. 7. J. K. Mwangi wrote it, i.e. the U.S. Army did.",
            ["See Fig. 3 and No. 7.", "J. K. Mwangi wrote it, i.e. the U.S. Army did."],
        ),
        ("Really? Yes... and no. Why", ["Really?", "Yes... and no.", "Why"]),
        (
            "Bw. Otieno analima mahindi, k.m. ya njano. Anauza sokoni.",
            ["Bw. Otieno analima mahindi, k.m. ya njano.", "Anauza sokoni."],
        ),
        ("ما هي التربة؟ هي الأرض. نعم.", ["ما هي التربة؟", "هي الأرض.", "نعم."]),
        ("土壤是什么？它是大地。好！", ["土壤是什么？", "它是大地。", "好！"]),
        ("1. Open the lid. 2 cups follow.", ["1. Open the lid.", "2 cups follow."]),
        ("यह मिट्टी है। वह पानी है।", ["यह मिट्टी है।", "वह पानी है।"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(max_size=200) | TEXTS)
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = sentence_spans(text)
    assert letters("".join(text[start:end] for start, end in spans)) == letters(text)
    assert spans == sorted(spans)


def test_a_huge_lesson_is_cut_in_bounded_time() -> None:
    found = [
        Block(
            "paragraph", f"Paragraph {number} has its own few words to say. It ends here.", None, (f"S{number // 9}",)
        )
        for number in range(50_000)
    ]
    found += [Block("paragraph", "x" * 300_000, None, ()), Block("code", "y = 1\n" * 20_000, None, ())]
    begun = time.process_time()
    drafts = chunk(found, title="T", count_tokens=count_words)
    # Generous: the point is that nothing grows with the square of the length.
    assert time.process_time() - begun < 150
    assert sum(len(letters(draft.text)) for draft in drafts) == sum(len(letters(block.text)) for block in found)
