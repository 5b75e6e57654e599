"""Share under each agreement what is due, and put it on its partner's feed."""

from datetime import timedelta

from airflow.sdk import Asset, AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from wye import bootstrap

for agreement in bootstrap.agreements():

    @dag(
        dag_id=f"share_{agreement}",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("35 * * * *", timezone="Europe/London"), assets=[Asset("wye://people")]
        ),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(seconds=20)},
        tags=["wye", "share"],
        doc_md=f"Decide, field by field, what `{agreement}` releases today; commit it with its audit entry; relay it.",
    )
    def share(name: str) -> None:
        """Wire one agreement."""

        @task
        def decide_and_commit(agreement_id: str) -> dict[str, object]:
            """Do steps 8 to 10."""
            return bootstrap.run("share", agreement_id)

        @task(outlets=[Asset("wye://feeds")])
        def relay(agreement_id: str) -> dict[str, object]:
            """Do step 11."""
            return bootstrap.run("relay", agreement_id)

        decide_and_commit(name) >> relay(name)

    share(agreement)
