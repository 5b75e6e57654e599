"""What needs a key is done under the agreement's own, from the hub's key provider; its examples run under a key of theirs."""

import hashlib
import hmac
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import yaml
from county_hub import hub_on_database
from example_agreements import AGREEMENTS, dumped, plain
from known_people import put_person

from wye.agreements.in_force import InForce, read_agreement
from wye.cli.agreements_findings import findings
from wye.errors import AgreementRefused
from wye.road.decide import Decider
from wye.road.hub import Hub
from wye.sharing.cases import CASE_KEY
from wye.sharing.transforms import key_label

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
FINANCE = "care-packages-finance"
NUMBER = "20417"


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub that has brought nothing in."""
    with hub_on_database(database_url, tmp_path / "home", AT) as one:
        yield one


def name_under(key: bytes) -> str:
    return hmac.new(key, b"pseudonym\x00" + NUMBER.encode(), hashlib.sha256).hexdigest()


def renaming(to: Path, expected: str) -> Path:
    """A version that gives finance another name for each case number, and an example that says which; unsigned."""
    folder = to / FINANCE
    shutil.copytree(AGREEMENTS / FINANCE, folder, ignore=shutil.ignore_patterns("signatures"))
    agreement = plain(FINANCE)
    assert agreement["data_items"][0]["field"] == "case_number"
    agreement["data_items"][0]["transform"] = "keyed-pseudonym"
    cases = yaml.safe_load((folder / "cases.yaml").read_text(encoding="utf-8"))
    cases["cases"][0]["expect"]["values"]["person.case_number"] = expected
    (folder / "agreement.yaml").write_bytes(dumped(agreement))
    (folder / "cases.yaml").write_bytes(dumped(cases))
    return folder


def a_person(hub: Hub) -> UUID:
    rows = {
        "person": [{"source": "frameworki", "values": {"family_name": "Penn", "case_number": NUMBER}}],
        "care_package": [{"source": "frameworki", "values": {"service": "residential", "reference": "40217"}}],
    }
    return put_person(hub.conn, {"person": {}, "rows": rows}, AT)


def decider(hub: Hub, folder: Path) -> Decider:
    loaded = read_agreement(folder)
    return Decider(hub, InForce(loaded.agreement, loaded.digest, loaded.folder, loaded.cases.value))


def test_number_leaves_under_the_key_that_the_hub_derives_for_this_agreement(hub: Hub, tmp_path: Path) -> None:
    folder = renaming(tmp_path, name_under(CASE_KEY))
    person = a_person(hub)

    (decided,) = decider(hub, folder).decide([person], AT)

    own, other = (hub.keys.mac_key(key_label(name)) for name in (FINANCE, "adult-care-acute"))
    sent = decided.decision.entities["person"][0]["case_number"]
    assert sent == name_under(own)
    assert sent not in {name_under(other), name_under(CASE_KEY), NUMBER}
    assert decided.decision.alarms == ()


def test_example_states_what_the_transform_gives_and_a_wrong_one_refuses_the_agreement(
    hub: Hub, tmp_path: Path
) -> None:
    right, wrong = renaming(tmp_path / "right", name_under(CASE_KEY)), renaming(tmp_path / "wrong", NUMBER)

    assert findings(right) == []
    assert ["does not leave with the expected value" in one for one in findings(wrong)] == [True]
    with pytest.raises(AgreementRefused, match=r"`person.case_number` does not leave with the expected value"):
        decider(hub, wrong)
