"""Untrusted bytes: what is refused, and that the rest comes out upright and in colour."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from proctoring.detection import PictureRefused, decode, inspect
from proctoring.detection.decode import LONG_SIDE, MAX_BYTES


def encoded(picture: Image.Image, format: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **how)
    return out.getvalue()


def scene(width: int = 320, height: int = 240) -> Image.Image:
    """A picture whose top left quarter is red and whose rest is blue."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 2] = 200
    pixels[: height // 2, : width // 2] = (200, 0, 0)
    return Image.fromarray(pixels)


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few hundred bytes that claims 2.5 thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        (b"", "not_a_picture", 422),
        (b"<html>no picture</html>", "not_a_picture", 422),
        (b"GIF89a" + bytes(100), "not_a_picture", 422),
        (encoded(scene())[:2000], "picture_broken", 422),
        (encoded(scene(), "PNG")[:200], "picture_broken", 422),
        (bomb(), "picture_too_large", 413),
        (bomb(9000, 9000), "picture_too_large", 413),
        (bytes(MAX_BYTES + 1), "picture_too_large", 413),
    ],
)
def test_refused_with_a_code_and_what_to_do(data: bytes, code: str, status: int) -> None:
    with pytest.raises(PictureRefused) as refused:
        decode.decode(data)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_header_without_decoding(format: str) -> None:
    header = inspect(encoded(scene(), format))
    assert (header.width, header.height, header.format) == (320, 240, format)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientations_come_out_upright(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = scene() if orientation == 1 else scene().transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, quality=95, exif=exif.tobytes())
    pixels = decode.decode(data)
    assert pixels.shape == (240, 320, 3)
    assert (inspect(data).width, inspect(data).height) == (320, 240)
    assert pixels[40, 40, 2] > 150 > 60 > pixels[40, 40, 0]  # red, in BGR
    for y, x in ((40, 280), (200, 40), (200, 280)):
        assert pixels[y, x, 0] > 150 > 60 > pixels[y, x, 2]


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_grey_and_cmyk_become_colour(mode: str) -> None:
    pixels = decode.decode(encoded(scene().convert(mode)))
    assert pixels.shape == (240, 320, 3)
    assert pixels.dtype == np.uint8


def test_large_pictures_shrink_and_small_ones_stay() -> None:
    assert max(decode.decode(encoded(scene(4000, 1000))).shape) == LONG_SIDE
    assert decode.decode(encoded(scene(64, 48))).shape == (48, 64, 3)
    assert decode.decode(encoded(scene(8000, 2))).shape == (1, LONG_SIDE, 3)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 600), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_damage_is_refused_or_decoded_and_never_anything_else(noise: bytes, at: int, format: str) -> None:
    whole = encoded(scene(48, 32), format)
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    try:
        pixels = decode.decode(damaged)
    except PictureRefused as refused:
        assert refused.code in {"not_a_picture", "picture_broken", "picture_too_large"}
    else:
        assert pixels.ndim == 3
        assert max(pixels.shape) <= LONG_SIDE
