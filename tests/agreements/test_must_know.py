"""What an agreement says of people whose address is kept safe: checked, shown by a case, told on its page and by diff."""

from copy import deepcopy
from typing import Any

import example_agreements as examples
import pytest
from agreement_findings import ACUTE, FINANCE, Edit, findings

from wye.agreements.diff import Effect, diff
from wye.agreements.in_force import read_agreement
from wye.agreements.loading import load
from wye.agreements.model import Agreement
from wye.agreements.showing import show

WHY = "They guard the door."


def knowing(entity: str, field: str, direction: str = "out", why: str | None = WHY) -> Edit:
    """Say of an item why it must be known; None takes it out."""

    def edit(plain: dict[str, Any]) -> None:
        for one in plain["data_items"]:
            if (one["direction"], one["entity"], one["field"]) == (direction, entity, field):
                one.pop("must_know", None)
                if why is not None:
                    one["must_know"] = why

    return edit


def no_longer(plain: dict[str, Any]) -> None:
    for one in plain["data_items"]:
        one.pop("must_know", None)


def without_case(shown: dict[str, Any]) -> None:
    shown["cases"] = [one for one in shown["cases"] if not one.get("change", {}).get("safe_address")]


def not_known_either(shown: dict[str, Any]) -> None:
    for one in shown["cases"]:
        if one.get("change", {}).get("safe_address"):
            one["change"]["unknown"] = ["safe_address"]


@pytest.mark.parametrize(
    ("name", "edit", "said"),
    [
        (ACUTE, knowing("person", "family_name"), "tells nobody where somebody can be found"),
        (ACUTE, knowing("encounter", "ward", "in"), "`encounter.ward` comes in"),
        (FINANCE, no_longer, "no case shows clause `safe-address` withholding"),
        (ACUTE, knowing("address", "lines"), "no case with `safe_address: true` shows `address.lines` released"),
        ("safeguarding-police", knowing("referral", "detail"), "`referral.detail` is dropped, whoever must know it"),
    ],
)
def test_check_says_what_is_wrong_with_what_must_be_known(name: str, edit: Edit, said: str) -> None:
    found = findings(name, edit)

    assert any(said in one for one in found), found


@pytest.mark.parametrize("cases", [without_case, not_known_either])
def test_what_must_be_known_is_shown_by_a_case_in_which_the_address_is_kept_safe(cases: Edit) -> None:
    found = findings(FINANCE, cases=cases)

    for field in ("provider", "provider_reference"):
        said = f"no case with `safe_address: true` shows `care_package.{field}` released, which must be known"
        assert any(said in one for one in found), found


def test_page_tells_what_is_kept_back_and_what_is_told_all_the_same() -> None:
    page = " ".join(show(read_agreement(examples.AGREEMENTS / ACUTE).agreement).split())

    kept = page[page.index("People whose address is kept safe") : page.index("since that would show the way")]
    for name in ("address lines", "contact point value", "involvement team"):
        assert name in kept
    assert "care package provider" not in kept
    assert "Told even of people whose address is kept safe: Nobody can be sent home without ringing" in page


def test_page_of_an_agreement_that_locates_nobody_says_nothing_of_it() -> None:
    assert "kept safe" not in show(read_agreement(examples.AGREEMENTS / "corrections-revenues").agreement)


def test_diff_tells_that_more_is_shared_and_why() -> None:
    def version(edit: Edit) -> Agreement:
        plain = deepcopy(examples.plain(ACUTE))
        edit(plain)
        return load(Agreement, examples.dumped(plain), "agreement.yaml").value

    def gone(plain: dict[str, Any]) -> None:
        plain["data_items"] = [one for one in plain["data_items"] if one["field"] != "provider"]

    signed = version(lambda _: None)

    (more,) = diff(signed, version(knowing("address", "lines")))
    (less,) = diff(signed, version(knowing("care_package", "provider", why=None)))
    (new,) = diff(version(gone), signed)
    assert (more.effect, less.effect, new.effect) == (Effect.MORE, Effect.LESS, Effect.MORE)
    assert WHY in more.words
    assert "Told even of people whose address is kept safe: Nobody can be sent home" in new.words
