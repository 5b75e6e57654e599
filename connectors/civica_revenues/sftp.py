"""Reach the SFTP server: host key verified, one client key, no agent, no password, no settings of the machine.

Runs an event loop of its own for each call, so that the reader stays an ordinary generator.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from wye.ports import SourceUnavailable

BLOCK = 1 << 20
SMALL = 1 << 20
CONNECT_SECONDS = 20
ANSWER_SECONDS = 60
SETTINGS = ("host", "port", "username", "client_key", "known_hosts", "folder")
INBOX = ("host", "port", "username", "inbox_key", "known_hosts", "inbox")
"""The settings of writing: a key of its own, so that whoever reads exports can change nothing."""

Answer = TypeVar("Answer")


class Sftp:
    """Be one open session. Every method raises SourceUnavailable with what to do."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: Any) -> None:
        self._loop = loop
        self._client = client

    def names(self, folder: str) -> list[str]:
        """List the names in a folder."""
        return [str(name) for name in self._ask(self._client.listdir(folder), folder)]

    def small(self, path: str) -> bytes:
        """Read a small file whole."""
        data = b"".join(self.blocks(path, most=SMALL))
        if len(data) > SMALL:
            raise SourceUnavailable(f"civica_revenues: `{path}` is larger than {SMALL} bytes: it is no manifest")
        return data

    def blocks(self, path: str, most: int | None = None) -> Iterator[bytes]:
        """Read a file block by block, not much further than `most` bytes."""
        # No `finally`: a reader that stops early is collected at any moment, in any code. The session closes its files.
        file = self._ask(self._client.open(path, "rb"), path)
        offset = 0
        while (most is None or offset <= most) and (block := bytes(self._ask(file.read(BLOCK, offset), path))):
            yield block
            offset += len(block)
        self._ask(file.close(), path)

    def exists(self, path: str) -> bool:
        """Say whether there is a file, or a folder, of this path."""
        return bool(self._ask(self._client.exists(path), path))

    def put(self, path: str, data: bytes) -> None:
        """Write a file, in place of what was there, and have the server keep it safe if it can."""
        self._ask(self._put(path, data), path)

    def move(self, path: str, to: str) -> bool:
        """Give a file another name; False, and it goes, if the name is taken."""
        return bool(self._ask(self._move(path, to), to))

    async def _put(self, path: str, data: bytes) -> None:
        import asyncssh

        async with self._client.open(path, "wb") as file:
            await file.write(data)
            with suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()

    async def _move(self, path: str, to: str) -> bool:
        import asyncssh

        try:
            await self._client.rename(path, to)
        except asyncssh.SFTPFailure:
            await self._client.remove(path)
            return False
        return True

    def _ask(self, question: Coroutine[Any, Any, Answer], what: str) -> Answer:
        with _faults(what):
            return self._loop.run_until_complete(asyncio.wait_for(question, ANSWER_SECONDS))


@contextmanager
def open_sftp(config: Mapping[str, str], settings: tuple[str, ...] = SETTINGS) -> Iterator[Sftp]:
    """Open a session by the connector's settings, for reading or with INBOX for writing, and close it at the end."""
    lacking = [name for name in settings if not config.get(name)]
    if lacking:
        raise SourceUnavailable(
            f"civica_revenues: setting `{lacking[0]}` is missing: WYE_SOURCES__CIVICA_REVENUES__{lacking[0].upper()}"
        )
    loop = asyncio.new_event_loop()
    # A block is fetched by several requests at once. If the connection goes, the first one's error is raised as ours;
    # the loop would print the others, the same fault again, with their stacks.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        with _faults(f"{config['host']}:{config['port']}"):
            connection = loop.run_until_complete(_connect(config, settings[3]))
        try:
            with _faults("sftp"):
                client = loop.run_until_complete(connection.start_sftp_client())
            yield Sftp(loop, client)
        finally:
            connection.close()
            with suppress(SourceUnavailable), _faults("sftp"):
                loop.run_until_complete(asyncio.wait_for(connection.wait_closed(), ANSWER_SECONDS))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _connect(config: Mapping[str, str], key: str) -> Any:
    import asyncssh

    return await asyncssh.connect(
        config["host"],
        int(config["port"]),
        username=config["username"],
        client_keys=[config[key]],
        known_hosts=config["known_hosts"],
        preferred_auth="publickey",
        agent_path=None,
        config=None,
        x509_trusted_certs=None,
        x509_trusted_cert_paths=[],
        connect_timeout=CONNECT_SECONDS,
        login_timeout=CONNECT_SECONDS,
    )


@contextmanager
def _faults(what: str) -> Iterator[None]:
    """Say what went wrong in our words: the library's may quote the server."""
    import asyncssh

    try:
        yield
    except asyncssh.HostKeyNotVerifiable:
        raise SourceUnavailable(
            f"civica_revenues: the server at `{what}` is not the one in `known_hosts`; "
            "do not connect until its owner has confirmed the new host key"
        ) from None
    except asyncssh.PermissionDenied:
        raise SourceUnavailable(
            f"civica_revenues: the server at `{what}` does not take `client_key` (to write: `inbox_key`) for `username`"
        ) from None
    except asyncssh.KeyImportError:
        raise SourceUnavailable(
            "civica_revenues: `client_key` cannot be read as a private key without passphrase"
        ) from None
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        raise SourceUnavailable(f"civica_revenues: the server has no `{what}`") from None
    except TimeoutError:
        raise SourceUnavailable(f"civica_revenues: the server did not answer in time at `{what}`") from None
    except (asyncssh.Error, OSError, ValueError) as error:
        raise SourceUnavailable(f"civica_revenues: `{what}` cannot be reached ({type(error).__name__})") from None
