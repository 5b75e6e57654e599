"""A witness: cosigns what grew from what it saw, refuses all else with the standard's status, and forgets nothing."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest
from audit_log import AT, ORIGIN
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wye.audit import witness as package
from wye.audit.checkpoint import sign, verifier_key
from wye.audit.merkle import consistency_proof, leaf_hash, root
from wye.audit.verifier.note import BrokenNote, cosigned_at, open_note
from wye.audit.witness import Answer, Cosigner, Memory, Witness
from wye.audit.witness.server import MOST_BYTES, serve

NOW = 1_790_000_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LEAVES = [leaf_hash(n.to_bytes(2)) for n in range(200)]
OTHERS = [leaf_hash(b"rewritten"), *LEAVES[1:]]
NAME = "marches-police.example/witness"


class Watching:
    """A witness that watches one log, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cosigner = Cosigner.make(folder, NAME)
        self.memory = Memory(folder)
        self.memory.watch(verifier_key(ORIGIN, KEY.public_key()))
        self.witness = Witness(self.cosigner, self.memory)

    def asked(self, old: int, size: int, leaves: list[bytes] = LEAVES, **known: object) -> Answer:
        return self.witness.add_checkpoint(submission(old, size, leaves, **known), NOW)

    @property
    def size(self) -> int:
        seen = self.memory.recall(ORIGIN)
        assert seen
        return seen.last.size if seen.last else 0


def note_of(size: int, leaves: list[bytes] = LEAVES, key: Ed25519PrivateKey = KEY, origin: str = ORIGIN) -> str:
    return sign(origin, size, root(leaves[:size]), AT, key).note


def submission(
    old: int,
    size: int,
    leaves: list[bytes] = LEAVES,
    *,
    proof: list[bytes] | None = None,
    note: str | None = None,
    old_line: str | None = None,
) -> bytes:
    if proof is None:
        proof = consistency_proof(leaves[:size], old) if 0 < old <= size else []
    lines = [old_line or f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
    return ("\n".join(lines) + "\n\n" + (note or note_of(size, leaves))).encode()


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    return Watching(tmp_path)


def test_growth_is_cosigned_and_the_cosignature_verifies(watching: Watching) -> None:
    for old, size in ((0, 1), (1, 1), (1, 7), (7, 8), (8, 200)):
        answer = watching.asked(old, size)

        assert (answer.status, watching.size) == (200, size)
        cosigned = note_of(size) + answer.body
        assert cosigned_at(cosigned, watching.cosigner.verifier_key) == NOW
        assert open_note(cosigned, verifier_key(ORIGIN, KEY.public_key())).size == size


def test_cosignature_of_the_standards_own_example_verifies() -> None:
    # c2sp.org/tlog-cosignature gives a checkpoint with a cosignature and its key id, and not its key: so ours, by hand.
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = key.public_key().public_bytes_raw()
    signed = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    key_id = hashlib.sha256(b"witness.example.com/w1\n\x04" + public).digest()[:4]
    signature = key.sign(b"cosignature/v1\ntime 1679315147\n" + signed.encode())
    line = base64.b64encode(key_id + (1679315147).to_bytes(8, "big") + signature).decode()
    vkey = f"witness.example.com/w1+{key_id.hex()}+{base64.b64encode(bytes([4]) + public).decode()}"

    assert cosigned_at(f"{signed}\n\N{EM DASH} witness.example.com/w1 {line}\n", vkey) == 1679315147
    assert Cosigner("witness.example.com/w1", key).verifier_key == vkey
    assert (
        Cosigner("witness.example.com/w1", key).cosign(signed, 1679315147)
        == f"\N{EM DASH} witness.example.com/w1 {line}\n"
    )


def test_cosignature_altered_in_any_part_is_refused(watching: Watching) -> None:
    note, line = note_of(5), watching.asked(0, 5).body
    vkey = watching.cosigner.verifier_key
    name, encoded = line.split(" ")[1:]
    raw = base64.b64decode(encoded)

    for at in range(4, len(raw), 3):  # key id, time and signature; another key id is another key's, and passed over
        altered = base64.b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode()
        with pytest.raises(BrokenNote):
            cosigned_at(f"{note}\N{EM DASH} {name} {altered}\n", vkey)
    for text in (note, note_of(6) + line, note.replace(ORIGIN, "another-council/audit") + line):
        with pytest.raises(BrokenNote):
            cosigned_at(text, vkey)
    for other in (verifier_key(NAME, KEY.public_key()), "", vkey[:-4], Cosigner(NAME, KEY).verifier_key):
        with pytest.raises(BrokenNote):
            cosigned_at(note + line, other)


def test_older_log_is_told_where_the_witness_is(watching: Watching) -> None:
    watching.asked(0, 50)

    for old, size in ((0, 20), (20, 20), (20, 40), (0, 100), (49, 60)):
        assert watching.asked(old, size) == Answer(409, "50\n", "text/x.tlog.size")
    assert watching.size == 50


def test_rewritten_log_is_refused_and_kept_as_evidence(watching: Watching) -> None:
    watching.asked(0, 50)

    same = watching.asked(50, 50, OTHERS)
    longer = watching.asked(50, 60, OTHERS)
    longer_again = watching.asked(50, 60, OTHERS, proof=[bytes(32)])

    assert (same.status, same.body, same.media_type) == (409, "50\n", "text/x.tlog.size")
    assert (longer.status, longer_again.status) == (422, 422)
    assert watching.size == 50
    kept = sorted(path.read_text("utf-8") for path in watching.folder.glob("refused-*.txt"))
    assert kept == sorted([note_of(50, OTHERS), note_of(60, OTHERS)])
    assert watching.asked(50, 60).status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (submission(50, 60, proof=[]), 422),
        (submission(50, 60, proof=consistency_proof(LEAVES[:60], 50)[:-1]), 422),
        (submission(50, 60, proof=[*consistency_proof(LEAVES[:60], 50), bytes(32)]), 422),
        (submission(50, 60, proof=consistency_proof(LEAVES[:61], 50)), 422),
        (submission(50, 50, proof=[bytes(32)]), 422),
        (submission(51, 50), 400),
        (submission(50, 60, proof=[bytes(32)] * 64), 400),
        (submission(50, 60, proof=[bytes(31)]), 400),
        (submission(50, 60, old_line="old 050"), 400),
        (submission(50, 60, old_line="old -50"), 400),
        (submission(50, 60, old_line="old  50"), 400),
        (submission(50, 60, old_line="old 50\r"), 400),
        (submission(50, 60, old_line="50"), 400),
        (submission(50, 60).replace(b"=\n", b"\n", 1), 400),
        (b"", 400),
        (b"old 50", 400),
        (b"old 50\n\n", 404),
        (b"\xff", 400),
        (submission(50, 60, note="no note"), 404),
        (submission(50, 60, note=note_of(60, origin="another-council/audit")), 404),
        (submission(50, 60, note=note_of(60, key=Ed25519PrivateKey.generate())), 403),
        (submission(50, 60, note=note_of(60).replace("\n60\n", "\n61\n")), 403),
        (submission(50, 60, note=note_of(60).split("\n\n")[0] + "\n\n"), 403),
    ],
)  # fmt: skip
def test_what_is_malformed_or_unproven_is_refused_with_the_standards_status(
    watching: Watching, request_: bytes, status: int
) -> None:
    watching.asked(0, 50)

    answer = watching.witness.add_checkpoint(request_, NOW)

    assert answer.status == status
    assert watching.size == 50
    assert "\N{EM DASH}" not in answer.body


def test_first_submission_takes_no_proof(watching: Watching) -> None:
    assert watching.asked(0, 5, proof=[bytes(32)]).status == 422
    assert watching.asked(3, 5).status == 409
    assert watching.asked(0, 0).status == 200
    assert watching.asked(0, 5).status == 200


def test_memory_is_on_disk_before_anyone_is_told(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    watching.asked(0, 5)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="full"):
        watching.asked(5, 9)
    monkeypatch.undo()

    again = Witness(Cosigner.open(watching.folder), Memory(watching.folder))
    assert again.add_checkpoint(submission(5, 20), NOW).status == 200
    assert again.add_checkpoint(submission(5, 30), NOW).body == "20\n"


def test_lost_or_broken_memory_is_never_taken_for_a_new_log(watching: Watching) -> None:
    watching.asked(0, 50)
    (path,) = watching.folder.glob("log-*.json")

    path.write_text("")
    with pytest.raises(ValueError, match="retired"):
        watching.asked(0, 5)
    path.unlink()

    assert watching.asked(0, 5).status == 404


def test_submissions_at_once_are_never_cosigned_back(watching: Watching) -> None:
    watching.asked(0, 1)
    cosigned: list[int] = []
    start = threading.Barrier(8)

    def submit(size: int) -> None:
        witness = Witness(Cosigner.open(watching.folder), Memory(watching.folder))
        start.wait()
        cosigned.extend(size for _ in range(30) if witness.add_checkpoint(submission(1, size), NOW).status == 200)

    threads = [threading.Thread(target=submit, args=(size,)) for size in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(cosigned) == 1
    assert watching.size == cosigned[0]


def test_key_that_others_may_read_is_refused(watching: Watching) -> None:
    (watching.folder / "witness.key").chmod(0o640)

    with pytest.raises(ValueError, match="0600"):
        Cosigner.open(watching.folder)
    with pytest.raises(FileExistsError):
        Cosigner.make(watching.folder, NAME)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_name_that_a_note_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a witness"):
        Cosigner(name, KEY)


def test_served_over_http_it_answers_as_the_standard_says(watching: Watching) -> None:
    server = serve(watching.witness, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"

    def post(path: str, body: bytes) -> tuple[int, str, str]:
        answer = httpx2.post(url + path, content=body)
        return answer.status_code, answer.headers["Content-Type"], answer.text

    status, media_type, body = post("/add-checkpoint", submission(0, 9))
    assert (status, media_type) == (200, "text/plain; charset=utf-8")
    assert cosigned_at(note_of(9) + body, watching.cosigner.verifier_key) > NOW
    assert post("/add-checkpoint", submission(3, 9)) == (409, "text/x.tlog.size", "9\n")
    assert post("/elsewhere", b"x")[0] == 404
    assert post("/add-checkpoint", bytes(MOST_BYTES + 1))[0] == 413
    server.shutdown()
    server.server_close()


def test_witness_program_needs_nothing_of_wye_but_the_verifier(tmp_path: Path) -> None:
    source = Path(package.__file__).parents[1]
    for part in ("witness", "verifier"):
        shutil.copytree(source / part, tmp_path / "lifted" / part)
    (tmp_path / "lifted" / "__init__.py").touch()
    where = {"cwd": tmp_path, "capture_output": True, "text": True, "env": {"PATH": os.environ["PATH"]}}

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        program = (
            f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
            "from lifted.witness.__main__ import main; sys.exit(main(sys.argv[1:]))"
        )
        command = [sys.executable, "-I", "-c", program, str(tmp_path / "w"), *words]
        return subprocess.run(command, check=False, **where)

    made, vkey = run("make", NAME), verifier_key(ORIGIN, KEY.public_key())
    watched, again, shown = run("watch", vkey), run("watch", vkey), run("show")

    assert (made.returncode, made.stdout.split("+")[0]) == (0, NAME), made.stderr
    assert (watched.returncode, again.returncode) == (0, 2)
    assert "watched already" in again.stderr
    assert shown.stdout.splitlines() == [made.stdout.strip(), f"{ORIGIN} 0"]
