"""Show that files joined while they stream give what a join of whole files gives."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.civica_revenues.join import joined_rows
from connectors.civica_revenues.streams import STREAMS, Column, Joined, Stream
from connectors.civica_revenues.tables import Table

NUMBER = st.integers(0, 6)


def table(file: str, header: str, rows: list[str]) -> Table:
    data = "".join(f"{line}\n" for line in [header, *rows]).encode()
    return Table(file, [data[at : at + 7] for at in range(0, len(data), 7)])  # blocks end anywhere


@given(
    st.sets(st.tuples(NUMBER, NUMBER)), st.lists(st.tuples(st.sampled_from(["CT", "HB"]), NUMBER, st.integers(0, 99)))
)
def test_joined_rows_equal_a_join_of_whole_files(own: set[tuple[int, int]], other: list[tuple[str, int, int]]):
    stream = Stream(
        "own.csv", (Column("a"), Column("b")), ("a", "b"), "changed",
        (Joined("other.csv", "o_", (Column("ref"),), ("a",), only=("part", "CT"), without=frozenset({"part"})),),
    )  # fmt: skip
    rows, side = sorted(own), sorted(other, key=lambda line: (line[0], line[1]))
    tables = {
        "own.csv": table("own.csv", "a,b", [f"{a},{b}" for a, b in rows]),
        "other.csv": table("other.csv", "part,ref,x", [f"{part},{ref},{x}" for part, ref, x in side]),
    }

    found = list(joined_rows(stream, tables))

    firsts: dict[int, str] = {}
    for part, ref, x in side:
        if part == "CT":
            firsts.setdefault(ref, str(x))
    assert found == [{"a": str(a), "b": str(b), "o_x": firsts.get(a)} for a, b in rows]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), min_size=1, max_size=6))
def test_table_of_any_text_is_read_as_it_was_written(values: list[str]):
    import csv
    import io

    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["n", "v"], *enumerate(values)])
    data = text.getvalue().encode()

    rows = list(Table("t.csv", [data[at : at + 3] for at in range(0, len(data), 3)]).rows())

    assert [row["v"] for row in rows] == values


def test_streams_name_only_files_that_sort_as_they_join():
    for stream in STREAMS.values():
        for join in stream.joins:
            lead = stream.order[: len(join.to)]
            assert tuple(column.name for column in lead) == join.to
            assert [column.read for column in lead] == [column.read for column in join.key]
