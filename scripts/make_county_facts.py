"""Makes the small tables of county facts that ship with the programme desk, from a folder of public tables.

    python scripts/make_county_facts.py FOLDER

FOLDER holds `nri_v120_five_hazards.csv` (FEMA National Risk Index v1.20, counties of California and North Carolina) and
`cdc_svi_2022_counties.csv` (CDC/ATSDR social vulnerability index 2022). The output stands in the repository, so nobody
else needs to run this.

Source: FEMA, National Risk Index v1.20 (December 2025); CDC/ATSDR SVI 2022. Works of the United States government, in
the public domain. This product uses the FEMA National Risk Index, but is not endorsed by FEMA.
"""

import csv
import sys
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "src" / "bptm" / "program" / "data"
NRI_COLUMNS = (
    "STCOFIPS", "COUNTY", "STATE", "POPULATION", "SOVI_SCORE", "RESL_SCORE",
    *(f"{hazard}_{end}" for hazard in ("WFIR", "HRCN", "ISTM", "SWND", "TRND") for end in ("RISKS", "RISKR", "EALT")),
    "NRI_VER",
)  # fmt: skip
SVI_COLUMNS = ("FIPS", "COUNTY", "E_TOTPOP", "E_HH", "E_AGE65", "E_DISABL", "RPL_THEMES")
STATES = ("06", "37")
COUNTIES = 158


def cut(source: Path, target: Path, columns: tuple[str, ...], key: str) -> None:
    """Writes the counties of our states with these columns."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row[key].startswith(STATES)]
    if len(rows) != COUNTIES:
        sys.exit(f"{source}: {len(rows)} counties of California and North Carolina; expected {COUNTIES}.")
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row[key]))
    print(f"{target.name}: {len(rows)} counties, {target.stat().st_size} bytes")


def main() -> None:
    """Writes both tables."""
    if len(sys.argv) != 2:  # noqa: PLR2004 (the script and its folder)
        sys.exit("Give the folder of the public tables: python scripts/make_county_facts.py FOLDER")
    folder = Path(sys.argv[1])
    OUTPUT.mkdir(exist_ok=True)
    cut(folder / "nri_v120_five_hazards.csv", OUTPUT / "nri_v120_ca_nc.csv", NRI_COLUMNS, "STCOFIPS")
    cut(folder / "cdc_svi_2022_counties.csv", OUTPUT / "svi_2022_ca_nc.csv", SVI_COLUMNS, "FIPS")


if __name__ == "__main__":
    main()
