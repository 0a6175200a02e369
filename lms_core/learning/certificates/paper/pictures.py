"""Uploaded logos and signatures: PNG or JPEG only, decoded and drawn anew, so that only pixels are kept.

SVG and everything else is refused: it can carry scripts, links and bombs.
"""

from io import BytesIO

from lms_core.learning.certificates.errors import PictureRefused

MAXIMUM_BYTES = 2 * 1024 * 1024
MAXIMUM_SIDE = 4000
KEPT_WIDTH, KEPT_HEIGHT = 900, 300  # 300 dots per inch at the size it is printed


def clean(content: bytes) -> bytes:
    """The picture as a PNG that fits the paper. PictureRefused."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(content) > MAXIMUM_BYTES:
        raise PictureRefused("The file is larger than 2 MB.")
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if max(opened.size) > MAXIMUM_SIDE:  # before a pixel is decoded
                raise PictureRefused("The picture has too many pixels.")
            image = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureRefused("This is no readable PNG or JPEG.") from error
    image.thumbnail((KEPT_WIDTH, KEPT_HEIGHT))
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()
