"""The page about the processes names the settings and subjects that the code uses, and no others."""

import re
from dataclasses import MISSING, fields

import pytest
from tidy_tree import texts

from bptm.headend.settings import HeadendSettings
from bptm.twin.settings import TwinSettings
from bptm.wire import topics

PAGE = "docs/reference/processes.md"


def keys_of(file: str) -> tuple[set[str], set[str]]:
    """Required and optional keys that the page gives for a settings file."""
    paragraph = re.search(rf"^`{re.escape(file)}`: (.*?)\n\n", texts()[PAGE], re.MULTILINE | re.DOTALL)
    assert paragraph, f"{PAGE} has no paragraph for {file}"
    required, _, optional = paragraph.group(1).partition("optional:")
    return set(re.findall(r"`([a-z_]+)`", required)), set(re.findall(r"`([a-z_]+)`", optional))


@pytest.mark.parametrize(("file", "settings"), [("headend.toml", HeadendSettings), ("twin.toml", TwinSettings)])
def test_the_page_names_every_key_of_a_childs_settings(
    file: str, settings: type[HeadendSettings] | type[TwinSettings]
) -> None:
    """CONTRACT: keys in the page are the fields of the dataclass; those with a default are the optional ones."""
    without_default = {f.name for f in fields(settings) if f.default is MISSING and f.default_factory is MISSING}
    with_default = {f.name for f in fields(settings)} - without_default
    assert keys_of(file) == (without_default, with_default)


def test_the_page_names_every_subject() -> None:
    """CONTRACT: each subject in wire/topics.py stands in the table of subjects, and no other does."""
    in_code = {value for name, value in vars(topics).items() if name.endswith("_SUBJECT")}
    in_page = set(re.findall(r"^\| `((?:twin|headend)\.[a-z_]+)` \|", texts()[PAGE], re.MULTILINE))
    assert in_code == in_page
    assert "`bptm.<meter>.up`" in texts()[PAGE]
    assert topics.up_subject("<meter>") == "bptm.<meter>.up"


def test_the_tutorial_presses_only_buttons_that_exist() -> None:
    """DOCS: each *label* that the tutorial says to press stands in the console's sources."""
    tutorial = texts()["docs/tutorial/first-outage.md"]
    pressed = set(re.findall(r"[Pp]ress\s+\*([^*]+)\*", tutorial))
    assert len(pressed) >= 4, pressed
    console = "".join(text for name, text in texts().items() if name.startswith("src/bptm/headend/"))
    missing = sorted(label for label in pressed if f">{label}<" not in console and f'"{label}"' not in console)
    assert not missing, f"the console has no button named {missing}"
