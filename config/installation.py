"""What this installation is told from outside: one reading of the environment, refused as a whole when unsafe.

A demonstration, or any installation on its own engines, keeps what nobody typed in `secrets.json` in the data
directory, readable by its owner alone. An installation on other people's engines is told everything, by the
environment or by a file of the same shape named in `SECRETS_FILE`.
"""

import hashlib
import ipaddress
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet

BASE_DIR = Path(__file__).resolve().parent.parent

KEYS = ("SECRET_KEY", "SEAL_KEY", "CARD_EVIDENCE_KEY", "SOURCE_KEYS")
# Where the engines are, and how such an address begins.
ENGINES = {
    "DATABASE_URL": ("postgresql", "postgres"),
    "ADMIN_DATABASE_URL": ("postgresql", "postgres"),
    "REDIS_URL": ("redis", "rediss", "unix"),
}
PASSWORDS = ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APPLICATION_PASSWORD", "VALKEY_PASSWORD")

DATABASE = "glasshouse"
OWNER = "glasshouse_owner"
APPLICATION = "glasshouse_app"

SHORTEST_SECRET = 32
HIGHEST_PORT = 65535
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 107


class Refused(Exception):
    """The environment is unsafe or incomplete; the message names every fault, one a line."""


@dataclass(frozen=True)
class Mail:
    """The mail server; no `host` means that there is none."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    sender: str


@dataclass(frozen=True)
class Installation:
    """Everything the settings need to know from outside. Addresses are URLs, `source_keys` is newest first."""

    demo: bool
    demo_days: int
    data_dir: Path
    embedded: bool
    bind: str
    port: int
    public_url: str
    allowed_hosts: tuple[str, ...]
    database_url: str
    admin_database_url: str
    redis_url: str
    secret_key: str
    seal_key: str
    card_evidence_key: str
    source_keys: tuple[tuple[str, str], ...]
    anchor_file: Path
    proxies: int
    web_processes: int
    workers: int
    bank_name: str
    bank_time_zone: str
    mail: Mail
    idle_minutes: int
    export_rows_a_day: int
    promises_kept: int
    paper: str
    log_level: str

    @property
    def local_url(self) -> str:
        """The address of the web processes from this machine, past any proxy."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.bind, self.bind)  # noqa: S104
        return f"http://{host}:{self.port}"

    @property
    def loopback_demonstration(self) -> bool:
        """True where plain HTTP is allowed: a demonstration that only this machine can reach."""
        return self.demo and is_loopback(self.bind) and is_loopback(urlsplit(self.public_url).hostname or "")


def read(environ: Mapping[str, str]) -> Installation:
    """Read the installation from `environ` and the secrets file. Raises `Refused` with every fault found."""
    faults: list[str] = []
    demo = _switch(environ, "DEMO", default=True, faults=faults)
    port = _number(environ, "PORT", default=8000, most=HIGHEST_PORT, faults=faults)
    mail = _mail(environ, faults)
    bank_time_zone = _zone(environ, "BANK_TIME_ZONE", default="America/New_York", faults=faults)
    data_dir = data_directory(environ)
    bind = environ.get("BIND") or "127.0.0.1"
    embedded = "DATABASE_URL" not in environ
    stored = _stored(environ, faults)
    if not stored and demo:
        stored = generate()  # a check or a test of a fresh clone: nothing is kept, so nothing is protected by them
    told: dict[str, str] = {}
    for name in KEYS:
        value = environ.get(name) or stored.get(name, "")
        if not value:
            faults.append(f"{name} is missing")
        told[name] = value
    told |= _engines(environ, stored, data_dir, embedded=embedded, faults=faults)
    public_url = environ.get("PUBLIC_URL", "").rstrip("/")
    hosts = tuple(host.strip() for host in environ.get("ALLOWED_HOSTS", "").split(",") if host.strip())
    local = is_loopback(bind) and (demo or embedded)
    if not public_url:
        if not local:
            faults.append("PUBLIC_URL is missing: the https address under which people reach this installation")
        public_url = f"http://127.0.0.1:{port}"
    if not hosts:
        if not local:
            faults.append("ALLOWED_HOSTS is missing: the host names that this installation answers to")
        hosts = ("127.0.0.1", "localhost", "[::1]", urlsplit(public_url).hostname or "127.0.0.1")
    anchor = environ.get("ANCHOR_FILE", "")
    if not anchor and not (demo or embedded):
        faults.append("ANCHOR_FILE is missing: where the event chain is anchored outside PostgreSQL")
    if not demo:
        faults += _unsafe(told, hosts, public_url, embedded=embedded) + _in_the_clear(told, mail)
        if public_url.startswith("https:") and not environ.get("PROXIES"):
            faults.append("PROXIES is missing: how many proxies stand before it? Without, all clients count as one")
    source_keys = _key_ring(told["SOURCE_KEYS"], faults)
    numbers = {
        "demo_days": _number(environ, "DEMO_DAYS", default=30, least=1, most=90, faults=faults),
        "proxies": _number(environ, "PROXIES", default=0, faults=faults),
        "web_processes": _number(environ, "WEB_PROCESSES", default=2, least=1, faults=faults),
        "workers": _number(environ, "WORKERS", default=1, least=1, faults=faults),
        "idle_minutes": _number(environ, "IDLE_MINUTES", default=120 if demo else 15, least=1, most=240, faults=faults),
        "export_rows_a_day": _number(environ, "EXPORT_ROWS_A_DAY", default=500_000, faults=faults),
        "promises_kept": _number(environ, "PROMISES_KEPT", default=80, least=1, most=100, faults=faults),
    }
    paper = _one_of(environ, "PAPER", ("", "letter", "a4"), faults)
    log_level = _one_of(environ, "LOG_LEVEL", ("", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), faults)
    if faults:
        raise Refused("\n".join(faults))
    return Installation(
        demo=demo,
        data_dir=data_dir,
        embedded=embedded,
        bind=bind,
        port=port,
        public_url=public_url,
        allowed_hosts=hosts,
        database_url=told["DATABASE_URL"],
        admin_database_url=told["ADMIN_DATABASE_URL"],
        redis_url=told["REDIS_URL"],
        secret_key=told["SECRET_KEY"],
        seal_key=told["SEAL_KEY"],
        card_evidence_key=told["CARD_EVIDENCE_KEY"],
        source_keys=source_keys,
        anchor_file=Path(anchor) if anchor else data_dir / "anchor" / "events.anchor",
        bank_name=environ.get("BANK_NAME") or ("Larkmere Bank" if demo else urlsplit(public_url).hostname or ""),
        bank_time_zone=bank_time_zone,
        mail=mail,
        paper=paper or ("letter" if bank_time_zone.startswith(("America/", "US/", "Canada/")) else "a4"),
        log_level=log_level,
        **numbers,
    )


def data_directory(environ: Mapping[str, str]) -> Path:
    """The absolute data directory: `DATA_DIR`, relative to the working directory, or `.data` in the project."""
    return Path(environ["DATA_DIR"]).absolute() if environ.get("DATA_DIR") else BASE_DIR / ".data"


def prepare(environ: Mapping[str, str]) -> None:
    """Make the data directory and, where this installation may keep its own secrets, `secrets.json` in it.

    Called before anything is started. What exists is kept; an installation on named engines outside a
    demonstration is left to be refused by `read`.
    """
    from config.embedded import choose_home  # loads what only the one who starts the engines needs

    data_dir = data_directory(environ)
    _make_private(data_dir)
    demo = environ.get("DEMO", "1") != "0"
    if not demo and "DATABASE_URL" in environ:
        return
    path = secrets_file(environ)
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    complete = generate() | kept
    if "DATABASE_URL" not in environ:
        complete["IDENTITY"], complete["ENGINE_HOME"] = (str(part) for part in choose_home(data_dir))
    if complete != kept:
        write_private(path, json.dumps(complete, indent=1))


def _make_private(data_dir: Path) -> None:
    """Make the data directory one that its owner alone can enter, or tell why it cannot be."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data_dir.stat().st_mode & stat.S_ISVTX or data_dir.resolve() == Path("/"):  # nobody would enter it any more
            raise Refused(f"DATA_DIR is {data_dir}: others use it too, name a directory of its own")
        data_dir.chmod(0o700)
    except OSError as error:
        raise Refused(f"DATA_DIR is {data_dir}: it cannot be used ({error.strerror}), name another") from None


def generate() -> dict[str, str]:
    """A full set of fresh secrets and engine passwords, as `secrets.json` keeps them."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SEAL_KEY": secrets.token_urlsafe(32),
        "CARD_EVIDENCE_KEY": secrets.token_urlsafe(32),
        "SOURCE_KEYS": f"1:{Fernet.generate_key().decode()}",
    } | {name: secrets.token_urlsafe(24) for name in PASSWORDS}


def stored_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """What `prepare` has kept. Raises `Refused` if others can read it, returns nothing if there is none."""
    faults: list[str] = []
    stored = _stored(environ, faults)
    if faults:
        raise Refused("\n".join(faults))
    return stored


def secrets_file(environ: Mapping[str, str]) -> Path:
    """Where generated or given secrets are kept."""
    named = environ.get("SECRETS_FILE")
    return Path(named) if named else data_directory(environ) / "secrets.json"


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step by a file that only its owner can read, durably."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def engine_home(environ: Mapping[str, str], stored: Mapping[str, str]) -> Path:
    """The folder in which the embedded engines keep their data: the data directory unless `prepare` chose another."""
    return Path(stored["ENGINE_HOME"]) if stored.get("ENGINE_HOME") else data_directory(environ)


def socket_directory(home: Path) -> Path:
    """The folder of the engines' sockets: in their home, or a short private one where that path is too long."""
    inside = home / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"glasshouse-{os.geteuid()}-{digest}"


def postgres_url(role: str, password: str, sockets: Path, database: str = DATABASE) -> str:
    """The address of the embedded PostgreSQL for one role, as libpq and psycopg read it."""
    return f"postgresql://{role}:{quote(password, safe='')}@/{database}?host={quote(str(sockets), safe='')}"


def valkey_url(password: str, sockets: Path) -> str:
    """The address of the embedded Valkey, as redis-py reads it."""
    return f"unix://:{quote(password, safe='')}@{sockets / 'valkey.sock'}?db=0"


def is_loopback(host: str) -> bool:
    """True for an address or name that only this machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _switch(environ: Mapping[str, str], name: str, *, default: bool, faults: list[str]) -> bool:
    value = environ.get(name, "")
    if value not in ("", "0", "1"):
        faults.append(f"{name} is {value!r}: it takes 0 or 1")
    return value == "1" if value else default


def _number(
    environ: Mapping[str, str], name: str, *, default: int, least: int = 0, most: int = 10**9, faults: list[str]
) -> int:
    value = environ.get(name) or str(default)
    if value.isdecimal() and least <= int(value) <= most:
        return int(value)
    faults.append(f"{name} is {value!r}: it takes a whole number from {least} to {most}")
    return default


def _one_of(environ: Mapping[str, str], name: str, words: Sequence[str], faults: list[str]) -> str:
    value = environ.get(name, "")
    if value not in words:
        faults.append(f"{name} is {value!r}: it takes one of {', '.join(filter(None, words))}")
    return value


def _zone(environ: Mapping[str, str], name: str, *, default: str, faults: list[str]) -> str:
    value = environ.get(name) or default
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(f"{name} is {value!r}: it takes a time zone's name, such as Europe/London")
    return value


def _mail(environ: Mapping[str, str], faults: list[str]) -> Mail:
    return Mail(
        host=environ.get("EMAIL_HOST", ""),
        port=_number(environ, "EMAIL_PORT", default=587, least=1, most=HIGHEST_PORT, faults=faults),
        user=environ.get("EMAIL_USER", ""),
        password=environ.get("EMAIL_PASSWORD", ""),
        tls=_switch(environ, "EMAIL_TLS", default=True, faults=faults),
        sender=environ.get("EMAIL_FROM", "glasshouse@localhost"),
    )


def _stored(environ: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    path = secrets_file(environ)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        if environ.get("SECRETS_FILE"):
            faults.append(f"SECRETS_FILE names {path}, which does not exist")
        return {}
    if mode & 0o077:
        faults.append(f"{path} can be read by others (mode {mode:o}): chmod 600 it")
    stored: dict[str, str] = json.loads(path.read_text())
    return stored


def _engines(
    environ: Mapping[str, str],
    stored: Mapping[str, str],
    data_dir: Path,
    *,
    embedded: bool,
    faults: list[str],
) -> dict[str, str]:
    told = {name: environ.get(name, "") for name in ENGINES}
    for name, schemes in ENGINES.items():
        if told[name] and urlsplit(told[name]).scheme not in schemes:
            faults.append(f"{name} is no address that begins with {schemes[0]}://")  # a password may stand in it
    if embedded:
        if told["ADMIN_DATABASE_URL"]:
            faults.append("ADMIN_DATABASE_URL is set without DATABASE_URL: name both or neither")
        if not stored:
            faults.append(f"there is no installation in {data_dir}: start it with `manage.py up`, or name DATABASE_URL")
        sockets = socket_directory(engine_home(environ, stored))
        told["DATABASE_URL"] = postgres_url(APPLICATION, stored.get("APPLICATION_PASSWORD", ""), sockets)
        told["ADMIN_DATABASE_URL"] = postgres_url(OWNER, stored.get("OWNER_PASSWORD", ""), sockets)
        told["REDIS_URL"] = told["REDIS_URL"] or valkey_url(stored.get("VALKEY_PASSWORD", ""), sockets)
        return told
    for name, use in (
        ("ADMIN_DATABASE_URL", "the role that owns the schema"),
        ("REDIS_URL", "Valkey or Redis"),
    ):
        if not told[name]:
            faults.append(f"{name} is missing: DATABASE_URL is named, so {use} must be named too")
    if (
        told["DATABASE_URL"]
        and told["ADMIN_DATABASE_URL"]
        and urlsplit(told["DATABASE_URL"]).username == urlsplit(told["ADMIN_DATABASE_URL"]).username
    ):
        faults.append("DATABASE_URL and ADMIN_DATABASE_URL name the same role: the application must not own the schema")
    return told


def _unsafe(told: Mapping[str, str], hosts: tuple[str, ...], public_url: str, *, embedded: bool) -> list[str]:
    faults = [
        f"{name} is too short: at least {SHORTEST_SECRET} characters of chance"
        for name in ("SECRET_KEY", "SEAL_KEY", "CARD_EVIDENCE_KEY")
        if told[name] and (len(told[name]) < SHORTEST_SECRET or len(set(told[name])) < SHORTEST_SECRET // 4)
    ]
    given = [told[name] for name in ("SECRET_KEY", "SEAL_KEY", "CARD_EVIDENCE_KEY") if told[name]]
    if len(set(given)) < len(given):
        faults.append("SECRET_KEY, SEAL_KEY and CARD_EVIDENCE_KEY must be three different secrets")
    if told["SECRET_KEY"].startswith("django-insecure"):
        faults.append("SECRET_KEY is a sample key")
    if any(host.startswith((".", "*")) for host in hosts):
        faults.append("ALLOWED_HOSTS holds a wildcard: name each host")
    address = urlsplit(public_url)
    if address.scheme != "https" and not (embedded and is_loopback(address.hostname or "")):
        faults.append(f"PUBLIC_URL is {public_url}: it must be an https address")
    return faults


def _in_the_clear(told: Mapping[str, str], mail: Mail) -> list[str]:
    """What would cross a network unencrypted, or to a server that nobody proved: passwords, private messages."""
    faults = []
    for name in ("DATABASE_URL", "ADMIN_DATABASE_URL"):
        address = urlsplit(told[name])
        asked = parse_qs(address.query)
        host = asked.get("host", [address.hostname or ""])[0]
        if _is_elsewhere(host) and asked.get("sslmode", [""])[-1] not in ("verify-full", "verify-ca"):
            faults.append(f"{name} names another machine: write ?sslmode=verify-full behind it, with sslrootcert")
    cache = urlsplit(told["REDIS_URL"])
    if cache.scheme == "redis" and _is_elsewhere(cache.hostname or ""):
        faults.append("REDIS_URL names another machine: write rediss:// instead of redis://")
    if _is_elsewhere(mail.host) and not mail.tls:
        faults.append("EMAIL_TLS is 0 and EMAIL_HOST another machine: mails would leave in the clear")
    return faults


def _is_elsewhere(host: str) -> bool:
    """Whether it is another machine; a path is a socket of this one."""
    return bool(host) and not host.startswith("/") and not is_loopback(host)


def _key_ring(text: str, faults: list[str]) -> tuple[tuple[str, str], ...]:
    ring: list[tuple[str, str]] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        identifier, _, key = part.partition(":")
        try:
            Fernet(key)
        except ValueError:
            faults.append(
                f"SOURCE_KEYS: the key with identifier {identifier!r} is not a Fernet key (write `id:key,id:key`)"
            )
        ring.append((identifier, key))
    if len({identifier for identifier, _ in ring}) < len(ring):
        faults.append("SOURCE_KEYS: an identifier occurs twice")
    return tuple(ring)
