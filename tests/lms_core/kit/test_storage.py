"""Storage: one conformance suite for the disk and for memory (S3 and its kin share the implementation)."""

from pathlib import Path
from uuid import UUID

import pytest

from lms_core.kit.errors import NotFound
from lms_core.kit.storage import Storage, open_storage, tenant_key

TENANT = UUID(int=7)


@pytest.fixture(params=["", "memory:"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return open_storage(request.param, data_dir=tmp_path)


def test_what_was_put_comes_back_whole_or_in_pieces(storage: Storage, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    file = tmp_path / "given"
    file.write_bytes(content)
    storage.put("a/one", content)
    storage.put_file("a/two", file)
    for key in ("a/one", "a/two"):
        assert storage.get(key) == content
        assert b"".join(storage.stream(key)) == content
        assert storage.size(key) == len(content)


def test_putting_again_replaces(storage: Storage) -> None:
    storage.put("a", b"long content")
    storage.put("a", b"short")
    assert storage.get("a") == b"short"


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


def test_the_disk_keeps_across_openings(tmp_path: Path) -> None:
    open_storage("", data_dir=tmp_path).put("a/b", b"kept")
    assert open_storage("", data_dir=tmp_path).get("a/b") == b"kept"


def test_keys_begin_with_the_tenant_and_do_not_climb() -> None:
    assert tenant_key(TENANT, "imports", "1") == f"{TENANT}/imports/1"
    for part in ("", ".", "..", "a/b", "..\\a", "/"):
        with pytest.raises(ValueError, match="key part"):
            tenant_key(TENANT, part)
