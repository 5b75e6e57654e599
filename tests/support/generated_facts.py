"""Make facts about invented people, at random but seeded: as plain dictionaries, and as the engine's own."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from wye.sharing.decision import Request
from wye.sharing.facts import Facts
from wye.store.consents import HeldConsent
from wye.store.known import Candidate, KnownRow, PersonKnown
from wye.store.opt_outs import OptOutAnswer
from wye.store.pending import PendingProtection

SEEN = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES = ("frameworki", "frameworki", "frameworki", "crm", "civica_revenues", "nhs_fhir", "police")
WAITING = PendingProtection(UUID(int=9), "frameworki", "groups", SEEN, "quarantined", True, ())
CHECKED: dict[str | None, OptOutAnswer | None] = {
    None: None,
    "nothing": OptOutAnswer(None, named=False),
    "named, but too old": OptOutAnswer(SEEN, named=True),
    "not named": OptOutAnswer(datetime.max.replace(tzinfo=UTC), named=False),
    "named, and in date": OptOutAnswer(datetime.max.replace(tzinfo=UTC), named=True),
}
NAMES = ("Amis", "Bode", "Carr", "Dane", "Eze", "Fenn")


def an_instant(random: Random) -> datetime:
    if random.random() < 0.08:
        return random.choice(
            [
                datetime(2026, 3, 31, 22, 59, 59, tzinfo=UTC),
                datetime(2026, 3, 31, 23, 0, tzinfo=UTC),
                datetime(2028, 3, 31, 22, 59, 59, tzinfo=UTC),
                datetime(2028, 3, 31, 23, 0, tzinfo=UTC),
            ]
        )
    return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(600_000))


DAYS_OF_TRAINING = [
    None, "2024-02-29", "2025-04-01", "2025-11-20", "2025-11-21", "2026-02-28", "2026-10-01", "2027-01-01",
]  # fmt: skip


def a_request(random: Random, agreement: dict, looks: float = 0.04) -> dict:
    """Give a request, mostly a feed's; `looks` is how often a person looks."""
    request = {
        "agreement": agreement["id"],
        "recipient": agreement["route"]["partner"],
        "purpose": agreement["purpose"]["code"],
        "role": "feed",
        "relationship": None,
        "trained_on": None,
    }
    chance = random.random()
    if chance < 0.02:
        request["agreement"] = "another"
    elif chance < 0.04:
        request["recipient"] = "somebody-else"
    elif chance < 0.06:
        request["purpose"] = "research"
    elif chance < 0.06 + looks:
        request["role"] = random.choice(["nobody", "discharge-coordinator", "safeguarding-officer", "payments-officer"])
        request["relationship"] = random.choice(
            [None, "on my ward", *(agreement.get("relationship") or {"any_of": []})["any_of"]]
        )
        request["trained_on"] = Random(str(request)).choice(DAYS_OF_TRAINING)  # noqa: S311  cases, not secrets
    return request


def facts(random: Random, at: datetime) -> dict:
    day = at.date()
    born = date(day.year - random.choice([2, 10, 17, 18, 19, 40, 85]), random.randrange(1, 13), random.randrange(1, 29))
    if random.random() < 0.1:
        born = date(2004, 2, 29)
    person: dict[str, list] = {
        "birth_date": values(random, [born.isoformat()]),
        "family_name": values(random, NAMES),
        "given_name": values(random, NAMES),
        "middle_names": values(random, NAMES),
        "sex": values(random, "FM"),
        "nhs_number": values(random, ["9990000018", "9990000026"]),
        "case_number": values(random, ["101", "102"]),
        "interpreter_needed": values(random, [True, False]),
    }
    rows = {
        "involvement": some(random, lambda: lasting(random, day, {"service": random.choice(["adult-social-care"] * 3 + ["benefits"]), "role": "worker", "worker": random.choice(NAMES), "team": "Netherby North"})),
        "referral": some(random, lambda: a_referral(random, day)),
        "care_package": some(random, lambda: lasting(random, day, {"service": random.choice(["home-care", "day-care", "magic"]), "provider": random.choice(NAMES), "reference": str(random.randrange(99)), "weekly_cost_pence": random.randrange(9999)})),
        "address": some(random, lambda: lasting(random, day, {"kind": "home", "lines": f"{random.randrange(9)} Mill Lane", "town": "Netherby", "postcode": "AR1 2BC"})),
        "contact_point": some(random, lambda: {"kind": "phone", "value": "+44163296000" + str(random.randrange(9))}),
        "relationship": some(random, lambda: lasting(random, day, {"kind": random.choice(["carer", "mother"])})),
    }  # fmt: skip
    corrected = lambda: lasting(random, day, {"attribute": random.choice(["family_name", "birth_date", "title"])})  # noqa: E731
    rows["correction"] = [{**one, "source": "steward", "agreement": None} for one in some(random, corrected)]
    if random.random() < 0.8:  # mostly subjects: whoever is none shows one clause only
        own = {"source": "frameworki", "agreement": None}
        rows["involvement"].append({"values": {"service": "adult-social-care", "worker": "Gale"}, **own})
        rows["referral"].append({"values": {"kind": "safeguarding-adult", "status": "open"}, **own})
        rows["care_package"].append({"values": {"service": "home-care", "provider": "Gale"}, **own})
        rows["correction"].append({"values": {"attribute": "family_name"}, "source": "steward", "agreement": None})
        if random.random() < 0.8:
            person["birth_date"].insert(
                0, {"value": f"{day.year - random.choice([18, 19, 80])}-01-05", "doubt": None, **own}
            )
    consents = [
        {"kind": kind, "scope": scope, "given": given, "upheld": upheld(kind, Random(f"{person} {scope}"))}  # noqa: S311  cases, not secrets
        for kind, scope in (
            ("confidentiality", "share-with-health"), ("objection", "share-with-health"),
            ("objection", "share-with-police"), ("confidentiality", "share-with-police"), ("uk-gdpr", "share-with-health"),
        )
        if random.random() < 0.4
        for given in [random.random() < (0.25 if kind == "objection" else 0.85)]
    ]  # fmt: skip
    return {
        "person": {name: found for name, found in person.items() if random.random() < 0.97},
        "rows": rows,
        "consents": None if random.random() < 0.03 else consents,
        "restricted": flag(random),
        "restricted_against": against(Random(f"{person} {rows}")),  # noqa: S311  as above
        "sealed_identity": flag(random),
        "safe_address": flag(random, 0.15),
        "unread": flag(random),
        "opt_out": checked(Random(f"{rows} {person}")),  # noqa: S311  cases, not secrets
        "onward": random.choice([None, {}, {"adult-care-acute": ["marches-police", "arrowshire-hospitals"]}]),
    }


def against(random: Random) -> list[str] | None:
    """Name the parties that the record is restricted against: mostly none."""
    among = [["marches-police"], ["arrowshire-hospitals", "arrowshire-finance"], ["arrowshire-council"]]
    return random.choice([None, *among, *[[]] * 60])


def upheld(kind: str, random: Random) -> list[str]:
    """Name the agreements under which an objection was upheld: few, and of no consent."""
    among = ["safeguarding-police", "care-packages-finance", "corrections-revenues", "adult-care-acute"]
    return random.sample(among, random.choice([0, 0, 1, 2])) if kind == "objection" else []


def checked(random: Random) -> str | None:
    """Say what the national check of opt-outs answered: mostly that there is none."""
    return random.choice([None, "nothing", "named, but too old", "not named", *["named, and in date"] * 12])


def flag(random: Random, often: float = 0.05) -> bool | None:
    chance = random.random()
    return None if chance < 0.03 else chance < 0.03 + often


def values(random: Random, among: object) -> list[dict]:
    return [
        {"value": random.choice(list(among)), "doubt": random.choice([None] * 15 + ["contested"]), **origin(random)}  # type: ignore[call-overload]
        for _ in range(random.choice([0, 1, 1, 1, 2, 3]))
    ]


def origin(random: Random) -> dict:
    agreement = random.choice([None] * 12 + ["adult-care-acute", "safeguarding-police"])
    return {"source": random.choice(SOURCES), "agreement": agreement}


def some(random: Random, make: object) -> list[dict]:
    return [{"values": make(), **origin(random)} for _ in range(random.choice([0, 1, 1, 2, 3]))]  # type: ignore[operator]


def lasting(random: Random, day: date, fields: dict) -> dict:
    near = [None, None, -400, -1, 0, 1, 400]
    begins, ends = random.choice([*near, -9, -9]), random.choice([*near, None, None])
    return {
        **fields,
        "from_date": None if begins is None else (day + timedelta(days=begins)).isoformat(),
        "to_date": None if ends is None else (day + timedelta(days=ends)).isoformat(),
    }


def a_referral(random: Random, day: date) -> dict:
    row = lasting(random, day, {})
    return {
        "kind": random.choice(["safeguarding-adult", "safeguarding-child", "care"]),
        "received_on": row["from_date"],
        "closed_on": row["to_date"],
        "reason": "neglect",
        "status": random.choice(["open", "open", "open", "closed"]),
        "detail": random.choice([None, "what was said"]),
    }


def engine_facts(plain: dict) -> Facts:
    record = UUID(int=7)
    answers = plain["consents"]
    held = None if answers is None else tuple(
        HeldConsent(
            one["kind"], one["scope"], one["given"], None, record, "frameworki", frozenset(one["upheld"])
        )
        for one in answers
    )  # fmt: skip
    known = PersonKnown(
        UUID(int=1),
        {
            name: tuple(
                Candidate(v["value"], v["source"], record, "c", SEEN, v["agreement"], doubt=v["doubt"]) for v in found
            )
            for name, found in plain["person"].items()
        },
        {
            entity: tuple(KnownRow(row["values"], row["source"], record, "c", SEEN, row["agreement"]) for row in found)
            for entity, found in plain["rows"].items()
        },
    )
    onward = plain["onward"]
    return Facts(
        known=known,
        consents=None if held is None else tuple(one for one in held if one.kind != "objection"),
        objections=None if held is None else tuple(one for one in held if one.kind == "objection"),
        restricted=plain["restricted"],
        restricted_against=None if plain["restricted_against"] is None else frozenset(plain["restricted_against"]),
        sealed_identity=plain["sealed_identity"],
        safe_address=plain["safe_address"],
        unread=None if plain["unread"] is None else (WAITING,) if plain["unread"] else (),
        onward=None if onward is None else {name: frozenset(to) for name, to in onward.items()},
        opt_out=CHECKED[plain["opt_out"]],
    )


def engine_request(plain: dict) -> Request:
    trained = plain["trained_on"]
    return Request(
        plain["agreement"], plain["recipient"], plain["purpose"], plain["role"], plain["relationship"],
        None if trained is None else date.fromisoformat(trained),
    )  # fmt: skip
