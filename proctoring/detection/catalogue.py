"""The networks that look: their names, makers, licences and hashes, and where their files are.

A file is used only when its SHA-256 (or, where the maker publishes that, its
SHA-384) is known here, or when an administrator named it by setting. A `.pt` is
a pickle, which runs code when it is opened: none of unknown hash ever is.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import httpx

from proctoring.detection.errors import ModelUnavailable

OBJECTS, QUICK_OBJECTS, FACES = "objects", "objects_int8", "faces"
IDENTITY, HEAD, GAZE = "identity", "head", "gaze"
FETCH_SECONDS = 30.0
MAX_MODEL_BYTES = 300_000_000
_ZOO = "https://storage.openvinotoolkit.org/repositories/open_model_zoo"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One published file; `digest` is SHA-256 (64 hexadecimal digits) or SHA-384 (96); no `url`: not to be fetched."""

    name: str
    digest: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A network and the forms it comes in: each is the files that make it, the first being the one to open."""

    role: str
    name: str
    licence: str
    forms: tuple[tuple[ModelFile, ...], ...]

    @property
    def published(self) -> bool:
        """Whether its maker's release can be fetched."""
        return any(all(file.url for file in form) for form in self.forms)


MODELS = (
    Model(
        OBJECTS,
        "yolov8n",
        "AGPL-3.0",
        (
            (
                ModelFile(
                    "yolov8n.pt",
                    "f59b3d833e2ff32e194b5bb8e08d211dc7c5bdf144b90d2c8412c47ccfc83b36",
                    "https://github.com/ultralytics/assets/releases/download/v8.3.0/yolov8n.pt",
                ),
            ),
            (
                ModelFile(
                    "yolov8n.pt",
                    "31e20dde3def09e2cf938c7be6fe23d9150bbbe503982af13345706515f2ef95",
                    "https://github.com/ultralytics/assets/releases/download/v0.0.0/yolov8n.pt",
                ),
            ),
            (ModelFile("yolov8n_rebuilt.pt", "82303a4f232b7421f02691be793955fada27dd600cca07f3b2d8c3766f9bbfde"),),
        ),
    ),
    Model(
        QUICK_OBJECTS,
        "yolov8n int8",
        "AGPL-3.0",
        (
            (
                ModelFile(
                    "yolov8n_int8_openvino_model/yolov8n.xml",
                    "5d5bc59c296831f8a757f6c5812850e4a280e6bbff7454cd84bdfc149773e545",
                ),
                ModelFile(
                    "yolov8n_int8_openvino_model/yolov8n.bin",
                    "ce80180d82e8967cb6cf082fcc9b14494d676114007a1e062444975df7e39bf1",
                ),
            ),
        ),
    ),
    Model(
        FACES,
        "face_detection_yunet_2023mar",
        "MIT",
        (
            (
                ModelFile(
                    "face_detection_yunet_2023mar.onnx",
                    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
                    "https://media.githubusercontent.com/media/opencv/opencv_zoo/main/models/"
                    "face_detection_yunet/face_detection_yunet_2023mar.onnx",
                ),
            ),
        ),
    ),
    Model(
        IDENTITY,
        "face-reidentification-retail-0095",
        "Apache-2.0",
        (
            (
                ModelFile(
                    "face-reidentification-retail-0095.onnx",
                    "8012002a796bedbe1b9cea9677722638ee119fb9ff49f89ea5ed32da24209930",
                ),
            ),
            (
                ModelFile(
                    "face-reidentification-retail-0095.xml",
                    "a16ac1cfe4334a50ca2ce48639e46f8e981351eb25943f73e3425a47939662b3",
                    "https://download.01.org/opencv/2019/open_model_zoo/R4/20191230_170000_models_bin/"
                    "face-reidentification-retail-0095/FP32/face-reidentification-retail-0095.xml",
                ),
                ModelFile(
                    "face-reidentification-retail-0095.bin",
                    "03836a6a1d03828322491b0608a579b1c47e5097d355c489b5b8aaf5fce1ef48",
                    "https://download.01.org/opencv/2019/open_model_zoo/R4/20191230_170000_models_bin/"
                    "face-reidentification-retail-0095/FP32/face-reidentification-retail-0095.bin",
                ),
            ),
        ),
    ),
    Model(
        HEAD,
        "head-pose-estimation-adas-0001",
        "Apache-2.0",
        (
            (
                ModelFile(
                    "head-pose-estimation-adas-0001.onnx",
                    "39eb3d5f599be31fef0d569dc8d92cb4b073553f86ca3dcc727f3395e09d53e5",
                ),
            ),
            (
                ModelFile(
                    "head-pose-estimation-adas-0001.xml",
                    "ba3dabba3495ea15c66fed3fff8f9c1ac32fd6e78688ce4df8a8dd4250afd8e191a8de6e0f59d91b64588ef0fff8a982",
                    f"{_ZOO}/2022.1/models_bin/3/head-pose-estimation-adas-0001/FP32/"
                    "head-pose-estimation-adas-0001.xml",
                ),
                ModelFile(
                    "head-pose-estimation-adas-0001.bin",
                    "b25273283cf83f851de276e5d9b836a3abc32485dc8ea5ee736f4e2b1d2dc86d107856da52ce160e1354c90722ecc9a3",
                    f"{_ZOO}/2022.1/models_bin/3/head-pose-estimation-adas-0001/FP32/"
                    "head-pose-estimation-adas-0001.bin",
                ),
            ),
        ),
    ),
    Model(
        GAZE,
        "gaze-estimation-adas-0002",
        "Apache-2.0",
        (
            (
                ModelFile(
                    "gaze-estimation-adas-0002.onnx",
                    "3bed91c9a6ebbd0443199bc723a6d54376ab07dc82e4794015ca910788964c67",
                ),
            ),
            (
                ModelFile(
                    "gaze-estimation-adas-0002.xml",
                    "aee115a62c7bf1e8ad0c43d9dd7cc305222212eb44aa472be323b0e4eb9c1a83",
                    f"{_ZOO}/2021.2/models_bin/3/gaze-estimation-adas-0002/FP32/gaze-estimation-adas-0002.xml",
                ),
                ModelFile(
                    "gaze-estimation-adas-0002.bin",
                    "f9811838cc264443a845b8d5089d3cfeb2d354b832f52a96aa0ccfa5be8e8401",
                    f"{_ZOO}/2021.2/models_bin/3/gaze-estimation-adas-0002/FP32/gaze-estimation-adas-0002.bin",
                ),
            ),
        ),
    ),
)
BY_ROLE = {model.role: model for model in MODELS}


@dataclass(frozen=True, slots=True)
class Found:
    """A model's file on this machine, its hash checked."""

    path: Path
    digest: str


def find(role: str, *, folders: tuple[Path, ...]) -> Found:
    """The first form of the role's model whose files all lie in one of `folders` with the right hash.

    Raises ModelUnavailable: what is missing or altered, and how to get it.
    """
    model, altered = BY_ROLE[role], []
    for folder in folders:
        for form in model.forms:
            paths = [folder / file.name for file in form]
            if not all(path.is_file() for path in paths):
                continue
            if all(_matches(path, file) for path, file in zip(paths, form, strict=True)):
                return Found(paths[0], form[0].digest)
            altered.append(str(paths[0]))
    if altered:
        raise ModelUnavailable(
            f"{' and '.join(sorted(set(altered)))} is not the published {model.name}: its hash differs, so it is not "
            "opened. Remove it and run `mwalimu models pull`."
        )
    names = " or ".join(dict.fromkeys(form[0].name for form in model.forms))
    where = ", ".join(map(str, folders)) or "no folder: MWALIMU_MODELS_DIR is not set"
    raise ModelUnavailable(
        f"weights {names} not found (looked in {where}). Run `mwalimu models pull`, or put the file there."
    )


def fetch(role: str, *, into: Path) -> Found:
    """Get the role's model from its maker's release into the folder, and check its hash.

    Raises ModelUnavailable when the maker cannot be reached or sends something else.
    """
    form = next((form for form in BY_ROLE[role].forms if all(file.url for file in form)), None)
    if form is None:
        raise ModelUnavailable(f"{BY_ROLE[role].name} is not published by its maker; work goes on without it.")
    into.mkdir(parents=True, exist_ok=True)
    for file in form:
        if not ((into / file.name).is_file() and _matches(into / file.name, file)):
            _fetch_file(file, into)
    return Found(into / form[0].name, form[0].digest)


def _fetch_file(file: ModelFile, into: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=into, prefix=f".{file.name}.")
    digest = _algorithm(file.digest)
    try:
        with (
            os.fdopen(handle, "wb") as out,
            httpx.stream("GET", file.url, follow_redirects=True, timeout=FETCH_SECONDS) as answer,
        ):
            answer.raise_for_status()
            for part in answer.iter_bytes():
                digest.update(part)
                out.write(part)
                if out.tell() > MAX_MODEL_BYTES:
                    raise ModelUnavailable(f"{file.url} sends more than {MAX_MODEL_BYTES} bytes; nothing was kept.")
        if digest.hexdigest() != file.digest:
            raise ModelUnavailable(f"{file.url} sent a file of another hash than is published; nothing was kept.")
        Path(temporary).replace(into / file.name)  # whole or not at all, also when two processes fetch
    except httpx.HTTPError as error:
        raise ModelUnavailable(
            f"{file.name} could not be fetched from {file.url} ({error}). Fetch it on a machine with a network and "
            f"put it into {into}."
        ) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _matches(path: Path, file: ModelFile) -> bool:
    status = path.stat()
    return digest_of(path, status.st_mtime_ns, status.st_size, len(file.digest)) == file.digest


@lru_cache(maxsize=64)
def digest_of(path: Path, modified_ns: int, size: int, digits: int = 64) -> str:
    """The file's digest; time and size are part of the key, so that a changed file is read again."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256" if digits == 64 else "sha384").hexdigest()


def _algorithm(digest: str) -> "hashlib._Hash":
    return hashlib.sha256() if len(digest) == 64 else hashlib.sha384()
