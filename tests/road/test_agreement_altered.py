"""One changed letter in a signed agreement: nothing is shared under it, and why is said."""

import shutil
from pathlib import Path

import pytest
from journey import ingest_all

from wye import bootstrap
from wye.demo.stage import Stage
from wye.errors import AgreementRefused
from wye.road.identify import identify
from wye.road.relay import relay
from wye.road.share import share

AGREEMENT = "adult-care-acute"


@pytest.mark.parametrize(("file", "before", "after"), [
    ("agreement.yaml", "title:", "titLe:"),
    ("terms.md", "the", "thy"),
    ("cases.yaml", "release", "releasf"),
])  # fmt: skip
def test_one_changed_letter_shares_nothing_and_says_why(
    stage: Stage, tmp_path: Path, file: str, before: str, after: str
) -> None:
    shutil.copytree(stage.settings.agreements, tmp_path / "agreements")
    path = tmp_path / "agreements" / AGREEMENT / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    settings = stage.settings.model_copy(update={"agreements": tmp_path / "agreements"})

    with bootstrap.open_hub(settings) as hub:
        assert AGREEMENT not in hub.agreements
        assert len(hub.feeds) == 2
        with pytest.raises(AgreementRefused, match="is not in force, and nothing is shared under it") as refused:
            share(hub, AGREEMENT)
        with pytest.raises(AgreementRefused):
            relay(hub, AGREEMENT)
        sent = hub.conn.execute("SELECT count(*) FROM exchange.outbox WHERE agreement = %s", (AGREEMENT,)).fetchone()

    assert sent == (0,)
    assert file in str(refused.value) or "signature" in str(refused.value)


def test_text_altered_while_the_hub_runs_is_noticed_before_deciding(stage: Stage, tmp_path: Path) -> None:
    shutil.copytree(stage.settings.agreements, tmp_path / "agreements")
    settings = stage.settings.model_copy(update={"agreements": tmp_path / "agreements"})

    with bootstrap.open_hub(settings) as hub:
        ingest_all(hub, received=False)
        identify(hub)
        terms = tmp_path / "agreements" / AGREEMENT / "terms.md"
        terms.write_text(terms.read_text() + "\nAnd more.\n")

        with pytest.raises(AgreementRefused, match="altered"):
            share(hub, AGREEMENT)
        sent = hub.conn.execute("SELECT count(*) FROM exchange.outbox").fetchone()

    assert sent == (0,)
