"""Make a county, run the whole road through Airflow, show what was shared and why, prove the log."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from wye.cli.console import result, say
from wye.settings import Settings

app = typer.Typer(
    help="Make a county, run the whole road through Airflow, show what was shared and why, prove the log."
)

AIRFLOW = "wye_airflow"
"""Airflow's own database, and the login that owns it and nothing else."""
REPOSITORY = Path(__file__).parents[2]


@app.callback(invoke_without_command=True)
def demo(
    people: Annotated[int, typer.Option(help="Residents of the county.", min=50, max=200_000)] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same county.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> int:
    """Run it. Everything lies below var/demo, which each run begins anew; the services are left running."""
    from wye import bootstrap
    from wye.demo.play import play
    from wye.demo.stage import set_stage
    from wye.demo.summary import summarise
    from wye.errors import UsageError
    from wye.local.airflow import ChildAirflow
    from wye.local.broker import Broker
    from wye.local.cluster import Cluster

    if not (REPOSITORY / "dags").is_dir():
        raise UsageError("the demo runs from a checkout: its DAGs and example agreements are not in the package")
    began = time.monotonic()

    def told(text: str) -> None:
        say(f"[{time.monotonic() - began:5.0f} s] {text}")

    home = Settings().home.resolve()
    cluster, broker = Cluster(home), Broker(home)
    told("starting PostgreSQL and RabbitMQ")
    cluster.start()
    broker.start()
    stage = set_stage(
        home / "demo", people=people, seed=seed, cluster=cluster, broker=broker,
        agreements=REPOSITORY / "sharing_agreements", say=told,
    )  # fmt: skip
    with stage.processes, bootstrap.open_hub(stage.settings) as hub:
        told("starting Airflow")
        airflow = ChildAirflow(
            home / "demo",
            cluster.create_database(AIRFLOW, owner=cluster.login(AIRFLOW)),
            REPOSITORY / "dags",
            stage.environment,
        )
        airflow.start()
        try:
            dags = [f"ingest_{name}" for name in hub.source_names]
            dags += ["identity", *(f"share_{name}" for name in hub.agreements), "housekeeping"]
            earlier = {run for dag in dags for run, _ in airflow.runs(dag)}
            play(stage, hub, airflow, told)
            airflow.wait_until_idle()
            runs = {
                dag: [{"run": run, "state": state} for run, state in airflow.runs(dag) if run not in earlier]
                for dag in dags
            }
        finally:
            airflow.stop()
        told("counting, and verifying the audit trail")
        summary = summarise(stage, hub, runs)
    result(summary, as_json, _text(summary))
    audit: Any = summary["audit"]
    return 0 if audit["verified"] else 1


def _text(summary: Mapping[str, Any]) -> str:
    """Say it for somebody who has never seen Wye."""
    lines = ["", "What was read (rows), and what waits in quarantine because it broke a rule:"]
    for name, source in summary["sources"].items():
        lines.append(f"  {name:<16} {source['read']:>8} read {source['quarantined']:>6} quarantined")
        lines += [f"      {count:>5}  {rule}" for rule, count in source["rules"].items()]
    people = summary["people"]
    lines += [
        "",
        f"Who is who: {people['indexed']} people; {people['doubtful']} doubtful matches wait for a human.",
        (
            f"  of the pairs joined {people['precision']:.2%} are right (precision);"
            f" of the pairs that are one person {people['recall']:.2%} were found (recall)."
        ),
        "",
        "What was shared, each under one signed agreement (people):",
    ]
    for name, agreement in summary["agreements"].items():
        lines.append(
            f"  {name}: {agreement['considered']} considered, {agreement['released']} released,"
            f" {agreement['withheld']} withheld; {agreement['confirmed']} confirmed by signed receipt,"
            f" {agreement['received']} held by the recipient"
        )
        lines += [f"      {count:>5}  withheld: {reason}" for reason, count in agreement["withheld_by_reason"].items()]
    lines += [f"  {name}: not in force, nothing shared: {why}" for name, why in summary["refused_agreements"].items()]
    audit = summary["audit"]
    proof = "verified" if audit["verified"] else f"BROKEN at {audit['first_wrong']}"
    lines += [
        "",
        f"The trail: {audit['entries']} sealed entries under a signed checkpoint of {audit['checkpoint']}: {proof}.",
    ]
    followed = summary["followed"]
    if followed:
        lines += ["", f"One person followed, {followed['person']}:"]
        lines += [f"  row {row['record']} of {row['source']}.{row['stream']}" for row in followed["rows"]]
        lines += [f"  {each['attribute']} from {each['source']}: {each['why']}" for each in followed["golden"]]
        lines += [
            f"  released under {followed['agreement']} as message {followed['message']}, number {followed['sequence']}",
            (
                f"  audit entry {followed['audit_entry']}, number {followed['audit_index']} in the log;"
                f" the partner holds its leaf {str(followed['partner_holds_leaf'])[:16]}..."
            ),
            f"  receipt: {followed['receipt']}",
        ]
    finished = sum(len(runs) for runs in summary["airflow"].values())
    lines += ["", f"Airflow: {finished} runs of {len(summary['airflow'])} DAGs.", ""]
    lines += [
        "Look further, with the settings of this demo (its services are left running; `wye services down` stops them):"
    ]
    lines += ["  . var/demo/environment"]
    lines += [f"  wye audit search --person {followed['person']}" if followed else "  wye audit verify"]
    return "\n".join(lines)
