"""Pictures for reports: boxes over a snapshot, and a session's timeline. JPEG and PNG bytes."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from proctoring.anomalies.schemas import AnomalyView, GapView
from proctoring.review.export.fonts import font_file
from proctoring.review.schemas import DrawnBox

if TYPE_CHECKING:
    from PIL import ImageFont

WIDEST = 640
QUALITY = 80
INK, PAPER, FAINT, BOX = (28, 32, 36), (255, 255, 255), (205, 210, 214), (200, 30, 60)
SEVERITIES = {"high": (176, 24, 52), "medium": (202, 116, 12), "low": (38, 96, 164), "info": (110, 118, 124)}
LABELS, ROW, CHART, MARGIN = 300, 30, 1000, 24


def with_boxes(content: bytes, boxes: Sequence[DrawnBox]) -> bytes:
    """The JPEG at most 640 px wide, with its boxes and their labels. ValueError when it is no picture."""
    from PIL import Image, ImageDraw, UnidentifiedImageError  # Pillow is needed for exports alone

    try:
        picture = Image.open(BytesIO(content)).convert("RGB")
    except (UnidentifiedImageError, OSError, ImportError) as error:  # ImportError: see `detection.decode`
        raise ValueError("the stored picture cannot be read") from error
    picture.thumbnail((WIDEST, WIDEST))
    drawing = ImageDraw.Draw(picture)
    font = _font(14)
    for box in boxes:
        left, top = box.left * picture.width, box.top * picture.height
        drawing.rectangle((left, top, box.right * picture.width, box.bottom * picture.height), outline=BOX, width=3)
        label = f"{box.label} {box.confidence:.0%}"
        extent = drawing.textbbox((left + 3, top + 2), label, font=font)
        drawing.rectangle((extent[0] - 3, extent[1] - 2, extent[2] + 3, extent[3] + 2), fill=BOX)
        drawing.text((left + 3, top + 2), label, fill=PAPER, font=font)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def timeline(
    flags: Sequence[AnomalyView],
    gaps: Sequence[GapView],
    *,
    started_at: datetime,
    ended_at: datetime,
    not_watched: str,
) -> bytes:
    """A PNG: one row per kind of flag, its spans in the colour of their severity; grey where nobody watched."""
    from PIL import Image, ImageDraw

    rows = list(dict.fromkeys(flag.title for flag in flags))
    height = MARGIN + ROW * (len(rows) + 2)
    picture = Image.new("RGB", (LABELS + CHART + MARGIN, height), PAPER)
    drawing = ImageDraw.Draw(picture)
    font = _font(17)
    span = max(1.0, (ended_at - started_at).total_seconds())

    def across(at: datetime) -> float:
        share = (at - started_at).total_seconds() / span
        return LABELS + CHART * min(1.0, max(0.0, share))

    whole = [gap for gap in gaps if not gap.check]
    for number, title in enumerate((*rows, not_watched)):
        top = MARGIN // 2 + ROW * number
        drawing.text((4, top + 3), title[:34], fill=INK, font=font)
        drawing.line((LABELS, top + ROW - 2, LABELS + CHART, top + ROW - 2), fill=FAINT)
        spans = (
            [(flag.started_at, flag.ended_at, SEVERITIES[flag.severity]) for flag in flags if flag.title == title]
            if number < len(rows)
            else [(gap.started_at, gap.ended_at, FAINT) for gap in whole]
        )
        for start, end, colour in spans:
            left = across(start)
            drawing.rectangle((left, top + 5, max(left + 4, across(end)), top + ROW - 7), fill=colour)
    for share, at in ((0.0, started_at), (1.0, ended_at)):
        text = f"{at:%H:%M:%S}"
        wide = drawing.textlength(text, font=font)
        drawing.text((LABELS + share * (CHART - wide), height - ROW), text, fill=INK, font=font)
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont

    file = font_file()
    return ImageFont.truetype(str(file), size) if file is not None else ImageFont.load_default(size)
