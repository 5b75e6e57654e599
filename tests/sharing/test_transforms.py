"""Each transform, by a table; what it cannot do it refuses without saying the value."""

import pytest

from wye.sharing.transforms import TRANSFORMS
from wye.vocabulary import Transform


@pytest.mark.parametrize(
    ("transform", "value", "result"),
    [
        ("as-is", "Okafor", "Okafor"),
        ("as-is", 7, 7),
        ("flag-only", "Okafor", True),
        ("flag-only", False, True),
        ("initial", "okafor", "O"),
        ("initial", " Ødegård", "Ø"),
        ("outward-postcode", "AR1 2BC", "AR1"),
        ("outward-postcode", "EC1A 1BB", "EC1A"),
        ("year-of-birth", "1941-03-08", 1941),
    ],
)
def test_transform_gives(transform: str, value: object, result: object) -> None:
    assert TRANSFORMS[Transform(transform)](value) == result


@pytest.mark.parametrize(
    ("transform", "value"),
    [
        ("initial", ""), ("initial", "7b"), ("initial", 7), ("initial", "-"),
        ("outward-postcode", "AR12BC"), ("outward-postcode", "4 Mill Lane"), ("outward-postcode", "AR1 2BC "),
        ("outward-postcode", "ar1 2bc"), ("outward-postcode", None), ("outward-postcode", "AR1 2BC\n"),
        ("year-of-birth", "8 March 1941"), ("year-of-birth", 1941), ("year-of-birth", ""),
    ],
)  # fmt: skip
def test_transform_refuses_what_it_cannot_do(transform: str, value: object) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the words are checked below
        TRANSFORMS[Transform(transform)](value)

    assert str(value) not in str(caught.value) or value in ("", "-")
    assert caught.value.__context__ is None or caught.value.__suppress_context__
