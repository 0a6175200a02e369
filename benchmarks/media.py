"""Measures media: what encoding a minute of 720p costs, and how many parts of a film a server sends in a second."""

import os
import resource
import tempfile
import threading
import time
from pathlib import Path

import httpx

from benchmarks import servers
from lms_core.content.media.film import encoding, ladder
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings

Row = tuple[str, str, str]

FILM_SECONDS = 20
PLAYERS = 8
REQUESTS = 1500


def run() -> list[Row]:
    """Seconds of ffmpeg for a minute of film, and segments a second with eight players."""
    from tests.factories.media import make_film

    with tempfile.TemporaryDirectory() as folder:
        film = make_film(Path(folder) / "film.mp4", size="1280x720", seconds=FILM_SECONDS, rate=30)
        processor, wall = _encoded(film, Path(folder) / "made")
        settings = Settings(_env_file=None, data_dir=Path(folder) / "data", log_level="WARNING")
        address = _published(settings, film)
        rate, cost = _served(settings, address)
    minute = 60 / FILM_SECONDS
    cores = os.cpu_count() or 1
    return [
        ("a minute of 720p (30 a second) to three renditions: processor seconds", f"{processor * minute:.0f}", ""),
        (f"the same: seconds on {cores} cores", f"{wall * minute:.0f}", "below 60"),
        (f"parts of a film (~300 KB), {PLAYERS} players: requests/s", f"{rate:.0f}", ""),
        ("the same: server's processor ms a request", f"{cost:.2f}", ""),
    ]


def _encoded(film: Path, folder: Path) -> tuple[float, float]:
    """Processor and wall seconds of making everything a player asks for."""
    folder.mkdir()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    found = ladder.probe(film, "video/mp4")
    encoding.encode(film, "video/mp4", found, folder=folder, told=lambda _done: None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return processor, time.perf_counter() - began


def _published(settings: Settings, film: Path) -> str:
    """An installation with the film in a course; the address of its 720p file."""
    from fastapi.testclient import TestClient

    from api.main import create_app
    from lms_core.kit import running
    from tests.factories.courses import create_course
    from tests.factories.media import upload
    from tests.factories.people import create_person, log_in
    from workers import runtime as runtimes

    runtime = runtimes.build(settings, run_jobs=False)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, instructor)
    with TestClient(create_app(runtime)) as client:
        teaching = log_in(client, instructor)
        upload(client, teaching, course.slug, "film.mp4", film.read_bytes())
        running.drain(runtime.database)
        playing = client.get(f"/api/v1/courses/{course.slug}/videos/film", headers=teaching).json()
    runtime.stop()
    base: str = playing["hls_url"].rpartition("/")[0]
    return f"{base}/720p/stream.mp4"


def _served(settings: Settings, address: str) -> tuple[float, float]:
    """Requests a second, and the server's processor milliseconds for each, of ranges of one segment's size."""
    port = servers.free_port()
    environment = {
        "MWALIMU_DATA_DIR": str(settings.data_dir),
        "MWALIMU_PORT": str(port),
        "MWALIMU_LOG_LEVEL": "WARNING",
    }
    url, asked = f"http://127.0.0.1:{port}{address}", {"Range": "bytes=100000-399999"}

    def play(times: int) -> None:
        with httpx.Client() as client:
            for _ in range(times):
                client.get(url, headers=asked).raise_for_status()

    with servers.serving(servers.mwalimu(), "serve", port=port, environment=environment) as server:
        play(20)
        spent, began = servers.cpu_seconds(servers.family(server.pid)), time.perf_counter()
        players = [threading.Thread(target=play, args=(REQUESTS // PLAYERS,)) for _ in range(PLAYERS)]
        for player in players:
            player.start()
        for player in players:
            player.join()
        took = time.perf_counter() - began
        spent = servers.cpu_seconds(servers.family(server.pid)) - spent
    return REQUESTS / took, 1000 * spent / REQUESTS
