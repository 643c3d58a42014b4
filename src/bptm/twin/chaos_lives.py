"""Lives of chaos with any controller: the shipped one compiled, a broken one as plain Python on the same kernel.

The plain kernel is a private copy whose `start`, `scan` and `command` are the broken controller's; homes, script and
checkers are the shipped text. Both give the same records, so whoever tells or draws a life does not ask which it was.
"""

import importlib.util
from functools import cache
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from bptm.compiled import kernel_chaos
from bptm.compiled.chaos_records import JOURNAL_FIELDS, LIFE_FIELDS
from bptm.compiled.dtypes import dtype_of
from bptm.compiled.records import plain_record
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import FIELDS as SETTINGS_FIELDS
from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.controllers import CONTROLLERS, SHIPPED, Controller


class Living(Protocol):
    """One life that is being lived."""

    def live(self, until_tick: int) -> None:
        """Lives it from its beginning up to there, or to its first broken law."""
        ...

    def step(self, until_tick: int) -> None:
        """One scan and what belongs to it."""
        ...

    @property
    def life(self) -> Any:
        """Home, circuit and checkers (`LIFE_FIELDS`), by attribute."""
        ...

    @property
    def device(self) -> Any:
        """The controller's record, by attribute."""
        ...

    @property
    def orders(self) -> Any:
        """The interlock's record, by attribute."""
        ...

    @property
    def settings(self) -> Any:
        """Settings of the controller, by attribute."""
        ...

    def row(self) -> np.void:
        """The life as a row of `LIFE_FIELDS`."""
        ...


class CompiledLife:
    """A life with the shipped controller."""

    def __init__(self, seed: int, home: int) -> None:
        """At its beginning.

        Args:
            seed: Of the run.
            home: Number of the life.
        """
        from bptm.compiled.chaos import Lives  # noqa: PLC0415  compiles, or loads what is compiled

        self._named = (seed, home)
        self._lives = Lives.begin(seed, home)

    def live(self, until_tick: int) -> None:
        """Lives it from its beginning; see `Living`."""
        from bptm.compiled.chaos import Lives  # noqa: PLC0415  as above

        self._lives = Lives(1)
        self._lives.live(*self._named, until_tick)

    def step(self, until_tick: int) -> None:
        """One scan; see `Living`."""
        self._lives.step(until_tick)

    @property
    def life(self) -> Any:
        """See `Living`."""
        return self._lives.life.view(np.recarray)[0]

    @property
    def device(self) -> Any:
        """See `Living`."""
        return self._lives.device.view(np.recarray)[0]

    @property
    def orders(self) -> Any:
        """See `Living`."""
        return self._lives.orders.view(np.recarray)[0]

    @property
    def settings(self) -> Any:
        """See `Living`."""
        return self._lives.settings.view(np.recarray)[0]

    def row(self) -> np.void:
        """See `Living`."""
        return self._lives.life[0]


@cache
def _kernel_with(name: str) -> ModuleType:
    """A private copy of the plain kernel around a broken controller."""
    module = CONTROLLERS[name].load()
    spec = importlib.util.spec_from_file_location(f"bptm_chaos_{name.replace('-', '_')}", kernel_chaos.__file__)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    commands: Any = getattr(module, "remote", module)
    vars(copy).update(start=module.start, scan=module.scan, command=commands.command)
    return copy


class PlainLife:
    """A life in plain Python: for a controller that is broken on purpose, and to compare with what is compiled."""

    def __init__(self, seed: int, home: int, controller: Controller) -> None:
        """At its beginning.

        Args:
            seed: Of the run.
            home: Number of the life.
            controller: Who decides.
        """
        self._named = (seed, home)
        self._kernel: Any = kernel_chaos if controller.is_shipped else _kernel_with(controller.name)
        self._begin()

    def _begin(self) -> None:
        self.life = plain_record(LIFE_FIELDS)
        self.device = plain_record(DEVICE_FIELDS)
        self.orders = plain_record(INTERLOCK_FIELDS)
        self.settings = plain_record(SETTINGS_FIELDS)
        self._journals = (plain_record(JOURNAL_FIELDS), plain_record(JOURNAL_FIELDS))
        self._seen = (plain_record(MEASURED_FIELDS), plain_record(INTERLOCK_INPUT_FIELDS))
        for row in SETTINGS:
            setattr(self.settings, row[0], row[4])
        self._kernel.begin_life(self.life, self.device, *self._journals, *self._seen, self.settings, *self._named)

    def live(self, until_tick: int) -> None:
        """Lives it from its beginning; see `Living`."""
        self._begin()
        while self.life.tick < until_tick and self.life.broken == 0:
            self.step(until_tick)

    def step(self, until_tick: int) -> None:
        """One scan; see `Living`."""
        self._kernel.step_life(
            self.life, self.device, self.orders, *self._journals, *self._seen, self.settings, until_tick
        )

    def row(self) -> np.void:
        """See `Living`."""
        rows = np.zeros(1, dtype_of(LIFE_FIELDS))
        for name, *_rest in LIFE_FIELDS:
            rows[name] = getattr(self.life, name)
        return rows[0]


def life_of(seed: int, home: int, controller: str = SHIPPED) -> Living:
    """A life at its beginning, with one of the controllers that `bptm bench --controllers` lists."""
    if controller == SHIPPED:
        return CompiledLife(seed, home)
    return PlainLife(seed, home, CONTROLLERS[controller])
