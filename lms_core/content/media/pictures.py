"""Uploaded pictures: drawn anew without metadata, upright, bounded, and in smaller widths.

EXIF (place, camera, thumbnail) does not survive, since only pixels are carried
over; its orientation is applied first. SVG is no picture here: it can hold scripts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lms_core.content.media.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/avif": "AVIF"}
WIDTHS = (320, 640, 1280)
MAXIMUM_PIXELS = 50_000_000
TOO_LARGE = "The picture has more than 50 megapixels. Save it smaller."
LONGEST_SIDE = 2560  # what is kept of the picture itself
# Quality by format; AVIF's speed from 0 (slow) to 10.
WEBP: dict[str, Any] = {"format": "WEBP", "quality": 80, "method": 4}
AVIF: dict[str, Any] = {"format": "AVIF", "quality": 60, "speed": 8}
JPEG: dict[str, Any] = {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True}
KEPT_JPEG: dict[str, Any] = {**JPEG, "quality": 90}
PNG: dict[str, Any] = {"format": "PNG", "optimize": True}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn anew: its bytes and type, its size in pixels, and its variants by width and type."""

    content: bytes
    media_type: str
    width: int
    height: int
    variants: dict[int, dict[str, bytes]]


def draw(path: Path, media_type: str) -> Drawn:
    """Decode the picture and draw it anew. Refused when it is damaged or has too many pixels.

    Photos (JPEG, opaque WebP and AVIF) are kept as JPEG, the rest as PNG. Of an animated GIF the file itself is
    kept (GIF has no EXIF) without variants; of other animations the first picture.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path, formats=(TYPES[media_type],)) as opened:
            if opened.width * opened.height > MAXIMUM_PIXELS:  # before a pixel is decoded
                raise Refused("picture_too_large", TOO_LARGE)
            if media_type == "image/gif" and getattr(opened, "n_frames", 1) > 1:
                return Drawn(path.read_bytes(), media_type, opened.width, opened.height, {})
            upright = ImageOps.exif_transpose(opened)
            image = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Image.DecompressionBombError as error:
        raise Refused("picture_too_large", TOO_LARGE) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused("picture_damaged", "The picture cannot be read: it is damaged. Export it again.") from error
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    as_photo = image.mode == "RGB" and media_type != "image/png" and media_type != "image/gif"
    content = _saved(image, KEPT_JPEG if as_photo else PNG)
    kept_type = "image/jpeg" if as_photo else "image/png"
    return Drawn(content, kept_type, image.width, image.height, _variants(image))


def preferred(kinds: Collection[str], accepted: str) -> str | None:
    """The best of these media types of one picture that an `Accept` header takes; None: none of them."""
    for kind in ("image/avif", "image/webp", "image/jpeg", "image/png"):
        modern = kind in ("image/avif", "image/webp")
        if kind in kinds and (not modern or kind in accepted):
            return kind
    return None


def _variants(image: "Image") -> dict[int, dict[str, bytes]]:
    """Smaller pictures than `image`, in each format this Pillow writes; JPEG only where nothing shines through."""
    from PIL import Image, features

    made = {}
    for width in (each for each in WIDTHS if each < image.width):
        smaller = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
        formats = {"image/webp": WEBP}
        if features.check("avif"):
            formats["image/avif"] = AVIF
        formats |= {"image/jpeg": JPEG} if image.mode == "RGB" else {"image/png": PNG}
        made[width] = {kind: _saved(smaller, options) for kind, options in formats.items()}
    return made


def _saved(image: "Image", options: dict[str, Any]) -> bytes:
    written = BytesIO()
    image.save(written, **options)
    return written.getvalue()
