"""Run one side of a comparison in a process of its own: `python -m benchmarks.linking.alone SIDE`, and what it is on by standard input.

Says in JSON how long it took, the most memory that it held, and what it found. `wye` takes the identity step on a
database that was loaded, given its URL; `splink` links the features in a Parquet file by plain Splink.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Result = Mapping[str, float]
"""`seconds`, and of processors `busy`; `peak` in MiB, of PostgreSQL's process `backend`; counts of what was found."""


def wye(url: str) -> Result:
    """Take the whole identity step: features, links, doubts and golden records, committed."""
    from benchmarks.linking.crowd import AT
    from wye.identity.identify import identify
    from wye.store.database import connect

    with connect(url) as conn:
        backend = str(conn.info.backend_pid)
        before, begun = busy("self", backend), time.perf_counter()
        found = identify(conn, AT)
        return {
            "seconds": time.perf_counter() - begun,
            "busy": busy("self", backend) - before,
            "peak": peak("self"),
            "backend": peak(backend),
            "records": found.looked_at,
            "people": found.persons_new,
            "doubtful": found.doubtful,
        }


def splink(path: str) -> Result:
    """Weigh pairs and gather them as plain Splink does; it is trained before, as our model is."""
    import duckdb
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    duck = duckdb.connect(":memory:")
    duck.execute("CREATE TABLE person AS SELECT * FROM read_parquet($path)", {"path": path})
    api = DuckDBAPI(connection=duck)
    compared = [
        cl.ForenameSurnameComparison("given", "family"),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.PostcodeComparison("postcode"),
        cl.ExactMatch("home"),
        cl.EmailComparison("email"),
        *(cl.ExactMatch(name) for name in ("phone", "sex", "nhs_number")),
    ]
    met = [
        ("nhs_number",), ("given", "family"), ("family", "birth_date"), ("given", "birth_date"), ("given", "postcode"),
        ("family", "postcode"), ("birth_date", "postcode"), ("email",), ("given", "phone"),
    ]  # fmt: skip
    settings = SettingsCreator(
        unique_id_column_name="n",
        link_type="dedupe_only",
        comparisons=compared,
        blocking_rules_to_generate_predictions=[block_on(*each) for each in met],
        retain_matching_columns=False,
    )
    linker = Linker(api.register("person"), settings, log_level=logging.ERROR)
    sure = [block_on("nhs_number"), block_on("given", "family", "birth_date"), block_on("email")]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for session in (("birth_date",), ("postcode", "given")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*session))
    before, begun = busy("self"), time.perf_counter()
    scored = linker.inference.predict(threshold_match_probability=0.5, warning_mode="never")
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=0.95)
    seconds, busied = time.perf_counter() - begun, busy("self") - before
    ((people,),) = duck.sql(f"SELECT count(DISTINCT cluster_id) FROM {clustered.physical_name}").fetchall()  # noqa: S608  a name of Splink's
    ((pairs,),) = duck.sql(f"SELECT count(*) FROM {scored.physical_name}").fetchall()  # noqa: S608  as above
    return {"seconds": seconds, "busy": busied, "peak": peak("self"), "people": people, "pairs": pairs}


def peak(process: str) -> float:
    """Give the most memory that a process has held, in MiB; a database's process counts the shared buffers it saw."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def busy(*processes: str) -> float:
    """Give the seconds that processes have had a processor, all their threads."""
    fields = [Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split() for each in processes]
    return sum(int(field) for each in fields for field in each[11:13]) / os.sysconf("SC_CLK_TCK")


SIDES: Mapping[str, Callable[[str], Result]] = {"wye": wye, "splink": splink}

if __name__ == "__main__":
    print(json.dumps(SIDES[sys.argv[1]](sys.stdin.read())))
