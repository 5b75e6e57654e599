"""Run the embedded PostgreSQL of one home folder.

Two locks keep other local users out: the server listens on no network port, only on a socket in a folder of
mode 0700, and it asks for a random password (SCRAM) that is kept 0600 in `home/services/`.
"""

import os
import shutil
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from wye.errors import EnvironmentFault, StorageExhausted
from wye.local import postgres_account, postgres_login, private, process

OWNER = "wye"
SHARED_PLACE = Path("/var/tmp")  # noqa: S108  only through own_folder_in_shared_place, which refuses others' folders
START_SECONDS = 60
NOBODY = 2**22 + 1
"""A process number that Linux never gives: they end at 2^22."""
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements, their parameters and the details of errors hold people's values: clients get them, the log does not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Cluster:
    """Hold one PostgreSQL server, its data and its password. It outlives the process that started it."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        """Name the cluster of a home. Without `durable` a power cut may lose what was committed (a kill may not)."""
        self.home = home.resolve()
        self.durable = durable
        self.services = self.home / "services"
        self._password = self.services / "postgres.password"
        self._lock = self.services / "postgres.lock"

    @cached_property
    def place(self) -> Path:
        """Say where data and socket lie: below /var/tmp, since a server of another account must reach them
        without a parent being opened for it, and since a socket's path may have no more than 107 bytes.
        """
        return SHARED_PLACE / f"wye-{os.geteuid()}-{private.home_name(self.home)}"

    @property
    def data(self) -> Path:
        """Say where the data lie (mode 0700, owned by the server's account)."""
        return self.place / "data"

    @property
    def socket(self) -> Path:
        """Say where the socket lies (mode 0700, owned by the server's account)."""
        return self.place / "socket"

    @property
    def log(self) -> Path:
        """Say where the server's log lies."""
        return self.data / "server.log"

    @property
    def pid(self) -> int | None:
        """Find the running server's process number; None when no server of this home runs."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        words = process.command_line(pid)
        return pid if words is not None and f"-D {self.data}" in words else None

    @property
    def running(self) -> bool:
        """Say whether the server runs."""
        return self._password.exists() and self.pid is not None

    def start(self) -> str:
        """Start the server unless it runs, and give the owner's URL on the maintenance database.

        Raises EnvironmentFault if it does not start, with where its log is.
        """
        with private.lock(self._lock):
            until = time.monotonic() + START_SECONDS
            # A server that was just killed is still to be seen for a moment: what counts is that it answers.
            while not (self.running and self._answers()):
                if not self.running:
                    self._start()
                elif time.monotonic() > until:
                    raise EnvironmentFault(f"the embedded postgresql runs but does not answer; see `{self.log}`")
                else:
                    time.sleep(0.05)
        return self.url("postgres")

    def stop(self) -> None:
        """Stop the server if it runs: sessions are ended, everything committed is kept."""
        with private.lock(self._lock):
            self._stop()

    def erase(self) -> None:
        """Stop the server and remove its data and password for good."""
        with private.lock(self._lock):
            self._stop()
            shutil.rmtree(self.place, ignore_errors=True)
            self._password.unlink(missing_ok=True)
            self._forget_logins()

    def url(self, database: str, login: str = OWNER) -> str:
        """Give the URL of a database as one login, whether or not the database is there: the owner's unless one is named."""
        place = self._password if login == OWNER else self._password_of(login)
        try:
            password = place.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise EnvironmentFault("the embedded postgresql was never started; run `wye services up`") from error
        return f"postgresql://{quote(login)}:{quote(password, safe='')}@/{quote(database, safe='')}?host={self.socket}"

    def login(self, name: str, member_of: str | None = None) -> str:
        """Make a login with a password of its own (0600, beside the owner's) unless it is there; give its name.

        It owns nothing and may do what the group role does that it is made a member of: no more than that.
        """
        if not self._password_of(name).exists():
            with private.lock(self._lock):
                if not self._password_of(name).exists():  # written last: a login whose making was cut off is made again
                    private.write(self._password_of(name), postgres_login.make(self.url("postgres"), name, member_of))
        return name

    def create_database(self, name: str, template: str | None = None, owner: str = OWNER) -> str:
        """Make a database (a copy of `template`, if given) unless it is there; give its URL as its owner."""
        import psycopg
        from psycopg import sql

        words = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        if template is not None:
            words += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
                conn.execute(words)
        except psycopg.errors.DuplicateDatabase:
            pass
        except psycopg.OperationalError as error:
            raise EnvironmentFault(
                f"the database `{name}` cannot be made; is the server up: `wye services status`"
            ) from error
        return self.url(name, owner)

    def drop_database(self, name: str, patience: float = 60.0) -> None:
        """Remove a database, ending whoever is in it; quiet if there is none.

        PostgreSQL first waits for every session of the whole server, and one amid a COPY keeps it waiting. Raises
        EnvironmentFault after `patience` seconds; the database is then unusable, and dropping it again ends it.
        """
        import psycopg
        from psycopg import sql

        options = f"-c statement_timeout={int(patience * 1000)}"
        try:
            with psycopg.connect(self.url("postgres"), autocommit=True, options=options) as conn:
                conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        except psycopg.errors.QueryCanceled as error:
            raise EnvironmentFault(f"another session's COPY keeps the database `{name}` from being removed") from error

    def _password_of(self, login: str) -> Path:
        return self.services / f"postgres.{login}.password"

    def _forget_logins(self) -> None:
        for path in self.services.glob("postgres.*.password"):
            path.unlink()

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _stop(self) -> None:
        if self.pid is not None:
            self._run("pg_ctl", "stop", "-w", "-m", "fast", "-t", str(START_SECONDS), "-D", str(self.data))

    def _start(self) -> None:
        if not self._password.exists():
            # The home that knew the password is gone, and its people's data with it: nobody can use this again.
            self._stop()
            shutil.rmtree(self.place, ignore_errors=True)
            self._forget_logins()
        who = postgres_account.account()
        private.own_folder_in_shared_place(self.place, 0o700 if who.name is None else 0o711)
        for path in (self.data, self.socket):
            path.mkdir(mode=0o700, exist_ok=True)
            os.chown(path, who.uid, who.gid)
            path.chmod(0o700)
        private.write(self.services / "postgres.place", f"{self.place}\n")
        if not (self.data / "PG_VERSION").exists():
            self._make()
        if self.pid is None:
            self._disown()
        options = "" if self.durable else "-c fsync=off -c full_page_writes=off"
        until = time.monotonic() + START_SECONDS
        while True:
            done = self._try("pg_ctl", "start", "-w", "-s", "-l", str(self.log), "-o", options, "-D", str(self.data))
            if done.returncode == 0:
                return
            # The children of a killed server may hold its memory for a moment longer.
            if "pre-existing shared memory" not in self._last_words() or time.monotonic() > until:
                raise EnvironmentFault(f"the embedded postgresql does not start; see `{self.log}`")
            time.sleep(0.2)

    def _disown(self) -> None:
        """Make what a killed server left name a process that cannot be: its number may be another's by now, which
        PostgreSQL would take for a running server. The rest of the file stays, since by the shared memory named
        there PostgreSQL sees whether children of the killed one still write.
        """
        left = self.data / "postmaster.pid"
        if left.exists():
            lines = left.read_text(encoding="utf-8").split("\n")
            left.write_text("\n".join([str(NOBODY), *lines[1:]]), encoding="utf-8")
        for path in self.socket.glob(".s.PGSQL.*"):
            path.unlink()

    def _make(self) -> None:
        """Initialise the data folder. It counts as made once PG_VERSION is in it, so a half-made one is emptied."""
        password = private.secret(self._password)
        who = postgres_account.account()
        with tempfile.NamedTemporaryFile("w", dir=self.socket, encoding="utf-8") as file:  # mode 0600
            file.write(password)
            file.flush()
            os.chown(file.name, who.uid, who.gid)
            making = self.place / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700)
            os.chown(making, who.uid, who.gid)
            self._run(
                "initdb",
                *("-D", str(making), "-U", OWNER, "--auth=scram-sha-256", f"--pwfile={file.name}"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            )
        lines = [f"{key} = '{value}'" for key, value in {**SETTINGS, "unix_socket_directories": self.socket}.items()]
        with (making / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n".join(["", "# Wye", *lines, ""]))
        self.data.rmdir()
        making.rename(self.data)

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:] if self.log.exists() else ""

    def _run(self, program: str, *words: str) -> None:
        done = self._try(program, *words)
        if done.returncode != 0:
            if "No space left" in done.stdout or "Disk quota" in done.stdout:
                raise StorageExhausted(f"no space for the embedded postgresql below `{self.place}`")
            last = (done.stdout.strip().splitlines() or ["nothing was said"])[-1]
            raise EnvironmentFault(f"`{program}` ended with {done.returncode} for `{self.place}`: {last}")

    def _try(self, program: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a PostgreSQL program as the server's account, holding on to no file, group or variable of ours."""
        who = postgres_account.account()
        path = postgres_account.programs_for(who, self.place) / program
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:  # a pipe would stay open in the server
            done = subprocess.run(  # noqa: S603  our own programs and words
                [str(path), *words],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                user=None if who.name is None else who.uid,
                group=None if who.name is None else who.gid,
                extra_groups=None if who.name is None else [],
                cwd=self.place,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                start_new_session=True,
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")
