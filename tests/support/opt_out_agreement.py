"""Make an agreement to which the national data opt-out applies, in a folder of its own with those of the examples, signed anew."""

import shutil
from pathlib import Path

import example_agreements as examples
import orjson
import yaml

ID, OPEN = "care-and-outbreaks", "open-data-care"
MODEL = "adult-care-mental-health"
KEPT = {("person", "birth_date"), ("address", "postcode"), ("care_package", "service"), ("involvement", "service")}
"""The items that stay: none says who somebody is."""


def agreement() -> dict:
    """The agreement as plain data."""
    made = examples.plain(MODEL)
    made |= {"id": ID, "title": "Adult care and outbreaks, a study", "route": made["route"] | {"queue": f"feed.{ID}"}}
    made["purpose"] |= {"code": "research", "prohibited": ["deciding anything about one person"]}
    made["gateway"] = {"act": "NHS Act 2006", "section": "s251, SI 2002/1438 reg 3"}
    made["confidentiality"] = {
        "basis": "section-251",
        "reference": "26/CAG/0001",
        "expires": made["expires"],
        "why": "Support.",
    }
    made["consent"] |= {
        "use": "not-used",
        "objections": {"use": "our-choice", "scope": "share-with-health", "why": "Nobody is studied who objects."},
    }
    made["national_data_opt_out"] = {
        "applies": True,
        "why": "Our own choice, stricter than the policy: every study asks.",
    }
    for party in made["parties"]:
        party["lawful_basis"]["article6"] = [{"point": "e", "law": "NHS Act 2006, public health"}]
        party["lawful_basis"]["article9"] = {"point": "j", "schedule1": 4}
    del made["relationship"]
    made["data_items"] = [
        item | {"roles": ["feed"]} for item in made["data_items"] if (item["entity"], item["field"]) in KEPT
    ]
    made["restricted_records"] = {"action": "withhold"}
    made["publication"] = {"in_register": False, "summary": "A study."}
    return made


def cases() -> dict:
    """Its cases."""
    made = yaml.safe_load((examples.folder(MODEL) / "cases.yaml").read_text(encoding="utf-8"))
    made["base"] |= {"no_opt_out": True, "consents": []}
    made["base"]["rows"] = {name: made["base"]["rows"][name] for name in ("involvement", "address", "care_package")}
    at = "2026-11-20T09:00:00Z"
    first = {
        "name": "a woman without an opt-out",
        "shows": ["request", "in-force", "subjects", "restricted-record", "prohibited", "objection", "safe-address", "opt-out", "sources", "rows", "prohibited-source"],
        "at": at,
        "expect": {"outcome": "release", "released": ["person.birth_date", "care_package.service"], "values": {"address.postcode": "AR4"}},
    }  # fmt: skip
    told = {"outcome": "release", "released": ["care_package.service"]}
    kept = {"outcome": "withhold"}
    objected = {"kind": "objection", "scope": "share-with-health", "given": True}
    address = {"kind": "home", "postcode": "AR1 2BC"}
    made["cases"] = [
        first,
        {"name": "no answer names her", "shows": ["opt-out"], "at": at, "change": {"no_opt_out": False}, "expect": kept},
        {"name": "nobody looked it up", "shows": ["opt-out"], "at": at, "change": {"unknown": ["opt_out"]}, "expect": kept},
        {"name": "she objected", "shows": ["objection"], "at": at, "change": {"consents": [objected]}, "expect": kept},
        {"name": "restricted", "shows": ["restricted-record"], "at": at, "change": {"restricted": True}, "expect": kept},
        {"name": "sealed", "shows": ["prohibited"], "at": at, "change": {"sealed_identity": True}, "expect": kept},
        {"name": "another asks", "shows": ["request"], "at": at, "change": {"recipient": "nobody"}, "expect": kept},
        {"name": "after the last day", "shows": ["in-force"], "at": "2028-03-31T23:00:00Z", "expect": kept},
        {"name": "care is over", "shows": ["subjects"], "at": at, "change": {"rows": {"involvement": []}}, "expect": kept},
        {
            "name": "a kept address", "shows": ["safe-address"], "at": at, "change": {"safe_address": True},
            "expect": told | {"withheld": {"address.postcode": "safe-address"}},
        },
        {
            "name": "an address of customer services", "shows": ["sources"], "at": at,
            "change": {"rows": {"address": [{"source": "crm", "values": address}]}},
            "expect": told | {"withheld": {"address.postcode": "sources"}},
        },
        {
            "name": "an address of Housing Benefit", "shows": ["prohibited-source"], "at": at,
            "change": {"rows": {"address": [{"source": "civica_revenues", "values": address}]}},
            "expect": told | {"withheld": {"address.postcode": "prohibited-source"}},
        },
        {
            "name": "an address that is over", "shows": ["rows"], "at": at,
            "change": {"rows": {"address": [{"source": "frameworki", "values": address | {"to_date": "2020-01-01"}}]}},
            "expect": told | {"withheld": {"address.postcode": "rows"}},
        },
    ]  # fmt: skip
    return made


def together(to: Path) -> Path:
    """A folder with it and the examples, signed with keys made for it."""
    write(to / ID, agreement())
    return examples.together(to)


def write(folder: Path, content: dict) -> None:
    """Write it as a folder, unsigned."""
    shutil.copytree(examples.folder(MODEL), folder, ignore=shutil.ignore_patterns("signatures"))
    (folder / "agreement.yaml").write_bytes(_written(content))
    (folder / "cases.yaml").write_bytes(_written(cases()))


def _written(content: dict) -> bytes:
    """Write it without anchors, which agreements may not have."""
    return examples.dumped(orjson.loads(orjson.dumps(content)))


def open_data(to: Path) -> Path:
    """A folder in which the open data of the examples heed the opt-out, by our own choice, signed with keys made for it."""
    model = examples.MORE / OPEN
    shutil.copytree(model, to / OPEN, ignore=shutil.ignore_patterns("signatures"))
    made = examples.plain(OPEN)
    made["national_data_opt_out"] = {"applies": True, "why": "Our own choice: nobody who opted out is counted."}
    shown = yaml.safe_load((model / "cases.yaml").read_text(encoding="utf-8"))
    shown["base"]["no_opt_out"] = True
    shown["cases"][0]["shows"].append("opt-out")
    at = shown["cases"][0]["at"]
    shown["cases"].append(
        {
            "name": "not named",
            "shows": ["opt-out"],
            "at": at,
            "change": {"no_opt_out": False},
            "expect": {"outcome": "withhold"},
        }
    )
    (to / OPEN / "agreement.yaml").write_bytes(_written(made))
    (to / OPEN / "cases.yaml").write_bytes(_written(shown))
    examples.sign_all(to)
    return to
