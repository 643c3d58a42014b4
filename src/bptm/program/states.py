"""States by the first two digits of a county's FIPS code, and what a county's code may look like in a table.

Source: FIPS 5-2 and ANSI INCITS 38 (codes of states and territories); U.S. Census Bureau, "Substantial changes to
counties" (Connecticut's planning regions, 2022; Oglala Lakota, 2015; Kusilvak, 2015; Chugach and Copper River, 2019).
"""

STATES = {
    "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE", "11": "DC",
    "12": "FL", "13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY",
    "22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN", "28": "MS", "29": "MO", "30": "MT",
    "31": "NE", "32": "NV", "33": "NH", "34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH",
    "40": "OK", "41": "OR", "42": "PA", "44": "RI", "45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT",
    "50": "VT", "51": "VA", "53": "WA", "54": "WV", "55": "WI", "56": "WY", "60": "AS", "66": "GU", "69": "MP",
    "72": "PR", "78": "VI",
}  # fmt: skip
ABBREVIATIONS = frozenset(STATES.values())

RENAMED = {"46113": "46102", "02270": "02158", "12025": "12086"}
"""A new code for the same area: Oglala Lakota, Kusilvak, Miami-Dade."""

CONNECTICUT = "09"
_DIGITS = 5
_COUNTIES_END = 100
"""Connecticut's old counties end in 001 to 015, its planning regions in 110 to 190."""


def fips_of(text: str) -> str | None:
    """A county's code as five digits; None when the text is none.

    Leading zeros that a spreadsheet took (6007), its decimals (6007.0), a leading C or US are put right.
    """
    plain = text.strip().upper().removeprefix("C").removeprefix("US").removesuffix(".0")
    if not plain.isdecimal() or not plain.isascii() or not _DIGITS - 1 <= len(plain) <= _DIGITS:
        return None
    fips = plain.zfill(_DIGITS)
    if fips[:2] not in STATES or fips[2:] == "000":
        return None
    return RENAMED.get(fips, fips)


def is_old_connecticut(fips: str) -> bool:
    """One of the eight counties, which stopped counting in 2022."""
    return fips.startswith(CONNECTICUT) and int(fips[2:]) < _COUNTIES_END


def is_new_connecticut(fips: str) -> bool:
    """One of the nine planning regions."""
    return fips.startswith(CONNECTICUT) and int(fips[2:]) >= _COUNTIES_END
