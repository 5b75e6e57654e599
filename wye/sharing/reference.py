"""Write the reference of clauses and transforms, from the files that are them: what each does, its words, where it is enforced."""

import sys
from collections.abc import Iterator
from inspect import cleandoc

from schemas.locating import locating
from wye.agreements.fitting import FITS, OWN_FORMAT_ONLY
from wye.agreements.keys import keys
from wye.agreements.page import DONE
from wye.sharing.clauses import ITEM_CLAUSES, PERSON_CLAUSES, VALUE_CLAUSES
from wye.sharing.clauses.clause import ItemClause, PersonClause, ValueClause
from wye.sharing.clauses.drop import DROP
from wye.sharing.transforms import TRANSFORMS
from wye.vocabulary import MediaType, Transform

Clause = PersonClause | ItemClause | ValueClause

INTRODUCTION = """A decision asks the clauses in the order of this page. Each can only withhold, none can release by itself;
what no item names never leaves. A clause that fails to answer withholds and alarms. Which clauses hold is bound when the
agreement is read, so a question cannot leave one out."""

KINDS: tuple[tuple[str, str, tuple[Clause, ...]], ...] = (
    ("Clauses on everything", "One of these withholds the whole release.", PERSON_CLAUSES),
    ("Clauses on an item", "One of these withholds one item, whatever its value.", ITEM_CLAUSES),
    (
        "Clauses on a value",
        "One of these withholds what one source says, or one row; what other sources of the item say may still leave.",
        VALUE_CLAUSES,
    ),
)

LOCATING = """What the clause `safe-address` withholds (`schemas/locating.py`), whatever transform it would leave by. What is left out
here leaves also of people whose address is kept safe: the name of a worker, the kind of a service, days other than those of an
address. School, GP practice and the place of work are not in the model: no system of the county brings them."""

LACKING = """# Not there

An **age band** is of the age completed by the end of last year, not of the age today: counted to the day, the message that tells
of the next band would come on the birthday.

An identifier under another name, or masked, still counts as that identifier: a party that may not use NHS numbers gets no name for
one either (`wye/agreements/identifiers.py`).

A **date shift** hides the calendar from honest readers. Who notes when messages come can guess it, since Wye sends as things
change: it is no anonymity.
"""


def clause_page(note: str) -> str:
    """Write the page in Markdown."""
    lines = ["# Clauses and transforms", "", note, "", INTRODUCTION, ""]
    for title, about, clauses in KINDS:
        lines += [f"# {title}", "", about, ""]
        for clause in clauses:
            lines += _clause(clause)
    lines += ["# Transforms", "", "What is done to a value before it leaves: `data_items[].transform`, on the fields that it fits only.",
              f"Those with a star make what partners' formats have no place for: they need `{MediaType.CANONICAL_JSON}`.", "",
              "| word | what leaves | fits | how a reader is told | enforced in |", "|---|---|---|---|---|"]  # fmt: skip
    lines += [_transform(word) for word in Transform]
    lines += ["", "# What locates", "", LOCATING, "", "| field | why |", "|---|---|"]
    lines += [f"| `{entity}.{field}` | {why} |" for entity, field, why in locating()]
    return "\n".join([*lines, "", LACKING])


def _clause(clause: Clause) -> Iterator[str]:
    module = sys.modules[clause.bind.__module__]
    yield from (f"## `{clause.name}`", "", f"Lets pass: {clause.about}.", "", cleandoc(module.__doc__ or ""), "")
    named = ", ".join(f"`{path}`" for path in keys_of(clause))
    yield f"- keys: {named or 'none: it holds under every agreement, whatever it says'}"
    yield f"- the recipient is told: {_told(clause)}"
    yield from (f"- enforced in: `{_path(module.__name__)}`", "")


def _told(clause: Clause) -> str:
    if isinstance(clause, PersonClause):
        return "nothing of any field"
    if clause is DROP:
        return "nothing of the field"
    silent = isinstance(clause, ValueClause) and clause.silent
    return "that the field is `unknown`, as if nothing were held" if silent else "that the field is `masked`"


def keys_of(clause: Clause) -> list[str]:
    """Give the keys of agreement.yaml that a clause keeps, by itself or by what it asks."""
    module = sys.modules[clause.bind.__module__]
    asked = {getattr(value, "__module__", None) for value in vars(module).values() if callable(value)}
    return [path for path, row in keys().items() if {module.__name__, *asked} & set(row.by)]


def _transform(word: Transform) -> str:
    star = " *" if word in OWN_FORMAT_ONLY else ""
    rule = TRANSFORMS.get(word)
    if rule is None:
        about, where = "Nothing, ever: the item stands there to say so.", "wye.sharing.clauses.drop"
    else:
        about, where = rule.about, f"wye.sharing.transforms.{word.name.lower()}"
    return f"| `{word.value}`{star} | {about} | {FITS[word].words} | {DONE[word]} | `{_path(where)}` |"


def _path(module: str) -> str:
    return f"{module.replace('.', '/')}.py"
