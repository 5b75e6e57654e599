"""What a connector makes is what was signed: another format is refused before anything is shaped."""

from types import SimpleNamespace
from typing import Any, cast

import example_agreements as examples
import pytest

from wye.agreements.in_force import read_agreement
from wye.bootstrap import make_connector
from wye.errors import UsageError
from wye.road.shape import shaper
from wye.settings import Settings
from wye.vocabulary import MediaType

HUB = cast("Any", SimpleNamespace(connector=lambda name: make_connector(Settings(), name)))
SENT_BY_FEED = ("adult-care-acute", "safeguarding-police", "care-packages-finance")


@pytest.mark.parametrize("name", SENT_BY_FEED)
def test_each_example_is_shaped_as_signed_and_as_nothing_else(name: str) -> None:
    agreement = read_agreement(examples.AGREEMENTS / name).agreement
    signed = agreement.format.media_type
    shaper(HUB, agreement)

    for other in {MediaType.FHIR_R4_BUNDLE, MediaType.POLE_JSON} - {signed}:
        changed = agreement.model_copy(update={"format": agreement.format.model_copy(update={"media_type": other})})
        with pytest.raises(UsageError, match=r"was signed|shapes nothing"):
            shaper(HUB, changed)
