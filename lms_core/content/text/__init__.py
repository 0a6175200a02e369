"""Lesson text: Markdown in, safe HTML and plain blocks out.

Every lesson body is Markdown, whatever it was imported from. Both the page a
learner reads (`render`) and the passages the assistant cites (`blocks`) come
from one parse, so a citation's anchor and quote always exist on the page.

A line `<!-- page: 3 -->` marks where page 3 of a paginated source begins, and
`<!-- time: 83.5 -->` where second 83.5 of a recording begins.
"""

from lms_core.content.text.differences import Differences, compare
from lms_core.content.text.editing import SplitText, split
from lms_core.content.text.rendering import RenderedLesson, blocks, plain, render

__all__ = ["Differences", "RenderedLesson", "SplitText", "blocks", "compare", "plain", "render", "split"]
