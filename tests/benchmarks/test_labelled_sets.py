"""A labelled set given as CSV is read with the right people and layout, and one that cannot be read is refused in words."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from benchmarks.linking.labelled import Labelled, labelled
from benchmarks.linking.layout import FEBRL_WITH_ID, Columns, Layout, eight_digits
from benchmarks.linking.sets import from_path

Write = Callable[[str, str], Path]
PEOPLE = """unique_id,first_name,surname,dob,city,email,cluster
a,Mary,Ashdown,1950-03-07,Netherby,m@example.org,1
b,Mery,Ashdown,1950-03-07,Netherby,,1
c,John,Beech,1961-01-05,Overby,,2
d,Mary,Ashdowne,1950-07-03,,,1
"""
LABELS = """unique_id_l,unique_id_r,clerical_match_score
a,b,1.0
b,d,0.9
a,c,0.0
c,d,0.5
"""
NO_CLUSTER = "\n".join(line.rpartition(",")[0] for line in PEOPLE.splitlines()) + "\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return put


def groups(found: Labelled) -> set[frozenset[str]]:
    """Who is one with whom, by the keys of rows."""
    by_person: dict[str, set[str]] = {}
    for row, person in zip(found.rows, found.person, strict=True):
        by_person.setdefault(person, set()).add(row["key"])
    return {frozenset(keys) for keys in by_person.values()}


def test_people_named_in_a_column_are_those_of_the_set(write: Write) -> None:
    found = from_path(write("people.csv", PEOPLE))

    assert groups(found) == {frozenset("abd"), frozenset("c")}
    assert (found.name, found.pairs) == ("people", 3)


def test_people_named_by_labels_are_followed_from_record_to_record(write: Write) -> None:
    write("people_labels.csv", LABELS)
    file = write("people.csv", NO_CLUSTER)

    by_file, by_folder = from_path(file), from_path(file.parent)

    assert groups(by_file) == groups(by_folder) == {frozenset("abd"), frozenset("c")}, "even odds are no match"
    assert by_file.pairs == 3


def test_layout_names_the_columns_by_what_they_hold(write: Write) -> None:
    layout = from_path(write("people.csv", PEOPLE)).layout

    assert (layout.name, layout.once, layout.households) == ("people", False, False)
    assert layout.columns == Columns("first_name", "surname", "dob", "", ("city",), "email")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("forename,last_name,date_of_birth", Columns("forename", "last_name", "date_of_birth")),
        ("given_name,family_name,birth_date,zip", Columns("given_name", "family_name", "birth_date", "zip")),
        (
            "firstname,lastname,dateofbirth,post_code,suburb,street_number,email_address",
            Columns("firstname", "lastname", "dateofbirth", "post_code", ("street_number", "suburb"), "email_address"),
        ),
    ],
)
def test_columns_by_other_names_are_found(write: Write, header: str, expected: Columns) -> None:
    text = f"{header},cluster\n" + ",".join("x" for _ in header.split(",")) + ",1\n"

    assert from_path(write("other.csv", text)).layout.columns == expected


def test_features_are_of_the_rows_that_their_places_name(write: Write) -> None:
    found = from_path(write("people.csv", PEOPLE))

    told = found.features.to_dicts()
    assert [one["record"] for one in told] == sorted(one["record"] for one in told)
    assert sorted(found.place) == [0, 1, 2, 3]
    for feature, place in zip(told, found.place, strict=True):
        row: Mapping[str, str] = found.rows[place]
        assert (feature["given"], feature["family"]) == (row["first_name"].upper(), row["surname"].upper())
        assert feature["birth_date"] == row["dob"]
        assert feature["emails"] == ([row["email"]] if row["email"] else [])
        assert feature["address_words"] == ([row["city"].upper()] if row["city"] else [])
        assert feature["nhs_number"] is None


def test_number_of_a_layout_that_has_one_is_compared_and_a_birth_date_of_eight_digits_is_read() -> None:
    row = dict.fromkeys(("given_name", "surname", "date_of_birth", "postcode", "soc_sec_id"), "") | dict.fromkeys(
        FEBRL_WITH_ID.address, ""
    )
    rows = [
        {
            **row,
            "surname": "beech",
            "date_of_birth": "19610105",
            FEBRL_WITH_ID.number: "7654321",
            "source": "s",
            "key": "1",
        },
        {**row, "surname": "beech", "date_of_birth": "1961", "source": "s", "key": "2"},
    ]

    found = labelled("two", Layout("two", FEBRL_WITH_ID, eight_digits), rows, ["1", "1"])

    by_place = dict(zip(found.place, found.features.to_dicts(), strict=True))
    assert (by_place[0]["birth_date"], by_place[0]["nhs_number"]) == ("1961-01-05", "7654321")
    assert (by_place[1]["birth_date"], by_place[1]["nhs_number"]) == (None, None)
    assert found.pairs == 1


def test_same_key_in_two_sources_is_two_records() -> None:
    row = {"given_name": "Mary", "surname": "Ashdown", "dob": "", "key": "1"}
    columns = Columns("given_name", "surname", "dob")

    found = labelled("two", Layout("two", columns), [{**row, "source": "s"}, {**row, "source": "t"}], ["1", "1"])

    assert found.features["record"].n_unique() == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "`people.csv` holds no records"),
        ("unique_id,first_name,surname,dob,cluster\n", "`people.csv` holds no records"),
        ("unique_id,first_name,cluster\na,Mary,1\n", "`people.csv` has no column for `family_name, birth_date`"),
        (NO_CLUSTER, "`people.csv` says nowhere who is who: .* no `people_labels.csv`"),
        (PEOPLE + "e,Mary\n", "`people.csv` row 5 has fewer columns than its header"),
        (PEOPLE + "e,Mary,Ash,1950-01-01,x,y,3,4\n", "`people.csv` row 5 has more columns than its header"),
        (PEOPLE + PEOPLE.splitlines()[1] + "\n", "`people.csv` row 5 has the key of a row before it"),
        (PEOPLE + 'e,"Mary,Ash\n', "`people.csv` is no CSV: a quote is left open"),
        (PEOPLE.replace("email", "city"), "`people.csv` names a column twice"),
    ],
    ids=[
        "empty",
        "header alone",
        "no columns",
        "no labels",
        "short row",
        "long row",
        "key twice",
        "open quote",
        "column twice",
    ],
)
def test_set_that_cannot_be_read_is_refused_by_name_and_place_without_a_value(
    write: Write, text: str, says: str
) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        from_path(write("people.csv", text))

    assert "Ashdown" not in str(refused.value)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ("unique_id_l,unique_id_r\na,b\n", "`people_labels.csv` has no column `clerical_match_score`"),
        (LABELS + "a,nobody,1\n", "`people_labels.csv` row 5 names a record that `people.csv` has not"),
        (LABELS + "a,b,likely\n", "`people_labels.csv` row 5: `clerical_match_score` is no number"),
    ],
)
def test_labels_that_cannot_be_followed_are_refused_by_place(write: Write, labels: str, says: str) -> None:
    write("people_labels.csv", labels)

    with pytest.raises(ValueError, match=says):
        from_path(write("people.csv", NO_CLUSTER))


def test_bytes_that_are_no_utf_8_are_refused_without_a_value(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(PEOPLE.encode().replace(b"Mery", b"M\xe9ry"))

    with pytest.raises(ValueError, match=r"`people\.csv` is no UTF-8"):
        from_path(tmp_path / "people.csv")


def test_folder_of_several_files_and_folder_of_none_are_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds 0 files of records"):
        from_path(tmp_path)

    write("one.csv", PEOPLE)
    write("other.csv", PEOPLE)
    with pytest.raises(ValueError, match="holds 2 files of records; name the one that is meant"):
        from_path(tmp_path)
