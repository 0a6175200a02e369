"""A local S3 (one bucket, path style): objects, ranges, multipart and ListObjectsV2, every request's SigV4 checked.

After the S3 API reference and "Authenticating Requests (AWS Signature Version 4)". What is not signed, signed with
another secret, altered after signing, or over, is refused with 403 as S3 refuses it.
"""

import hashlib
import hmac
import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

KEY_ID, SECRET, REGION, BUCKET = "AKIASIMULATOR", "simulated/secret+key", "eu-west-1", "lessons"
FIELDS = re.compile(r"(\w+)=([^,\s]+)")


class S3Server:
    """`with S3Server() as server:` then use `server.endpoint`; `objects` is what is stored, `parts` what comes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.refused: list[str] = []
        self.multipart_completed = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> "S3Server":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    owner: S3Server
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

    def _serve(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        self.query = parse_qsl(parts.query, keep_blank_values=True)
        refusal = _refusal(self.command, parts.path, self.query, dict(self.headers.items()), self.body)
        if refusal:
            self.server.owner.refused.append(refusal)
            self._answer(403, f"<Error><Code>{refusal}</Code></Error>".encode())
            return
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        if bucket != BUCKET:
            self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
            return
        asked = dict(self.query)
        if not key and "delete" in asked:
            self._delete_objects()
        elif not key:
            self._list(asked)
        elif "uploads" in asked or "uploadId" in asked:
            self._multipart(key, asked)
        else:
            getattr(self, f"_{self.command.lower()}")(key)

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", headers.get("content_length", str(len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _get(self, key: str) -> None:
        content = self.server.owner.objects.get(key)
        if content is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        known = {"Last_Modified": "Mon, 05 Jan 2026 08:00:00 GMT", "ETag": _tag(content)}
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        if span is None:
            self._answer(200, content, **known)
            return
        start, end = int(span[1]), min(int(span[2] or len(content)), len(content) - 1)
        if start >= len(content):
            self._answer(416, b"<Error><Code>InvalidRange</Code></Error>")
            return
        told = f"bytes {start}-{end}/{len(content)}"
        self._answer(206, content[start : end + 1], Content_Range=told, **known)

    _head = _get

    def _put(self, key: str) -> None:
        source = self.headers.get("x-amz-copy-source")
        if source is not None:
            self._copy(unquote(source).lstrip("/").partition("/")[2], key)
            return
        self.server.owner.objects[key] = self.body
        self._answer(200, ETag=_tag(self.body))

    def _copy(self, source: str, key: str) -> None:
        content = self.server.owner.objects.get(source)
        if content is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        self.server.owner.objects[key] = content
        told = f"<LastModified>2026-01-05T08:00:00.000Z</LastModified><ETag>{escape(_tag(content))}</ETag>"
        self._answer(200, f"<CopyObjectResult>{told}</CopyObjectResult>".encode())

    def _delete(self, key: str) -> None:
        self.server.owner.objects.pop(key, None)
        self._answer(204)

    def _delete_objects(self) -> None:
        keys = [unescape(key) for key in re.findall(r"<Key>([^<]*)</Key>", self.body.decode())]
        for key in keys:
            self.server.owner.objects.pop(key, None)
        told = "".join(f"<Deleted><Key>{escape(key)}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{told}</DeleteResult>".encode())

    def _multipart(self, key: str, asked: dict[str, str]) -> None:
        owner = self.server.owner
        if "uploads" in asked:
            upload = f"upload-{len(owner.parts)}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            owner.parts[upload] = {}
            made = f"<Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
            self._answer(200, f"<InitiateMultipartUploadResult>{made}</InitiateMultipartUploadResult>".encode())
        elif self.command == "PUT":
            owner.parts[asked["uploadId"]][int(asked["partNumber"])] = self.body
            self._answer(200, ETag=_tag(self.body))
        elif self.command == "DELETE":
            del owner.parts[asked["uploadId"]]
            self._answer(204)
        else:
            wanted = [int(number) for number in re.findall(rb"<PartNumber>(\d+)</PartNumber>", self.body)]
            given = owner.parts.pop(asked["uploadId"])
            owner.objects[key] = b"".join(given[number] for number in wanted)
            owner.multipart_completed += 1
            tag = escape(_tag(owner.objects[key]))
            told = f"<Location/><Bucket>{BUCKET}</Bucket><Key>{escape(key)}</Key><ETag>{tag}</ETag>"
            self._answer(200, f"<CompleteMultipartUploadResult>{told}</CompleteMultipartUploadResult>".encode())

    def _list(self, asked: dict[str, str]) -> None:
        """ListObjectsV2, three keys a page, so that every reader has to follow the token."""
        keys = sorted(key for key in self.server.owner.objects if key.startswith(asked.get("prefix", "")))
        after = asked.get("continuation-token", "")
        rest = [key for key in keys if key > after]
        page, more = rest[:3], len(rest) > 3
        listed = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-05T08:00:00.000Z</LastModified>"
            f"<ETag>{escape(_tag(self.server.owner.objects[key]))}</ETag>"
            f"<Size>{len(self.server.owner.objects[key])}</Size></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        told = f"<IsTruncated>{str(more).lower()}</IsTruncated><KeyCount>{len(page)}</KeyCount>{token}{listed}"
        self._answer(200, f"<ListBucketResult>{told}</ListBucketResult>".encode())


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _refusal(method: str, path: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes) -> str:
    """The S3 error code of a request that is not signed rightly; empty when it is."""
    given = dict(query)
    lower = {name.lower(): value for name, value in headers.items()}
    if "X-Amz-Signature" in given:
        when, credential = given["X-Amz-Date"], given["X-Amz-Credential"]
        names, signature = given["X-Amz-SignedHeaders"], given["X-Amz-Signature"]
        query = [(name, value) for name, value in query if name != "X-Amz-Signature"]
        hashed = "UNSIGNED-PAYLOAD"
        ends = _moment(when) + timedelta(seconds=int(given["X-Amz-Expires"]))
        if ends < datetime.now(UTC):
            return "AccessDenied"
    elif "authorization" in lower:
        fields = dict(FIELDS.findall(lower["authorization"]))
        when, credential = lower["x-amz-date"], fields["Credential"]
        names, signature = fields["SignedHeaders"], fields["Signature"]
        hashed = lower["x-amz-content-sha256"]
        if hashed != "UNSIGNED-PAYLOAD" and hashed != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
    else:
        return "AccessDenied"
    key_id, day, region, service, _ = credential.split("/")
    if (key_id, region, service) != (KEY_ID, REGION, "s3"):
        return "InvalidAccessKeyId"
    canonical = "\n".join(
        (
            method,
            quote(unquote(path), safe="/-_.~"),
            "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)),
            *(f"{name}:{' '.join(lower.get(name, '').split())}" for name in names.split(";")),
            "",
            names,
            hashed,
        )
    )
    scope = f"{day}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = f"AWS4{SECRET}".encode()
    for part in (day, region, "s3", "aws4_request"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    right = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return "" if hmac.compare_digest(right, signature) else "SignatureDoesNotMatch"


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
