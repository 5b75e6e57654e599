"""Put proposals into Mosaic's import folder, let staff work them off, and read what they did."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from connectors.frameworki.counterpart.worklist import answer, take_in
from wye.ports import Answers, BadInput, ContractBroken

PROPOSAL, OTHER = str(UUID(int=7)), str(UUID(int=8))


def item(**changed: object) -> dict[str, object]:
    made: dict[str, object] = {
        "proposal": PROPOSAL, "person_id": "3", "field": "family_name", "value": "Hollow", "accepted_on": "2026-11-20",
    }  # fmt: skip
    return made | changed


@pytest.fixture
def folder(twelve, tmp_path: Path) -> Path:  # noqa: ARG001  makes the folder
    return tmp_path / "imports"


def test_proposals_lie_in_a_folder_of_their_own_once(twelve, folder):
    twelve.connector.write("proposals", [item()], "b1")
    twelve.connector.write("proposals", [item()], "b1")

    assert [path.name for path in folder.iterdir()] == ["proposals"]
    (path,) = (folder / "proposals").iterdir()
    assert json.loads(path.read_bytes()) == {"batch": "b1", "items": [item()]}


def test_answers_are_what_staff_did_and_an_acceptance_changes_the_person(twelve, folder):
    _, cursor = twelve.keys_read("persons")
    twelve.connector.write(
        "proposals", [item(), item(proposal=OTHER, person_id="4", field="nhs_number", value="9990000018")], "b1"
    )
    assert isinstance(twelve.connector, Answers)
    assert twelve.connector.answers("proposals", [PROPOSAL, OTHER]) == {}

    assert (take_in(twelve.url, folder), take_in(twelve.url, folder)) == (2, 0)
    answer(twelve.url, PROPOSAL, accept=False)
    answer(twelve.url, OTHER, accept=True)

    assert twelve.connector.answers("proposals", [PROPOSAL, OTHER]) == {PROPOSAL: "refused", OTHER: "accepted"}
    assert "4" in twelve.keys_read("persons", cursor)[0]
    with pytest.raises(BadInput, match="is open"):
        answer(twelve.url, OTHER, accept=False)


def test_without_the_view_of_the_worklist_nothing_is_answered(twelve):
    twelve.execute("DROP TABLE mosaic.dm_proposals")

    assert twelve.connector.answers("proposals", [PROPOSAL]) == {}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"proposal": PROPOSAL}, "lacks `accepted_on`"), (item(nhs="1"), "holds `nhs`, which the import does not know")],
)
def test_wrong_item_writes_nothing_and_names_no_value(twelve, folder, wrong, says):
    with pytest.raises(BadInput, match=says):
        twelve.connector.write("proposals", [item(), wrong], "b1")

    assert not (folder / "proposals").exists()


def test_only_proposals_are_answered(twelve):
    with pytest.raises(ContractBroken, match="answers no `referrals`"):
        twelve.connector.answers("referrals", [PROPOSAL])


def test_worklist_is_a_program_of_its_own(twelve, folder):
    twelve.connector.write("proposals", [item()], "b1")
    words = ["--url", twelve.url, "--folder", str(folder), "--accept", PROPOSAL]

    done = subprocess.run(
        [sys.executable, "-m", "connectors.frameworki.counterpart.worklist", *words], capture_output=True, check=True
    )

    assert json.loads(done.stdout) == {"new": 1}
    assert twelve.connector.answers("proposals", [PROPOSAL]) == {PROPOSAL: "accepted"}
