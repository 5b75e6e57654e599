"""Two DAGs of the test's own: one starts the other by an asset; a third fails."""

import os

from airflow.sdk import Asset, dag, task


@dag(schedule=None, catchup=False)
def tiny_first() -> None:
    @task(outlets=[Asset("wye://tiny")])
    def give() -> str:
        return os.environ["WYE_TINY"]

    give()


@dag(schedule=[Asset("wye://tiny")], catchup=False)
def tiny_second() -> None:
    @task
    def take() -> int:
        return 1

    take()


@dag(schedule=None, catchup=False)
def tiny_failing() -> None:
    @task
    def fail() -> None:
        raise ValueError

    fail()


tiny_first()
tiny_second()
tiny_failing()
