"""Evaluate the model's SQL on rows in memory, as DuckDB would: for a few pairs planning a statement takes far longer. Pure.

One text says what is compared (comparisons.py, match_keys.py, the rules); here it is read by sqlglot and made into
Python functions, with SQL's three truth values. What is not known here is refused when the text is read, and a
property test holds the values equal to DuckDB's on thousands of pairs.
"""

import operator
from collections.abc import Callable, Mapping
from hashlib import md5
from math import log2
from typing import Any

import sqlglot
from sqlglot import exp

from wye.identity.likeness import damerau_levenshtein, jaro_winkler

Row = Mapping[str, Any]
"""A record's features by column; lists are lists."""
Scope = Mapping[str, Any]
"""Rows and lambda arguments by name: `l` and `r` of a pair, or `` for the one row at hand."""
Value = Callable[[Scope], Any]


def compiled(sql: str) -> Value:
    """Make DuckDB SQL into a function of rows; raises NotImplementedError for what is not known here."""
    return _make(sqlglot.parse_one(sql, read="duckdb"))


def key_number(kind: int, key: str) -> int:
    """Hash a blocking key with its kind into a bigint, as scales.keys_sql does."""
    digest = md5(f"{kind}/{key}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") - 2**63


def _make(node: exp.Expr) -> Value:
    special = SPECIAL.get(type(node))
    if special is not None:
        return special(node)
    found = FUNCTIONS.get(type(node)) or NAMED.get(node.name.lower() if isinstance(node, exp.Anonymous) else "")
    if found is None:
        raise NotImplementedError(f"the model's SQL says `{type(node).__name__}`, which evaluate.py does not know")
    given = [_make(each) for each in _arguments(node)]
    return _strict(found, given)


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    names = ORDER.get(type(node), ("this", "expression"))
    return [each for name in names if isinstance(each := node.args.get(name), exp.Expr)]


def _strict(function: Callable[..., Any], given: list[Value]) -> Value:
    """Give NULL where an argument is NULL, as nearly every function of SQL does."""
    if len(given) == 1:
        (only,) = given
        return lambda scope: None if (value := only(scope)) is None else function(value)
    if len(given) == 2:  # noqa: PLR2004  the usual case, spelt out for speed
        left, right = given

        def two(scope: Scope) -> Any:
            a = left(scope)
            if a is None:
                return None
            b = right(scope)
            return None if b is None else function(a, b)

        return two

    def many(scope: Scope) -> Any:
        values = [each(scope) for each in given]
        return None if any(value is None for value in values) else function(*values)

    return many


def _column(node: exp.Expr) -> Value:
    name, side = node.name, node.args["table"].name if node.args.get("table") else ""
    return lambda scope: scope[side][name]


def _constant(value: object) -> Value:
    return lambda _: value


def _literal(node: exp.Expr) -> Value:
    value: object = node.name
    if not node.args["is_string"]:
        value = int(node.name) if node.name.isdigit() else float(node.name)
    return _constant(value)


def _and(node: exp.Expr) -> Value:
    left, right = _make(node.args["this"]), _make(node.args["expression"])

    def both(scope: Scope) -> bool | None:
        a = left(scope)
        if a is False:
            return False
        b = right(scope)
        return False if b is False else None if a is None or b is None else True

    return both


def _or(node: exp.Expr) -> Value:
    left, right = _make(node.args["this"]), _make(node.args["expression"])

    def either(scope: Scope) -> bool | None:
        a = left(scope)
        if a is True:
            return True
        b = right(scope)
        return True if b is True else None if a is None or b is None else False

    return either


def _is(node: exp.Expr) -> Value:
    if not isinstance(node.expression, exp.Null):
        raise NotImplementedError("the model's SQL says IS of something other than NULL")
    value = _make(node.this)
    return lambda scope: value(scope) is None


def _case(node: exp.Expr) -> Value:
    whens = [(_make(each.this), _make(each.args["true"])) for each in node.args["ifs"]]
    default = _make(node.args["default"]) if node.args.get("default") else lambda _: None

    def case(scope: Scope) -> Any:
        for condition, value in whens:
            if condition(scope) is True:
                return value(scope)
        return default(scope)

    return case


def _first_known(choose: Callable[[list[Any]], Any]) -> Callable[[exp.Expr], Value]:
    def make(node: exp.Expr) -> Value:
        given = [_make(each) for each in (node.this, *node.expressions)]

        def known(scope: Scope) -> Any:
            values = [value for each in given if (value := each(scope)) is not None]
            return choose(values) if values else None

        return known

    return make


def _array(node: exp.Expr) -> Value:
    given = [_make(each) for each in node.expressions]
    return lambda scope: [each(scope) for each in given]


def _joined(node: exp.Expr) -> Value:
    given = [_make(each) for each in (node.this, *node.expressions)]
    return lambda scope: [item for each in given for item in each(scope) or ()]


def _append(node: exp.Expr) -> Value:
    listed, item = _make(node.this), _make(node.expression)
    return lambda scope: [*(listed(scope) or ()), item(scope)]


def _transform(node: exp.Expr) -> Value:
    listed, body = _make(node.this), _make(node.expression.this)
    name = node.expression.expressions[0].name

    def transform(scope: Scope) -> list[Any] | None:
        found = listed(scope)
        return None if found is None else [body({**scope, name: item}) for item in found]

    return transform


def _item(node: exp.Expr) -> Value:
    listed, place = _make(node.this), int(node.expressions[0].name)  # sqlglot counts from 0 whatever the dialect does
    return lambda scope: found[place] if (found := listed(scope)) is not None and len(found) > place else None


def _logarithm(node: exp.Expr) -> Value:
    if node.this.name != "2":
        raise NotImplementedError("the model's SQL takes a logarithm to another base than 2")
    return _strict(log2, [_make(node.expression)])


def _cast(node: exp.Expr) -> Value:
    kinds: Mapping[str, Callable[[Any], Any]] = {"INT": int, "DOUBLE": float, "BIGINT": int}
    return _strict(kinds[node.args["to"].this.name], [_make(node.this)])


def _distinct(values: list[Any]) -> list[Any]:
    return list(dict.fromkeys(value for value in values if value is not None))


def _split_part(text: str, separator: str, part: int) -> str:
    parts = text.split(separator)
    return parts[part - 1] if len(parts) >= part else ""


SPECIAL: Mapping[type[exp.Expr], Callable[[exp.Expr], Value]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: lambda node: _constant(bool(node.this)),
    exp.Null: lambda _: _constant(None),
    exp.Paren: lambda node: _make(node.this),
    exp.And: _and,
    exp.Or: _or,
    exp.Is: _is,
    exp.Case: _case,
    exp.Coalesce: _first_known(lambda values: values[0]),
    exp.Least: _first_known(min),
    exp.Greatest: _first_known(max),
    exp.Array: _array,
    exp.ArrayConcat: _joined,
    exp.ArrayAppend: _append,
    exp.Transform: _transform,
    exp.Bracket: _item,
    exp.Cast: _cast,
    exp.Log: _logarithm,
    exp.Identifier: lambda node: operator.itemgetter(node.name),
}
FUNCTIONS: Mapping[type[exp.Expr], Callable[..., Any]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.Add: operator.add,
    exp.Sub: operator.sub,
    exp.Mul: operator.mul,
    exp.Div: operator.truediv,
    exp.Neg: operator.neg,
    exp.Not: operator.not_,
    exp.Abs: abs,
    exp.DPipe: operator.add,
    exp.Length: len,
    exp.Left: lambda text, count: text[:count],
    exp.Right: lambda text, count: text[-count:],
    exp.Substring: lambda text, start, count: text[start - 1 : start - 1 + count],
    exp.StartsWith: str.startswith,
    exp.EndsWith: str.endswith,
    exp.Split: str.split,
    exp.SplitPart: _split_part,
    exp.ArrayContains: operator.contains,
    exp.ArrayOverlaps: lambda a, b: not set(a).isdisjoint(b),
    exp.ArrayDistinct: _distinct,
    exp.JarowinklerSimilarity: jaro_winkler,
}
NAMED: Mapping[str, Callable[..., Any]] = {
    "damerau_levenshtein": damerau_levenshtein,
    "suffix": str.endswith,
    "list_intersect": lambda a, b: [item for item in dict.fromkeys(a) if item in set(b)],
}
ORDER: Mapping[type[exp.Expr], tuple[str, ...]] = {
    exp.Substring: ("this", "start", "length"),
    exp.SplitPart: ("this", "delimiter", "part_index"),
}
