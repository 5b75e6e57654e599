"""Say who is who, after any source has landed and at least every hour."""

from datetime import timedelta
from functools import reduce
from operator import or_

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from wye import bootstrap


@dag(
    dag_id="identity",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("35 * * * *", timezone="Europe/London"),
        assets=reduce(or_, [Asset(f"wye://landed/{source}") for source in bootstrap.sources()]),
    ),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=20)},
    tags=["wye", "identity"],
    doc_md="Link changed records to people and choose the best known value of each attribute, until nothing is left.",
)
def identity() -> None:
    """Wire the person index."""

    @task(outlets=[Asset("wye://people")])
    def identify() -> dict[str, object]:
        """Do steps 5 to 7."""
        return bootstrap.run("identify")

    identify()


identity()
