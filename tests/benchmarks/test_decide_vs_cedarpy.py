"""The bench of deciding runs: its people are whole, and both sides decide alike about each of them."""

from benchmarks import decide_vs_cedarpy


def test_both_sides_are_measured_after_they_were_shown_to_decide_alike() -> None:
    said: list[str] = []

    found = decide_vs_cedarpy.measure(0.06, said.append)

    assert (found.name, len(said)) == ("decide_vs_cedarpy", 1)
    assert min(found.value, found.peer_value) > 0
