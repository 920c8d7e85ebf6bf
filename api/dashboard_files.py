"""The built dashboard: its files, read once, and how long each may be kept."""

import gzip
import mimetypes
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, Self

from starlette.requests import Request
from starlette.responses import Response

from api.answers import content_tag, matches

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Pictures of tokens are wherever their documents say; everything else is ours."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For what has its content's hash in its name."""
ASK_FIRST = "no-cache"
INDEX = "index.html"
ASSETS = "assets/"
TEXT = ("text/", "application/javascript", "application/manifest+json", "image/svg+xml")
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


class File(NamedTuple):
    """A file as it is sent, and how it is sent to who accepts gzip."""

    body: bytes
    packed: bytes | None
    tag: str
    media_type: str
    cache: str

    @classmethod
    def read(cls, path: Path, *, name: str) -> Self:
        """Return the file at *path*."""
        body = path.read_bytes()
        media_type = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "text/plain"
        is_text = media_type.startswith(TEXT)
        return cls(
            body=body,
            # Without a time in it every replica sends the same bytes.
            packed=gzip.compress(body, mtime=0) if is_text else None,
            tag=content_tag(body),
            media_type=f"{media_type}; charset=utf-8" if is_text else media_type,
            cache=FOR_EVER if name.startswith(ASSETS) else ASK_FIRST,
        )

    def answer(self, request: Request, *, status: int = 200) -> Response:
        """Return the file, or 304 if the caller has it."""
        packs = self.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
        # A weak tag: what it stands for is the same, packed or not.
        headers = {
            "etag": f"W/{self.tag}",
            "cache-control": self.cache,
            "vary": "Accept-Encoding",
            "content-security-policy": POLICY,
        }
        if status == 200 and matches(request.headers.get("if-none-match"), self.tag):
            return Response(status_code=304, headers=headers)
        body = self.body
        if packs and self.packed is not None:
            headers["content-encoding"], body = "gzip", self.packed
        return Response(body, status, headers, self.media_type)


class Dashboard:
    """The files of a folder; none where it was not built."""

    def __init__(self, folder: Path | None) -> None:
        folder = folder or packaged()
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        named = {path.relative_to(folder).as_posix(): path for path in found}
        self._files = {name: File.read(path, name=name) for name, path in named.items()}

    @property
    def page(self) -> File | None:
        """The page itself, None where it was not built."""
        return self._files.get(INDEX)

    def file(self, name: str) -> File | None:
        """Return a file by its path within the folder."""
        return self._files.get(name)


def packaged() -> Path:
    """Return the folder that the build writes to, within this package."""
    return Path(str(files("api"))) / "dashboard"


def is_built(folder: Path | None) -> bool:
    """Return whether there is a page to show, in a folder or in the package."""
    return ((folder or packaged()) / INDEX).is_file()


def is_for_people(request: Request) -> bool:
    """Return whether a browser is going to an address that is none of the API's."""
    accepts = request.headers.get("accept", "")
    is_ours = request.url.path.startswith("/v1/")
    return request.method == "GET" and "text/html" in accepts and not is_ours
