"""What is signed is what counts: one letter, one key, one office too many, and nothing is in force."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import example_agreements as examples
import pytest

from wye.agreements.in_force import Loaded, Refused, load_all, load_one, read_agreement, recheck, standing
from wye.agreements.signing import NAMESPACE, ROOT_NAMESPACE, SignedText, load_signers, signed_offices, verify
from wye.errors import AgreementRefused
from wye.settings import Settings

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACUTE = "adult-care-acute"
GUARDIAN = "caldicott-guardian.arrowshire-council"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return examples.copied(tmp_path)


def refusals(folder: Path, root: str | None = None) -> dict[str, str]:
    return {one.id: one.why for one in load_all(folder, root=root, allow_examples=True) if isinstance(one, Refused)}


def test_the_examples_as_signed_are_in_force(folder: Path) -> None:
    found = load_all(folder, allow_examples=True)

    assert [one.agreement.id for one in found if isinstance(one, Loaded)] == examples.IDS
    assert len(examples.IDS) >= 3


@pytest.mark.parametrize("agreement", examples.IDS)
@pytest.mark.parametrize("file", examples.FILES)
def test_one_changed_letter_anywhere_puts_the_agreement_out_of_force(folder: Path, agreement: str, file: str) -> None:
    path = folder / agreement / file
    raw = path.read_bytes()
    random = Random(file + agreement)  # noqa: S311  places, not secrets
    signers = load_signers(folder, None, allow_examples=True)
    load_one(folder / agreement, signers)

    for place in [0, len(raw) - 1, *random.sample(range(len(raw)), 12)]:
        letter = b"x" if raw[place : place + 1] != b"x" else b"y"
        path.write_bytes(raw[:place] + letter + raw[place + 1 :])
        with pytest.raises(AgreementRefused) as caught:
            load_one(folder / agreement, signers)
        assert str(caught.value), place
    assert set(refusals(folder)) == {agreement}


@pytest.mark.parametrize("file", examples.FILES)
def test_an_altered_text_that_is_valid_in_itself_is_refused_by_its_signatures(folder: Path, file: str) -> None:
    path = folder / ACUTE / file
    path.write_bytes(path.read_bytes() + b"# more\n")

    assert "the signature does not fit: the text was altered" in refusals(folder)[ACUTE]


def test_moving_a_letter_from_one_file_to_the_next_changes_the_signed_bytes(folder: Path) -> None:
    text = SignedText.of(folder / ACUTE)
    terms, cases = text.files["terms.md"], text.files["cases.yaml"]
    moved = SignedText({**text.files, "terms.md": terms + cases[:1], "cases.yaml": cases[1:]})

    assert moved.digest() != text.digest()


def test_ssh_keygen_agrees_on_every_signature(folder: Path) -> None:
    checked = 0
    signers = load_signers(folder, None, allow_examples=True)
    for name in examples.IDS:
        for signature in sorted((folder / name / "signatures").iterdir()):
            principal = signers.principal(signature.name.removesuffix(".sig"))
            done = subprocess.run(
                ["ssh-keygen", "-Y", "verify", "-f", str(folder / "allowed_signers"), "-I", principal, "-n", NAMESPACE,
                 "-s", str(signature)],
                input=SignedText.of(folder / name).framed(), capture_output=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            checked += 1
    assert checked >= 9


def test_what_ssh_keygen_signs_is_believed(folder: Path) -> None:
    examples.sign_all(folder)

    assert refusals(folder) == {}


def test_a_self_added_signer_puts_everything_out_of_force(folder: Path, tmp_path: Path) -> None:
    line = examples.make_key(tmp_path / "mallory")
    with (folder / "allowed_signers").open("a") as file:
        file.write(f'caldicott-guardian.mallory@example namespaces="{NAMESPACE}" {line}\n')

    assert set(refusals(folder)) == set(examples.IDS)
    assert "allowed_signers.sig: the signature does not fit" in refusals(folder)[ACUTE]


def test_signers_that_another_root_signed_are_not_believed(folder: Path, tmp_path: Path) -> None:
    examples.make_key(tmp_path / "root")
    signed = examples.sign((folder / "allowed_signers").read_bytes(), tmp_path / "root", ROOT_NAMESPACE)
    (folder / "allowed_signers.sig").write_bytes(signed)

    assert "not signed by the root key" in refusals(folder)[ACUTE]


def test_a_root_in_the_settings_beats_the_one_beside_the_agreements(folder: Path, tmp_path: Path) -> None:
    other = examples.make_key(tmp_path / "root")
    mine = (folder / "root.pub").read_text()

    assert "not signed by the root key" in refusals(folder, other)[ACUTE]
    assert refusals(folder, mine) == {}


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda lines, _: [*lines, lines[1]], "a second key for `"),
        (lambda lines, key: [*lines, f'{lines[1].split("@")[0]}@example namespaces="{NAMESPACE}" {key}'], "a second key for"),
        (lambda lines, key: [*lines, f'{lines[1].split("@")[0]}@arrowshire.invalid namespaces="{NAMESPACE}" {key}'], "stands 2 times"),
        (lambda lines, _: [*lines, "siro.two@example " + lines[1].partition(" ")[2]], "is another principal's"),
        (lambda lines, key: [*lines, f"* {key}"], "a line must be"),
        (lambda lines, key: [*lines, f'a.b@example cert-authority,namespaces="{NAMESPACE}" {key}'], "a line must be"),
        (lambda lines, key: [*lines, f'a.b@example namespaces="file" {key}'], "namespace `file`"),
        (lambda lines, _: [line for line in lines if not line.startswith(GUARDIAN)], "is not among the allowed signers"),
    ],
)  # fmt: skip
def test_a_wrong_list_of_signers_is_refused_even_if_the_root_signed_it(
    folder: Path, tmp_path: Path, edit: object, said: str
) -> None:
    root, key = examples.make_key(tmp_path / "root"), examples.make_key(tmp_path / "other")
    lines = sorted((folder / "allowed_signers").read_text().splitlines(), key=lambda line: not line.startswith("#"))
    guardian = next(line for line in lines if line.startswith(GUARDIAN))
    lines = [lines[0], guardian, *(line for line in lines[1:] if line != guardian)]
    raw = ("\n".join(edit(lines, key)) + "\n").encode()  # type: ignore[operator]
    (folder / "allowed_signers").write_bytes(raw)
    (folder / "allowed_signers.sig").write_bytes(examples.sign(raw, tmp_path / "root", ROOT_NAMESPACE))

    assert said in refusals(folder, root)[ACUTE]


def test_example_signers_are_refused_outside_a_demo(folder: Path) -> None:
    root = (folder / "root.pub").read_text()

    found = load_all(folder, root=root, allow_examples=False)

    assert all(isinstance(one, Refused) and "is an example signer" in one.why for one in found)


def test_without_a_root_nobody_is_believed_outside_a_demo(folder: Path) -> None:
    found = load_all(folder, allow_examples=False)

    assert all(isinstance(one, Refused) and "no root key is set" in one.why for one in found)


def test_a_missing_signature_names_the_office(folder: Path) -> None:
    (folder / ACUTE / "signatures" / f"{GUARDIAN}.sig").unlink()

    assert refusals(folder) == {ACUTE: f"not signed by `{GUARDIAN}`"}


def test_a_signature_nobody_asked_for_is_refused(folder: Path) -> None:
    signatures = folder / ACUTE / "signatures"
    (signatures / "caldicott-guardian.mallory.sig").write_bytes((signatures / f"{GUARDIAN}.sig").read_bytes())

    assert "not the signature of an office that the agreement names" in refusals(folder)[ACUTE]


def test_one_office_cannot_sign_for_another(folder: Path) -> None:
    signatures = folder / ACUTE / "signatures"
    (signatures / f"{GUARDIAN}.sig").write_bytes(
        (signatures / "caldicott-guardian.arrowshire-hospitals.sig").read_bytes()
    )

    assert f"made with a key that is not `{GUARDIAN}@example`'s" in refusals(folder)[ACUTE]


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", b"\xff" * 99]
)
def test_what_is_no_signature_is_refused(folder: Path, raw: bytes) -> None:
    (folder / ACUTE / "signatures" / f"{GUARDIAN}.sig").write_bytes(raw)

    assert f"signatures/{GUARDIAN}.sig: " in refusals(folder)[ACUTE]


def test_a_signature_in_another_namespace_is_refused(folder: Path, tmp_path: Path) -> None:
    root, key = examples.make_key(tmp_path / "root"), examples.make_key(tmp_path / "guardian")
    text = (folder / "allowed_signers").read_text().splitlines()
    text = [line for line in text if not line.startswith(GUARDIAN)]
    raw = ("\n".join([*text, f'{GUARDIAN}@example namespaces="{NAMESPACE}" {key}']) + "\n").encode()
    (folder / "allowed_signers").write_bytes(raw)
    (folder / "allowed_signers.sig").write_bytes(examples.sign(raw, tmp_path / "root", ROOT_NAMESPACE))
    signature = folder / ACUTE / "signatures" / f"{GUARDIAN}.sig"
    framed = SignedText.of(folder / ACUTE).framed()

    signature.write_bytes(examples.sign(framed, tmp_path / "guardian"))
    assert ACUTE not in refusals(folder, root)
    signature.write_bytes(examples.sign(framed, tmp_path / "guardian", "file"))
    assert "the signature does not fit" in refusals(folder, root)[ACUTE]


def test_the_drafter_cannot_sign(folder: Path) -> None:
    path = folder / ACUTE / "agreement.yaml"
    path.write_text(
        path.read_text().replace("drafted_by: information-governance-officer.", "drafted_by: caldicott-guardian.")
    )
    examples.sign_all(folder)

    assert "drafted it and may not sign it" in refusals(folder)[ACUTE]


@pytest.mark.parametrize("domain", ["@example", "@elsewhere", ""])
def test_a_signature_of_the_drafter_is_refused_as_it_is_verified(folder: Path, domain: str) -> None:
    """Whatever was checked before: the signatures alone do not let it through either."""
    loaded = read_agreement(folder / ACUTE)
    drafted = loaded.agreement.model_copy(update={"drafted_by": f"{GUARDIAN}{domain}"})
    signers = load_signers(folder, None, allow_examples=True)

    with pytest.raises(AgreementRefused, match="drafted the agreement and may not sign it"):
        verify(folder / ACUTE, drafted, loaded.text, signers)
    assert GUARDIAN in signed_offices(folder / ACUTE, loaded.agreement, loaded.text, signers)
    assert GUARDIAN not in signed_offices(folder / ACUTE, drafted, loaded.text, signers)


def test_recheck_notices_a_text_altered_after_its_signatures_were_checked(folder: Path) -> None:
    settings = Settings(agreements=folder, allow_example_signers=True)
    found = standing(settings, None, AT)
    recheck(found.in_force[ACUTE])

    (folder / ACUTE / "terms.md").write_text("nothing any more\n")

    with pytest.raises(AgreementRefused, match="was altered since"):
        recheck(found.in_force[ACUTE])
    assert ACUTE in standing(settings, None, AT).refused


def test_an_agreement_in_another_folder_than_its_own_is_refused(folder: Path) -> None:
    (folder / ACUTE).rename(folder / "adult-care-other")

    with pytest.raises(AgreementRefused, match="id `adult-care-acute` stands in the folder `adult-care-other`"):
        read_agreement(folder / "adult-care-other")
