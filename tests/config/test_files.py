"""Static files leave from the event loop, compressed and kept for ever where their name holds a digest."""

import gzip

import pytest

from config.files import StaticFiles

CSS = "body { color: CanvasText }\n" * 40
NAMED = "css/app.0123456789ab.css"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "css").mkdir()
    for name in (NAMED, "css/plain.css"):
        (tmp_path / name).write_text(CSS)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(CSS.encode()))
    (tmp_path.parent / "secret.txt").write_text("not yours")
    return StaticFiles(tmp_path, "/static/", max_age=60)


async def ask(files, path, method="GET", **headers):
    """Status, headers and body of one request."""
    said = []

    async def send(message):
        said.append(message)

    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    await files({"type": "http", "method": method, "path": path, "headers": named}, None, send)
    start, body = said
    return start["status"], dict(start["headers"]), body["body"]


async def test_a_file_is_sent_with_its_type_and_nothing_is_guessed(files):
    status, headers, body = await ask(files, f"/static/{NAMED}")
    assert status == 200
    assert body == CSS.encode()
    assert headers[b"content-type"].startswith(b"text/css")
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"access-control-allow-origin" not in headers


async def test_only_names_with_a_digest_are_kept_for_ever(files):
    assert b"immutable" in (await ask(files, f"/static/{NAMED}"))[1][b"cache-control"]
    assert b"max-age=60" in (await ask(files, "/static/css/plain.css"))[1][b"cache-control"]


async def test_whoever_reads_gzip_gets_it(files):
    _, headers, body = await ask(files, f"/static/{NAMED}", **{"accept-encoding": "gzip"})
    assert headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(body) == CSS.encode()


async def test_an_unchanged_file_is_not_sent_again(files):
    _, headers, _ = await ask(files, "/static/css/plain.css")
    status, _, body = await ask(files, "/static/css/plain.css", **{"if-none-match": headers[b"etag"].decode()})
    assert (status, body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/", "/static/none.css", "/static/../secret.txt", "/static/..%2fsecret.txt", "/static/css/"]
)
async def test_nothing_else_is_found(files, path):
    assert (await ask(files, path))[0] == 404


async def test_other_methods_are_refused(files):
    assert (await ask(files, "/static/css/plain.css", method="POST"))[0] == 405
