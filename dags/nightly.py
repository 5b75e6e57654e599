"""Do the work of the night: scores, samples, the search index, lapses, opt-outs that are too old, a model if due."""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from wye import bootstrap


@dag(
    dag_id="nightly",
    schedule=CronTriggerTimetable("20 4 * * *", timezone="Europe/London"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=2)},
    tags=["wye", "quality"],
    doc_md="Compare records and write the day's scorecards; draw a sample of released values under each agreement;"
    " rebuild search tokens of the audit trail from its entries and compare; warn of agreements that lapse;"
    " destroy answers of the national check of opt-outs that are too old to be used;"
    " learn a candidate of the linkage model when records have grown fourfold, which somebody then puts in force or not.",
)
def nightly() -> None:
    """Wire the scores of sources, the samples of agreements, the search index and the linkage model."""

    @task
    def score() -> dict[str, object]:
        """Score every source."""
        return bootstrap.run("score")

    @task
    def sample(agreement: str) -> dict[str, object]:
        """Draw the sample of one agreement."""
        return bootstrap.run("sample", agreement)

    @task
    def train() -> dict[str, object]:
        """Learn a candidate of the linkage model, if there is more to learn from."""
        return bootstrap.run("train")

    @task
    def check_index() -> dict[str, object]:
        """Compare the search index of the trail with its entries; red if a row is missing, added or changed."""
        return bootstrap.run("check_index")

    @task
    def warn_of_lapse() -> dict[str, object]:
        """Warn of agreements that lapse, 60, 30, 7 and 1 days before."""
        return bootstrap.run("warn_of_lapse")

    @task
    def forget_opt_outs() -> dict[str, object]:
        """Destroy answers of the national check of opt-outs that are too old to be used."""
        return bootstrap.run("forget_opt_outs")

    score()
    train()
    warn_of_lapse()
    forget_opt_outs()
    check_index()
    for agreement in bootstrap.agreements():
        sample.override(task_id=f"sample_{agreement}")(agreement)


nightly()
