"""Change an example agreement, and tell what checking finds in it."""

from collections.abc import Callable
from typing import Any

import example_agreements as examples
import yaml

from wye.agreements.cases import Cases
from wye.agreements.checking import check
from wye.agreements.loading import load
from wye.agreements.model import Agreement

ACUTE, POLICE, FINANCE = "adult-care-acute", "safeguarding-police", "care-packages-finance"
Edit = Callable[[dict[str, Any]], object]


def unchanged(_: object) -> None:
    pass


def findings(name: str, edit: Edit = unchanged, cases: Edit = unchanged) -> list[str]:
    plain = examples.plain(name)
    edit(plain)
    shown = yaml.safe_load((examples.folder(name) / "cases.yaml").read_text())
    cases(shown)
    for case in shown["cases"]:
        case["at"] = case["at"].isoformat()
        for said in case.get("change", {}).get("consents", []):
            said["recorded_on"] = said["recorded_on"].isoformat()
    for said in shown["base"]["consents"]:
        said["recorded_on"] = said["recorded_on"].isoformat()
    for key in ("effective", "review_date", "expires"):
        plain[key] = str(plain[key])
    plain["version"] = str(plain["version"])
    return [
        str(one)
        for one in check(
            load(Agreement, examples.dumped(plain), "agreement.yaml"), load(Cases, examples.dumped(shown), "cases.yaml")
        )
    ]
