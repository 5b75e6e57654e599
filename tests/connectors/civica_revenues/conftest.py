"""Give the tests one real OpenSSH server, and folders of exports behind it."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.civica_revenues import CivicaRevenues
from connectors.civica_revenues.counterpart.sshd import Sshd

HEADERS: dict[str, str] = {
    "hbmember.csv": "claim_id,house_id,member_id,surname,forename,type,birth_date,gender,nino,deceased_date,party_ref",
    "hbclaim.csv": "claim_id,check_digit,application_date,cancel_date,name,nino",
    "hbhousehold.csv": "claim_id,house_id,last_upd,from_date,to_date,addr1,addr2,addr3,addr4,post_code,uprn",
    "ctaccount.csv": "account_ref,account_cd,lead_liab_forename,lead_liab_surname,last_updated_int",
    "syphone.csv": "applic_id,ref_type,ref,phonetype1,phonenum1",
    "syemail.csv": "applic_id,reference_id,person_type,email_addr",
    "ctoccupation.csv": "account_ref,property_ref,occupation_date,vacation_date,last_updated_int",
    "ctproperty.csv": "property_ref,addr1,addr2,addr3,addr4,postcode,uprn",
}
ROWS: dict[str, list[str]] = {
    "hbmember.csv": [f"{claim},1,{m},REDFERN,ANN,{m},01/02/1980,2,,,{claim}{m}" for claim in (9, 10, 11) for m in (1, 2)],
    "hbclaim.csv": ["9,A,2025-01-01,,REDFERN ANN,", "10,B,2025-01-02,2025-06-01,REDFERN ANN,", "12,C,2025-01-02,,X Y,"],
    "hbhousehold.csv": [
        "9,1,1750000000,2025-01-03,31/12/2099,1 ELM ROW,WESTEND,ARROWMINSTER,ARROWSHIRE,AR11AA,000000000042",
        "11,1,1750000000,2025-01-03,01/05/2025,2 ELM ROW,WESTEND,ARROWMINSTER,ARROWSHIRE,AR1 1AB,000000000043",
    ],
    "ctaccount.csv": [f"{n},Q,ANN,REDFERN,1750000000" for n in (9, 10, 11)],
    "syphone.csv": ["CT,1,9,2,07700 900123", "CT,2,9,2,07700 900999", "CT,1,11,1,01632 960001", "HB,1,10,2,07700 900555"],
    "syemail.csv": ["CT,10,1,Ann@Example.org", "HB,9,1,other@example.org"],
    "ctoccupation.csv": ["9,001,2020-01-01,2099-12-31,1750000000", "10,001,2019-01-01,2019-12-31,1750000000",
                         "9,002,2018-01-01,2019-12-31,1750000000"],
    "ctproperty.csv": ["001,1 ELM ROW,WESTEND,ARROWMINSTER,ARROWSHIRE,AR1 1AA,000000000042",
                       "002,2 ELM ROW,WESTEND,ARROWMINSTER,ARROWSHIRE,AR1 1AB,000000000043"],
}  # fmt: skip


def manifest(files: dict[str, bytes]) -> bytes:
    """Write a true manifest."""
    lines = ["file,rows,sha256"]
    for name, data in files.items():
        try:
            rows = len(list(csv.reader(io.StringIO(data.decode(errors="replace"), newline=""))))
        except csv.Error:  # a file so badly formed that its rows cannot be counted
            rows = 1
        lines.append(f"{name},{max(rows - 1, 0)},{hashlib.sha256(data).hexdigest()}")
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Exports:
    """Be one folder of exports behind the server, and the settings to read it."""

    folder: Path
    config: dict[str, str]

    def drop(self, name: str, changed: dict[str, bytes] | None = None, promised: bytes | None = None) -> Path:
        """Write a drop of the usual files but for those changed, with a true manifest unless another is given."""
        files = {file: self.content(file) for file in HEADERS} | (changed or {})
        folder = self.folder / name
        folder.mkdir()
        for file, data in files.items():
            (folder / file).write_bytes(data)
        (folder / "manifest.csv").write_bytes(manifest(files) if promised is None else promised)
        return folder

    @staticmethod
    def content(name: str, rows: Sequence[str] | None = None) -> bytes:
        """Write a file of an export; the usual rows if none are given."""
        return "".join(f"{line}\n" for line in [HEADERS[name], *(ROWS[name] if rows is None else rows)]).encode()

    @staticmethod
    def manifest(changed: dict[str, bytes] | None = None) -> bytes:
        """Write the manifest that the usual files, but for those changed, would have."""
        return manifest({file: Exports.content(file) for file in HEADERS} | (changed or {}))

    def connector(self, **changed: str) -> CivicaRevenues:
        """Build the connector with these settings but for those changed."""
        return CivicaRevenues(self.config | changed)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """Run one real sshd for the session."""
    sshd = Sshd(tmp_path_factory.mktemp("sshd"))
    sshd.start()
    yield sshd
    sshd.stop()


@pytest.fixture
def settings_for(server: Sshd) -> Callable[[Path], dict[str, str]]:
    """Give the connector's settings for a folder behind the server."""
    return lambda folder: {
        "host": "127.0.0.1",
        "port": str(server.port),
        "username": server.user,
        "client_key": str(server.client_key),
        "known_hosts": str(server.known_hosts),
        "folder": str(folder),
    }


@pytest.fixture
def exports(settings_for: Callable[[Path], dict[str, str]], tmp_path: Path) -> Exports:
    """Give an empty folder of exports behind the real server."""
    folder = tmp_path / "exports"
    folder.mkdir()
    return Exports(folder, settings_for(folder))
