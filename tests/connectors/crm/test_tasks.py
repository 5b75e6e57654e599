"""Put proposals before customer services over real HTTP: each task once, and what staff did with it."""

from uuid import UUID

import pytest
from crm_rows import Dataverse, contact, guid

from connectors.crm.counterpart.dialect import Refused
from connectors.crm.counterpart.worklist import Worklist, answer
from wye.ports import Answers, BadInput, ContractBroken, SourceUnavailable, Writes

PROPOSAL, OTHER = str(UUID(int=7)), str(UUID(int=8))


def item(**changed: object) -> dict[str, object]:
    made: dict[str, object] = {
        "proposal": PROPOSAL, "person_id": guid(1), "field": "family_name", "value": "Łódź-Hollow",
        "accepted_on": "2026-11-20",
    }  # fmt: skip
    return made | changed


def test_crm_writes_and_answers(dataverse: Dataverse) -> None:
    assert isinstance(dataverse.connector(), Writes)
    assert isinstance(dataverse.connector(), Answers)
    assert dataverse.connector().works_in == frozenset()


def test_task_is_there_once_however_often_it_is_written(dataverse: Dataverse) -> None:
    items = [item(), item(proposal=OTHER, person_id=guid(2), field="birth_date", value="1980-05-02")]

    first = dataverse.connector().write("proposals", items[:1], "b1")
    dataverse.connector().write("proposals", items, "b1")
    dataverse.connector().write("proposals", [item(value="Another")], "b2")

    assert (first.name, first.rows) == ("b1", 1)
    tasks = Worklist(dataverse.folder).rows()
    assert [task["activityid"] for task in tasks] == [PROPOSAL, OTHER]
    assert "Last Name: Łódź-Hollow\n" in str(tasks[0]["description"]), "what was written first stays"


def test_answers_are_what_staff_did(dataverse: Dataverse) -> None:
    third = str(UUID(int=9))
    crm = dataverse.connector()
    crm.write("proposals", [item(), item(proposal=OTHER, person_id=guid(2)), item(proposal=third)], "b1")

    answer(dataverse.folder, PROPOSAL, accept=True)
    answer(dataverse.folder, OTHER, accept=False)

    assert crm.answers("proposals", [PROPOSAL, OTHER, third, str(UUID(int=99))]) == {
        PROPOSAL: "accepted",
        OTHER: "refused",
    }
    assert crm.answers("proposals", []) == {}


def test_an_accepted_task_is_read_as_the_contacts_next_version(dataverse: Dataverse) -> None:
    _, cursor = dataverse.read("contacts")
    dataverse.connector().write("proposals", [item()], "b1")

    answer(dataverse.folder, PROPOSAL, accept=True)

    keys, _ = dataverse.read("contacts", cursor)
    assert keys == ["+1"]


def test_more_answers_than_one_query_asks_for(dataverse: Dataverse) -> None:
    crm = dataverse.connector()
    items = [item(proposal=str(UUID(int=n)), person_id=guid(n % 12 + 1)) for n in range(1, 62)]
    crm.write("proposals", items, "b1")
    for number in (1, 61):
        answer(dataverse.folder, str(UUID(int=number)), accept=False)

    assert len(crm.answers("proposals", [str(one["proposal"]) for one in items])) == 2


def test_withdrawn_proposal_is_cancelled_if_it_is_open(dataverse: Dataverse) -> None:
    crm = dataverse.connector()
    crm.write("proposals", [item(), item(proposal=OTHER, person_id=guid(2))], "b1")
    answer(dataverse.folder, OTHER, accept=True)

    crm.write("proposals", [{"proposal": PROPOSAL, "withdrawn": True}, {"proposal": OTHER, "withdrawn": True}], "b2")
    crm.write("proposals", [{"proposal": str(UUID(int=99)), "withdrawn": True}], "b3")

    assert [task["statecode"] for task in Worklist(dataverse.folder).rows()] == [2, 1]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (item(field="nino"), "is of field `nino`, which a contact has not"),
        (item(person_id="17"), "`person_id` is no GUID"),
        ({"proposal": PROPOSAL}, "lacks `accepted_on`"),
    ],
)
def test_nothing_is_written_if_one_item_is_wrong(dataverse: Dataverse, wrong: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        dataverse.connector().write("proposals", [item(proposal=OTHER), wrong], "b1")

    assert not Worklist(dataverse.folder).rows()
    assert "Łódź" not in str(refused.value)


def test_other_streams_are_refused(dataverse: Dataverse) -> None:
    with pytest.raises(ContractBroken, match="takes no `contacts`"):
        dataverse.connector().write("contacts", [contact(1)], "b1")
    with pytest.raises(ContractBroken, match="answers no `contacts`"):
        dataverse.connector().answers("contacts", [PROPOSAL])


def test_a_token_that_may_not_write_is_said_so(dataverse: Dataverse) -> None:
    with pytest.raises(SourceUnavailable, match="refuses the token"):
        dataverse.connector(token="another").write("proposals", [item()], "b1")  # noqa: S106  invented


def test_a_task_is_answered_once(dataverse: Dataverse) -> None:
    dataverse.connector().write("proposals", [item()], "b1")
    answer(dataverse.folder, PROPOSAL, accept=False)

    with pytest.raises(Refused):
        answer(dataverse.folder, PROPOSAL, accept=True)
