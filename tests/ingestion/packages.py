"""Small course packages made for tests: one of each kind, with what the real ones at hand do not have."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

Files = dict[str, str | bytes]

XHTML = "<html><head><title>{title}</title></head><body>{body}</body></html>"


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def put(root: Path, files: Files) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def olx(problems: dict[str, str], **more: str | bytes) -> Files:
    """A course of one unit with these problems, by their names."""
    pointers = "".join(f'<problem url_name="{name}"/>' for name in problems)
    return {
        "course/course.xml": '<course url_name="r" org="O" course="Wells"/>',
        "course/course/r.xml": '<course display_name="Wells" language="sw"><chapter url_name="c"/></course>',
        "course/chapter/c.xml": '<chapter display_name="Digging"><sequential url_name="s"/></chapter>',
        "course/sequential/s.xml": '<sequential display_name="First"><vertical url_name="v"/></sequential>',
        "course/vertical/v.xml": f'<vertical display_name="Tools">{pointers}</vertical>',
        **{f"course/problem/{name}.xml": xml for name, xml in problems.items()},
        **{f"course/{name}": content for name, content in more.items()},
    }


def manifest(items: str, resources: str, *, cartridge: bool = False, title: str = "Bees") -> str:
    kind = "IMS Common Cartridge" if cartridge else "ADL SCORM"
    space = "http://www.imsglobal.org/xsd/" + ("imsccv1p1/imscp_v1p1" if cartridge else "imscp_v1p1")
    return (
        f'<?xml version="1.0"?><manifest identifier="m1" xmlns="{space}" xmlns:adlcp="urn:adlcp">'
        f"<metadata><schema>{kind}</schema></metadata>"
        f'<organizations default="o"><organization identifier="o"><title>{title}</title>{items}</organization>'
        f"</organizations><resources>{resources}</resources></manifest>"
    )


def h5p(library: str, content: dict[str, Any], *, title: str = "Task", **files: str | bytes) -> bytes:
    about = {"title": title, "language": "en", "mainLibrary": library}
    return zipped({"h5p.json": json.dumps(about), "content/content.json": json.dumps(content), **files})
