"""Bring in every source: its own systems are read, its partners' messages taken from their queues."""

from datetime import timedelta

from airflow.sdk import Asset, CronTriggerTimetable, dag, task

from wye import bootstrap


def wire(source: str) -> None:
    """Make the DAG of one source. Its name is no parameter of the DAG: Airflow would put an object in its place."""

    @dag(
        dag_id=f"ingest_{source}",
        schedule=CronTriggerTimetable("5 * * * *", timezone="Europe/London"),
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 2, "retry_delay": timedelta(seconds=20)},
        tags=["wye", "ingest"],
        doc_md=f"Read `{source}`, land its rows sealed, check them against its contract, and map the good ones.",
    )
    def ingest() -> None:
        """Wire one source."""

        @task(outlets=[Asset(f"wye://landed/{source}")])
        def read_and_map(name: str) -> dict[str, object]:
            """Do steps 1 to 4."""
            return bootstrap.run("ingest", name)

        @task(retries=0)
        def check_held(name: str) -> dict[str, object]:
            """Fail while a check holds something: a person is needed, and trying again helps nobody."""
            return bootstrap.run("check_held", name)

        read_and_map(source) >> check_held(source)

    ingest()


for each in bootstrap.sources():
    wire(each)
