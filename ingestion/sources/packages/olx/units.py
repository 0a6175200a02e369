"""The components of a unit: texts, videos and problems to parts of a lesson and questions; others are reported."""

from dataclasses import dataclass, field

from ingestion.readers import Unreadable
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import headed, joined
from ingestion.sources.packages.olx.blocks import MAX_DEPTH, Block, Blocks
from ingestion.sources.packages.olx.problems import read_problem
from ingestion.sources.packages.olx.videos import read_video
from ingestion.sources.schemas import QuestionDraft

# What of a container's contents a learner saw was decided there.
DEPENDS = {
    "library_content": saying.DRAWN,
    "itembank": saying.DRAWN,
    "randomize": saying.DRAWN,
    "split_test": saying.of(saying.CONDITION, "split_test"),
    "conditional": saying.of(saying.CONDITION, "conditional"),
}
CONTAINERS = frozenset({"vertical", "sequential", "chapter", "wrapper", "problemset", "unit", *DEPENDS})
REPORTED = {
    "lti": saying.TOOL,
    "lti_consumer": saying.TOOL,
    "discussion": saying.DISCUSSION,
    "discussion-course": saying.DISCUSSION,
    "discussion-forum": saying.DISCUSSION,
    "poll": saying.POLL,
    "poll_question": saying.POLL,
    "survey": saying.POLL,
    "drag-and-drop-v2": saying.DRAG,
    "edx_sga": saying.STAFF,
    "staffgradedxblock": saying.STAFF,
    "done": saying.DONE,
    "scorm": saying.TRACKING,
}


@dataclass(slots=True)
class Unit:
    """What has been read of a unit; `names` are the ids of its components."""

    title: str
    parts: list[str] = field(default_factory=list)
    questions: list[QuestionDraft] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def place(self, block: Block) -> str:
        """Where a component stands, for the report."""
        own = block.title or block.kind
        return self.title if own == self.title or block.kind == "vertical" else f"{self.title}: {own}"


def read_unit(blocks: Blocks, block: Block, unit: Unit, *, depth: int = 0) -> None:
    """Read a component, or a container with all that is in it, into `unit`."""
    draft, where = blocks.draft, unit.place(block)
    unit.names.append(block.name)
    match block.kind:
        case "html":
            unit.parts.append(headed(block.title, draft.markdown(_html(blocks, block, where), where=where)))
        case "video":
            unit.parts.append(headed(block.title, read_video(blocks, block, where)))
        case "problem":
            read_problem(draft, block, unit)
        case "annotatable":
            draft.lost(where, saying.of(saying.UNKNOWN, "annotatable"))
            unit.parts.append(draft.markdown(markup.inner_html(block.element), where=where))
        case "openassessment":
            draft.lost(where, saying.PEERS)
            unit.parts.append(
                headed(block.title or markup.said(block.element, "title"), _prompts(blocks, block, where))
            )
        case kind if kind in CONTAINERS and depth < MAX_DEPTH:
            if kind in DEPENDS:
                draft.lost(where, DEPENDS[kind])
            for each in blocks.inside(block):
                read_unit(blocks, each, unit, depth=depth + 1)
        case kind:
            detail = block.element.get("launch_url") or (kind if kind not in REPORTED else "")
            draft.lost(where, saying.of(REPORTED.get(kind, saying.UNKNOWN), detail))


def _html(blocks: Blocks, block: Block, where: str) -> str:
    file = block.element.get("filename")
    if not file:
        return markup.inner_html(block.element)
    try:
        return blocks.draft.contents.text(f"html/{file.replace(':', '/')}.html")
    except Unreadable:
        blocks.draft.lost(where, saying.of(saying.DAMAGED, f"html/{file}.html"))
        return ""


def _prompts(blocks: Blocks, block: Block, where: str) -> str:
    html = [markup.said(each, "description") for each in markup.within(block.element, "prompt")]
    return joined(blocks.draft.markdown(each, where=where) for each in html)
