"""The jobs of a batch on other machines, through a Dask scheduler."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from distributed import Client, Future, wait

from yolact_live.errors import SourceError, UsageError, YolactLiveError
from yolact_live.pipeline.batch import Done, Job, run
from yolact_live.settings import Settings

_PATIENCE_S = 5
_POLL_S = 0.2


def run_on(
    scheduler: str, jobs: Iterable[Job], settings: Settings, interrupted: Callable[[], bool]
) -> Iterator[tuple[Job, Done | YolactLiveError]]:
    """Hand jobs to the workers of a scheduler, and yield each with what became of it.

    All machines must see the files and folders under the same names, and have this program. Jobs
    of a worker that dies are given to another one.

    Args:
        scheduler: its address, such as ``tcp://10.0.0.5:8786``.
        interrupted: when it says so, what waits is not begun; what runs comes to its end.

    Raises:
        UsageError: there is no scheduler, or it has no workers.
    """
    if os.path.exists(settings.model):
        settings = replace(settings, model=os.path.abspath(settings.model))
    with _connect(scheduler) as client:
        pending: dict[Future, Job] = {
            client.submit(run, _absolute(job), settings, pure=False): job for job in jobs
        }
        try:
            while pending and not interrupted():
                with suppress(TimeoutError):
                    for future in wait(list(pending), _POLL_S, "FIRST_COMPLETED").done:
                        yield pending.pop(future), _outcome(future)
        finally:
            client.cancel(list(pending))


def _connect(scheduler: str) -> Client:
    try:
        client = Client(scheduler, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        what = f"no Dask scheduler answers at {scheduler} ({error})"
        raise UsageError(what, "start one with `dask scheduler`, or check the address") from error
    if not client.scheduler_info(n_workers=1)["workers"]:
        client.close()
        remedy = f"on each machine, start `dask worker --nthreads 1 {scheduler}`"
        raise UsageError(f"the scheduler at {scheduler} has no workers", remedy)
    return client


def _absolute(job: Job) -> Job:
    return replace(job, source=os.path.abspath(job.source), folder=job.folder.absolute())


def _outcome(future: Future) -> Done | YolactLiveError:
    if future.status == "finished":
        done: Done = future.result()
        return done
    error = future.exception()
    if isinstance(error, YolactLiveError):
        return error
    return SourceError(f"a worker failed at it ({error!r})", "see the log of the worker")
