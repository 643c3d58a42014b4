"""A simulated meter is commissioned for the source that its home has, and gets onto it."""

import pytest

from bptm.controller.profiles import ACCEPT_HIGH_HZ, ACCEPT_TICKS, COOL_DOWN_TICKS, INLET_FOLLOW_TICKS
from bptm.terms.codes import BackupKind, Mode
from closed_loop import ClosedLoop
from homes import MINUTE, SECOND


@pytest.mark.parametrize("kind", list(BackupKind))
@pytest.mark.parametrize("inlet_a", [30.0, 50.0])
def test_a_home_begins_with_the_profile_of_its_source(kind: BackupKind, inlet_a: float) -> None:
    """Windows, warm-up, cool-down and ampacity are those of the profile, not the defaults of the settings."""
    p = ClosedLoop(backup_kind=int(kind), inlet_rating_a=inlet_a).p
    found = (p.accept_high_hz, p.accept_ticks, p.cool_down_ticks, p.inlet_follow_ticks, p.inlet_a, p.limit_a)
    wanted = (ACCEPT_HIGH_HZ[kind], ACCEPT_TICKS[kind], COOL_DOWN_TICKS[kind], INLET_FOLLOW_TICKS[kind])
    assert found == (*wanted, inlet_a, inlet_a)


@pytest.mark.parametrize("kind", [kind for kind in BackupKind if kind != BackupKind.NONE])
def test_every_kind_of_source_is_accepted_by_its_own_profile_and_takes_the_home(kind: BackupKind) -> None:
    """LAW-11: from the start of the source its warm-up, its dead time and a few seconds, no more."""
    loop = ClosedLoop(backup_kind=int(kind), heavy_w=0.0)
    loop.run(3 * MINUTE + loop.p.accept_ticks + 10 * SECOND)
    assert loop.s.mode == Mode.ON_BACKUP
