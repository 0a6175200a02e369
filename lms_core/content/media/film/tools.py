"""ffmpeg and ffprobe as children with limits: started, followed, ended."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lms_core.content.media.errors import Refused
from lms_core.kit.children import bare_environment

LIMITED = Path(__file__).with_name("limited.py")
MEMORY_BYTES = 3 * 2**30
FILE_BYTES = 20 * 2**30
PROBE_SECONDS = 30
PROBE_BYTES = 1_000_000
QUIET_SECONDS = 120.0  # ffmpeg tells its progress twice a second
KEPT_ERRORS = 4000
MISSING = "ffmpeg is not installed on this server. Ask whoever runs it to install it, then try again."
BROKEN = "The video is damaged or in a format that cannot be read. Export it as MP4 (H.264), then upload that."
TOO_SLOW = "Reading the video took too long and was stopped. Export it as MP4 (H.264), or cut it in parts."

# By what the first bytes of a film show: the one reader ffmpeg may use.
READERS = {"video/mp4": "mov", "video/webm": "matroska"}


def available() -> bool:
    """Whether films can be made here."""
    return shutil.which("ffmpeg") is not None and shutil.which("ffprobe") is not None


def reading(path: Path, media_type: str) -> list[str]:
    """The arguments that open a film: this file, this reader, nothing it may point to."""
    reader = READERS[media_type]
    return ["-protocol_whitelist", "file", "-format_whitelist", reader, "-f", reader, "-i", f"file:{path.absolute()}"]


def asked(program: str, arguments: Sequence[str]) -> bytes:
    """What a short run of `program` prints. Refused when it fails, is too slow, or prints too much."""
    if shutil.which(program) is None:
        raise Refused("ffmpeg_missing", MISSING)
    with subprocess.Popen(  # noqa: S603 - our own arguments; files are named by us
        [*_limits(PROBE_SECONDS), program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=bare_environment(),
    ) as child:
        try:
            printed, _ = child.communicate(timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise Refused("film_too_slow", TOO_SLOW) from error
    if child.returncode or len(printed) > PROBE_BYTES:
        raise Refused("film_damaged", BROKEN)
    return printed


def followed(arguments: Sequence[str], *, folder: Path, seconds: int, told: Callable[[float], None]) -> None:
    """Run ffmpeg in `folder`; `told` hears how many seconds of film are done, and may raise to end it.

    Refused when it fails, says nothing for two minutes, or takes longer than `seconds` (of processor or wall).
    """
    errors = folder / "errors.txt"
    with errors.open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own arguments; files are named by us
            [*_limits(seconds * (os.cpu_count() or 1)), "ffmpeg", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env=bare_environment(),
        )
    try:
        _listen(child, until=time.monotonic() + seconds, told=told)
        code = child.wait(timeout=QUIET_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Refused("film_too_slow", TOO_SLOW) from error
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
    if code:
        raise Refused("film_damaged", BROKEN) from RuntimeError(errors.read_text("utf-8", "replace")[-KEPT_ERRORS:])


def _listen(child: "subprocess.Popen[bytes]", *, until: float, told: Callable[[float], None]) -> None:
    assert child.stdout is not None
    output, said = child.stdout.fileno(), b""
    while True:
        patience = min(QUIET_SECONDS, until - time.monotonic())
        if patience <= 0 or not select.select([output], [], [], patience)[0]:
            raise Refused("film_too_slow", TOO_SLOW)
        piece = os.read(output, 65536)
        if not piece:
            return
        *lines, said = (said + piece).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if name == b"out_time_us" and value.strip().isdigit():
                told(int(value) / 1_000_000)


def _limits(seconds: int) -> list[str]:
    numbers = [str(MEMORY_BYTES), str(seconds), str(FILE_BYTES)]
    return [sys.executable, "-I", "-S", str(LIMITED), *numbers]
