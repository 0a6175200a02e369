"""Untrusted bytes to an upright BGR picture. The header is judged before a single pixel is decoded."""

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from proctoring.detection.errors import NotAPicture, PictureBroken, PictureTooLarge

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_384
LONG_SIDE = 1280  # pixels; what looking needs at most
FORMATS = ("JPEG", "PNG", "WEBP")
_ORIENTATION_TAG = 0x0112  # Exif 2.3, 4.6.4
_TURNED = frozenset({5, 6, 7, 8})  # orientations that swap width and height

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says of itself: upright width and height in pixels, and `JPEG`, `PNG` or `WEBP`."""

    width: int
    height: int
    format: str


def inspect(data: bytes) -> Header:
    """The header of a picture, without decoding it.

    Raises NotAPicture, PictureTooLarge, or PictureBroken where already the header is damaged.
    """
    with _opened(data) as picture:
        width, height = picture.size
        turned = _orientation(picture) in _TURNED
        return Header(height if turned else width, width if turned else height, str(picture.format))


def decode(data: bytes, *, long_side: int = LONG_SIDE) -> Pixels:
    """The picture upright, BGR, height x width x 3, its long side at most `long_side` pixels.

    Grey, CMYK, palette and transparent pictures become colour; of a moving one
    the first frame counts. Raises as `inspect` does, and PictureBroken for a
    picture that ends too early.
    """
    with _opened(data) as picture:
        if picture.format == "JPEG":
            picture.draft("RGB", (long_side, long_side))  # the decoder itself halves what is far too large
        try:
            orientation = _orientation(picture)
            pixels = np.asarray(picture.convert("RGB"))
        except (OSError, ValueError, SyntaxError, struct.error, MemoryError, EOFError, IndexError, KeyError) as error:
            raise PictureBroken(
                f"The picture cannot be decoded to its end ({_short(error)}). Take it anew and send it again."
            ) from error
    return _upright(_fitted(pixels, long_side), orientation)


def _opened(data: bytes) -> Any:
    """The picture as Pillow opens it: header read, pixels not."""
    import PIL.Image  # with its codecs a tenth of a second that no other command should pay

    if len(data) > MAX_BYTES:
        raise PictureTooLarge(
            f"The picture has {len(data) / 1e6:.1f} MB; {MAX_BYTES // 1_000_000} MB are allowed. Send a smaller one."
        )
    if not data:
        raise NotAPicture("The upload is empty: 0 bytes arrived. Send the picture again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; the limit below refuses them
            picture = PIL.Image.open(io.BytesIO(data), formats=FORMATS)
    except PIL.Image.DecompressionBombError as error:
        raise _too_many_pixels("more than 178 million pixels") from error
    # ultralytics, once imported, wants to install a codec for whatever Pillow does not know.
    except (PIL.UnidentifiedImageError, ImportError) as error:
        raise NotAPicture("Only JPEG, PNG and WebP pictures are accepted, and these bytes are none of them.") from error
    except (OSError, ValueError, SyntaxError, struct.error, IndexError, EOFError) as error:
        raise PictureBroken(f"The picture's header is damaged ({_short(error)}). Send it again.") from error
    width, height = picture.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        picture.close()
        raise _too_many_pixels(f"{width} x {height} pixels")
    return picture


def _too_many_pixels(size: str) -> PictureTooLarge:
    return PictureTooLarge(
        f"The picture has {size}; {MAX_PIXELS // 1_000_000} million are allowed, and {MAX_SIDE} on a side. "
        "Send a smaller one."
    )


def _orientation(picture: Any) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except (OSError, ValueError, TypeError, SyntaxError, struct.error, KeyError, EOFError, IndexError):
        return 1  # a damaged note about the picture is no reason to refuse the picture


def _fitted(pixels: Pixels, long_side: int) -> Pixels:
    """The RGB picture as BGR, no side longer than `long_side`."""
    import cv2  # large; only for those who look at pictures

    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), dtype=np.uint8)


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo the eight orientations of Exif 2.3."""
    turns = {3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}.get(orientation, 0)  # quarter turns anticlockwise
    turned = np.rot90(pixels, turns)
    if orientation in (2, 4, 5, 7):
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)


def _short(error: BaseException) -> str:
    return str(error).strip()[:120] or type(error).__name__
