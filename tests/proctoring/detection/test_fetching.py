"""Weights fetched over HTTP: kept when their hash is the published one, else nothing stays."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from proctoring.detection import catalogue
from proctoring.detection.catalogue import Model, ModelFile
from proctoring.detection.errors import ModelUnavailable

WEIGHTS = bytes(range(256)) * 4000
ROLE = "of_a_test"


class Release(BaseHTTPRequestHandler):
    """A maker's release: the weights, the same with a flipped bit, and an answer that breaks off."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.path not in ("/good.bin", "/altered.bin", "/short.bin"):
            self.send_error(404)
            return
        sent = WEIGHTS[:-1] + b"?" if self.path == "/altered.bin" else WEIGHTS
        self.send_response(200)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent[: len(sent) // 2] if self.path == "/short.bin" else sent)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the console."""


@pytest.fixture
def release() -> Iterator[str]:
    """The address of a release on this machine."""
    Release.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Release)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def published(monkeypatch: pytest.MonkeyPatch, url: str, *, algorithm: str = "sha256") -> None:
    digest = hashlib.new(algorithm, WEIGHTS).hexdigest()
    model = Model(ROLE, "a network", "MIT", ((ModelFile("network.bin", digest, url),),))
    monkeypatch.setitem(catalogue.BY_ROLE, ROLE, model)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384"])
def test_published_weights_are_fetched_once(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    published(monkeypatch, f"{release}/good.bin", algorithm=algorithm)
    found = catalogue.fetch(ROLE, into=tmp_path / "models")
    assert found.path.read_bytes() == WEIGHTS
    assert catalogue.fetch(ROLE, into=tmp_path / "models") == found
    assert Release.asked == ["/good.bin"]
    assert catalogue.find(ROLE, folders=(tmp_path / "models",)) == found


@pytest.mark.parametrize(
    ("file", "told"),
    [("altered.bin", "another hash"), ("short.bin", "could not be fetched"), ("missing.bin", "404")],
)
def test_anything_else_is_refused_and_not_kept(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, told: str
) -> None:
    published(monkeypatch, f"{release}/{file}")
    with pytest.raises(ModelUnavailable, match=told):
        catalogue.fetch(ROLE, into=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_more_than_a_model_can_be_is_not_taken(release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, f"{release}/good.bin")
    monkeypatch.setattr(catalogue, "MAX_MODEL_BYTES", len(WEIGHTS) - 1)
    with pytest.raises(ModelUnavailable, match="nothing was kept"):
        catalogue.fetch(ROLE, into=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_fetched_file_altered_later_is_not_opened(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(monkeypatch, f"{release}/good.bin")
    found = catalogue.fetch(ROLE, into=tmp_path)
    found.path.write_bytes(WEIGHTS + b"more")
    with pytest.raises(ModelUnavailable, match="its hash differs"):
        catalogue.find(ROLE, folders=(tmp_path,))
    assert catalogue.fetch(ROLE, into=tmp_path).path.read_bytes() == WEIGHTS
