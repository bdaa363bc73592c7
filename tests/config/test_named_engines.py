"""A bank's installation on PostgreSQL and Valkey that it runs itself: everything told, nothing embedded."""

from collections.abc import Iterator

import psycopg
import pytest

from config.embedded import SUPERUSER, create_database
from config.installation import APPLICATION, OWNER
from tests.config.test_installation import BANK
from tests.engines import of_session
from tests.product import Product

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    engines = of_session()
    with psycopg.connect(engines.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        create_database(connection, "bank")
    folder = tmp_path_factory.mktemp("bank")
    told = BANK | {
        "BIND": "127.0.0.1",
        "ANCHOR_FILE": str(folder / "elsewhere" / "events.anchor"),
        "DATABASE_URL": engines.url(APPLICATION, "bank"),
        "ADMIN_DATABASE_URL": engines.url(OWNER, "bank"),
        "REDIS_URL": engines.valkey_url.replace("db=0", "db=15"),
    }
    running = Product(folder / "data", **told).start()
    yield running
    running.stop()


def test_it_runs_on_what_it_was_told_and_starts_nothing_else(bank):
    run = bank.run
    assert run["pids"]["postgres"] is None
    assert run["pids"]["valkey"] is None
    assert run["database_url"] == bank.environ["DATABASE_URL"]
    assert not (bank.data_dir / "postgres").exists()
    assert not (bank.data_dir / "secrets.json").exists()
    bank.eventually(lambda: bank.get("readyz")[0] == 200, what="everything answers")


def test_there_is_no_demonstration_in_it(bank):
    assert bank.get("sandbox/")[0] in (400, 404)
    assert "demo_users" not in bank.run


def test_it_answers_to_its_own_name_alone(bank):
    assert bank.get("admin/login/")[0] == 400


def test_the_first_administrator_is_invited_by_its_own_address(bank):
    (line,) = [line for line in bank.printed if "first administrator" in line]
    assert "https://desk.bank.example/" in line
