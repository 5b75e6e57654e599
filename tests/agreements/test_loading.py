"""What is not exactly right is refused with file, line, value and what is allowed."""

import pytest
from pydantic import Field

from wye.agreements.loading import MAXIMUM_BYTES, load
from wye.agreements.model import Agreement
from wye.agreements.part import Part
from wye.errors import AgreementRefused
from wye.vocabulary import Restriction


class Inner(Part):
    action: Restriction
    age: int | None = None


class Small(Part):
    name: str
    inner: Inner
    many: tuple[Inner, ...] = ()
    chosen: tuple[str, ...] = Field(default=(), alias="in")
    sure: bool = False


GOOD = b"name: a\ninner:\n  action: refer\n"


def refusal(raw: bytes) -> str:
    with pytest.raises(AgreementRefused) as caught:
        load(Small, raw, "x/agreement.yaml")
    return str(caught.value)


def test_load_reads_what_is_right() -> None:
    found = load(Small, GOOD + b"in: [no, 1.0, 2026-01-01, 'true']\nsure: true\n", "x/agreement.yaml")

    assert found.value.inner.action is Restriction.REFER
    assert found.value.chosen == ("no", "1.0", "2026-01-01", "true")
    assert found.where(("inner", "action")) == "x/agreement.yaml:3"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (GOOD + b"surprise: 1\n", "x/agreement.yaml:4: unknown key `surprise`; allowed: name, inner, many, in, sure"),
        (GOOD + b"many:\n  - {action: refer, agee: 1}\n", "x/agreement.yaml:5: unknown key `many.0.agee`; allowed: action, age"),
        (GOOD + b"name: b\n", "x/agreement.yaml:4: key `name` stands twice"),
        (b"name: a\n", "x/agreement.yaml:1: key `inner` is missing"),
        (b"name: a\ninner: {action: ignore}\n", "x/agreement.yaml:2: `ignore` is not right for `inner.action`; allowed: 'withhold' or 'refer'"),
        (b"name: a\ninner: {action: refer, age: old}\n", "`old` is not right for `inner.age`; allowed: a valid integer"),
        (b"name: a\ninner: {action: refer, age: '18'}\n", "is not right for `inner.age`"),
        (b"name: a\ninner: {action: refer, age: 018}\n", "is not right for `inner.age`"),
        (b"name: a\ninner: {action: refer, age: true}\n", "is not right for `inner.age`"),
        (GOOD + b"sure: yes\n", "`yes` is not right for `sure`"),
        (GOOD + b"sure: 1\n", "`1` is not right for `sure`"),
        (b"name: 7\ninner: {action: refer}\n", "`7` is not right for `name`"),
        (b"name: &a x\ninner: {action: refer}\n", "x/agreement.yaml:1: an anchor or alias"),
        (b"name: *a\ninner: {action: refer}\n", "an anchor or alias `a`"),
        (b"name: !!python/object/apply:os.system [id]\n", "x/agreement.yaml:1: a tag"),
        (b"name: !!str 7\ninner: {action: refer}\n", "a tag"),
        (b"? [a]\n: b\n", "a key that is not plain text"),
        (b"&k name: a\n", "a key that is not plain text"),
        (GOOD + b"---\nname: b\n", "second document"),
        (b"", "nothing in it"),
        (b"name: [a\n", "not YAML"),
        (b"- a\n", "is not right for `the file`"),
        (b"name: a\r\ninner: {action: refer}\r\n", "x/agreement.yaml:1: a carriage return"),
        (b"\xef\xbb\xbf" + GOOD, "a byte order mark"),
        (b"name: \xff\n", "byte 6 is not UTF-8"),
        (b"name: a\x00\n", "a NUL"),
        (b"#" * (MAXIMUM_BYTES + 1), "bytes; at most"),
        (b"name: " + b"[" * 40 + b"]" * 40, "nested deeper than"),
        (b"name: " + b"[" * 100_000, "x/agreement.yaml"),
    ],
)  # fmt: skip
def test_load_of_what_is_wrong_says_where_and_what_is_allowed(raw: bytes, said: str) -> None:
    assert said in refusal(raw)


def test_load_gives_every_fault_in_the_order_of_lines() -> None:
    said = refusal(b"name: 7\ninner:\n  action: no\n  more: 1\n").splitlines()

    assert [line.split(":")[1] for line in said] == ["1", "3", "4"]


def test_the_billion_laughs_are_refused_at_the_first() -> None:
    bomb = b'a: &a ["x"]\n' + b"".join(b"%c: &%c [*%c,*%c]\n" % (i + 1, i + 1, i, i) for i in range(97, 120))

    assert "an anchor or alias" in refusal(bomb)


def test_every_part_of_an_agreement_refuses_unknown_keys() -> None:
    seen = set()
    pending = [Agreement]
    while pending:
        part = pending.pop()
        assert part.model_config["extra"] == "forbid"
        assert part.model_config["frozen"] is True
        seen.add(part)
        text = str([info.annotation for info in part.model_fields.values()])
        pending += [kind for kind in Part.__subclasses__() if f".{kind.__name__}" in text and kind not in seen]
    assert len(seen) >= 20
