"""Stories of golden runs: disturbances that belong together, each written for an arrow that chance rarely takes."""

from dataclasses import dataclass, field

from bptm.assurance.vectors_changes import (
    BACKUP_GOOD,
    BACKUP_NEUTRAL,
    BACKUP_OFF,
    GRID_DEAD,
    GRID_GOOD,
    GRID_IN_PHASE,
    GRID_NEUTRAL,
    HOT,
    LEVER,
    LOAD_SHORT,
    RELEASE,
    RESET,
    TEST,
    UNMATED,
    USUAL,
    Change,
    backup,
    grid,
    jams,
    joined,
    load,
    phase,
    side,
    tells,
    welds,
)
from bptm.assurance.vectors_world import BOTH
from bptm.terms.core_codes import (
    ACTION_DISCONNECT,
    ACTION_RECONNECT,
    MODE_BACKUP_BLOCKED,
    MODE_DARK,
    MODE_DISCONNECTED,
    MODE_LOCKED_OUT,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TEST,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
)


@dataclass(frozen=True, slots=True)
class Word:
    """What a person or the host says to an observer (`WORDS` of `replay_plain`): its name and its numbers."""

    name: str
    a: int
    b: int = 0
    c: int = 0


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A change that comes so long after a mode was entered, so many times."""

    mode: int
    after_ticks: int
    change: Change | Word
    times: int = 1
    mend: Change | None = None
    mend_after_ticks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Disturbances that belong together, and what they need to come to their end."""

    triggers: tuple[Trigger, ...]
    settings: dict[str, float] = field(default_factory=dict[str, float])
    is_long: bool = False
    begins_calm: bool = False
    """Whether it begins on a sound utility, rather than with an outage."""
    actions: tuple[int, ...] = ()
    """Remote commands that come one after the other."""
    comes_open: bool = False
    """Whether the meter comes to power with U open and no valid copy of its journal."""


STORIES: tuple[Story, ...] = (
    Story(triggers=()),
    Story(triggers=()),
    Story(
        triggers=(Trigger(mode=MODE_ON_BACKUP, after_ticks=40, change=load(130.0, 130.0, 30000.0), times=9),),
        is_long=True,
        settings={"overload_trials": 1, "overload_wait_ticks": 600},
    ),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_BACKUP, after_ticks=60, change=backup(30.0, 30.0), times=9),
            Trigger(mode=MODE_DARK, after_ticks=20, change=BACKUP_GOOD, times=9),
        ),
        is_long=True,
        settings={"overload_trials": 1, "overload_wait_ticks": 600},
    ),
    Story(triggers=(Trigger(mode=MODE_ON_BACKUP, after_ticks=50, change=load(4.0, 4.0, -1200.0)),)),
    Story(
        triggers=(
            Trigger(
                mode=MODE_TO_BACKUP,
                after_ticks=0,
                change=joined(welds(utility=BOTH), tells(u_open_poles=BOTH, u_closed_poles=0)),
            ),
        )
    ),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_BACKUP, after_ticks=90, change=GRID_IN_PHASE, times=9),
            Trigger(mode=MODE_DARK, after_ticks=5, change=GRID_DEAD, times=9),
        ),
        is_long=True,
        settings={"overload_trials": 1, "overload_wait_ticks": 600},
    ),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=0, change=welds(utility=1)),)),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=0, change=jams(transfer=BOTH)),)),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_BACKUP, after_ticks=30, change=joined(welds(transfer=BOTH), GRID_GOOD)),
            Trigger(mode=MODE_LOCKED_OUT, after_ticks=300, change=welds()),
        )
    ),
    Story(triggers=(Trigger(mode=MODE_TO_UTILITY, after_ticks=0, change=jams(utility=BOTH)),)),
    Story(
        triggers=(
            Trigger(
                mode=MODE_ON_UTILITY,
                after_ticks=200,
                change=joined(jams(opened=BOTH), tells(u_closed_poles=BOTH, u_open_poles=0)),
            ),
        )
    ),
    Story(triggers=(Trigger(mode=MODE_ON_UTILITY, after_ticks=200, change=welds(transfer=BOTH)),)),
    Story(
        triggers=(
            Trigger(mode=MODE_TO_BACKUP, after_ticks=9, change=side(118.0)),
            Trigger(mode=MODE_BACKUP_BLOCKED, after_ticks=60, change=joined(side(0.0), BACKUP_OFF)),
        )
    ),
    Story(triggers=(Trigger(mode=MODE_BACKUP_BLOCKED, after_ticks=100, change=BACKUP_OFF, times=3),)),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=12, change=tells(u_open_poles=1)),)),
    Story(triggers=(Trigger(mode=MODE_TO_BACKUP, after_ticks=30, change=BACKUP_OFF, times=2),)),
    Story(triggers=(Trigger(mode=MODE_ON_UTILITY, after_ticks=100, change=joined(phase(0), BACKUP_GOOD)),)),
    # Local test: passes; finds a bus that stays live; is left for a lost utility.
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=150, change=BACKUP_GOOD),
            Trigger(mode=MODE_ON_UTILITY, after_ticks=2600, change=TEST, times=3, mend=USUAL, mend_after_ticks=20),
        ),
        settings={"test_run_ticks": 600, "accept_ticks": 600},
        is_long=True,
        begins_calm=True,
    ),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=200, change=TEST, times=3, mend=USUAL, mend_after_ticks=20),
            Trigger(mode=MODE_TEST, after_ticks=1, change=side(118.0), mend=side(0.0), mend_after_ticks=1500),
        ),
        is_long=True,
        begins_calm=True,
    ),
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=200, change=TEST, times=3, mend=USUAL, mend_after_ticks=20),
            Trigger(mode=MODE_TEST, after_ticks=9, change=GRID_DEAD, mend=GRID_GOOD, mend_after_ticks=2500),
        ),
        is_long=True,
        begins_calm=True,
    ),
    # Service disconnect, by the lever and from afar.
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=300, change=LEVER, times=2),
            Trigger(mode=MODE_DISCONNECTED, after_ticks=700, change=USUAL, times=2),
        ),
        is_long=True,
        begins_calm=True,
    ),
    Story(
        triggers=(Trigger(mode=MODE_DISCONNECTED, after_ticks=400, change=BACKUP_GOOD),),
        settings={"remote_disconnect": 1, "disconnect_to_backup": 1, "medical": 0},
        actions=(ACTION_DISCONNECT, ACTION_DISCONNECT, ACTION_RECONNECT, ACTION_RECONNECT, ACTION_DISCONNECT),
        begins_calm=True,
    ),
    Story(
        triggers=(),
        settings={"remote_disconnect": 1, "medical": 1},
        actions=(ACTION_RECONNECT, ACTION_DISCONNECT, ACTION_RECONNECT),
    ),
    Story(triggers=(), settings={"remote_disconnect": 0}, actions=(ACTION_DISCONNECT, ACTION_RECONNECT)),
    # Staged return: U opens in the dark although no backup is there.
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=200, change=GRID_DEAD, times=3),
            Trigger(mode=MODE_DARK, after_ticks=1500, change=GRID_GOOD, times=3),
        ),
        settings={"opens_in_dark": 1, "dark_open_ticks": 120, "return_ticks": 600, "medical": 0},
        is_long=True,
        begins_calm=True,
    ),
    # No valid journal, U found open: what it was open for is forgotten.
    Story(
        triggers=(Trigger(mode=MODE_LOCKED_OUT, after_ticks=900, change=RESET, mend=RELEASE, mend_after_ticks=4),),
        comes_open=True,
        begins_calm=True,
    ),
    # A utility that does harm, again and again.
    *(
        Story(
            triggers=(
                Trigger(mode=MODE_ON_UTILITY, after_ticks=60, change=harm, times=9),
                Trigger(mode=MODE_DARK, after_ticks=200, change=GRID_GOOD, times=9),
            ),
            settings={"harm_trials": 1, "return_ticks": 600, "return_bypass_ticks": 120, "slot_window_ticks": 0},
            is_long=True,
            begins_calm=True,
        )
        for harm in (GRID_NEUTRAL, grid(156.0, 155.0))
    ),
    # Flapping: losses one after the other, with a sound backup.
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=100, change=joined(GRID_DEAD, BACKUP_GOOD), times=9),
            Trigger(mode=MODE_DARK, after_ticks=150, change=GRID_GOOD, times=9),
        ),
        settings={"flap_count": 2, "flap_window_ticks": 108000, "flap_hold_ticks": 7200},
        is_long=True,
        begins_calm=True,
    ),
    # What ends the use of a backup at once.
    *(
        Story(
            triggers=(
                Trigger(mode=MODE_ON_BACKUP, after_ticks=60, change=harm, times=3),
                Trigger(mode=MODE_BACKUP_BLOCKED, after_ticks=400, change=joined(USUAL, BACKUP_GOOD), times=3),
            ),
            is_long=True,
        )
        for harm in (HOT, UNMATED, LOAD_SHORT, BACKUP_NEUTRAL, backup(158.0, 157.0), backup(120.0, 120.0, 0.0))
    ),
    # The same broken neutral on both sources is the home's own.
    Story(
        triggers=(
            Trigger(mode=MODE_ON_UTILITY, after_ticks=100, change=GRID_NEUTRAL),
            Trigger(mode=MODE_DARK, after_ticks=100, change=joined(GRID_DEAD, BACKUP_GOOD)),
            Trigger(mode=MODE_ON_BACKUP, after_ticks=60, change=BACKUP_NEUTRAL, times=3),
        ),
        is_long=True,
        begins_calm=True,
    ),
    # A fault current that the contactor may not break: fuse or breaker does.
    *(
        Story(
            triggers=(Trigger(mode=mode, after_ticks=60, change=load(2600.0, 2500.0, 90000.0), times=2),), is_long=True
        )
        for mode in (MODE_ON_UTILITY, MODE_ON_BACKUP)
    ),
    # A welded backup contactor that reads open: the inlet follows the bus.
    Story(
        triggers=(
            Trigger(
                mode=MODE_ON_UTILITY,
                after_ticks=200,
                change=joined(welds(transfer=BOTH), tells(b_open_poles=BOTH, b_closed_poles=0)),
            ),
        ),
        begins_calm=True,
    ),
)
"""What chance rarely reaches; each run has one of them, beside its chance disturbances."""
