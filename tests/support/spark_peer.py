"""Link records by Splink on local Spark, in an environment of its own: pyspark's pins are none of ours."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import spark_settings
from splink_referee import count_names

from wye.identity import likeness, model
from wye.identity.training import with_keys

ROOT = Path(__file__).parents[2]
PEER = ROOT / "tests" / "peers" / "spark"
HOME = ROOT / "var" / "peers" / "spark"
JAVA = sorted(Path("/usr/lib/jvm").glob("java-17-openjdk-*"))
"""Where Debian's openjdk-17-jre-headless is; another Java of 17 or later serves if it is the one on PATH."""


def link(
    folder: Path, features: pl.DataFrame, keys: pl.DataFrame, parameters: model.Parameters
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Weigh and cluster features by place: pairs (n_l, n_r, match_weight), and clusters (n, cluster_id)."""
    rows = with_keys(features).with_row_index("n").with_columns(pl.col("n").cast(pl.Int64))
    rows.write_parquet(folder / "feature.parquet")
    keys.write_parquet(folder / "key.parquet")
    duck = duckdb.connect(":memory:")
    duck.execute("CREATE TABLE feature AS SELECT * FROM read_parquet($file)", {"file": str(folder / "feature.parquet")})
    for column in count_names(duck, features.height, parameters):
        duck.sql(f"SELECT * FROM frequency_{column}").write_parquet(str(folder / f"frequency_{column}.parquet"))  # noqa: S608
    duck.close()
    (folder / "settings.json").write_text(json.dumps(spark_settings.settings(parameters, features.height)))
    (folder / "how.json").write_text(json.dumps({"crowd": model.CROWD, "threshold": model.JOIN}))
    environment = {"JAVA_HOME": str(JAVA[0])} if JAVA else {}
    command = [str(_python()), str(PEER / "link.py"), str(folder), str(likeness.__file__)]
    done = subprocess.run(
        command, cwd=folder, env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return pl.read_parquet(folder / "pairs.parquet" / "*.parquet"), pl.read_parquet(
        folder / "clusters.parquet" / "*.parquet"
    )


def _python() -> Path:
    """Make the peer's environment on first use, and again when its lock changes."""
    lock, python, made = PEER / "requirements.lock", HOME / "bin" / "python", HOME / "made-from.lock"
    if not made.exists() or made.read_bytes() != lock.read_bytes():
        uv = str(Path(sys.executable).parent / "uv")
        if not python.exists():
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(HOME)], check=True)
        sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)]
        subprocess.run(sync, check=True)
        made.write_bytes(lock.read_bytes())
    return python
