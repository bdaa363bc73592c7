"""Our own static files, found by WhiteNoise and sent from the event loop.

WhiteNoise's middleware would hand every request of the installation to a thread; here only `/static/` is looked at,
and nothing else pays for it.
"""

import re
from pathlib import Path

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from whitenoise import WhiteNoise
from whitenoise.responders import Response

# Names that the manifest storage has put a digest into never change their content.
IMMUTABLE = re.compile(r"\.[0-9a-f]{12}\.")


class StaticFiles:
    """The collected files under `root`, served below `prefix` as an ASGI application."""

    def __init__(self, root: Path, prefix: str, max_age: int) -> None:
        self.found = WhiteNoise(
            None,
            root=root,
            prefix=prefix,
            max_age=max_age,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: bool(IMMUTABLE.search(url)),
        )

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        file = self.found.files.get(scope["path"])
        if file is None:
            await self._answer(send, 404, [(b"content-type", b"text/plain")], b"not found")
            return
        asked = {
            "HTTP_" + name.decode("latin-1").upper().replace("-", "_"): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        response: Response = file.get_response(scope["method"], asked)
        body = b""
        if response.file is not None:
            with response.file as opened:
                body = opened.read()
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        await self._answer(send, int(response.status), headers, body)

    async def _answer(
        self, send: ASGISendCallable, status: int, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        headers.append((b"x-content-type-options", b"nosniff"))
        await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": body, "more_body": False})
