"""An entry whose header is in the log as it was signed, and is no header of ours: both verifiers name it."""

from hashlib import sha256
from pathlib import Path

import pytest
from audit_log import AT, ORIGIN, a_log

from wye.audit.checkpoint import verifier_key
from wye.audit.export import export
from wye.audit.sequencer import sequence
from wye.audit.verifier import verify_directory
from wye.audit.verify import verify
from wye.keys.file import FileKeys
from wye.store.database import Connection
from wye.store.ids import uuid7

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    "header",
    [
        b"", b"{}", b"[]", b"\xff", b'{"v":2}',
        b'{"body":"","id":"","key":"","tokens":"","v":1}',
        b'{"v":1,"tokens":"","key":"","id":"","body":""}',
        b'{"body":"%s","id":"ID","key":"%s","tokens":"","v":1}' % (sha256(b"x").hexdigest().encode(), b"78".ljust(64, b"0")),
    ],
)  # fmt: skip
def test_header_that_was_signed_and_is_none_of_ours_is_named(
    conn: Connection, keys: FileKeys, tmp_path: Path, header: bytes
) -> None:
    a_log(conn, keys, 3)
    strange = uuid7()
    header = header.replace(b"ID", str(strange).encode())  # all of it fits but tokens, which have no commitment
    conn.execute("INSERT INTO audit.entry VALUES (%s, %s, 'x', 'salt', %s)", (strange, header, AT))
    conn.execute("INSERT INTO audit.staged VALUES (%s)", (strange,))
    sequence(conn, keys, ORIGIN, AT)
    export(conn, tmp_path / "log")

    live = verify(conn, keys)
    offline = verify_directory(tmp_path / "log", verifier_key(ORIGIN, keys.signing_key().public_key()))

    assert (live.ok, live.check, live.first_wrong) == (False, "header", str(strange))
    assert (offline.ok, offline.check, offline.first_wrong) == (False, "header", "entry 3")
