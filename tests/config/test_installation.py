"""What the settings refuse, and what an installation keeps for itself."""

import json
import os
import stat

import pytest
from cryptography.fernet import Fernet

from config import installation
from config.installation import Refused, prepare, read

RING = f"2:{Fernet.generate_key().decode()},1:{Fernet.generate_key().decode()}"
BANK = {
    "DEMO": "0",
    "BIND": "0.0.0.0",
    "PUBLIC_URL": "https://desk.bank.example",
    "PROXIES": "1",
    "ALLOWED_HOSTS": "desk.bank.example",
    "SECRET_KEY": "kR3vX0q9Zt7LwY2mB8nC5sD1fG4hJ6pQ",
    "SEAL_KEY": "a9W2eR5tY8uI1oP4sD7fG0hJ3kL6zX9c",
    "CARD_EVIDENCE_KEY": "Q1w2E3r4T5y6U7i8O9p0A1s2D3f4G5h6",
    "SOURCE_KEYS": RING,
    "ANCHOR_FILE": "/var/lib/anchor/events.anchor",
    "DATABASE_URL": "postgresql://app:x@db.internal/glasshouse?sslmode=verify-full",
    "ADMIN_DATABASE_URL": "postgresql://owner:y@db.internal/glasshouse?sslmode=verify-full",
    "REDIS_URL": "rediss://:z@hints.internal/0",
}


@pytest.fixture
def bank(tmp_path):
    return BANK | {"DATA_DIR": str(tmp_path / "data")}


def faults(environ):
    with pytest.raises(Refused) as refused:
        read(environ)
    return str(refused.value)


def test_a_banks_installation_is_told_everything(bank):
    told = read(bank)
    assert not told.demo
    assert not told.embedded
    assert not told.loopback_demonstration
    assert told.allowed_hosts == ("desk.bank.example",)
    assert [identifier for identifier, _ in told.source_keys] == ["2", "1"]


def test_a_bank_without_a_name_goes_by_its_address(bank):
    assert read(bank).bank_name == "desk.bank.example"
    assert read(bank | {"BANK_NAME": "Larch Savings"}).bank_name == "Larch Savings"


@pytest.mark.parametrize("name", [name for name in BANK if name not in ("DEMO", "BIND", "DATABASE_URL")])
def test_outside_a_demonstration_nothing_may_be_missing(bank, name):
    del bank[name]
    assert f"{name} is missing" in faults(bank)


def test_every_fault_is_named_at_once(bank):
    said = faults(bank | {"SECRET_KEY": "", "SEAL_KEY": "", "PUBLIC_URL": ""})
    assert all(f"{name} is missing" in said for name in ("SECRET_KEY", "SEAL_KEY", "PUBLIC_URL"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "django-insecure-kR3vX0q9Zt7LwY2mB8nC5sD1fG4hJ6pQ"}, "sample key"),
        ({"SEAL_KEY": BANK["CARD_EVIDENCE_KEY"]}, "three different secrets"),
        ({"ALLOWED_HOSTS": "*"}, "wildcard"),
        ({"ALLOWED_HOSTS": ".bank.example"}, "wildcard"),
        ({"PUBLIC_URL": "http://desk.bank.example"}, "must be an https address"),
        ({"DATABASE_URL": "postgresql://app:x@db.internal/g"}, "DATABASE_URL names another machine"),
        ({"ADMIN_DATABASE_URL": "postgresql://o:y@/g?host=db.internal&sslmode=require"}, "ADMIN_DATABASE_URL names an"),
        ({"REDIS_URL": "redis://:z@hints.internal/0"}, "REDIS_URL names another machine"),
        ({"EMAIL_HOST": "mail.internal", "EMAIL_TLS": "0"}, "in the clear"),
        ({"IDLE_MINUTES": "0"}, "IDLE_MINUTES is '0'"),
        ({"ADMIN_DATABASE_URL": BANK["DATABASE_URL"]}, "the application must not own the schema"),
        ({"SOURCE_KEYS": "1:not-a-key"}, "not a Fernet key"),
        ({"SOURCE_KEYS": RING.replace("2:", "1:", 1)}, "occurs twice"),
        ({"DEMO": "yes"}, "it takes 0 or 1"),
        ({"PORT": "http"}, "it takes a whole number"),
        ({"PORT": "65536"}, "it takes a whole number from 0 to 65535"),
        ({"WEB_PROCESSES": "0"}, "WEB_PROCESSES is '0'"),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT is 'smtp'"),
        ({"EMAIL_TLS": "yes"}, "EMAIL_TLS is 'yes': it takes 0 or 1"),
        ({"BANK_TIME_ZONE": "Mars/Olympus"}, "it takes a time zone's name"),
        ({"BANK_TIME_ZONE": "../../etc/passwd"}, "it takes a time zone's name"),
        ({"LOG_LEVEL": "loud"}, "it takes one of DEBUG"),
        ({"PAPER": "a5"}, "it takes one of letter, a4"),
    ],
)
def test_unsafe_values_are_refused_with_the_reason(bank, change, said):
    assert said in faults(bank | change)


def test_secrets_may_come_from_a_file_that_only_its_owner_reads(bank, tmp_path):
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({name: bank.pop(name) for name in installation.KEYS}))
    bank["SECRETS_FILE"] = str(file)
    file.chmod(0o640)
    assert "can be read by others" in faults(bank)
    file.chmod(0o600)
    assert read(bank).secret_key == BANK["SECRET_KEY"]


def test_an_installation_of_its_own_engines_keeps_its_own_secrets(tmp_path):
    environ = {"DATA_DIR": str(tmp_path / "data"), "DEMO": "0"}
    assert "start it with `manage.py up`" in faults(environ)
    prepare(environ)
    first = read(environ)
    prepare(environ)
    assert read(environ) == first
    kept = tmp_path / "data" / "secrets.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert len({first.secret_key, first.seal_key, first.card_evidence_key}) == 3


def test_two_demonstrations_share_no_secret(tmp_path):
    told = []
    for name in ("one", "two"):
        environ = {"DATA_DIR": str(tmp_path / name)}
        prepare(environ)
        told.append(read(environ))
    assert told[0].secret_key != told[1].secret_key
    assert told[0].database_url != told[1].database_url


def test_a_bank_is_not_given_secrets_that_it_did_not_choose(bank):
    for name in installation.KEYS:
        del bank[name]
    prepare(bank)
    assert "SECRET_KEY is missing" in faults(bank)


def test_plain_http_is_for_a_demonstration_that_only_this_machine_reaches(tmp_path):
    environ = {"DATA_DIR": str(tmp_path)}
    assert read(environ).loopback_demonstration
    assert "PUBLIC_URL is missing" in faults(environ | {"BIND": "0.0.0.0"})
    public = environ | {"BIND": "0.0.0.0", "PUBLIC_URL": "https://show.example", "ALLOWED_HOSTS": "show.example"}
    assert not read(public).loopback_demonstration


@pytest.mark.parametrize("name", ["DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL"])
def test_an_engine_of_another_kind_is_named_without_its_password(bank, name):
    said = faults(bank | {name: "mysql://app:hidden@db.internal/glasshouse"})
    assert f"{name} is no address that begins with" in said
    assert "hidden" not in said


def test_a_data_directory_that_cannot_be_ones_own_is_refused_in_words(bank, tmp_path):
    (taken := tmp_path / "file").write_text("")
    (shared := tmp_path / "shared").mkdir()
    shared.chmod(0o1777)
    for named in (taken, taken / "below", shared, "/proc/none"):
        with pytest.raises(Refused, match=f"DATA_DIR is {named}"):
            prepare(bank | {"DATA_DIR": str(named)})
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777, "others' directory stays as it is"


def test_a_long_data_directory_gets_a_short_private_socket_folder(tmp_path):
    deep = tmp_path / ("d" * 100)
    sockets = installation.socket_directory(deep)
    assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= installation.LONGEST_SOCKET_PATH
    assert sockets != installation.socket_directory(tmp_path / ("e" * 100))
    assert installation.socket_directory(tmp_path) == tmp_path / "run"
