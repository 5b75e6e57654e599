"""Settle what partners confirmed, hand on what they sent, seal the trail, and show it to its witnesses."""

import itertools
from datetime import timedelta

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from wye import bootstrap


@dag(
    dag_id="housekeeping",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/15 * * * *", timezone="Europe/London"), assets=[Asset("wye://feeds")]
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=20)},
    tags=["wye", "housekeeping"],
    doc_md="Collect receipts, deliver to council systems, hand notices on, give audit entries their place in the log,"
    " and show the log to its witnesses, if it has any. Red while a review, a referred case, a recall or a correction is overdue.",
)
def housekeeping() -> None:
    """Wire what follows a share."""

    @task
    def step(verb: str) -> dict[str, object]:
        """Do one verb of step 12, or of the trail."""
        return bootstrap.run(verb)

    @task(retries=0)
    def check_overdue() -> dict[str, object]:
        """Fail while people owe what they were to do by now: somebody is needed, and trying again helps nobody."""
        return bootstrap.run("check_overdue")

    # Witnesses come last: one that does not answer turns this run red, and stops nothing.
    verbs = [step.override(task_id=verb)(verb) for verb in ("deliver", "receipts", "hand_on", "sequence", "witness")]
    for before, after in itertools.pairwise(verbs):
        before >> after
    check_overdue()  # beside the others: it turns the run red and stops nothing


housekeeping()
