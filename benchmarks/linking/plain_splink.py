"""Link labelled records with plain Splink: the settings of its own demos for the same columns, and nothing of ours.

The demos of Splink 4 and 5 for febrl3, febrl4, fake_1000 (labels) and the 50,000 historical persons, with the columns
that a set has. A pair counts as joined from a probability on; the best one is chosen by the labels, which no user has.
"""

import logging
from collections.abc import Sequence
from typing import Any

import duckdb
import polars as pl
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.linking.labelled import Labelled

SEED = 2
Pair = tuple[float, int, int]
"""A probability, and two places in the set's rows."""


def pairs(found: Labelled) -> list[Pair]:
    """Give every pair that plain Splink weighs, with its probability."""
    duck = duckdb.connect(":memory:")
    api = DuckDBAPI(connection=duck)
    rows = [{name: value or None for name, value in row.items()} | {"n": place} for place, row in enumerate(found.rows)]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    linked = found.layout.once
    sources = sorted(set(frame["source"])) if linked else [""]
    tables = []
    for place, source in enumerate(sources):
        duck.register(
            f"rows_{place}", (frame.filter(pl.col("source") == source) if linked else frame).drop("source").to_arrow()
        )
        tables.append(api.register(duck.sql(f"SELECT * FROM rows_{place}")))  # noqa: S608  a name of our own
    settings, rules, recall, sessions = _demo(found)
    linker = Linker(
        tables if linked else tables[0],
        SettingsCreator(
            unique_id_column_name="n",
            link_type="link_only" if linked else "dedupe_only",
            retain_matching_columns=False,
            **settings,
        ),
        log_level=logging.ERROR,
    )
    linker.training.estimate_probability_two_random_records_match(rules, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    for session in sessions:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*session), estimate_without_term_frequencies=linked or found.layout.name != "febrl3"
        )
    scored = linker.inference.predict(warning_mode="never")
    chosen = duck.sql(f"SELECT match_probability, n_l, n_r FROM {scored.physical_name}").fetchall()  # noqa: S608  as above
    duck.close()
    return [(float(p), int(a), int(b)) for p, a, b in chosen]


def _demo(found: Labelled) -> tuple[dict[str, Any], Sequence[Any], float, Sequence[tuple[str, ...]]]:
    """Choose the demo: settings, the rules and the recall for the prior, and the sessions of training."""
    if found.layout.name == "febrl3":
        return _febrl3(number=bool(found.layout.columns.number))
    if found.layout.name == "febrl4":
        return _febrl4(number=bool(found.layout.columns.number))
    return _county() if found.layout.name == "county" else _fake(found)


def _febrl3(*, number: bool) -> tuple[dict[str, Any], Sequence[Any], float, Sequence[tuple[str, ...]]]:
    compared = [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        *([cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2])] if number else []),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
    ]
    met = [*(["soc_sec_id"] if number else []), "given_name", "surname", "date_of_birth", "postcode"]
    rules = [
        *([block_on("soc_sec_id")] if number else []),
        block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ]
    settings = {"comparisons": compared, "blocking_rules_to_generate_predictions": [block_on(name) for name in met]}
    return settings, rules, 0.9, [("date_of_birth",), ("postcode",)]


def _febrl4(*, number: bool) -> tuple[dict[str, Any], Sequence[Any], float, Sequence[tuple[str, ...]]]:
    compared = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison(
            "date_of_birth", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
        ),
        *([cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2])] if number else []),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    met = [
        block_on("given_name", "surname"),
        "l.given_name = r.surname and l.surname = r.given_name",
        block_on("date_of_birth"),
        *([block_on("soc_sec_id")] if number else []),
        block_on("state", "address_1"),
        block_on("street_number", "address_1"),
        block_on("postcode"),
    ]
    rules = [*([block_on("soc_sec_id")] if number else []), block_on("given_name", "surname", "date_of_birth")]
    settings = {"comparisons": compared, "blocking_rules_to_generate_predictions": met}
    return settings, rules, 0.8, [("date_of_birth",), ("postcode",)]


def _fake(found: Labelled) -> tuple[dict[str, Any], Sequence[Any], float, Sequence[tuple[str, ...]]]:
    columns = found.layout.columns
    given, family, birth = columns.given_name, columns.family_name, columns.birth_date
    town = next((name for name in columns.address if name in {"city", "town", "suburb"}), "")
    compared = [
        cl.NameComparison(given),
        cl.NameComparison(family),
        cl.DateOfBirthComparison(birth, input_is_string=True),
        *([cl.ExactMatch(town).configure(term_frequency_adjustments=True)] if town else []),
        *([cl.PostcodeComparison(columns.postcode)] if columns.postcode else []),
        *([cl.EmailComparison(columns.email)] if columns.email else []),
    ]
    met = [given, family, birth, *([columns.email] if columns.email else [])]
    rules = [
        f"l.{given} = r.{given} and levenshtein(r.{birth}, l.{birth}) <= 1",
        f"l.{family} = r.{family} and levenshtein(r.{birth}, l.{birth}) <= 1",
        f"l.{given} = r.{given} and levenshtein(r.{family}, l.{family}) <= 2",
        *([f"l.{columns.email} = r.{columns.email}"] if columns.email else []),
    ]
    settings = {"comparisons": compared, "blocking_rules_to_generate_predictions": [block_on(name) for name in met]}
    return settings, rules, 0.7, [(given, family), (birth,)]


def _county() -> tuple[dict[str, Any], Sequence[Any], float, Sequence[tuple[str, ...]]]:
    compared = [
        cl.ForenameSurnameComparison("given_name", "family_name"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.PostcodeComparison("postcode"),
        cl.EmailComparison("email"),
        cl.ExactMatch("phone"),
        cl.ExactMatch("sex"),
        cl.ExactMatch("nhs_number"),
    ]
    met = [
        block_on("nhs_number"),
        block_on("given_name", "family_name"),
        block_on("family_name", "birth_date"),
        block_on("given_name", "birth_date"),
        block_on("postcode", "given_name"),
        block_on("postcode", "family_name"),
        block_on("birth_date", "postcode"),
        block_on("email"),
        block_on("phone", "given_name"),
    ]
    rules = [block_on("nhs_number"), block_on("given_name", "family_name", "birth_date"), block_on("email")]
    settings = {"comparisons": compared, "blocking_rules_to_generate_predictions": met}
    return settings, rules, 0.6, [("given_name", "family_name"), ("birth_date",), ("postcode",)]
