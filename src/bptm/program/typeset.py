"""Adapter of typst, the typesetter in a wheel: plain data in, the bytes of a PDF out. The one file that knows it.

The layout is `report.typ`; the data reaches it as JSON, so that no text of anybody is ever read as markup.
"""

import json
from collections.abc import Mapping
from importlib.resources import files

import typst

PDF_START = b"%PDF-"


class TypesetError(Exception):
    """The typesetter refused; the text is its first line."""


def pdf(content: Mapping[str, object]) -> bytes:
    """The PDF of a report.

    Raises:
        TypesetError: It cannot be set.
    """
    layout = files("bptm.program").joinpath("report.typ").read_bytes()
    try:
        made = typst.compile(layout, sys_inputs={"report": json.dumps(content)})
    except typst.TypstError as error:
        raise TypesetError(str(error).splitlines()[0]) from error
    if not made.startswith(PDF_START):
        msg = "no PDF came out of the typesetter"
        raise TypesetError(msg)
    return made
