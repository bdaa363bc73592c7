"""`manage.py up` as an administrator and a fault know it."""

import errno
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

import psycopg
import pytest
import redis

from agents import tokens
from config import children, health, installation, supervisor
from config.installation import BASE_DIR
from tests.product import Product, alive

pytestmark = pytest.mark.processes


def well(product: Product) -> bool:
    return product.get("readyz")[0] == 200


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_run_file_says_what_runs_and_only_to_its_owner(product):
    run = product.run
    assert (product.data_dir / "run.json").stat().st_mode & 0o777 == 0o600
    assert run["pids"]["supervisor"] == product.process.pid
    pids = [run["pids"]["postgres"], run["pids"]["valkey"], *run["pids"]["web"], *run["pids"]["worker"]]
    assert len(run["pids"]["web"]) == 2
    assert all(map(alive, [*pids, *run["pids"]["listener"]]))
    assert "api_token" not in run
    assert redis.Redis.from_url(run["redis_url"]).ping()
    with psycopg.connect(run["database_url"]) as application, psycopg.connect(run["admin_database_url"]) as owner:
        assert application.execute("SELECT current_user").fetchone() == ("glasshouse_app",)
        assert owner.execute("SELECT current_user").fetchone() == ("glasshouse_owner",)


def test_it_says_ready_once_on_its_own_line(product):
    assert [line for line in product.printed if "READY" in line] == [f"READY {product.url}\n"]


def test_ready_is_said_only_when_every_web_process_says_so():
    """Of two processes the one may still repeat what it found before the others were there."""
    turns = itertools.chain([503, 200, 503, 200, 200, 503], itertools.repeat(200))
    told = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            told.append((time.monotonic(), next(turns)))
            self.send_response(told[-1][1])
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        starting = supervisor.Supervisor({}, installation.read({"DEMO": "1"}), None, sockets=[server.socket])
        while not starting.answers_steadily():
            pass
        server.shutdown()
    assert told[-1][0] - max(at for at, status in told if status == 503) > health.REMEMBERED_SECONDS["down"]


def test_a_full_disk_ends_nothing_and_all_is_started_again_when_there_is_room(tmp_path, monkeypatch):
    full = True

    def start(log: IO[bytes]) -> children.Process:
        if full:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        return subprocess.Popen(["sleep", "60"], start_new_session=True)

    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with (tmp_path / "log").open("ab") as log, socket.create_server(("127.0.0.1", 0)) as door:
        child = children.Child("web-1", "web", start, signal.SIGTERM, log)
        told = installation.read({"DEMO": "1", "DATA_DIR": str(tmp_path)})
        keeper = supervisor.Supervisor({"DEMO": "1"}, told, None, [child], [door])
        with monkeypatch.context() as disk:
            disk.setattr("builtins.print", no_room)
            disk.setattr(installation, "write_private", no_room)
            keeper._revive()
            assert child.process is None
            full, child.again_at = False, 0.0
            keeper._revive()
        assert child.alive
        keeper._revive()
        assert json.loads((tmp_path / "run.json").read_text())["pids"]["web"] == [child.process.pid]
        children.end_together([child], 1.0)


def test_the_engines_listen_on_sockets_only(product):
    """Whatever of ours listens on TCP is a web process on loopback."""
    owners = {}
    for pid in [product.process.pid, *product.family()]:
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(FileNotFoundError):  # it was closed: what listens stays open
                    if found := re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink())):
                        owners.setdefault(found[1], set()).add(pid)
    listening = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in owners:
                listening[fields[1]] = owners[fields[9]]
    port = int(product.url.rstrip("/").rpartition(":")[2])
    assert set(listening) == {f"0100007F:{port:04X}"}


def test_nobody_gets_into_the_engines_without_a_password(product):
    sockets = product.data_dir / "run"
    for user in ("postgres", "glasshouse_owner", "glasshouse_app", "root"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"host={sockets} dbname=glasshouse user={user}")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(f"unix://{sockets}/valkey.sock").ping()


def test_a_second_start_is_refused_with_the_reason(product):
    second = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env=product.environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert f"already running on {product.data_dir} (process {product.process.pid})" in second.stderr
    assert "READY" not in second.stdout
    product.eventually(lambda: well(product), 30, "the first one's readiness")


def test_a_taken_port_is_refused_with_the_reason(product, tmp_path):
    port = product.url.rstrip("/").rpartition(":")[2]
    other = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env=product.environ | {"DATA_DIR": str(tmp_path), "PORT": port},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert other.returncode == 1
    assert "name another PORT" in other.stderr


@pytest.mark.parametrize("kind", ["web", "worker", "listener", "valkey", "postgres"])
def test_what_is_killed_comes_back_by_itself(product, kind):
    before = product.run["pids"][kind]
    victim = before[0] if isinstance(before, list) else before
    family = product.family()
    os.kill(victim, signal.SIGKILL)
    product.eventually(lambda: product.run["pids"][kind] != before, what="a new process")
    product.eventually(lambda: well(product), what="readiness")
    now = product.run["pids"][kind]
    assert victim not in (now if isinstance(now, list) else [now])
    if kind == "worker":
        sentinels = [pid for pid in family if alive(pid) and pid not in product.family()]
        assert not sentinels, "the killed worker left processes at work"


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def asked(url: str, **options: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers and words of an answer, whatever it is."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def test_while_the_engine_is_away_pages_say_so_and_when_to_ask_again(product):
    product.eventually(lambda: well(product), what="readiness")
    engine = product.run["pids"]["postgres"]
    known = {"Cookie": "glasshouse_session=somebody"}
    backends = [pid for pid in product.family() if parent(pid) == engine]
    os.kill(engine, signal.SIGSTOP)  # so that nobody new comes in
    try:
        for pid in backends:
            os.kill(pid, signal.SIGKILL)
        page = f"{product.url}console/"
        with ThreadPoolExecutor() as side_by_side:
            got = side_by_side.submit(asked, page, headers=known)
            sent = side_by_side.submit(asked, f"{product.url}sign-in/", headers=known, data=b"username=somebody")
            program = side_by_side.submit(
                asked, f"{product.url}api/v1/mentions", headers={"Authorization": f"Bearer {tokens.fresh_secret()}"}
            )
        for status, headers, words in (got.result(), sent.result(), program.result()):
            assert status == 503, words
            assert 0 < int(headers["Retry-After"]) <= 10
            assert "default-src" in headers["Content-Security-Policy"]
        assert "opens by itself" in got.result()[2]
        assert "what you typed is still there" in sent.result()[2]
        assert json.loads(program.result()[2])["error"]
    finally:
        os.kill(engine, signal.SIGCONT)
    product.eventually(lambda: asked(page, headers=known)[0] == 200, what="the page")
    product.eventually(lambda: well(product), what="readiness")


def test_what_was_stored_survives_the_kill_of_its_engine(product):
    product.eventually(lambda: answers(product.run["admin_database_url"]), what="PostgreSQL")
    with psycopg.connect(product.run["admin_database_url"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (42)")
    os.kill(product.run["pids"]["postgres"], signal.SIGKILL)
    product.eventually(lambda: answers(product.run["admin_database_url"]), what="PostgreSQL")
    with psycopg.connect(product.run["admin_database_url"], autocommit=True) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
        connection.execute("DROP TABLE kept")


def test_it_stops_in_time_keeps_the_data_and_starts_again_after_a_kill_too(tmp_path):
    """In a container at its second start, where what is logged goes to standard error."""
    product = Product(tmp_path).start()
    with psycopg.connect(product.run["admin_database_url"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    family = product.family()
    assert product.stop() < 10
    assert not [pid for pid in family if alive(pid)]
    assert not (tmp_path / "run.json").exists()
    shutil.rmtree(tmp_path / "logs")
    product = Product(tmp_path, LOGS="stderr").start()
    with psycopg.connect(product.run["admin_database_url"]) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
    assert not (tmp_path / "logs" / "web-1.log").exists()
    assert (tmp_path / "logs" / "postgres.log").exists()
    family = product.family()
    product.process.kill()
    product.process.wait()
    product.start()
    try:
        assert not [pid for pid in family if alive(pid)]
        product.eventually(lambda: well(product), what="readiness")
    finally:
        product.stop()


def test_ctrl_c_while_it_starts_leaves_nothing_behind(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=BASE_DIR,
        env=Product(tmp_path).environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    started = Product(tmp_path)
    started.process = process
    started.eventually(lambda: (tmp_path / "postgres" / "postmaster.pid").exists(), what="the first engine")
    family = started.family()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130
    assert not [pid for pid in family if alive(pid)]
    assert "Traceback" not in process.stderr.read()
