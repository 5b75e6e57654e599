"""Write the pages of docs/ that are made from code: the dictionary, the JSON Schemas, the keys, clauses and life of agreements, the law tables.

`--check` writes nothing and fails if a page is not current.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from connectors.police.pole import SCHEMA
from schemas.catalogue import ENTITIES, FIELDS
from wye.agreements.law import gateways
from wye.agreements.life import life_page
from wye.agreements.schema import agreement_schema, key_page
from wye.sharing.reference import clause_page

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "This page is made by `make docs` from code: change the code."


def pages() -> Iterator[tuple[Path, str]]:
    """Give every generated page with its text."""
    yield DOCS / "dictionary.md", dictionary()
    yield DOCS / "gateways.md", gateway_table()
    yield DOCS / "agreement-keys.md", key_page(NOTE)
    yield DOCS / "agreement-life.md", life_page(NOTE)
    yield DOCS / "clauses.md", clause_page(NOTE)
    yield DOCS / "schemas" / "agreement.json", json.dumps(agreement_schema(), indent=2) + "\n"
    yield DOCS / "pole.schema.json", SCHEMA.read_text()
    for entity, kind in ENTITIES.items():
        text = json.dumps(kind.model_json_schema(), indent=2, sort_keys=True)
        yield DOCS / "schemas" / f"{entity}.json", text + "\n"


def dictionary() -> str:
    """Describe each entity and field for people who do not program."""
    lines = ["# Data dictionary", "", NOTE, ""]
    for entity, kind in ENTITIES.items():
        lines += [
            f"## {entity}",
            "",
            (kind.__doc__ or "").strip(),
            "",
            "| field | what it is | class | may be used for |",
            "|---|---|---|---|",
        ]
        for (owner, name), facts in FIELDS.items():
            if owner == entity:
                uses = ", ".join(sorted(use.value for use in facts.uses)) or "-"
                lines.append(f"| `{name}` | {facts.description} | {facts.classification.value} | {uses} |")
        lines.append("")
    return "\n".join(lines)


def gateway_table() -> str:
    """List the statutory gateways with what is read and what is not confirmed."""
    lines = ["# Statutory gateways", "", NOTE, "", "Not legal advice. A row that is not confirmed is switched off.", "",
             "| act | section | kind | purpose | in force from | status |", "|---|---|---|---|---|---|"]  # fmt: skip
    for row in gateways().values():
        since = row.in_force_from or "not set"
        purpose = str(row.purpose).replace("|", "/")
        lines.append(f"| {row.act} | {row.section} | {row.kind.value} | {purpose} | {since} | {row.status.value} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Write, or with --check compare."""
    stale = [path for path, text in pages() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(DOCS.parent)} is not current: run make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
