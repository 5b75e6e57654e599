"""Run a private OpenSSH server for files by SFTP: one key that may read, and one that may write.

Its own host key, settings and client key, all made at the start; loopback and a free port; no password, no shell, no
forwarding. It runs as whoever starts it and lets only that account in. Each key is confined to SFTP, one to reading
(internal-sftp -R), not to a chroot: a chroot needs root and a path that only root can write to, which a folder for tests never is.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from wye.ports import EnvironmentFault

SECONDS_TO_START = 15
PRIVILEGE_SEPARATION = Path("/run/sshd")
TRIES = 5

SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey "{home}/host_key"
PidFile none
AuthorizedKeysFile "{home}/authorized_keys"
# The parents of a test's folder are anybody's to write to; the keys' own folder is closed to others.
StrictModes no
AllowUsers {user}
PermitRootLogin prohibit-password
AuthenticationMethods publickey
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
DisableForwarding yes
PermitTTY no
PermitUserEnvironment no
UseDNS no
LogLevel ERROR
Subsystem sftp internal-sftp
"""
READING, WRITING = 'restrict,command="internal-sftp -R"', 'restrict,command="internal-sftp"'
"""What each key may do, whatever is asked: only the inbox's may write."""


@dataclass(slots=True)
class Sshd:
    """Be one server; its keys and settings are kept in `home` (mode 0700)."""

    home: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def user(self) -> str:
        """Name the account that may log in: the one that runs the server."""
        return pwd.getpwuid(os.getuid()).pw_name

    @property
    def client_key(self) -> Path:
        """Say where the key is that may read."""
        return self.home / "client_key"

    @property
    def inbox_key(self) -> Path:
        """Say where the key is that may write."""
        return self.home / "inbox_key"

    @property
    def known_hosts(self) -> Path:
        """Say where the server's key is written down for clients."""
        return self.home / "known_hosts"

    def start(self) -> None:
        """Make what is lacking and start; raises EnvironmentFault if there is no OpenSSH or it does not come up."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.home.chmod(0o700)
        for key in (self.home / "host_key", self.client_key, self.inbox_key):
            if not key.exists():
                subprocess.run(  # noqa: S603  a program and arguments of ours
                    [_program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "wye-counterpart", "-f", str(key)],
                    check=True,
                    stdin=subprocess.DEVNULL,
                )
        keys = ((READING, self.client_key), (WRITING, self.inbox_key))
        allowed = "".join(f"{may} {Path(f'{key}.pub').read_text('ascii')}" for may, key in keys)
        (self.home / "authorized_keys").write_text(allowed, "ascii")
        if os.getuid() == 0:
            PRIVILEGE_SEPARATION.mkdir(mode=0o755, parents=True, exist_ok=True)
        for _ in range(TRIES):  # another program may take the free port before sshd does
            self.port = _free_port()
            if self._started():
                host_key = Path(f"{self.home / 'host_key'}.pub").read_text("ascii").split()[:2]
                self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {' '.join(host_key)}\n", "ascii")
                return
        said = (self.home / "sshd.log").read_text(errors="replace").strip().splitlines()
        raise EnvironmentFault(f"sshd did not start: `{said[-1] if said else 'it said nothing'}`")

    def stop(self) -> None:
        """End the server that this object started."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _started(self) -> bool:
        settings = self.home / "sshd_config"
        settings.write_text(SETTINGS.format(port=self.port, home=self.home, user=self.user), "utf-8")
        # setpriv: the server ends with us, even when we are killed.
        command = [_program("setpriv"), "--pdeathsig", "TERM", _program("sshd"), "-D", "-e", "-f", str(settings)]
        with (self.home / "sshd.log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603
        deadline = time.monotonic() + SECONDS_TO_START
        while self._process.poll() is None and time.monotonic() < deadline:
            if _answers(self.port):
                return True
            time.sleep(0.02)
        self.stop()
        return False


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if found is None:
        raise EnvironmentFault(f"`{name}` is not installed: apt-get install openssh-server openssh-client util-linux")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            return probe.recv(4) == b"SSH-"
    except OSError:
        return False
