"""Where blocks are carried out: processes of this machine, or the executor of a dask cluster."""

import multiprocessing
from collections.abc import Generator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from bptm.compiled.warm import compile_fleet
from bptm.twin.fleet_plan import FleetError


@contextmanager
def local_workers(processes: int) -> Generator[tuple[Executor | None, int]]:
    """Processes of this machine. The kernel is compiled here first, so that they find it in the cache."""
    compile_fleet()
    # Not forked: numba and DuckDB keep threads that do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        try:
            yield executor, processes
        finally:
            # All is done by now, unless somebody stopped the run: then what waits is dropped.
            executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def cluster_workers(address: str) -> Generator[tuple[Executor | None, int]]:
    """A dask cluster.

    Raises:
        FleetError: No `distributed`, no scheduler there, or no workers.
    """
    try:
        from distributed import Client  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        msg = "--cluster needs dask's executor; install it with: pip install 'bptm[cluster]'"
        raise FleetError(msg) from error
    client_class: Any = Client
    try:
        client = client_class(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        msg = f"--cluster {address}: no dask scheduler answers there ({error or type(error).__name__}); "
        raise FleetError(msg + "give its address, tcp://host:port") from error
    try:
        workers = sum(client.nthreads().values())
        if not workers:
            msg = f"--cluster {address}: the scheduler has no workers; start some with: dask worker {address}"
            raise FleetError(msg)
        yield client.get_executor(pure=False), workers
    finally:
        client.close()
