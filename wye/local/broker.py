"""Run the private RabbitMQ node of one home folder.

Everything of the node is its own: name, cookie, port mapper (epmd), three ports on loopback, folders. So it
can neither meet nor disturb another node of the machine. It runs as whoever started it.
"""

import base64
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from wye.errors import BrokerUnavailable, EnvironmentFault
from wye.local import loopback, private, process

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
VHOST = "wye"
ADMINISTRATOR = "wye"
NODE = "wye@localhost"
START_SECONDS = 90
STOP_SECONDS = 30.0
MAPPER_SECONDS = 5.0


class Broker:
    """Hold one RabbitMQ node, its data and its administrator account. It outlives the process that started it."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.services = self.home / "services"
        self.folder = self.services / "broker"
        self._password = self.services / "broker.password"
        self._lock = self.services / "broker.lock"
        self._ports = self.folder / "ports.json"
        self._pid_file = self.folder / "node.pid"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Say where the node's log lies."""
        return self.folder / "log" / f"{NODE}.log"

    @property
    def pid(self) -> int | None:
        """Find the running node's process number; None when no node of this home runs."""
        if self._child is not None:
            self._child.poll()
        try:
            return process.alive(self._pid_file.read_text(encoding="utf-8"))
        except OSError:
            return None

    @property
    def running(self) -> bool:
        """Say whether the node runs."""
        return self.pid is not None

    @property
    def url(self) -> str:
        """Give the administrator's AMQP URL of the vhost `wye`, whether or not the node runs."""
        try:
            password = self._password.read_text(encoding="utf-8")
            port = self._known_ports()["amqp"]
        except (OSError, KeyError, ValueError) as error:
            raise EnvironmentFault("the private rabbitmq was never started; run `wye services up`") from error
        return f"amqp://{ADMINISTRATOR}:{quote(password, safe='')}@127.0.0.1:{port}/{VHOST}"

    def start(self) -> str:
        """Start the node unless it runs, wait until it lets the administrator in, and give its URL.

        Raises EnvironmentFault if RabbitMQ is not installed, BrokerUnavailable if it does not come up.
        """
        with private.lock(self._lock):
            if not (self.running and self._wait()):
                self._start()
                if not self._wait():
                    raise BrokerUnavailable(f"rabbitmq ended while starting; see `{self.folder / 'log'}`")
        return self.url

    def stop(self) -> None:
        """Stop the node if it runs, and its port mapper; what is durable is kept."""
        with private.lock(self._lock):
            pid = self.pid
            if pid is not None:
                process.end(pid, STOP_SECONDS)
            if self._child is not None:
                self._child.wait()
                self._child = None
            self._pid_file.unlink(missing_ok=True)
            if self._ports.exists():
                self._stop_port_mapper()

    def erase(self) -> None:
        """Stop the node and remove its data and account for good."""
        self.stop()
        with private.lock(self._lock):
            shutil.rmtree(self.folder, ignore_errors=True)
            self._password.unlink(missing_ok=True)

    def add_user(self, name: str, password: str, configure: str, write: str, read: str) -> None:
        """Make or change an account: three regular expressions say what it may configure, write and read.

        The password goes in hashed, by standard input: it is never among the words of a process.
        """
        salt = secrets.token_bytes(4)
        hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
        definitions = {
            "users": [
                {
                    "name": name,
                    "password_hash": hashed,
                    "hashing_algorithm": "rabbit_password_hashing_sha256",
                    "tags": [],
                }
            ],
            "permissions": [{"user": name, "vhost": VHOST, "configure": configure, "write": write, "read": read}],
        }
        self._ctl("import_definitions", "--format", "json", given=json.dumps(definitions))

    def remove_user(self, name: str) -> None:
        """Remove an account and end its connections; quiet if there is none."""
        done = self._call("delete_user", name)
        if done.returncode != 0 and "does not exist" not in done.stdout + done.stderr:
            raise BrokerUnavailable(f"the account `{name}` cannot be removed: {_last_line(done)}")

    def ctl(self, *args: str) -> str:
        """Run `rabbitmqctl` on this node and give what it says; raises BrokerUnavailable with its last line."""
        return self._ctl(*args)

    def _ctl(self, *args: str, given: str = "") -> str:
        done = self._call(*args, given=given)
        if done.returncode != 0:
            raise BrokerUnavailable(f"`rabbitmqctl {args[0]}` ended with {done.returncode}: {_last_line(done)}")
        return done.stdout

    def _call(self, *args: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        if not self._ports.exists():
            raise EnvironmentFault("the private rabbitmq was never started; run `wye services up`")
        return subprocess.run(  # noqa: S603  a fixed program; words are ours
            [str(_program("rabbitmqctl")), "--quiet", *args],
            check=False,
            input=given,
            capture_output=True,
            text=True,
            env=self._environment(),
            cwd=self.folder,
        )

    def _start(self) -> None:
        program = _program("rabbitmq-server")
        for path in (self.folder, self.folder / "log", self.folder / "data", self.folder / "conf"):
            private.folder(path)
        password = private.secret(self._password)
        if not (self.folder / ".erlang.cookie").exists():
            private.write(self.folder / ".erlang.cookie", secrets.token_hex(20), 0o400)
        self._stop_port_mapper()
        ports = self._choose_ports()
        private.write(self.folder / "conf" / "env.conf", "")
        private.write(self.folder / "conf" / "plugins", "[].\n")
        private.write(self.folder / "conf" / "rabbitmq.conf", _configuration(password))
        with (self.folder / "log" / "start.log").open("wb") as said:
            self._child = subprocess.Popen(  # noqa: S603  a fixed program
                [str(program)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                env={
                    **self._environment(),
                    "detached": "yes",  # the script then becomes the node, rather than waiting for it
                    "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                    "RABBITMQ_NODE_PORT": str(ports["amqp"]),
                    "RABBITMQ_DIST_PORT": str(ports["node"]),
                    "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
                },
                cwd=self.folder,
                start_new_session=True,
            )
        private.write(self._pid_file, process.identity(self._child.pid) or "")

    def _wait(self) -> bool:
        """Wait until the administrator is let in; a port that merely answers is not a broker that is ready.

        Gives False if the node ends meanwhile: one that was just killed is still to be seen for a moment.
        """
        import logging

        import pika
        import pika.exceptions

        logging.getLogger("pika").setLevel(logging.CRITICAL)  # it tells each refused attempt with its stack
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                pika.BlockingConnection(pika.URLParameters(self.url + "?socket_timeout=5&heartbeat=0")).close()
            except (pika.exceptions.AMQPError, OSError) as error:
                if not self.running:
                    return False
                if time.monotonic() > until:
                    raise BrokerUnavailable(f"rabbitmq does not let us in; see `{self.log}`") from error
                time.sleep(0.1)
            else:
                return True

    def _stop_port_mapper(self) -> None:
        """End our epmd. It refuses while it still believes in a node that was just killed, so it is asked again."""
        epmd = shutil.which("epmd")
        if epmd is None or not self._ports.exists():
            return
        until = time.monotonic() + MAPPER_SECONDS
        while not loopback.is_free(self._known_ports()["mapper"]) and time.monotonic() < until:
            subprocess.run(  # noqa: S603  a fixed program
                [epmd, "-kill"], check=False, capture_output=True, env=self._environment()
            )
            time.sleep(0.1)

    def _known_ports(self) -> dict[str, int]:
        ports: dict[str, int] = json.loads(self._ports.read_text(encoding="utf-8"))
        return ports

    def _choose_ports(self) -> dict[str, int]:
        """Take the recorded ports if they are free, else choose three and record them."""
        if self._ports.exists():
            ports = self._known_ports()
            if all(loopback.is_free(port) for port in ports.values()):
                return ports
        chosen: set[int] = set()
        while len(chosen) < 3:  # noqa: PLR2004  three names below
            chosen.add(loopback.free_port())
        ports = dict(zip(("amqp", "node", "mapper"), chosen, strict=True))
        private.write(self._ports, json.dumps(ports))
        return ports

    def _environment(self) -> dict[str, str]:
        """Say everything that the node and its tools may know: nothing of ours leaks in, nothing of /etc/rabbitmq."""
        conf = self.folder / "conf"
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._known_ports()["mapper"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP": os.devnull,  # it would hold messages
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_CONF_ENV_FILE": str(conf / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(conf / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(conf / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(conf / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(conf / "generated"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CTL_DIST_PORT_MIN": "0",  # any free port, instead of eleven that all nodes' tools share
            "RABBITMQ_CTL_DIST_PORT_MAX": "0",
        }


def _configuration(password: str) -> str:
    """Write the node's settings. An account named here is made at the first start, in place of `guest`."""
    return f"""\
default_vhost = {VHOST}
default_user = {ADMINISTRATOR}
default_pass = {password}
default_user_tags.administrator = true
default_permissions.configure = .*
default_permissions.write = .*
default_permissions.read = .*
loopback_users.{ADMINISTRATOR} = true
disk_free_limit.absolute = 256MB
raft.wal_max_size_bytes = 67108864
log.console = false
log.file.level = warning
"""


def _program(name: str) -> Path:
    path = PROGRAMS / name
    if not path.exists():
        raise EnvironmentFault(f"rabbitmq is not installed (`{path}`); run `make setup`")
    return path


def _last_line(done: "subprocess.CompletedProcess[str]") -> str:
    return ((done.stderr + done.stdout).strip().splitlines() or ["nothing was said"])[-1].strip()
