"""Packages made to do harm: refused or cut in words, within bounds, and never outside their folder."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.readers import DEFAULT, Unreadable
from ingestion.sources import archives, open_source
from ingestion.sources.packages import find_package, h5p, imscc, markup, olx, opening, scorm
from ingestion.sources.packages.contents import Contents
from ingestion.sources.packages.drafting import MOST_REPORTED, Converted
from ingestion.sources.packages.sniffing import Package
from ingestion.sources.schemas import AssetDraft
from tests.ingestion import packages
from tests.ingestion.packages import XHTML, Files, manifest, put

LAUGHS = '<!DOCTYPE m [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]><manifest>&j;</manifest>"  # fmt: skip


def whats(found: Converted) -> set[str]:
    return {each.what for each in found.course.report}


def lessons_in(found: Converted) -> int:
    return sum(len(module.lessons) for module in found.course.modules)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (LAUGHS, "declares entities"),
        ('<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><m>&x;</m>', "declares entities"),
        ('<!DOCTYPE m [<!ENTITY % p SYSTEM "http://x.example/p">%p;]><m/>', "declares entities"),
        ("<a>" * 5_000 + "</a>" * 5_000, "no whole XML"),
        ("<manifest><b></manifest>", "no whole XML"),
        ("", "no whole XML"),
        ("<m>" + " " * markup.MAX_BYTES + "</m>", "at most 30 MB"),
    ],
    ids=["laughs", "file", "parameter", "deep", "open", "empty", "huge"],
)
def test_hostile_xml_is_refused_in_words(xml: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        markup.parse(xml.encode(), name="imsmanifest.xml")
    assert "root:" not in caught.value.reason and caught.value.reason.endswith(".")


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in fields.items():
        setattr(info, key, value)
    return info, data


def tarball(
    folder: Path, members: Iterator[tuple[tarfile.TarInfo, bytes]] | list[tuple[tarfile.TarInfo, bytes]]
) -> Path:
    file = folder / "course.tgz"
    with tarfile.open(file, "w:gz") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return file


def test_bad_members_of_a_tar_are_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    file = tarball(tmp_path, [
        member("./a.md", b"# A\n\ntext"), member("../evil.md", b"x"), member("/abs.md", b"x"),
        member("link.md", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("hard.md", type=tarfile.LNKTYPE, linkname="a.md"),
        member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), member("pipe", type=tarfile.FIFOTYPE),
        member("A.md", b"twice"),
    ])  # fmt: skip
    draft = open_source(file, workspace=tmp_path)
    assert [lesson.title for module in draft.modules for lesson in module.lessons] == ["A"]
    assert sorted(failure.code for failure in draft.failures) == ["duplicate"] + ["unsafe_path"] * 6
    assert not (tmp_path.parent / "evil.md").exists()


def test_a_tar_bomb_ends_at_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tarball(tmp_path, [member(f"{n}.md", b"0" * 100_000) for n in range(30)])
    assert file.stat().st_size < 20_000
    monkeypatch.setattr(archives, "MAX_TOTAL", 500_000)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 20)
    with pytest.raises(Unreadable) as caught:
        open_source(file, workspace=tmp_path)
    assert caught.value.code == "too_large"
    assert sum(each.stat().st_size for each in tmp_path.rglob("*.md")) <= 600_000
    folders = tarball(tmp_path, [member(f"f{n}", type=tarfile.DIRTYPE) for n in range(50)])
    with pytest.raises(Unreadable, match="at most 20 files"):
        open_source(folders, workspace=tmp_path)
    # A name so long that reading it would fill the memory.
    long = tmp_path / "long.tar"
    info, _ = member("x" * 200, type=tarfile.GNUTYPE_LONGNAME)
    info.name, info.size = "././@LongLink", 900 * 2**20
    long.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2048)
    with pytest.raises(Unreadable, match="The archive is damaged"):
        open_source(long, workspace=tmp_path)
    # A stream that never comes to a member is bounded too.
    padding = tarball(tmp_path, [member("x.md", b"\0" * 2_000_000)])
    with pytest.raises(Unreadable, match="at most 20 files"):
        open_source(padding, workspace=tmp_path)


def converted(convert: object, root: Path, files: Files) -> Converted:
    found: Converted = convert(Contents(put(root, files)), name="x", progress=lambda *_: None)  # type: ignore[operator]
    return found


def test_circles_depths_and_thousands_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    circle: Files = {
        "course.xml": '<course url_name="r"/>',
        "course/r.xml": '<course display_name="Circle"><chapter url_name="c"/><chapter url_name="c"/></course>',
        "chapter/c.xml": '<chapter><sequential url_name="s"/></chapter>',
        "sequential/s.xml": '<sequential><sequential url_name="s"/><vertical url_name="v"/></sequential>',
        "vertical/v.xml": '<vertical><vertical url_name="v"/><html>Round</html><chapter url_name="c"/></vertical>',
    }
    found = converted(olx.convert, tmp_path / "circle", circle)
    assert lessons_in(found) == 1 and {"Pointer: sequential s", "Pointer: vertical v"} <= whats(found)

    deep = "<item>" * 100 + "<title>Deep</title>" + "</item>" * 100
    many = "".join(f'<item identifierref="r"><title>{n}</title></item>' for n in range(20_100))
    page = '<resource identifier="r" href="a.html"><file href="a.html"/></resource>'
    body = XHTML.format(title="A", body="<p>Text</p>")
    found = converted(
        scorm.convert, tmp_path / "deep", {"imsmanifest.xml": manifest(deep + many, page), "a.html": body}
    )
    assert "Further items" in whats(found) and lessons_in(found) == 1
    files: Files = {"imsmanifest.xml": manifest(many, page, cartridge=True), "a.html": body}
    found = converted(imscc.convert, tmp_path / "many", files)
    told = [each.what for each in found.course.report]
    assert len(told) == MOST_REPORTED + 1 and told[-1].startswith("Further items: 19")

    nested: dict[str, object] = {"library": "H5P.Text 1.0", "params": {"text": "End"}}
    for _ in range(60):
        nested = {"library": "H5P.Column 1.0", "params": {"content": [{"content": nested}]}}
    file = tmp_path / "deep.h5p"
    file.write_bytes(packages.h5p("H5P.Column", {"content": [{"content": nested}]}))
    with pytest.raises(Unreadable) as caught:
        open_source(file, workspace=tmp_path)
    assert caught.value.code == "no_text" and "more lessons than a course may have" in caught.value.reason
    assert h5p.MAX_DEPTH < 60


def test_paths_out_of_a_package_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("<p>Secret</p>")
    (tmp_path / "secret.png").write_bytes(b"\x89PNG")
    body = '<p>Text <img src="../secret.png"> <a href="../../secret.png">x</a> <img src="/etc/passwd"></p>'
    resources = (
        '<resource identifier="r" href="a.html"><file href="a.html"/></resource>'
        '<resource identifier="s" href="../secret.html"><file href="../secret.html"/></resource>'
        '<resource identifier="t" href="/etc/passwd"/>'
    )
    items = "".join(f'<item identifierref="{each}"><title>{each}</title></item>' for each in "rst")
    root = tmp_path / "package"
    files: Files = {"imsmanifest.xml": manifest(items, resources), "a.html": XHTML.format(title="A", body=body)}
    found = converted(scorm.convert, root, files)
    assert lessons_in(found) == 1 and not found.course.assets
    assert {"File: secret.html", "File: etc/passwd"} <= whats(found)
    # Nor may the child that reads it, were it taken over, name such a file in its answer.
    outside = AssetDraft("x", Path("../secret.png"), "image/png")
    assert opening._inside(outside, root) is None
    assert opening._inside(replace(outside, file=Path("/etc/passwd")), root) is None
    assert opening._inside(replace(outside, file=Path("a.html")), root) is not None


def test_a_package_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, packages.olx({"p": "<problem><p>Words</p></problem>"}))
    found = find_package(tmp_path)
    assert found == Package("olx", tmp_path / "course")
    monkeypatch.setattr(opening, "SECONDS", 0.0)
    with pytest.raises(Unreadable, match="was stopped") as caught:
        open_source(tmp_path, limits=replace(DEFAULT, seconds=0.01))
    assert caught.value.code == "too_slow"
