"""Files beside lessons: what they are by their bytes, who may fetch them, and how a browser gets them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from lms_core.content.files import service as files
from lms_core.content.files.sniffing import HTML, INLINE_TYPES, OCTETS, SVG, TEXT, may_show, media_type
from lms_core.kit.errors import Invalid, NotFound
from lms_core.kit.permissions import Role
from lms_core.kit.storage import Storage
from tests.factories.courses import create_course
from tests.factories.people import actor_of, create_person, log_in
from workers.runtime import Runtime

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
DRAWING = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 jfif", "image/jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\0\0\0AVI LIST", OCTETS),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04rest", "application/zip"),
        (DRAWING, SVG),
        (b"\xef\xbb\xbf<!-- made by hand --> <svg width='1'>", SVG),
        (b"<!DOCTYPE html><p>hello", HTML),
        (b"plain words <script>alert(1)</script>", HTML),
        ("maji ya moto, 100\u00b0".encode(), TEXT),
        (b"MZ\x90\0\x03\0", OCTETS),
        (b"\xff\xfe caf\xe9 \xe9\xe9\xe9\xe9", OCTETS),
        (b"", TEXT),
    ],
)
def test_types_are_told_by_bytes(content: bytes, kind: str) -> None:
    assert media_type(content) == kind


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type_and_markup_is_never_shown(content: bytes) -> None:
    assert "/" in media_type(content)
    assert not may_show(media_type(b"<html>" + content))
    assert HTML not in INLINE_TYPES


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../secret", "a/../../b", "a\\b", "a\0b", "x" * 501])
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(Invalid):
        files.normal_path(path)


def test_files_are_for_readers_and_the_cover_for_everybody(runtime: Runtime, client: TestClient) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    made = create_course(runtime.database, teacher, cover="cover.png")
    with runtime.database.write(actor_of(runtime.database, teacher)) as ctx:
        files.store(ctx, owner_id=made.id, path="cover.png", content=PNG)
        files.store(ctx, owner_id=made.id, path="img/plan a.svg", content=DRAWING)
        files.store(ctx, owner_id=made.id, path="photo.png", content=b"<html><script>alert(1)</script>")
    url = f"/api/v1/courses/{made.slug}/assets"
    assert client.get(f"{url}/cover.png").content == PNG
    assert client.get(f"{url}/img/plan%20a.svg").status_code == 404
    learner = log_in(client, create_person(runtime.database))
    assert client.get(f"{url}/photo.png", headers=learner).status_code == 404
    client.post(f"/api/v1/courses/{made.slug}/enroll", headers=learner)
    drawing = client.get(f"{url}/img/plan%20a.svg", headers=learner)
    assert drawing.content == DRAWING
    assert drawing.headers["content-type"] == SVG
    assert "sandbox" in drawing.headers["content-security-policy"]
    assert drawing.headers["x-content-type-options"] == "nosniff"
    disguised = client.get(f"{url}/photo.png", headers=learner)
    assert disguised.headers["content-disposition"].startswith("attachment")
    again = client.get(f"{url}/cover.png", headers=learner | {"If-None-Match": drawing.headers["etag"]})
    assert again.status_code == 200
    again = client.get(f"{url}/img/plan%20a.svg", headers=learner | {"If-None-Match": drawing.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{url}/missing.png", headers=learner).status_code == 404
    assert client.get(f"{url}/..%2F..%2Fsecret.key", headers=learner).status_code == 404


def test_replaced_and_removed_bytes_leave_storage(runtime: Runtime, drain: Callable[[], int], tmp_path: Path) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    made = create_course(runtime.database, teacher, publish=False)
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    actor = actor_of(runtime.database, teacher)
    source = tmp_path / "one.png"
    source.write_bytes(PNG)
    stored = files.upload(runtime.resources, tenant_id=actor.tenant_id, owner_id=made.id, source=source)
    assert (stored.media_type, stored.size) == ("image/png", len(PNG))
    with runtime.database.write(actor) as ctx:
        files.attach(ctx, owner_id=made.id, path="a.png", stored=stored)
        files.attach(ctx, owner_id=made.id, path="same.png", stored=stored)
        newer = files.store(ctx, owner_id=made.id, path="a.png", content=PNG + b"more")
    drain()
    assert storage.get(stored.storage_key) == PNG  # the other path still names these bytes
    with runtime.database.write(actor) as ctx:
        assert files.remove(ctx, owner_id=made.id, keep=["a.png"]) == 1
    drain()
    with pytest.raises(NotFound):
        storage.get(stored.storage_key)
    assert storage.get(newer.storage_key) == PNG + b"more"
    with runtime.database.read(actor) as view:
        assert [asset.path for asset in files.of_owner(view, owner_id=made.id)] == ["a.png"]
