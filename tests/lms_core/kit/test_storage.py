"""Storage: one conformance suite for the disk, memory, and an S3 that checks every signature."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.kit.crypto import Keys
from lms_core.kit.errors import NotFound
from lms_core.kit.storage import Bucket, ObjectStorage, Storage, open_storage, tenant_key
from lms_core.kit.storage_links import LinkSigner, StorageLinkOver
from tests.conftest import START
from tests.simulators import s3_server
from tests.simulators.s3_server import S3Server
from workers.runtime import Runtime

TENANT = UUID(int=7)
CONTENT = bytes(range(256)) * 5000


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


def in_bucket(server: S3Server, tmp_path: Path, *, secret: str = s3_server.SECRET) -> ObjectStorage:
    bucket = Bucket(server.endpoint, s3_server.REGION, s3_server.KEY_ID, secret)
    return open_storage(f"s3://{s3_server.BUCKET}", data_dir=tmp_path, bucket=bucket)


@pytest.fixture(params=["", "memory:", "s3:"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, server: S3Server) -> Storage:
    if request.param == "s3:":
        server.objects.clear()
        return in_bucket(server, tmp_path)
    return open_storage(request.param, data_dir=tmp_path)


def test_what_was_put_comes_back_whole_or_in_pieces(storage: Storage, tmp_path: Path) -> None:
    file = tmp_path / "given"
    file.write_bytes(CONTENT)
    storage.put("a/one", CONTENT)
    storage.put_file("a/two", file)
    storage.put_stream("a/three", (CONTENT[at : at + 1000] for at in range(0, len(CONTENT), 1000)))
    for key in ("a/one", "a/two", "a/three"):
        assert storage.get(key) == CONTENT
        assert b"".join(storage.stream(key)) == CONTENT
        assert storage.size(key) == len(CONTENT)


def test_a_part_is_read_by_its_range(storage: Storage) -> None:
    storage.put("a", CONTENT)
    for start, end in ((0, 1), (255, 70_000), (len(CONTENT) - 1, None), (5, None), (0, None), (10, len(CONTENT) + 9)):
        assert b"".join(storage.stream("a", start=start, end=end)) == CONTENT[start:end]


def test_large_streams_go_in_parts(storage: Storage) -> None:
    piece = bytes(1 << 20)
    storage.put_stream("large", (piece for _ in range(12)))
    assert storage.size("large") == 12 << 20


def test_a_stream_that_breaks_leaves_nothing(storage: Storage) -> None:
    def pieces() -> Iterator[bytes]:
        yield bytes(6 << 20)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.put_stream("broken", pieces())
    with pytest.raises(NotFound):
        storage.size("broken")


def test_putting_again_replaces(storage: Storage) -> None:
    storage.put("a", b"long content")
    storage.put("a", b"short")
    assert storage.get("a") == b"short"


def test_a_copy_stays_when_the_first_goes(storage: Storage) -> None:
    storage.put("a/käse 1", CONTENT)
    storage.put("b/two", b"before")
    storage.copy("a/käse 1", "b/two")
    storage.delete("a/käse 1")
    assert storage.get("b/two") == CONTENT
    with pytest.raises(NotFound):
        storage.copy("a/käse 1", "b/three")


def test_an_empty_object_is_an_object(storage: Storage) -> None:
    storage.put("empty", b"")
    assert storage.get("empty") == b""
    assert storage.size("empty") == 0


def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    for read in (storage.get, storage.size, lambda key: list(storage.stream(key))):
        with pytest.raises(NotFound):
            read("absent")
    storage.put("a", b"1")
    storage.delete("a")
    storage.delete("a")
    with pytest.raises(NotFound):
        storage.get("a")


def test_everything_under_a_prefix_goes_and_its_neighbours_stay(storage: Storage) -> None:
    for number in range(8):
        storage.put(f"t/course/item/{number}", b"x")
    storage.put("t/course/item-2/0", b"y")
    storage.delete_under("t/course/item")
    storage.delete_under("t/course/absent")
    assert storage.get("t/course/item-2/0") == b"y"
    for number in range(8):
        with pytest.raises(NotFound):
            storage.get(f"t/course/item/{number}")


def test_names_with_spaces_and_marks_are_keys(storage: Storage) -> None:
    storage.put("t/Somo la 1 é+&=%.txt", b"kept")
    assert storage.get("t/Somo la 1 é+&=%.txt") == b"kept"


def test_the_disk_keeps_across_openings(tmp_path: Path) -> None:
    open_storage("", data_dir=tmp_path).put("a/b", b"kept")
    assert open_storage("", data_dir=tmp_path).get("a/b") == b"kept"


def test_a_large_stream_to_s3_is_a_multipart_upload(server: S3Server, tmp_path: Path) -> None:
    before = server.multipart_completed
    in_bucket(server, tmp_path).put_stream("parts", (bytes(1 << 20) for _ in range(12)))
    assert server.multipart_completed == before + 1


def test_another_secret_opens_nothing(server: S3Server, tmp_path: Path) -> None:
    in_bucket(server, tmp_path).put("a", b"ours")
    with pytest.raises(Exception, match=r"SignatureDoesNotMatch|403"):
        in_bucket(server, tmp_path, secret="wrong").get("a")
    assert server.refused[-1] == "SignatureDoesNotMatch"


def test_a_bucket_signs_links_to_read_and_to_write(server: S3Server, tmp_path: Path) -> None:
    storage = in_bucket(server, tmp_path)
    written = httpx.put(storage.link("t/direct file", method="PUT", seconds=60), content=b"sent past us")
    assert written.status_code == 200
    assert storage.get("t/direct file") == b"sent past us"
    link = storage.link("t/direct file", seconds=60)
    assert httpx.get(link, headers={"Range": "bytes=5-8"}).content == b"past"
    assert httpx.put(link, content=b"other").status_code == 403
    assert httpx.get(link.replace("direct", "other")).status_code == 403
    assert httpx.get(link.partition("?")[0]).status_code == 403


@pytest.fixture
def disk(runtime: Runtime) -> Storage:
    return runtime.resources.get(Storage)  # type: ignore[type-abstract]


def path_of(link: str) -> str:
    return httpx.URL(link).path


def test_the_disk_s_links_read_and_write_over_http(client: TestClient, disk: Storage) -> None:
    written = client.put(path_of(disk.link("t/direct", method="PUT", seconds=60)), content=CONTENT)
    assert written.status_code == 204
    assert disk.get("t/direct") == CONTENT
    link = path_of(disk.link("t/direct", seconds=60))
    whole = client.get(link)
    assert whole.content == CONTENT
    assert whole.headers["content-disposition"] == "attachment"
    part = client.get(link, headers={"Range": "bytes=256-511"})
    assert part.status_code == 206
    assert part.content == CONTENT[256:512]
    assert part.headers["content-range"] == f"bytes 256-511/{len(CONTENT)}"


def test_a_link_does_one_thing_for_its_time(client: TestClient, disk: Storage, clock: MovingClock) -> None:
    disk.put("t/a", b"here")
    link = path_of(disk.link("t/a", seconds=60))
    altered = link[:-2] + ("AA" if link[-2:] != "AA" else "BB")
    assert client.put(link, content=b"no").status_code == 403
    assert client.get(altered).status_code == 403
    assert client.get(path_of(disk.link("t/a", method="PUT", seconds=60))).status_code == 403
    clock.move(timedelta(seconds=61))
    late = client.get(link)
    assert late.status_code == 403
    assert late.json()["code"] == "link_over"


def test_links_of_another_installation_are_refused() -> None:
    def signer(secret: str) -> LinkSigner:
        return LinkSigner(Keys(secret), "https://example.org/", lambda: START)

    token = signer("one").link("t/a", method="GET", seconds=5).rpartition("/")[2]
    assert signer("one").key_of(token, method="GET") == "t/a"
    for other in ("two", "three"):
        with pytest.raises(StorageLinkOver):
            signer(other).key_of(token, method="GET")
    for broken in ("", "x", "é", token[:20]):
        with pytest.raises(StorageLinkOver):
            signer("one").key_of(broken, method="GET")


def test_a_link_lasts_a_week_at_most(disk: Storage) -> None:
    for seconds in (0, 7 * 24 * 3600 + 1):
        with pytest.raises(ValueError, match="lasts up to"):
            disk.link("t/a", seconds=seconds)


def test_keys_begin_with_the_tenant_and_do_not_climb() -> None:
    assert tenant_key(TENANT, "imports", "1") == f"{TENANT}/imports/1"
    for part in ("", ".", "..", "a/b", "..\\a", "/"):
        with pytest.raises(ValueError, match="key part"):
            tenant_key(TENANT, part)
