"""Make a new set of example principals and sign the example agreements with them; the private keys are thrown away.

For the demo only: real signatories sign on their own machines, with `ssh-keygen -Y sign -n sharing-agreement@wye`,
the bytes that `wye agreements bytes <id>` writes, and no machine of the hub ever holds a signatory's key. The root's
private half, too, is thrown away here; a real one is held outside the hub.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from wye.agreements.in_force import read_agreement
from wye.agreements.signing import EXAMPLE, NAMESPACE, ROOT_NAMESPACE


def main(folder: Path) -> None:
    """Sign every agreement in a folder anew."""
    loaded = [read_agreement(path.parent) for path in sorted(folder.glob("*/agreement.yaml"))]
    offices = sorted({signatory.principal for one in loaded for signatory in one.agreement.signatories})
    with tempfile.TemporaryDirectory(prefix="wye-sign-") as name:
        keys = Path(name)
        lines = ["# Example signers: their private keys were thrown away. Refused unless example signers are allowed."]
        lines += [f'{office}{EXAMPLE} namespaces="{NAMESPACE}" {_make_key(keys / office)}' for office in offices]
        (folder / "root.pub").write_text(f"{_make_key(keys / 'root')} example root\n", encoding="utf-8")
        (folder / "allowed_signers").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "allowed_signers.sig").write_bytes(
            _sign((folder / "allowed_signers").read_bytes(), keys / "root", ROOT_NAMESPACE)
        )
        for one in loaded:
            signatures = one.folder / "signatures"
            signatures.mkdir(exist_ok=True)
            for old in signatures.iterdir():
                old.unlink()
            for signatory in one.agreement.signatories:
                signed = _sign(one.text.framed(), keys / signatory.principal, NAMESPACE)
                (signatures / f"{signatory.principal}.sig").write_bytes(signed)
            print(f"signed {one.agreement.id} {one.agreement.version}: {one.digest.hex()}")


def _make_key(path: Path) -> str:
    """Make an Ed25519 key without a passphrase and give its public line, without comment."""
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(make, check=True)  # noqa: S603  our own words and a path of ours
    return " ".join(path.with_name(f"{path.name}.pub").read_text(encoding="ascii").split()[:2])


def _sign(signed: bytes, key: Path, namespace: str) -> bytes:
    sign = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", namespace]
    done = subprocess.run(sign, input=signed, capture_output=True, check=True)  # noqa: S603  as above
    return done.stdout


if __name__ == "__main__":
    folders = [Path(name) for name in sys.argv[1:]] or [Path("sharing_agreements"), Path("sharing_agreements/examples")]
    for each in folders:
        main(each)
