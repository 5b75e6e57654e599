"""Write referrals into the import folder: whole, once, or not at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.frameworki import Frameworki
from wye.ports import BadInput, ContractBroken, SourceUnavailable

ITEMS = [
    {"reference": "N-1", "kind": "safeguarding-child", "detail": "Łódź", "children_present": True},
    {"reference": "N-2", "kind": "care"},
]


def mosaic(folder: Path) -> Frameworki:
    return Frameworki({"import_folder": str(folder)})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_write_makes_one_file_that_reads_back(tmp_path):
    written = mosaic(tmp_path).write("referrals", ITEMS, "2026-11-21-0001")

    assert (written.name, written.rows) == ("2026-11-21-0001", 2)
    assert names(tmp_path) == ["2026-11-21-0001.json"]
    assert json.loads((tmp_path / "2026-11-21-0001.json").read_bytes()) == {"batch": "2026-11-21-0001", "items": ITEMS}


def test_same_batch_again_writes_nothing(tmp_path):
    first = mosaic(tmp_path).write("referrals", ITEMS, "b1")
    before = (tmp_path / "b1.json").stat()

    assert mosaic(tmp_path).write("referrals", ITEMS, "b1") == first
    assert (tmp_path / "b1.json").stat().st_ino == before.st_ino
    assert (tmp_path / "b1.json").stat().st_mtime_ns == before.st_mtime_ns


def test_other_items_under_a_used_name_are_refused_and_the_first_stay(tmp_path):
    mosaic(tmp_path).write("referrals", ITEMS, "b1")

    with pytest.raises(BadInput, match="`b1` was written before"):
        mosaic(tmp_path).write("referrals", ITEMS[:1], "b1")
    assert len(json.loads((tmp_path / "b1.json").read_bytes())["items"]) == 2


@pytest.mark.parametrize("limit", [0, 10])
def test_full_disk_leaves_no_partial_file(tmp_path, limit):
    # A process of its own has the file size limit, so that pytest's own files are not cut.
    script = (
        "import resource, sys; from connectors.frameworki import Frameworki; from wye.ports import StorageExhausted\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))\n"
        "items = [{'reference': 'N-1', 'kind': 'care', 'detail': 'x' * 100_000}]\n"
        "try: Frameworki({'import_folder': sys.argv[1]}).write('referrals', items, 'b1')\n"
        "except StorageExhausted as full: print('refused:', full, full.__suppress_context__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.startswith("refused: no space")
    assert names(tmp_path) == []
    assert mosaic(tmp_path).write("referrals", ITEMS, "b1").rows == 2


def test_half_written_file_of_a_killed_writer_is_not_taken_for_a_batch(tmp_path):
    (tmp_path / ".b1.json.999.part").write_text('{"batch": "b1", "it')

    mosaic(tmp_path).write("referrals", ITEMS, "b1")

    assert len(json.loads((tmp_path / "b1.json").read_bytes())["items"]) == 2


@pytest.mark.parametrize("batch", ["", "../b1", "a/b", ".b1", "b 1", "x" * 129, "b1\n"])
def test_batch_name_that_is_no_file_name_is_refused(tmp_path, batch):
    with pytest.raises(BadInput, match="batch name"):
        mosaic(tmp_path).write("referrals", ITEMS, batch)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"kind": "care"}, "item 0 of the referrals lacks `reference`"),
        ({"reference": "N-1", "kind": "care", "shoe_size": 7}, "holds `shoe_size`"),
        ({"reference": "N-1", "kind": "care", "detail": "\ud800"}, "not Unicode"),
        ({"reference": "N-1", "kind": "care", "detail": float("nan")}, "not JSON"),
        ({"reference": "N-1", "kind": "care", "detail": object()}, "not JSON"),
    ],
)
def test_item_that_the_import_would_not_read_is_refused(tmp_path, item, said):
    with pytest.raises(BadInput, match=said):
        mosaic(tmp_path).write("referrals", [item], "b1")
    assert names(tmp_path) == []


def test_absent_folder_is_unavailable(tmp_path):
    with pytest.raises(SourceUnavailable, match="IMPORT_FOLDER"):
        mosaic(tmp_path / "none").write("referrals", ITEMS, "b1")


def test_only_referrals_are_taken(tmp_path):
    with pytest.raises(ContractBroken, match="takes no `persons`"):
        mosaic(tmp_path).write("persons", ITEMS, "b1")


def test_schema_of_the_readme_is_the_one_that_is_kept(tmp_path):
    import jsonschema

    from connectors.frameworki.imports import KNOWN, NEEDED

    readme = (Path(sys.modules[Frameworki.__module__].__file__ or "").parent / "README.md").read_text()
    schema = json.loads(readme.split("```json\n")[1].split("```")[0])
    mosaic(tmp_path).write("referrals", ITEMS, "b1")

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads((tmp_path / "b1.json").read_bytes()))
    item = schema["properties"]["items"]["items"]
    assert set(item["properties"]) == KNOWN
    assert set(item["required"]) == NEEDED
