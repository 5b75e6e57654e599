"""Write what a council must be able to show of its sharing: the public register, the record of processing, its assets."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from wye.cli.console import result, say
from wye.errors import UsageError
from wye.spreadsheet import defused

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write it for a spreadsheet.")]


def register(
    out: Annotated[
        Path | None, typer.Option(help="A folder: index.html, a page for each agreement, register.json.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make the public register: agreements in force, and people a month; small numbers are hidden."""
    from wye.cli.hub import open_hub
    from wye.road.register import register as make

    with open_hub() as hub:
        found = make(hub)
        refused = dict(hub.refused)
    if out is not None:
        write_pages(out, found.pages, found.data)
    for name, why in sorted(refused.items()):
        say(f"not in force, and so not in the register: {name}: {why.splitlines()[0]}")
    listed = found.data["agreements"]
    count = len(listed) if isinstance(listed, list) else 0
    told = f"{count} agreements in the register" + ("" if out else "; `--out FOLDER` writes its pages")
    result(found.data, as_json, told)


def processing(csv_file: Csv = None, as_json: Json = False) -> None:
    """Make the record of processing activities (UK GDPR Article 30) from agreements and contracts."""
    from wye.cli.hub import open_hub
    from wye.road import processing as record

    with open_hub() as hub:
        found, lacking = record.processing(hub), record.lacking(hub)
    if csv_file is not None:
        _write_csv(csv_file, record.columns(), map(record.cells, found))
    text = "\n".join(_lines([dict(zip(record.columns(), record.cells(each), strict=True)) for each in found]))
    result([asdict(each) for each in found], as_json, text)
    if lacking:
        say(f"the record is not whole: set {' and '.join(lacking)}")
        raise typer.Exit(1)


def assets(csv_file: Csv = None, as_json: Json = False) -> None:
    """Make the information asset register from contracts and agreements: owners, classes of data, and uses."""
    from wye.cli.hub import open_hub
    from wye.road import assets as made

    with open_hub() as hub:
        found = made.assets(hub)
    if csv_file is not None:
        _write_csv(csv_file, made.columns(), map(made.cells, found))
    text = "\n".join(_lines([dict(zip(made.columns(), made.cells(each), strict=True)) for each in found]))
    result([asdict(each) for each in found], as_json, text)


def _lines(rows: Iterable[dict[str, str]]) -> Iterable[str]:
    for row in rows:
        (first, title), *rest = row.items()
        yield f"{first}: {title}"
        yield from (f"  {name.replace('_', ' ')}: {value or '-'}" for name, value in rest)


def _write_csv(file: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a list that people open in a spreadsheet: no cell runs as a formula. The BOM says to it that this is UTF-8."""
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(columns)
        writer.writerows([defused(cell) for cell in row] for row in rows)
    say(f"spreadsheet: {file}")


def write_pages(folder: Path, pages: Mapping[str, str], data: Mapping[str, object]) -> None:
    """Write the register's pages and its JSON; raises UsageError if the folder is a file."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"`{folder}` is a file; name a folder for the register's pages")
    folder.mkdir(parents=True, exist_ok=True)
    # What is in force no longer is published no longer: pages that the last register named are taken away.
    before = folder / "register.json"
    if before.exists():
        named = {str(entry["page"]) for entry in orjson.loads(before.read_bytes())["agreements"]}
        for page in named - set(pages):
            (folder / Path(page).name).unlink(missing_ok=True)
    for name, text in {**pages, "register.json": _json(data)}.items():
        (folder / name).write_text(text, encoding="utf-8")
    say(f"register: {folder / 'index.html'}")


def _json(data: object) -> str:
    return orjson.dumps(data, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode() + "\n"
