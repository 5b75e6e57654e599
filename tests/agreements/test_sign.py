"""What Wye signs ssh-keygen believes and the hub counts; who may not sign cannot."""

import subprocess
from pathlib import Path

import example_agreements as examples
import pytest

from wye.agreements.in_force import load_one, read_agreement
from wye.agreements.sign import load_key, put, signature
from wye.agreements.signing import NAMESPACE, ROOT_NAMESPACE, Signers, load_signers, signed_offices
from wye.cli.main import run
from wye.errors import AgreementRefused, UsageError

ACUTE = "adult-care-acute"
OFFICES = (
    "caldicott-guardian.arrowshire-council",
    "caldicott-guardian.arrowshire-hospitals",
    "senior-information-risk-owner.arrowshire-council",
)


class Desk:
    """A folder of agreements whose signers are this test's own, and their keys."""

    def __init__(self, home: Path) -> None:
        self.folder = examples.copied(home)
        self.keys = home / "keys"
        self.keys.mkdir()
        lines = (self.folder / "allowed_signers").read_text().splitlines()
        for office in OFFICES:
            key = examples.make_key(self.keys / office)
            lines = [line for line in lines if not line.startswith(f"{office}@")]
            lines.append(f'{office}@example namespaces="{NAMESPACE}" {key}')
        self.root = examples.make_key(self.keys / "root")
        raw = ("\n".join(lines) + "\n").encode()
        (self.folder / "allowed_signers").write_bytes(raw)
        signed = examples.sign(raw, self.keys / "root", ROOT_NAMESPACE)
        (self.folder / "allowed_signers.sig").write_bytes(signed)
        for old in (self.folder / ACUTE / "signatures").iterdir():
            old.unlink()

    @property
    def signers(self) -> Signers:
        return load_signers(self.folder, self.root, allow_examples=True)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path)
    monkeypatch.setenv("WYE_AGREEMENTS", str(made.folder))
    monkeypatch.setenv("WYE_AGREEMENTS_ROOT", made.root)
    monkeypatch.setenv("WYE_ALLOW_EXAMPLE_SIGNERS", "true")
    return made


def test_signatures_of_every_office_put_it_in_force_and_ssh_keygen_agrees(desk: Desk) -> None:
    for office in OFFICES:
        assert run(["agreements", "sign", ACUTE, "--as", office, "--key", str(desk.keys / office)]) == 0

    loaded = load_one(desk.folder / ACUTE, desk.signers)
    for office in OFFICES:
        done = subprocess.run(
            ["ssh-keygen", "-Y", "verify", "-f", str(desk.folder / "allowed_signers"), "-I", f"{office}@example",
             "-n", NAMESPACE, "-s", str(desk.folder / ACUTE / "signatures" / f"{office}.sig")],
            input=loaded.text.framed(), capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert run(["agreements", "verify", ACUTE]) == 0


def test_our_bytes_are_those_of_ssh_keygen(desk: Desk) -> None:
    key = desk.keys / OFFICES[0]
    signed = read_agreement(desk.folder / ACUTE).text.framed()

    assert signature(signed, load_key(key.read_bytes())) == examples.sign(signed, key)


def test_a_signature_made_elsewhere_is_taken(desk: Desk, tmp_path: Path) -> None:
    made = examples.sign(read_agreement(desk.folder / ACUTE).text.framed(), desk.keys / OFFICES[0])
    (tmp_path / "made.sig").write_bytes(made)

    assert run(["agreements", "sign", ACUTE, "--as", OFFICES[0], "--signature", str(tmp_path / "made.sig")]) == 0
    loaded = read_agreement(desk.folder / ACUTE)
    assert signed_offices(loaded.folder, loaded.agreement, loaded.text, desk.signers) == (OFFICES[0],)


def refused(desk: Desk, office: str, key: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["agreements", "sign", ACUTE, "--as", office, "--key", str(desk.keys / key)]) == 2
    assert not list((desk.folder / ACUTE / "signatures").iterdir())
    return capsys.readouterr().err


def test_another_offices_key_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"made with a key that is not `{OFFICES[0]}@example`'s" in refused(desk, OFFICES[0], OFFICES[1], capsys)


def test_an_office_that_does_not_sign_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(desk, "data-protection-officer.marches-police", OFFICES[0], capsys)

    assert f"does not sign `{ACUTE}`; these do: senior-information-risk-owner.arrowshire-council" in said


def test_a_text_with_a_case_that_fails_is_not_signed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    cases = desk.folder / ACUTE / "cases.yaml"
    cases.write_text(
        cases.read_text().replace("care_package.provider: Nether Care", "care_package.provider: Over Care")
    )

    said = refused(desk, OFFICES[0], OFFICES[0], capsys)

    assert "is not ready to be signed" in said
    assert "does not leave with the expected value" in said


def test_the_drafter_is_refused(desk: Desk) -> None:
    loaded = read_agreement(desk.folder / ACUTE)
    drafted = loaded.agreement.model_copy(update={"drafted_by": f"{OFFICES[0]}@example"})
    made = examples.sign(loaded.text.framed(), desk.keys / OFFICES[0])
    document = type(loaded.document)("agreement.yaml", drafted, loaded.document.lines)

    with pytest.raises(AgreementRefused, match="drafted the agreement and may not sign it"):
        put(
            type(loaded)(loaded.folder, document, loaded.cases, loaded.text, loaded.digest),
            OFFICES[0],
            made,
            desk.signers,
        )


def test_a_case_altered_after_one_office_signed_undoes_that_signature(desk: Desk) -> None:
    assert run(["agreements", "sign", ACUTE, "--as", OFFICES[0], "--key", str(desk.keys / OFFICES[0])]) == 0
    cases = desk.folder / ACUTE / "cases.yaml"
    cases.write_text(cases.read_text() + "# more\n")

    loaded = read_agreement(desk.folder / ACUTE)

    assert signed_offices(loaded.folder, loaded.agreement, loaded.text, desk.signers) == ()


def test_a_key_with_a_passphrase_is_left_to_ssh_keygen(tmp_path: Path) -> None:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-C", "", "-f", str(path)], check=True)

    with pytest.raises(UsageError, match="the key has a passphrase: sign with `wye agreements bytes ID"):
        load_key(path.read_bytes())
    with pytest.raises(UsageError, match="it is not an OpenSSH private key") as wrong:
        load_key(b"no key")
    assert wrong.value.__suppress_context__


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_of_another_kind_is_refused(tmp_path: Path, kind: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(tmp_path / "key")], check=True)

    with pytest.raises(UsageError, match="the key is not Ed25519"):
        load_key((tmp_path / "key").read_bytes())


@pytest.mark.usefixtures("desk")
def test_exactly_one_of_key_and_signature_is_given() -> None:
    assert run(["agreements", "sign", ACUTE, "--as", OFFICES[0]]) == 2
