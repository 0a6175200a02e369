"""A film to HLS: every rendition in one pass of ffmpeg, a poster, and a plain MP4 of the small one.

H.264 (Main, 4:2:0) and AAC in fragmented MP4, one file a rendition whose segments
are byte ranges (RFC 8216, 4.3.2.2): a film is a dozen objects in storage however
long it is. All renditions cut at the same four seconds, so that players can change over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lms_core.content.media.errors import Refused
from lms_core.content.media.film import tools
from lms_core.content.media.film.ladder import (
    AUDIO_BITS,
    FRAMES_A_SECOND,
    Film,
    Rung,
    fallback,
    master_playlist,
    rungs,
)

SEGMENT_SECONDS = 4
KEYFRAMES = f"expr:gte(t,n_forced*{SEGMENT_SECONDS})"
POSTER_WIDTH = 1280
# Longer than any film takes on a slow machine: it ends what would never end.
SECONDS_A_FILM_SECOND, SECONDS_AT_LEAST = 30, 300


@dataclass(frozen=True, slots=True)
class Encoded:
    """The files of a film, by their path inside its folder."""

    rungs: list[Rung]
    files: dict[str, Path]


def encode(path: Path, media_type: str, film: Film, *, folder: Path, told: Callable[[float], None]) -> Encoded:
    """Make everything a player asks for, in the empty `folder`. Refused when ffmpeg cannot.

    `told` hears the part that is done (0 to 1); what it raises ends the encoding.
    """
    made = rungs(film)
    limit = round(film.seconds * SECONDS_A_FILM_SECOND) + SECONDS_AT_LEAST
    for rung in made:
        (folder / rung.name).mkdir()
    common = ["-hide_banner", "-nostdin", "-loglevel", "error", "-progress", "pipe:1"]
    tools.followed(
        [*common, *tools.reading(path, media_type), *_renditions(film, made)],
        folder=folder,
        seconds=limit,
        told=lambda done: told(min(1.0, done / film.seconds)),
    )
    small = fallback(made)
    stream = folder / small.name / "stream.mp4"
    plain = [*tools.reading(stream, "video/mp4"), "-map", "0", "-c", "copy", "-movflags", "+faststart", "video.mp4"]
    tools.followed([*common, *plain], folder=folder, seconds=limit, told=lambda _done: None)
    _make_poster(path, media_type, film, common, folder)
    (folder / "master.m3u8").write_text(master_playlist(made, sound=film.sound), "ascii")
    files = {name: folder / name for name in ("master.m3u8", "video.mp4", "poster.jpg")}
    for rung in made:
        files |= {name: folder / name for name in (f"{rung.name}/index.m3u8", f"{rung.name}/stream.mp4")}
    if not all(file.exists() and file.stat().st_size for file in files.values()):
        raise Refused("film_damaged", tools.BROKEN)
    return Encoded(made, files)


def _renditions(film: Film, made: list[Rung]) -> list[str]:
    """One decoding, split into as many encodings as there are rungs."""
    names = "".join(f"[s{number}]" for number in range(len(made)))
    graph = [f"[0:v:0]fps=fps='min(source_fps,{FRAMES_A_SECOND})',split={len(made)}{names}"]
    graph += [
        f"[s{number}]scale={rung.width}:{rung.height}:flags=bicubic,setsar=1,format=yuv420p[v{number}]"
        for number, rung in enumerate(made)
    ]
    arguments = ["-filter_complex", ";".join(graph)]
    for number, rung in enumerate(made):
        arguments += ["-map", f"[v{number}]", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main"]
        arguments += ["-level:v", "4.0", "-crf", "23", "-maxrate", str(rung.bits), "-bufsize", str(2 * rung.bits)]
        arguments += ["-force_key_frames", KEYFRAMES, "-sc_threshold", "0"]
        if film.sound:
            arguments += ["-map", "0:a:0", "-c:a", "aac", "-b:a", str(AUDIO_BITS), "-ac", "2", "-ar", "48000"]
        arguments += ["-map_metadata", "-1", "-map_chapters", "-1", "-f", "hls", "-hls_time", str(SEGMENT_SECONDS)]
        arguments += ["-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "single_file"]
        arguments += ["-hls_segment_filename", f"{rung.name}/stream.mp4", f"{rung.name}/index.m3u8"]
    return arguments


def _make_poster(path: Path, media_type: str, film: Film, common: list[str], folder: Path) -> None:
    """A picture from a tenth into the film: the first one is often black."""
    size = f"scale='min({POSTER_WIDTH},iw)':-2"
    at = ["-ss", f"{min(film.seconds / 10, 10):.3f}"]
    still = ["-frames:v", "1", "-vf", size, "-map_metadata", "-1", "-q:v", "4", "-f", "image2", "poster.jpg"]
    tools.followed(
        [*common, *at, *tools.reading(path, media_type), *still],
        folder=folder,
        seconds=SECONDS_AT_LEAST,
        told=lambda _done: None,
    )
