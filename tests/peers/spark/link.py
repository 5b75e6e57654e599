"""Link records by Splink on local Spark: the peer's own process, which knows nothing of Wye but what it is handed.

`python link.py FOLDER LIKENESS`: the folder holds `settings.json` (levels in Spark's SQL), `feature.parquet`,
`key.parquet` (n, key: blocking keys), `crowd` and `threshold` in `how.json`, and `frequency_<column>.parquet`; LIKENESS
is the file whose `jaro_winkler` is DuckDB's. It leaves `pairs.parquet` and `clusters.parquet` there.
"""

import importlib.util
import json
import logging
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType
from splink import Linker
from splink.backends.spark import SparkAPI, similarity_jar_location

CALM = """SELECT n, key FROM key WHERE key IN (
SELECT key FROM key GROUP BY key HAVING count(*) BETWEEN 2 AND :crowd)"""
PAIRS = """SELECT DISTINCT x.n AS join_key_l, y.n AS join_key_r, '0' AS match_key
FROM calm x JOIN calm y ON x.key = y.key AND x.n < y.n"""


def main(folder: Path, likeness: Path) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    how = json.loads((folder / "how.json").read_text())
    spark = session(folder)
    api = SparkAPI(spark_session=spark)
    # The jar that comes with Splink rounds half transpositions otherwise than DuckDB does, so names near a threshold
    # would be at another level. Its damerau_levenshtein is DuckDB's.
    spec = importlib.util.spec_from_file_location("likeness", likeness)
    module = importlib.util.module_from_spec(spec)
    sys.modules["likeness"] = module  # the workers import it by that name
    spec.loader.exec_module(module)
    spark.sparkContext.addPyFile(str(likeness))
    spark.udf.register("jaro_winkler", either_known(module.jaro_winkler), DoubleType())
    for table in ("feature", "key"):
        spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    settings = json.loads((folder / "settings.json").read_text())
    linker = Linker(api.register("feature"), settings, log_level=logging.ERROR, validate_settings=False)
    for file in sorted(folder.glob("frequency_*.parquet")):
        spark.read.parquet(str(file)).createOrReplaceTempView(file.stem)
        linker.table_management.register_term_frequency_lookup(
            api.register(file.stem), file.stem.removeprefix("frequency_")
        )
    spark.sql(CALM, {"crowd": how["crowd"]}).createOrReplaceTempView("calm")
    spark.sql(PAIRS).createOrReplaceTempView("blocked")
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    scored = linker.inference.predict(warning_mode="never")
    pairs = spark.table(scored.physical_name).select("n_l", "n_r", "match_weight")
    pairs.coalesce(1).write.parquet(str(folder / "pairs.parquet"))
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
        scored, threshold_match_weight=how["threshold"]
    )
    clusters = spark.table(clustered.physical_name).select("n", "cluster_id")
    clusters.coalesce(1).write.parquet(str(folder / "clusters.parquet"))
    spark.stop()


def session(folder: Path) -> SparkSession:
    """Start Spark on this machine alone, with nothing kept outside the folder."""
    found = (
        SparkSession.builder.master("local[2]")
        .config("spark.jars", similarity_jar_location())
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.ansi.enabled", "false")  # the first item of an empty list is NULL, as in DuckDB
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.local.dir", str(folder / "local"))
        .getOrCreate()
    )
    found.sparkContext.setLogLevel("ERROR")
    found.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
    return found


def either_known(function):
    return lambda a, b: None if a is None or b is None else function(a, b)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
