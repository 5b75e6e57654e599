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
    " and show the log to its witnesses, if it has any.",
)
def housekeeping() -> None:
    """Wire what follows a share."""

    @task
    def step(verb: str) -> dict[str, object]:
        """Do one verb of step 12, or of the trail."""
        return bootstrap.run(verb)

    # Witnesses come last: one that does not answer turns this run red, and stops nothing.
    verbs = [step.override(task_id=verb)(verb) for verb in ("deliver", "receipts", "hand_on", "sequence", "witness")]
    for before, after in itertools.pairwise(verbs):
        before >> after


housekeeping()
