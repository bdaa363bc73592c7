"""The engines that come out of wheels: private, durable, and started again whatever happened to them."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from config import embedded, installation
from config.embedded import FAST_AND_LOOSE, SUPERUSER, WHEEL, EngineError, Engines

pytestmark = pytest.mark.processes


@pytest.fixture
def engines(tmp_path):
    """Engines under a home that is closed to everybody else."""
    home = tmp_path / "closed" / "data"
    home.parent.mkdir(mode=0o700)
    environ = {"DATA_DIR": str(home)}
    installation.prepare(environ)
    return Engines.of_installation(environ, FAST_AND_LOOSE)


@pytest.fixture
def started(engines):
    """Starts PostgreSQL as often as asked, and stops it at the end."""
    running = []

    def start():
        engines.prepare()
        running.append(engines.run_postgres((engines.home / "postgres.log").open("ab")))
        return running[-1]

    yield start
    for process in running:
        embedded.stop(process, signal.SIGQUIT, seconds=5)
    shutil.rmtree(engines.sockets, ignore_errors=True)


def modes(path: Path) -> list[int]:
    return [folder.stat().st_mode for folder in (path, *path.parents)]


def test_nothing_is_opened_to_anybody(engines, started):
    before = modes(engines.home), modes(WHEEL)
    process = started()
    assert (modes(engines.home), modes(WHEEL)) == before
    assert engines.home.parent.stat().st_mode & 0o777 == 0o700
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in status, "the server must hold no privilege"
    assert engines.data.stat().st_mode & 0o777 == engines.sockets.stat().st_mode & 0o777 == 0o700


def test_each_role_may_do_its_part_and_no_more(engines, started):
    started()
    engines.ensure_roles()
    engines.ensure_roles()
    with psycopg.connect(engines.url(installation.OWNER), autocommit=True) as owner:
        owner.execute("CREATE TABLE facts (n int)")
        owner.execute("GRANT SELECT, INSERT ON facts TO glasshouse_app")
    with psycopg.connect(engines.url(installation.APPLICATION), autocommit=True) as application:
        application.execute("INSERT INTO facts VALUES (1)")
        for forbidden in (
            "UPDATE facts SET n = 2",
            "TRUNCATE facts",
            "DROP TABLE facts",
            "CREATE TABLE mine (n int)",
            "ALTER ROLE glasshouse_app SUPERUSER",
            "SET ROLE glasshouse_owner",
            "CREATE DATABASE mine",
            "COPY facts TO PROGRAM 'cat'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)


def test_the_database_sorts_and_folds_alike_on_every_machine(engines, started):
    started()
    engines.ensure_roles()
    with psycopg.connect(engines.url(installation.OWNER)) as owner:
        row = owner.execute("SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding), upper('ÿß') FROM"
                            " pg_database WHERE datname = current_database()").fetchone()  # fmt: skip
    assert row[:3] == ("b", "C.UTF-8", "UTF8")
    assert row[3].startswith("Ÿ")


def test_a_killed_server_starts_again_at_once_with_all_that_was_committed(engines, started):
    process = started()
    with psycopg.connect(engines.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        connection.execute("SET synchronous_commit = on")
        connection.execute("INSERT INTO kept VALUES (43)")
        process.kill()
        process.wait()
        started()
    with psycopg.connect(engines.url(SUPERUSER, "postgres")) as connection:
        assert connection.execute("SELECT sum(n) FROM kept").fetchone() == (85,)


def test_an_interrupted_first_start_leaves_nothing_in_the_way(engines, started):
    half = engines.home / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    started()
    assert not half.exists()
    assert not (engines.home / ".superuser").exists()


def test_a_server_that_cannot_start_says_why(engines, started):
    embedded.stop(started(), signal.SIGINT, seconds=5)
    (engines.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EngineError, match="no_such_setting"):
        started()


def test_a_folder_that_somebody_else_laid_out_is_not_used(engines, tmp_path):
    trap = tmp_path / "trap"
    trap.mkdir()
    engines.home.mkdir(parents=True, exist_ok=True)
    engines.sockets.symlink_to(trap)
    with pytest.raises(EngineError, match="not a folder"):
        engines.prepare()


def test_only_root_needs_another_identity(engines):
    expected = ("namespace", embedded.SYSTEM_USER) if os.geteuid() == 0 else ("self",)
    assert engines.identity in expected


@pytest.mark.parametrize(("gib", "held"), [(1, "128MB"), (4, "256MB"), (24, "512MB")])
def test_of_a_bank_s_memory_postgresql_holds_a_share_and_of_a_demonstration_s_little(monkeypatch, gib, held):
    pages = gib * 1024**3 // 4096
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": pages}.__getitem__)
    assert embedded.shared_buffers({"DEMO": "0"}) == held
    assert embedded.shared_buffers({}) == embedded.shared_buffers({"DEMO": "1"}) == "128MB"
