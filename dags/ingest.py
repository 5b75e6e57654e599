"""Bring in every source: its own systems are read, its partners' messages taken from their queues."""

from datetime import timedelta

from airflow.sdk import Asset, CronTriggerTimetable, dag, task

from wye import bootstrap

for source in bootstrap.sources():

    @dag(
        dag_id=f"ingest_{source}",
        schedule=CronTriggerTimetable("5 * * * *", timezone="Europe/London"),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(seconds=20)},
        tags=["wye", "ingest"],
        doc_md=f"Read `{source}`, land its rows sealed, check them against its contract, and map the good ones.",
    )
    def ingest(name: str) -> None:
        """Wire one source."""

        @task(outlets=[Asset(f"wye://landed/{name}")])
        def read_and_map(source_name: str) -> dict[str, object]:
            """Do steps 1 to 4."""
            return bootstrap.run("ingest", source_name)

        read_and_map(name)

    ingest(source)
