"""Invent a million people's records a column at a time, straight in the canonical tables, as intake leaves them.

Four fifths of the people are in one system, the others in two: half of these second records have an error or an older
home. Names are the county's, with a long tail of made ones; homes hold two or three people, streets fifteen homes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import numpy as np
import numpy.typing as npt
import polars as pl

from wye.county.names import names
from wye.store.database import Connection

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SEED = 7
SOURCES = ("frameworki", "crm", "civica_revenues", "nhs_fhir")
STREAMS = ("persons", "contacts", "accounts", "admissions")
STREETS = ("Corve Street", "Mill Lane", "Church Stretton Road", "Wenlock Rise", "Clun Close", "Teme Avenue")
TWICE = 0.2
"""Share of records that are somebody's second."""
HOME, STREET = 2.4, 15
"""People to a home, homes to a postcode."""
TAIL, MADE = 0.5, 40_000
"""Share of family names that are of the long tail, and how many of those there are."""
CHUNK = 250_000
LETTERS = dict(enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
ENDS = (("r", "l", "n", "sk", "tt"), ("ford", "ley", "wood", "worth", "den"))
"""What syllables of made names end in."""

Numbers = npt.NDArray[np.int64]
COPY: LiteralString = """COPY canonical.row (record, entity, part, recorded_at, subject, source, stream, controller,
 observed_at, body) FROM STDIN (FORMAT csv)"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Hold who was invented: a row to a record, and the number of the person it is about."""

    rows: pl.DataFrame
    people: int


def invent(records: int, seed: int = SEED) -> Crowd:
    """Invent so many records, the same ones for the same seed."""
    rng = np.random.default_rng(seed)
    people = round(records * (1 - TWICE))
    second = np.arange(people, records)
    who = np.concatenate([np.arange(people), rng.choice(people, records - people, replace=False)])
    home = rng.integers(0, max(int(people / HOME), 1), people)
    sex = rng.integers(0, 2, people)
    born = np.datetime64("1930-01-01") + rng.integers(0, 34_500, people)
    given = _given(rng, sex, born)
    # Of one home three in four bear one name: the home's number chooses it.
    named_for = np.where(rng.random(people) < 0.75, home, people + np.arange(people))  # noqa: PLR2004  as above
    family = _family(named_for)
    lives = home[who]
    lives[second] = np.where(rng.random(len(second)) < 0.25, rng.integers(0, len(home), len(second)), lives[second])  # noqa: PLR2004  moved
    days = born[who]
    slips = np.where(rng.random(len(second)) < 0.08, rng.choice([1, 9, 30], len(second)), 0)  # noqa: PLR2004
    days[second] += slips.astype("timedelta64[D]")
    source = np.concatenate([rng.integers(0, len(SOURCES), people), np.zeros(records - people, np.int64)])
    source[second] = (source[who[second]] + rng.integers(1, len(SOURCES), len(second))) % len(SOURCES)
    rows = pl.DataFrame(
        {
            "record": _uuids(rng, records),
            "given_name": given[who],
            "family_name": family[who],
            "birth_date": days,
            "sex": np.array(["F", "M"])[sex[who]],
            "who": who,
            "home": lives,
            "source": source,
            "phone": np.where(rng.random(records) < 0.6, home[who] * 2 + who % 2, -1),  # noqa: PLR2004  reached by telephone
            "email": rng.random(records) < 0.4,  # noqa: PLR2004  or by e-mail
            "slip": np.concatenate([np.zeros(people), rng.random(records - people)]),
        }
    )
    return Crowd(rows.with_columns(family_name=_misspelt(), birth_date=pl.col("birth_date").dt.to_string()), people)


def load(conn: Connection, crowd: Crowd) -> int:
    """Put an invented crowd into the canonical tables, everybody changed; gives the number of canonical rows."""
    count = 0
    with conn.transaction(), conn.cursor() as cursor:
        with cursor.copy(COPY) as copy:
            for rows in crowd.rows.iter_slices(CHUNK):
                for part in _canonical(rows):
                    count += part.height
                    copy.write(part.write_csv(include_header=False).encode())
        cursor.execute(
            "INSERT INTO canonical.changed SELECT subject, %s FROM canonical.row WHERE entity = 'person'", (AT,)
        )
    conn.execute("VACUUM (ANALYZE) canonical.row")  # as autovacuum has done by the time that linking begins
    return count


def _canonical(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Write rows as canonical rows: who, where, and how to be reached."""
    # Numbers that begin with 9 are given to nobody.
    digits = (pl.col("who") + 900_000_000).cast(pl.String)
    total = pl.sum_horizontal(digits.str.slice(place, 1).cast(pl.Int32) * (10 - place) for place in range(9))
    check = (11 - total % 11) % 11
    numbered = pl.col("source").is_in([0, 3]) & (check < 10) & (pl.col("who") % 10 < 6)  # noqa: PLR2004  digits; six in ten
    number = pl.when(numbered).then(digits + check.cast(pl.String))
    made = pl.struct("given_name", "family_name", "birth_date", "sex", nhs_number=number)
    yield _entity(rows, "person", made)
    code = pl.col("home") // STREET
    tail = [(code // by % 26).replace_strict(LETTERS, return_dtype=pl.String) for by in (1, 26)]
    postcode = pl.format("ZZ{} {}{}{}", code // 6_760 % 99 + 1, code // 676 % 10, *tail)
    street = (code % len(STREETS)).replace_strict(dict(enumerate(STREETS)), return_dtype=pl.String)
    lines = pl.format("{} {}", pl.col("home") % STREET * 2 + 1, street)
    yield _entity(rows, "address", pl.struct(kind=pl.lit("home"), lines=lines, postcode=postcode))
    phone = pl.format("+447700{}", (pl.col("phone") % 1_000_000).cast(pl.String).str.zfill(6))
    yield _entity(rows.filter(pl.col("phone") >= 0), "contact_point", pl.struct(kind=pl.lit("mobile"), value=phone))
    email = pl.format("{}.{}@example.org", pl.col("given_name").str.to_lowercase(), pl.col("who"))
    yield _entity(rows.filter("email"), "contact_point", pl.struct(kind=pl.lit("email"), value=email), part=1)


def _entity(rows: pl.DataFrame, entity: str, body: pl.Expr, part: int = 0) -> pl.DataFrame:
    """Write one entity's rows in the order of COPY; what is null is left out of no body, and means nothing there."""
    named = {column: dict(enumerate(listed)) for column, listed in (("source", SOURCES), ("stream", STREAMS))}
    seen = pl.lit(AT) - pl.duration(hours=pl.col("who") % 9_000)
    return rows.select(
        "record",
        entity=pl.lit(entity),
        part=pl.lit(part),
        recorded_at=pl.lit(AT.isoformat()),
        subject=pl.col("record"),
        source=pl.col("source").replace_strict(named["source"], return_dtype=pl.String),
        stream=pl.col("source").replace_strict(named["stream"], return_dtype=pl.String),
        controller=pl.lit("arrowshire-council"),
        observed_at=seen.dt.to_string("iso:strict"),
        body=body.struct.json_encode(),
    )


def _given(rng: np.random.Generator, sex: Numbers, born: npt.NDArray[np.datetime64]) -> npt.NDArray[np.object_]:
    """Choose given names by sex and time of birth, from the county's largest tradition."""
    lists = names().traditions[0].given
    made = np.empty(len(sex), object)
    year = born.astype("datetime64[Y]").astype(int) + 1970
    for number, letter in enumerate("FM"):
        for time, first, past in (("early", 0, 1960), ("middle", 1960, 1995), ("late", 1995, 3000)):
            here = np.flatnonzero((sex == number) & (year >= first) & (year < past))
            made[here] = _chosen(rng, lists[letter, time].words, len(here))
    return made


def _family(number: Numbers) -> npt.NDArray[np.object_]:
    """Give each number its family name: half of them are common ones, half of the long tail."""
    rng = np.random.default_rng(SEED)
    common = _chosen(rng, [word for tradition in names().traditions for word in tradition.family.words], MADE)
    first, last = (rng.permutation([a + b + c for a in "BDGHLMPST" for b in "aeiou" for c in ends]) for ends in ENDS)
    tail = np.array([first[n % len(first)] + last[n // len(first) % len(last)].lower() for n in range(MADE)], object)
    place = (number * 2_654_435_761) % 2**31
    return np.where(place % 1000 < 1000 * TAIL, tail[place // 1000 % MADE], common[place // 1000 % MADE])


def _chosen(rng: np.random.Generator, words: Sequence[str], count: int) -> npt.NDArray[np.object_]:
    weights = 1 / (np.arange(len(words)) + 7)
    return np.array(words, object)[rng.choice(len(words), count, p=weights / weights.sum())]


def _misspelt() -> pl.Expr:
    """Leave a letter out of one second record's family name in eight."""
    name = pl.col("family_name")
    return pl.when(pl.col("slip") > 0.875).then(name.str.head(2) + name.str.slice(3)).otherwise(name)  # noqa: PLR2004  one in eight


def _uuids(rng: np.random.Generator, count: int) -> list[str]:
    digits = rng.bytes(16 * count).hex()
    return [digits[place : place + 32] for place in range(0, len(digits), 32)]
