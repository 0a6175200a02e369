"""What ffprobe says of a film, and the renditions it gets: up to its own size, never larger."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms_core.content.media.errors import Refused
from lms_core.content.media.film import tools

LONGEST_HOURS = 6
MAXIMUM_SIDE = 8192
FRAMES_A_SECOND = 30
WIDEST = 1920
AUDIO_BITS = 96_000
# The shorter side in pixels, and the most bits a second its picture takes.
LADDER = ((240, 350_000), (360, 750_000), (720, 2_400_000))
FALLBACK_SIDE = 360
# H.264 Main profile, level 4.0 covers every rung up to 1920 wide (RFC 6381 names).
CODECS_PICTURE, CODECS_SOUND = "avc1.4d4028", "mp4a.40.2"
UPRIGHT_TURNS = (90, 270)


@dataclass(frozen=True, slots=True)
class Film:
    """A film as it is shown: width and height after its rotation, length in seconds."""

    width: int
    height: int
    seconds: float
    sound: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """A rendition: its name (`360p`), its size in pixels (even), the most bits a second of its picture."""

    name: str
    width: int
    height: int
    bits: int


def probe(path: Path, media_type: str) -> Film:
    """What the film is. Refused when it is none, has no picture or length, or is beyond the limits."""
    printed = tools.asked(
        "ffprobe", ["-v", "error", *tools.reading(path, media_type), "-of", "json", "-show_format", "-show_streams"]
    )
    try:
        return _film(json.loads(printed))
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise Refused("film_damaged", tools.BROKEN) from error


def rungs(film: Film) -> list[Rung]:
    """The renditions of a film, smallest first: those of the ladder up to its own size, at least one."""
    short = min(film.width, film.height)
    fitting = [(side, bits) for side, bits in LADDER if side <= short] or [(short, LADDER[0][1])]
    return [_rung(film, side, bits) for side, bits in fitting]


def fallback(made: list[Rung]) -> Rung:
    """The rendition that becomes the plain MP4: 360p where there is one, else the largest below."""
    return [rung for rung in made if min(rung.width, rung.height) <= FALLBACK_SIDE][-1]


def master_playlist(made: list[Rung], *, sound: bool) -> str:
    """The HLS multivariant playlist (RFC 8216, 4.3.4)."""
    codecs = f"{CODECS_PICTURE},{CODECS_SOUND}" if sound else CODECS_PICTURE
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rung in made:
        bits = round((rung.bits + (AUDIO_BITS if sound else 0)) * 1.1)  # the container's own share
        size = f"{rung.width}x{rung.height}"
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={bits},RESOLUTION={size},CODECS="{codecs}"', f"{rung.name}/index.m3u8"]
    return "\n".join(lines) + "\n"


def _film(told: dict[str, Any]) -> Film:
    streams = told["streams"]
    pictures = [
        each
        for each in streams
        if each.get("codec_type") == "video" and not each.get("disposition", {}).get("attached_pic")
    ]
    if not pictures:
        raise Refused("film_without_picture", "The file holds sound but no moving picture. Upload sound as MP3.")
    picture = pictures[0]
    width, height = int(picture["width"]), int(picture["height"])
    turned = next((int(side["rotation"]) for side in picture.get("side_data_list", []) if "rotation" in side), 0)
    if turned % 360 in UPRIGHT_TURNS:
        width, height = height, width
    seconds = float(told["format"].get("duration") or picture["duration"])
    if not 0 < seconds <= LONGEST_HOURS * 3600:
        raise Refused("film_too_long", f"A video plays for {LONGEST_HOURS} hours at most. Cut it in parts.")
    if not (2 <= width <= MAXIMUM_SIDE and 2 <= height <= MAXIMUM_SIDE):
        raise Refused("film_too_large", f"A video has at most {MAXIMUM_SIDE} pixels a side. Export it at 720p.")
    return Film(width, height, seconds, any(each.get("codec_type") == "audio" for each in streams))


def _rung(film: Film, side: int, bits: int) -> Rung:
    scale = side / min(film.width, film.height)
    scale = min(scale, WIDEST / max(film.width, film.height))
    width, height = (max(2, round(each * scale / 2) * 2) for each in (film.width, film.height))
    return Rung(f"{side}p", width, height, bits)
