"""What a fleet run leaves on disk: Parquet files through DuckDB, a summary, a plot. All of it, or none of it.

Everything is written into a folder beside the final one, which is put in place only when all of it is there.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Self

import duckdb
import numpy as np
from numpy.typing import NDArray

from bptm.twin.fleet_block import BlockResult
from bptm.twin.fleet_columns import EACH_HOME_COLUMNS, HOME_COLUMNS, INTERVAL_COLUMNS
from bptm.twin.fleet_picture import draw_summary
from bptm.twin.fleet_plan import FleetError
from bptm.twin.fleet_run import FleetResult

HOMES_FILE = "homes.parquet"
INTERVALS_FILE = "intervals.parquet"
EACH_HOME_DIR = "each_home"
SUMMARY_FILE = "summary.json"
PICTURE_FILE = "load.png"
_OURS = (HOMES_FILE, INTERVALS_FILE, EACH_HOME_DIR, SUMMARY_FILE, PICTURE_FILE)

Columns = tuple[tuple[str, str, str, str], ...]


class FleetFolder:
    """The folder of one run, filled in secret and then put in place; leave it without `keep` and nothing is left."""

    def __init__(self, folder: Path) -> None:
        """Begins to fill `folder`.

        Raises:
            FleetError: It holds something else, or cannot be written.
        """
        self.folder = folder
        self._base_homes = 0
        try:
            if folder.exists() and (not folder.is_dir() or any(p.name not in _OURS for p in folder.iterdir())):
                msg = f"--out {folder} holds other things than a fleet run: name an empty or a new folder"
                raise FleetError(msg)
            folder.parent.mkdir(parents=True, exist_ok=True)
            self._part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.part-", dir=folder.parent))
        except OSError as error:
            msg = f"--out {folder} cannot be written ({error.strerror}): name a folder of yours"
            raise FleetError(msg) from error

    def __enter__(self) -> Self:
        """Nothing more to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """Removes what was not put in place."""
        shutil.rmtree(self._part, ignore_errors=True)

    def keep_block(self, result: BlockResult) -> None:
        """Rows of one block, when there are rows of each home and interval."""
        if not result.each_home:
            return
        homes, intervals = (int(n) for n in result.each_home["load_w"].shape)
        columns: dict[str, NDArray[Any]] = {
            "home": np.repeat(result.homes["home"], intervals),
            "interval": np.tile(np.arange(intervals), homes),
        }
        columns |= {name: values.reshape(-1) for name, values in result.each_home.items()}
        folder = self._part / EACH_HOME_DIR
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise self._full(error) from error
        self._write(folder / f"block-{result.block:06d}.parquet", EACH_HOME_COLUMNS, columns)

    def keep(self, result: FleetResult) -> Path:
        """Writes the rest and puts the folder in place.

        Raises:
            FleetError: The disk is full or otherwise unwilling; what stood in the folder before still stands.
        """
        self._write(self._part / HOMES_FILE, HOME_COLUMNS, result.homes)
        self._write(self._part / INTERVALS_FILE, INTERVAL_COLUMNS, result.intervals)
        try:
            summary = json.dumps(result.as_json(), indent=2) + "\n"
            (self._part / SUMMARY_FILE).write_text(summary, encoding="utf-8")
            draw_summary(result, self._part / PICTURE_FILE)
            self._part.chmod(0o755)
            old = self._part.with_name(self._part.name + "-old")
            if self.folder.exists():
                self.folder.rename(old)
            self._part.rename(self.folder)
            shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            raise self._full(error) from error
        return self.folder

    def _write(self, file: Path, columns: Columns, values: dict[str, NDArray[Any]]) -> None:
        try:
            write_parquet(file, columns, values)
        except (OSError, duckdb.IOException) as error:
            raise self._full(error) from error

    def _full(self, error: Exception) -> FleetError:
        said = getattr(error, "strerror", None) or str(error).splitlines()[0]
        msg = f"--out {self.folder}: the results could not be written ({said}); nothing was left there. "
        return FleetError(msg + "Make room, or name a folder on another disk")


_SQL_TYPES = {"i8": "BIGINT", "i4": "INTEGER", "f8": "DOUBLE", "f4": "REAL", "text": "VARCHAR", "time": "TIMESTAMP"}


def write_parquet(file: Path, columns: Columns, values: dict[str, NDArray[Any]]) -> None:
    """One Parquet file with these columns, in their order and types.

    Raises:
        duckdb.IOException: The disk would not take it.
        ValueError: The values have other columns.
    """
    names = [name for name, *_rest in columns]
    if set(names) != set(values):
        msg = f"{file.name}: columns {sorted(set(names) ^ set(values))} are not both declared and given"
        raise ValueError(msg)
    select = ", ".join(f'"{name}"::{_SQL_TYPES[type_]} AS "{name}"' for name, type_, *_rest in columns)
    target = str(file).replace("'", "''")
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.register("given", values)
        # Names come from the tables of `fleet_columns`, the path is quoted above: COPY takes no parameters.
        connection.execute(f"COPY (SELECT {select} FROM given) TO '{target}' (FORMAT parquet)")  # noqa: S608
