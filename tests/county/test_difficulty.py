"""The county is hard to link, for realistic reasons: plain Splink with demo settings gets it neither right nor absurd."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import splink.comparison_library as cl
from made_county import CIVICA, MadeCounty, make_county
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from wye.county import Score
from wye.county.truth import RecordKey, compare

OPEN = "2099-12-31"
THRESHOLDS = (0.5, 0.95, 0.99)
BLOCKS = (
    ("first_name", "surname"), ("surname", "dob"), ("first_name", "dob"), ("postcode", "surname"),
    ("postcode", "first_name"), ("email",),
)  # fmt: skip


class Flat(NamedTuple):
    key: RecordKey
    first_name: str | None
    surname: str | None
    dob: str | None
    postcode: str | None
    email: str | None


def flat(key: RecordKey, given: object, family: object, birth: object, postcode: object, email: object = None) -> Flat:
    first = tidy(given)
    return Flat(
        key, first.split(" ")[0] if first else None, tidy(family), str(birth) if birth else None,
        str(postcode).replace(" ", "").upper() if postcode else None, tidy(email),
    )  # fmt: skip


def tidy(text: object) -> str | None:
    return "".join(letter for letter in str(text or "") if letter.isprintable()).strip().lower() or None


def records(county: MadeCounty) -> Iterator[Flat]:
    homes = {a["PERSON_ID"]: a for a in county.json_lines("frameworki/DM_ADDRESSES.jsonl") if not a["END_DATE"]}
    for p in county.json_lines("frameworki/DM_PERSONS.jsonl"):
        key, home = ("frameworki", "persons", str(p["PERSON_ID"])), homes.get(p["PERSON_ID"], {})
        yield flat(key, p["FIRST_NAME"], p["LAST_NAME"], p["DATE_OF_BIRTH"], home.get("POST_CODE"), p["EMAIL_ADDRESS"])
    for c in county.json_lines("crm/contacts.jsonl"):
        key = ("crm", "contacts", str(c["contactid"]))
        yield flat(key, c["firstname"], c["lastname"], c["birthdate"], c["address1_postalcode"], c["emailaddress1"])
    properties = {p["property_ref"]: p["postcode"] for p in county.csv_rows(f"{CIVICA}/ctproperty.csv")}
    occupations = county.csv_rows(f"{CIVICA}/ctoccupation.csv")
    homes_of = {o["account_ref"]: properties[o["property_ref"]] for o in occupations if o["vacation_date"] == OPEN}
    emails = {e["reference_id"]: e["email_addr"] for e in county.csv_rows(f"{CIVICA}/syemail.csv")}
    for a in county.csv_rows(f"{CIVICA}/ctaccount.csv"):
        ref = a["account_ref"]
        key = (CIVICA, "accounts", ref)
        yield flat(key, a["lead_liab_forename"], a["lead_liab_surname"], None, homes_of[ref], emails.get(ref))
    claims = {h["claim_id"]: h["post_code"] for h in county.csv_rows(f"{CIVICA}/hbhousehold.csv")}
    for m in county.csv_rows(f"{CIVICA}/hbmember.csv"):
        born = "-".join(reversed(m["birth_date"].split("/"))) if m["birth_date"][:2].strip("9") else None
        key = (CIVICA, "members", f"{m['claim_id']}|{m['house_id']}|{m['member_id']}")
        yield flat(key, m["forename"], m["surname"], born, claims[m["claim_id"]])


def plain_splink(rows: list[Flat]) -> dict[float, dict[RecordKey, int]]:
    """Link with the settings of Splink's own demonstrations, trained by expectation maximisation on the data."""
    frame = pd.DataFrame(
        {name: pd.Series([getattr(row, name) for row in rows], dtype=object) for name in Flat._fields[1:]}
    )
    frame.insert(0, "unique_id", range(len(rows)))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode"),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
    )
    linker = Linker(DuckDBAPI().register(frame, dataset_display_name="county"), settings)
    certain = [block_on("first_name", "surname", "dob"), block_on("email")]
    linker.training.estimate_probability_two_random_records_match(certain, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=3e5, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "surname"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    pairs = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    found: dict[float, dict[RecordKey, int]] = {}
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold).as_pandas_dataframe()
        found[threshold] = {
            rows[record].key: int(cluster)
            for record, cluster in zip(clusters["unique_id"], clusters["cluster_id"], strict=True)
        }
    return found


def test_plain_splink_scores_under_97_and_over_60_percent(tmp_path: Path):
    county = make_county(tmp_path, 2_500, 4)
    truth = county.truth()

    scores: dict[float, Score] = {
        threshold: compare(predicted, truth) for threshold, predicted in plain_splink(list(records(county))).items()
    }

    assert scores[0.95].pairs > 1_200
    assert 0.60 < max(score.f1 for score in scores.values()) < 0.97
    assert 0.60 < scores[0.95].f1 < 0.97
    assert scores[0.5].false_merges > scores[0.99].false_merges > 0
    assert scores[0.99].recall < scores[0.5].recall < 1
