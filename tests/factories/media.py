"""Files for media tests: pictures and films made here, and uploads through the real routes."""

import base64
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image

from tests import services

OFFSETS = "application/offset+octet-stream"


def picture(width: int = 800, height: int = 600, *, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture with a gradient, so that its corners can be told apart."""
    mode = options.pop("mode", "RGB")
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def require_ffmpeg() -> None:
    """Skip, saying why, where ffmpeg is not installed."""
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        services.absent("ffmpeg")


def make_film(
    path: Path, *options: str, size: str = "320x240", seconds: float = 6, sound: bool = True, rate: int = 15
) -> Path:
    """A film of a moving test picture (and a tone), encoded fast; `options` go before the output's name."""
    source = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac"] if sound else []
    encoding = [] if path.suffix == ".webm" else ["-c:v", "libx264", "-preset", "ultrafast"]
    command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-y", *source, *tone, *encoding, *options, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def begin(client: TestClient, headers: dict[str, str], course: str, name: str, size: int) -> Any:
    """POST that begins an upload."""
    told = {"Upload-Length": str(size), "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
    return client.post(f"/api/v1/courses/{course}/uploads", headers={**headers, **told})


def send(client: TestClient, headers: dict[str, str], upload_id: str, offset: int, content: bytes, **more: str) -> Any:
    """PATCH that sends bytes."""
    told = {"Upload-Offset": str(offset), "Content-Type": OFFSETS, **more}
    return client.patch(f"/api/v1/uploads/{upload_id}", headers={**headers, **told}, content=content)


def upload(client: TestClient, headers: dict[str, str], course: str, name: str, content: bytes) -> str:
    """A whole upload; its id, which becomes the item's."""
    begun = begin(client, headers, course, name, len(content))
    assert begun.status_code == 201, begun.text
    upload_id: str = begun.json()["id"]
    sent = send(client, headers, upload_id, 0, content)
    assert sent.status_code == 204, sent.text
    return upload_id
