"""Runs tests against mutants, in a copy of the tree that is this process's own.

``worker.py fresh``: pytest and what the tests import are loaded, the code under test is not. Each
job forks a child that imports the changed code from disk. Slower, and what a mutant's survival is
decided by.

``worker.py loaded KEPT TEST...``: the tests are collected once. Each job forks a child that swaps the
changed function's code and runs the tests. A change outside of functions cannot be swapped.

A job is one line of JSON, and so is its answer.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import swap

OPTIONS = (
    *("-x", "-q", "-s", "--no-header", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("--hypothesis-profile=mutation", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
_MEMORY = 8 << 30
_ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)


class _Killer:
    """Runs the tests first that name the check, then those that killed before, then the quick ones."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.rank = {name: number for number, name in enumerate(job.get("first", ()))}
        self.about = job.get("about", "?")
        self.durations: dict[str, float] = job.get("durations", {})
        self.killer = ""
        self.taken: dict[str, float] = {}

    def order(self, item: pytest.Item) -> tuple[bool, int, float]:
        others = self.about not in item.nodeid
        rank = self.rank.get(item.nodeid, len(self.rank))
        return others, rank, self.durations.get(item.nodeid, 0.0)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=self.order)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.taken[report.nodeid] = self.taken.get(report.nodeid, 0.0) + report.duration
        if report.failed and not self.killer:
            self.killer = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.killer:
            self.killer = f"{report.nodeid} (import)"


def _forked(job: dict[str, Any], task: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do a task in a child and give its answer; a code of -1 is a crash, -2 a timeout."""
    began = time.monotonic()
    scratch = Path("scratch").resolve()
    scratch.mkdir(exist_ok=True)
    answer = scratch / "answer.json"
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            os.environ["PYTEST_DEBUG_TEMPROOT"] = str(scratch)
            sys.dont_write_bytecode = not job.get("warm", False)
            log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(log, 1)
            os.dup2(log, 2)
            answer.write_text(json.dumps(task()), "utf-8")
        finally:
            os._exit(0)
    ended = _ends(child, began + job["timeout"])
    said = (
        {"code": -1, "killer": "the process died"} if ended else {"code": -2, "killer": "timeout"}
    )
    if ended and answer.exists():
        said = json.loads(answer.read_text("utf-8"))
    shutil.rmtree(scratch, ignore_errors=True)
    return {**said, "seconds": round(time.monotonic() - began, 2)}


def _ends(child: int, deadline: float) -> bool:
    """Wait for a child; kill it and all that it started when its time is up."""
    ended = False
    while not ended and time.monotonic() < deadline:
        ended = os.waitpid(child, os.WNOHANG)[0] != 0
        if not ended:
            time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if not ended:
        os.waitpid(child, 0)
    return ended


@contextlib.contextmanager
def _written(path: str, text: str | None) -> Iterator[None]:
    """The changed text on disk, and no compiled file that would hide it."""
    if text is None:
        yield
        return
    file = Path(path)
    before = file.read_bytes()
    for cached in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        cached.unlink()
    file.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        file.write_bytes(before)


def _fresh(job: dict[str, Any]) -> dict[str, Any]:
    for name in job.get("preload", ()):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    answer: dict[str, Any] = {"code": 0}
    with _written(job.get("path", ""), job.get("text")):
        for stage in job.get("stages", ()):
            answer = _forked(job, lambda tests=stage: _pytest(job, tests))  # type: ignore[misc]
            if answer["code"] != 0:
                break
    return answer


def _pytest(job: dict[str, Any], tests: list[str]) -> dict[str, Any]:
    killer = _Killer(job)
    try:
        code = int(pytest.main([*OPTIONS, *tests], plugins=[killer]))
    except BaseException as error:
        return {"code": 3, "killer": f"pytest: {type(error).__name__}"}
    answer: dict[str, Any] = {"code": code, "killer": killer.killer}
    if job.get("warm"):
        answer["from"] = str(sys.modules["claimcheck"].__file__)
        answer["modules"] = [name for name in sys.modules if _is_foreign(name)]
        answer["durations"] = killer.taken
    return answer


def _is_foreign(name: str) -> bool:
    path = getattr(sys.modules[name], "__file__", None) or ""
    return "site-packages" in path or path.startswith(sys.base_prefix)


class _Loaded:
    """A pytest session that runs its tests once for each job, each time in a child."""

    def __init__(self, kept: frozenset[str]) -> None:
        self.kept = kept

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for name in self.kept:
            module, _, function = name.rpartition(".")
            getattr(importlib.import_module(module), function)()
        live = swap.live_functions(str(Path("src").resolve()))
        memories = swap.memories("claimcheck", self.kept)
        gc.freeze()
        for row in sys.stdin:
            job = json.loads(row)
            found = None
            if job.get("text") is not None:
                path = Path(job["path"]).resolve()
                found = swap.find_swap(str(path), path.read_text("utf-8"), job["text"], live)
            if job.get("text") is not None and found is None:
                _tell({"code": None})
            else:
                for memory in memories:
                    memory.cache_clear()
                _tell(_forked(job, lambda job=job, found=found: _once(session, job, found)))
        return True


def _once(session: pytest.Session, job: dict[str, Any], found: swap.Swap | None) -> dict[str, Any]:
    for function in found[0] if found else ():
        function.__code__ = found[1]  # type: ignore[index]
    killer = _Killer(job)
    session.config.pluginmanager.register(killer)
    items = sorted(session.items, key=killer.order)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if killer.killer:
            return {"code": 1, "killer": killer.killer}
    return {"code": 0, "killer": "", "durations": killer.taken}


def _tell(answer: dict[str, Any]) -> None:
    _ANSWERS.write(json.dumps(answer) + "\n")


def main() -> None:
    if sys.argv[1] == "fresh":
        for row in sys.stdin:
            _tell(_fresh(json.loads(row)))
    else:
        kept = frozenset(filter(None, sys.argv[2].split(",")))
        log = os.open("log-loaded", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        pytest.main([*OPTIONS, *sys.argv[3:]], plugins=[_Loaded(kept)])


if __name__ == "__main__":
    main()
