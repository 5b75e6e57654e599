"""An example agreement as if it asked for training in the last year: for the engine, and in plain data for its referees."""

from pathlib import Path

import naive_decide

from wye.agreements.in_force import read_agreement
from wye.sharing.policy import Policy, compile_policy


def where_training_is_asked_for(folder: Path) -> tuple[Policy, dict]:
    agreement, plain = read_agreement(folder).agreement, naive_decide.agreement_of(folder)
    assert agreement.relationship is not None
    plain["relationship"]["trained_within"] = "P1Y"
    asked = agreement.relationship.model_copy(update={"trained_within": "P1Y"})
    return compile_policy(agreement.model_copy(update={"relationship": asked})), plain


def how_often_looked_at(plain: dict) -> float:
    """Say how often a person asks rather than a feed: more often where they must be trained, so that this decides too."""
    return 0.6 if "trained_within" in plain.get("relationship", {}) else 0.16
