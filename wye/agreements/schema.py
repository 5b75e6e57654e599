"""Give the JSON Schema of an agreement.yaml for editors, and the reference page of its keys: both made of the model.

What the schema allows the loader may still refuse, with better words: it knows no law. What the schema refuses is wrong.
"""

from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic.json_schema import GenerateJsonSchema

from wye.agreements.dpv import term_of, terms
from wye.agreements.keys import keys, leaves
from wye.agreements.model import Agreement

DIALECT = GenerateJsonSchema.schema_dialect


def agreement_schema() -> dict[str, Any]:
    """Make the schema, each key with what it means."""
    schema = Agreement.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for path, row in keys().items():
        part = schema
        *parents, last = path.split(".")
        for parent in parents:
            part = _inner(part["properties"][parent.removesuffix("[]")], definitions)
        key = part["properties"][last]
        key["description"] = f"{row.says}{' (A statement: no program enforces it.)' if row.statement else ''}"
    for name in ("version", "supersedes"):
        # Editors read an unquoted 1.0 as a number; Wye reads it as it is written.
        schema["properties"][name] |= {
            "anyOf": [{"type": "string", "pattern": r"^[0-9]+\.[0-9]+$"}, {"type": "number"}]
        }
        for key in ("type", "pattern"):
            schema["properties"][name].pop(key, None)
    schema["properties"]["supersedes"]["anyOf"].append({"type": "null"})
    return {"$schema": DIALECT, **schema, "title": "agreement.yaml"}


def _inner(key: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Follow a key to the part that stands there."""
    for each in (key, key.get("items", {}), *key.get("anyOf", ())):
        if "$ref" in each:
            found: dict[str, Any] = definitions[each["$ref"].rpartition("/")[2]]
            return found
    raise TypeError("a key that holds no part")


def key_page(note: str) -> str:
    """Write the reference of keys and words for people who write agreements."""
    lines = ["# Keys of an agreement", "", note, "", "Any other key, a key that stands twice, and any other word is refused with",
             "file, line, value and what is allowed. `wye agreements check` also holds the keys against each other and against the law.",
             "", "| key | what it says | allowed | kept by |", "|---|---|---|---|"]  # fmt: skip
    vocabularies: dict[str, type[Enum]] = {}
    for path, annotation in leaves():
        row = keys()[path]
        found = vocabulary_in(annotation)
        allowed = f"[{found.__name__}](#{found.__name__.lower()})" if found is not None else _plain(annotation)
        vocabularies |= {found.__name__: found} if found is not None else {}
        kept = "a statement of the signatories" if row.statement else ", ".join(f"`{name}`" for name in row.by)
        lines.append(f"| `{path}` | {row.says} | {allowed} | {kept} |")
    lines += ["", "# Words", "", "Beside each word stands its nearest term of the W3C's Data Privacy Vocabulary; `broader` means that the",
              "term is wider, or means the EU's text. A word without one is our own.", ""]  # fmt: skip
    return "\n".join([*lines, *_words(vocabularies)])


def _words(vocabularies: dict[str, type[Enum]]) -> Iterator[str]:
    for name, vocabulary in sorted(vocabularies.items()):
        matches = {row.word: row.match for row in terms().vocabularies.get(name, ())}
        yield from (f"## {name}", "", (vocabulary.__doc__ or "").strip(), "", "| word | DPV | match |", "|---|---|---|")
        for each in vocabulary:
            term = term_of(name, str(each.value))
            yield f"| `{each.value}` | {f'<{term}>' if term else 'ours'} | {matches.get(str(each.value)) or '-'} |"
        yield ""


def vocabulary_in(annotation: Any) -> type[Enum] | None:
    """Find the closed vocabulary that stands at a key, if there is one."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Enum) else None
    return next((found for one in get_args(annotation) if (found := vocabulary_in(one)) is not None), None)


def _plain(annotation: Any) -> str:
    """Name a plain kind of value in a word."""
    if get_origin(annotation) in {Union, UnionType}:
        return _plain(next(one for one in get_args(annotation) if one is not type(None)))
    if get_origin(annotation) is tuple:
        return f"several: {_plain(get_args(annotation)[0])}"
    kind = get_args(annotation)[0] if get_args(annotation) else annotation
    return {"str": "text", "bool": "true or false", "int": "a whole number", "date": "a day, 2026-04-01"}[kind.__name__]
