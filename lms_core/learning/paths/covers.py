"""Where the picture of a learning path and its smaller variants lie among its files."""

COVER = "cover"


def variant(width: int, media_type: str) -> str:
    """The path of the cover in this width (pixels) and type."""
    return f"{COVER}/{width}.{media_type.partition('/')[2]}"
