"""Work off the queue of pairs that may be one person: list, show, decide, put aside; see how well reviewers agree."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wye.cli.console import result, say
from wye.cli.people_words import disclosed, disclosure_lines, why

if TYPE_CHECKING:
    from wye.identity.explaining import Explained
    from wye.identity.queue import Waiting
    from wye.road.reviewing import Opened, Page

review = typer.Typer(help="Decide pairs of records that may be one person, the likeliest first.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Pair = Annotated[str, typer.Argument(help="The pair's id, or its first 6 digits or more.")]
COLUMN = 34


@review.callback(invoke_without_command=True)
def listing(
    context: typer.Context,
    page: Annotated[int, typer.Option(help="Which page, from 1.", min=1)] = 1,
    size: Annotated[int, typer.Option("--size", "--limit", help="How many pairs on a page.", min=1, max=500)] = 20,
    as_json: Json = False,
) -> None:
    """List the pairs that wait for you, the likeliest first, and how they compare. No values: `show` opens a pair."""
    if context.invoked_subcommand is not None:
        return
    from wye.cli.hub import open_hub
    from wye.road.reviewing import listed

    with open_hub() as hub:
        found = listed(hub, page, size)
    result(_listed(found), as_json, _list_text(found))


@review.command()
def show(pair: Pair, as_json: Json = False) -> None:
    """Show both records of a pair side by side, how they differ, why they weigh what they weigh, and what objects.

    The look at both persons is on the record before anything is shown.
    """
    from wye.cli.hub import open_hub
    from wye.road.reviewing import opened

    with open_hub() as hub:
        found = opened(hub, pair)
    result(_opened(found), as_json, _open_text(found))


@review.command()
def decide(
    pair: Pair,
    said: Annotated[Literal["same", "different"], typer.Argument(help="One person (same) or two (different).")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record and for whoever looks at it again.")],
    as_json: Json = False,
) -> None:
    """Decide a pair. Linking never goes against it; `wye people undo EVENT` takes it back."""
    from wye.cli.hub import open_hub
    from wye.road.reviewing import decide as decide_pair

    with open_hub() as hub:
        answer = decide_pair(hub, pair, said, why(reason))
    done = answer.done
    followed = done.followed if done else None
    data = {
        "decided": said,
        "event": done.event if done else None,
        "agreed": answer.agreed,
        "disclosures": [disclosed(each) for each in followed.disclosures] if followed else [],
        "corrections": [draft.id for draft in followed.drafts] if followed else [],
    }
    lines = {None: [f"decided: {said}"], True: ["decided: two reviewers agree"], False: [DISPUTED]}[answer.agreed]
    if done:
        lines.append(f"event {done.event}; `wye people undo {done.event} --reason` takes it back")
    if followed and followed.disclosures:
        lines += ["disclosed of them as if they were one:", *disclosure_lines(followed.disclosures)]
    result(data, as_json, "\n".join(lines))


DISPUTED = "decided: two reviewers disagree, so the two are kept apart until a third account decides"


@review.command()
def skip(pair: Pair, as_json: Json = False) -> None:
    """Put a pair aside for later: it comes last in your queue, and in nobody else's."""
    from wye.cli.hub import open_hub
    from wye.road.reviewing import skip as put_aside

    with open_hub() as hub:
        waiting = put_aside(hub, pair)
    result({"id": waiting.id, "put_aside": True}, as_json, f"put aside: {waiting.id}")


@review.command()
def quality(as_json: Json = False) -> None:
    """Show how well two reviewers of the same pair agree: the rate, and Cohen's kappa (agreement beyond chance)."""
    from wye.cli.hub import open_hub
    from wye.road.reviewing import quality as measured

    with open_hub() as hub:
        found = measured(hub)
    agreement = found.agreement
    data = {
        "reviewed_twice": agreement.twice,
        "agreed": agreement.agreed,
        "rate": agreement.rate,
        "kappa": agreement.kappa,
        "second_looks": found.states,
    }
    if agreement.rate is None:
        text = "no pair has been decided twice yet"
    else:
        kappa = "not defined: both always said the same word" if agreement.kappa is None else f"{agreement.kappa:.2f}"
        text = (
            f"{agreement.agreed} of {agreement.twice} pairs decided alike by two ({agreement.rate:.0%}); kappa {kappa}"
        )
    states = ", ".join(f"{count} {state}" for state, count in found.states.items())
    result(data, as_json, text + (f"\nsecond looks: {states}" if states else ""))


def _listed(page: "Page") -> dict[str, object]:
    return {
        "waiting": page.length.waiting,
        "put_aside": page.length.put_aside,
        "elsewhere": page.length.elsewhere,
        "page": page.number,
        "pages": page.pages,
        "pairs": [_pair(waiting) | {"differences": _differences(explained)} for waiting, explained in page.pairs],
    }


def _pair(waiting: "Waiting") -> dict[str, object]:
    from wye.identity.short_id import short

    return {
        "id": waiting.id,
        "short": short(waiting.id),
        "records": waiting.pair,
        "sources": waiting.sources,
        "weight": round(waiting.weight, 1),
        "found_at": waiting.found_at,
        "put_aside": waiting.skipped,
    }


def _differences(explained: "Explained | None") -> list[str]:
    from wye.identity.wording import differences

    return differences(explained) if explained else []


def _list_text(page: "Page") -> str:
    from wye.identity.short_id import short

    length = page.length
    if length.elsewhere:
        say(f"{length.elsewhere} that you decided wait for another account")
    if not length.waiting:
        return "no pair waits for a decision"
    lines = [
        f"{length.waiting} pairs wait for you, {length.put_aside} of them put aside; page {page.number} of {page.pages}"
    ]
    for waiting, explained in page.pairs:
        aside = "  (put aside)" if waiting.skipped else ""
        lines.append(f"{short(waiting.id)}  weighs {waiting.weight:.1f}  {' | '.join(waiting.sources)}{aside}")
        lines += [f"    {each}" for each in _differences(explained)]
    return "\n".join(lines)


def _opened(found: "Opened") -> dict[str, object]:
    from wye.identity.wording import explanation

    explained = found.explained
    return _pair(found.waiting) | {
        "sides": [{"field": line.field, "left": line.left, "right": line.right} for line in found.sides.lines],
        "differences": _worded(found),
        "weight_now": round(explained.weight, 4) if explained else None,
        "prior": explained.prior if explained else None,
        "parts": [
            {"comparison": part.comparison, "level": part.label, "weight": part.weight, "rarity": part.rarity}
            for part in (explained.parts if explained else ())
        ],
        "explanation": explanation(explained) if explained else [],
        "objections": found.objections,
    }


def _worded(found: "Opened") -> list[str]:
    from wye.identity.wording import name, nickname

    parts = found.explained.parts if found.explained else ()
    return [f"{name(part.comparison)}: {nickname(part, *found.sides.persons)}" for part in parts]


def _open_text(found: "Opened") -> str:
    from wye.identity.wording import explanation

    waiting = found.waiting
    lines = [f"pair {waiting.id}", f"records {waiting.pair[0]} and {waiting.pair[1]}", ""]
    shown = [
        ("", *found.sides.sources),
        *((line.field, line.left or "-", line.right or "-") for line in found.sides.lines),
    ]
    wide = max(COLUMN, *(len(left) + 2 for _, left, _ in shown))
    lines += [f"{field:16}{left:{wide}}{right}" for field, left, right in shown]
    lines += ["", "how they compare:", *(f"  {each}" for each in _worded(found))]
    if found.explained:
        lines += ["", "why they weigh what they weigh:", *(f"  {each}" for each in explanation(found.explained))]
    lines.append(f"  ({waiting.weight:.1f} when it was found, {waiting.found_at:%Y-%m-%d})")
    lines += ["", "what objects:", *(f"  {each}" for each in found.objections or ("nothing; it weighs too little",))]
    return "\n".join(lines)
