"""Pages of the programme desk that can be made from what ships, for a console that has none yet."""


def first_pages() -> dict[str, str]:
    """HTML pages by file name."""
    from bptm.program.duck import Tables
    from bptm.program.rank import Asked, rank_from
    from bptm.program.rank_page import rank_page
    from bptm.terms.refusals import Refused

    with Tables() as tables:
        found = rank_from(tables, Asked(weights={}))
    # What ships is accepted, as tests/program/test_rank.py shows.
    assert not isinstance(found, Refused)
    return {"rank.html": rank_page(found, "Opportunity areas by county", ("bptm", "program", "rank")).html()}
