"""Proposals reach revenues staff as one list to a batch over real SFTP: once, whole, and with no formula in it."""

import csv
import io
from pathlib import Path
from uuid import UUID

import pytest

from connectors.civica_revenues import CivicaRevenues
from connectors.civica_revenues.counterpart.sshd import Sshd
from connectors.civica_revenues.sftp import INBOX
from connectors.civica_revenues.worklist import COLUMNS, body
from wye.ports import BadInput, SourceUnavailable

ONE, OTHER = str(UUID(int=1)), str(UUID(int=2))
ITEM = {"proposal": ONE, "person_id": "4711", "field": "family_name", "value": "Perrin", "accepted_on": "2026-11-20"}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def config(server: Sshd, exports, inbox: Path) -> dict[str, str]:
    return exports.config | {"inbox": str(inbox), "inbox_key": str(server.inbox_key)}


@pytest.fixture
def civica(config: dict[str, str]) -> CivicaRevenues:
    return CivicaRevenues(config)


def lists(inbox: Path) -> dict[str, list[list[str]]]:
    """Read every file that lies in the inbox."""
    return {
        path.name: list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        for path in inbox.glob("[!.]*.*")
    }


def test_list_of_a_batch_is_written_once_however_often_it_is_handed_on(civica: CivicaRevenues, inbox: Path) -> None:
    first = civica.write("proposals", [ITEM, ITEM | {"proposal": OTHER, "value": "Żółw"}], "W1")
    stamp = (inbox / "W1.csv").stat().st_mtime_ns
    again = civica.write("proposals", [ITEM | {"proposal": OTHER, "value": "Żółw"}, ITEM], "W1")

    assert (first, again) == (first, first)
    assert (first.name, first.rows) == ("W1", 2)
    assert lists(inbox) == {
        "W1.csv": [
            list(COLUMNS),
            [ONE, "look, and change it if you agree", "4711", "Surname", "Perrin", "2026-11-20"],
            [OTHER, "look, and change it if you agree", "4711", "Surname", "Żółw", "2026-11-20"],
        ]
    }
    assert (inbox / "W1.csv").stat().st_mtime_ns == stamp
    assert [path.name for path in inbox.iterdir()] == ["W1.csv"], "nothing half-written stays"


def test_list_that_staff_have_worked_off_does_not_come_back(civica: CivicaRevenues, inbox: Path) -> None:
    civica.write("proposals", [ITEM], "W1")
    (inbox / "done").mkdir()
    (inbox / "W1.csv").rename(inbox / "done" / "W1.csv")

    civica.write("proposals", [ITEM], "W1")

    assert lists(inbox) == {}


@pytest.mark.parametrize("where", ["", "done"])
def test_other_items_under_the_name_of_a_batch_are_refused(civica: CivicaRevenues, inbox: Path, where: str) -> None:
    (inbox / where).mkdir(exist_ok=True)
    (inbox / where / "W1.csv").write_bytes(body([ITEM]) + b"more")

    with pytest.raises(BadInput, match="written before with other items"):
        civica.write("proposals", [ITEM], "W1")

    assert (inbox / where / "W1.csv").read_bytes() == body([ITEM]) + b"more"


def test_what_an_earlier_try_left_half_written_is_written_whole(civica: CivicaRevenues, inbox: Path) -> None:
    (inbox / ".W1.csv.part").write_bytes(b"x" * 10_000)

    civica.write("proposals", [ITEM], "W1")

    assert (inbox / "W1.csv").read_bytes() == body([ITEM])
    assert [path.name for path in inbox.iterdir()] == ["W1.csv"]


@pytest.mark.parametrize("value", ["=1+1", "+44", "-1", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "|calc", "%0A"])
def test_name_that_a_spreadsheet_would_calculate_is_text(value: str) -> None:
    found = list(csv.reader(io.StringIO(body([ITEM | {"value": value}]).decode("utf-8-sig"), newline="")))

    assert found[1][4] == f"'{value}"
    assert body([ITEM]).count(b"'") == 0


def test_withdrawn_proposal_tells_staff_to_leave_it_and_no_value() -> None:
    written = body([{"proposal": ONE, "withdrawn": True}]).decode("utf-8-sig")

    assert written.splitlines()[1] == f"{ONE},taken back: leave it as it is,,,,"


@pytest.mark.parametrize(
    ("items", "batch", "says"),
    [
        ([ITEM, ITEM | {"value": ""}], "W1", "item 1 of the proposals lacks `value`"),
        ([{key: value for key, value in ITEM.items() if key != "person_id"}], "W1", "item 0 .* lacks `person_id`"),
        ([ITEM | {"field": "nhs_number"}], "W1", "`nhs_number`, which staff cannot change"),
        ([ITEM], "../W1", "batch name"),
        ([ITEM], "", "batch name"),
    ],
)
def test_wrong_item_or_name_refuses_the_whole_list_and_tells_no_value(
    civica: CivicaRevenues, inbox: Path, items: list[dict[str, object]], batch: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        civica.write("proposals", items, batch)

    assert "Perrin" not in str(refused.value)
    assert list(inbox.iterdir()) == []


def test_no_other_stream_is_written(civica: CivicaRevenues) -> None:
    with pytest.raises(BadInput, match="takes `proposals`, not `accounts`"):
        civica.write("accounts", [ITEM], "W1")


@pytest.mark.parametrize("setting", INBOX)
def test_writing_without_a_setting_says_which(config: dict[str, str], setting: str) -> None:
    with pytest.raises(SourceUnavailable, match=f"setting `{setting}` is missing"):
        CivicaRevenues(config | {setting: ""}).write("proposals", [ITEM], "W1")


def test_key_that_may_read_can_write_nothing(config: dict[str, str], inbox: Path) -> None:
    reader = CivicaRevenues(config | {"inbox_key": config["client_key"]})

    with pytest.raises(SourceUnavailable):
        reader.write("proposals", [ITEM], "W1")

    assert list(inbox.iterdir()) == []


def test_inbox_that_is_not_there_is_said_and_made_by_nobody(config: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="the server has no"):
        CivicaRevenues(config | {"inbox": str(tmp_path / "nowhere")}).write("proposals", [ITEM], "W1")

    assert not (tmp_path / "nowhere").exists()
