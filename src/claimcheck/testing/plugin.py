"""The pytest plugin. It is loaded by every run of pytest where claimcheck is installed, so it is small.

Everything that costs is imported when it is first needed: a run that does not use the plugin loads
this module, and nothing else of claimcheck.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from claimcheck.testing.current import enter, leave

if TYPE_CHECKING:
    from claimcheck.line import ClaimLine
    from claimcheck.testing.items import ClaimFile
    from claimcheck.testing.run import CountingChecker, Run

_RUN = pytest.StashKey["Run"]()
_FILES = pytest.StashKey[frozenset[str]]()
_LOST = pytest.StashKey[int]()
_OUTPUT = "claimcheck"

_INI = (
    ("rules", "paths", "folders or packs of rules on top of the bundled ones"),
    ("payer", "string", "payer of lines that name none"),
    ("fail_on", "string", "severity from which the line of a file fails: error, warning or never"),
    ("config", "string", "settings file; default: the nearest claimcheck.toml or pyproject.toml"),
    ("data", "string", "folder of imported code sets"),
    ("baseline", "string", "file of known findings, which are not told"),
    ("files", "args", "files whose claim lines are tests, for example tests/claims/*.jsonl"),
)


def _coverage_option(text: str) -> str:
    if text == "text" or (text.startswith("html:") and text != "html:"):
        return text
    from argparse import ArgumentTypeError

    raise ArgumentTypeError("is text or html:PATH; write --claimcheck-coverage=text before a path")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.getgroup("claimcheck").addoption(
        "--claimcheck-coverage",
        nargs="?",
        const="text",
        type=_coverage_option,
        metavar="text|html:PATH",
        help="Tell which entries of the rule set the lines of this run exercised.",
    )
    for name, kind, told in _INI:
        default: Any = [] if kind in ("paths", "args") else ""
        parser.addini(f"claimcheck_{name}", told, kind, default)  # type: ignore[arg-type]


def pytest_configure(config: pytest.Config) -> None:
    """Let the assertions find this run."""
    config.addinivalue_line(
        "markers",
        "claim_lines(*patterns): run the test once for each line of files, given as claim_line",
    )
    run = partial(run_of, config)
    enter(run)
    config.add_cleanup(partial(leave, run))
    asked: str | None = config.getoption("claimcheck_coverage")
    is_worker = hasattr(config, "workerinput")  # of xdist: the controller writes the page
    if asked is not None and asked != "text" and not is_worker:
        _refuse_unwritable(asked.partition(":")[2], config.invocation_params.dir)


def _refuse_unwritable(name: str, folder: Path) -> None:
    """Say before the run that the page of rule coverage could not be written after it.

    Raises:
        UsageError: its folder is not there or may not be written, or jinja2 is not there.
    """
    import os
    from importlib.util import find_spec

    page, cause = folder / name, None
    if not page.parent.is_dir():
        cause = "its folder is not there; make it first"
    elif page.is_dir():
        cause = "it is a folder; name a file"
    elif not os.access(page.parent, os.W_OK):
        cause = "its folder may not be written"
    elif find_spec("jinja2") is None:
        cause = 'html needs jinja2; install it with: pip install "claimcheck-lines[html]"'
    if cause is not None:
        raise pytest.UsageError(f"--claimcheck-coverage: {name} cannot be written: {cause}")


def run_of(config: pytest.Config) -> Run:
    """What is known of a run of pytest; made when it is first asked for."""
    run = config.stash.get(_RUN, None)
    if run is None:
        from claimcheck.testing.run import Run, Settings

        text = {name: config.getini(f"claimcheck_{name}") for name, *_ in _INI}
        folder = _folder(config)
        settings = Settings(
            folder=config.rootpath,
            rules=tuple(text["rules"]),
            payer=text["payer"] or None,
            fail_on=text["fail_on"] or None,
            config=folder / text["config"] if text["config"] else None,
            data=folder / text["data"] if text["data"] else None,
            baseline=folder / text["baseline"] if text["baseline"] else None,
            measures=config.getoption("claimcheck_coverage") is not None,
        )
        run = config.stash[_RUN] = Run(settings)
    return run


def _folder(config: pytest.Config) -> Path:
    """The folder from which paths in the settings start: that of the ini file."""
    return config.rootpath if config.inipath is None else config.inipath.parent


# --- the checker --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def claimcheck_checker(pytestconfig: pytest.Config) -> CountingChecker:
    """The checker that the ini options and ``[tool.claimcheck]`` make; the run counts its lines."""
    from claimcheck.errors import ClaimcheckError

    try:
        return run_of(pytestconfig).checker
    except ClaimcheckError as error:
        message = str(error)
    pytest.fail(message, pytrace=False)


# --- files of claim lines -----------------------------------------------------------------------


def _matching(config: pytest.Config, pattern: str) -> list[Path]:
    """The files that a pattern names; one that is no whole path starts at the folder of the ini file."""
    import glob
    import os

    whole = os.path.join(_folder(config), pattern)
    if os.path.isfile(whole):  # a name may have signs that would mean something in a pattern
        return [Path(whole)]
    start = "" if os.path.isabs(pattern) else f"{glob.escape(str(_folder(config)))}/"
    found = sorted(glob.glob(f"{start}{pattern}", recursive=True))
    return [path for path in map(Path, found) if path.is_file()]


def _claim_files(config: pytest.Config) -> frozenset[str]:
    """The real paths of the files of ``claimcheck_files``, looked for once.

    Raises:
        UsageError: a pattern names none, which is a mistake.
    """
    files = config.stash.get(_FILES, None)
    if files is None:
        import os

        found: set[str] = set()
        for pattern in config.getini("claimcheck_files"):
            matching = _matching(config, pattern)
            if not matching:
                raise pytest.UsageError(f"claimcheck_files: no file matches {pattern}")
            found.update(os.path.realpath(file) for file in matching)
        files = config.stash[_FILES] = frozenset(found)
    return files


def pytest_sessionstart(session: pytest.Session) -> None:
    """Find the files of ``claimcheck_files``, before anything is collected."""
    _claim_files(session.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ClaimFile | None:
    """Collect a file of ``claimcheck_files``."""
    files = _claim_files(parent.config)
    if not files:
        return None
    import os

    if os.path.realpath(file_path) not in files:
        return None
    from claimcheck.testing.items import ClaimFile

    return ClaimFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Refuse the mark ``claim_lines`` in a ``unittest.TestCase``, to which pytest gives no arguments.

    Raises:
        CollectError: a test there has it.
    """
    import sys

    unittest = sys.modules.get("unittest")  # without it there is no such class
    if unittest is None or not isinstance(obj, type) or not issubclass(obj, unittest.TestCase):
        return
    tests = [each for each in dir(obj) if each.startswith("test")]
    if not tests or not getattr(obj, "__test__", True):
        return
    marked = [each for each in tests if _marked(getattr(obj, each))]
    if marked or _marked(obj) or any(collector.iter_markers("claim_lines")):
        which = f"{name}.{marked[0]}" if marked else name
        raise pytest.Collector.CollectError(
            f"{which} has the mark claim_lines, which gives no lines to tests of unittest; write the "
            "test as a function or in a plain class"
        )


def _marked(thing: object) -> bool:
    marks = getattr(thing, "pytestmark", ())
    marks = marks if isinstance(marks, list | tuple) else (marks,)
    return any(getattr(mark, "name", "") == "claim_lines" for mark in marks)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test with the mark ``claim_lines`` each line of its files."""
    marks = list(metafunc.definition.iter_markers("claim_lines"))
    if not marks:
        return
    if "claim_line" not in metafunc.fixturenames:
        raise _refused(metafunc, "has the mark claim_lines, and no argument claim_line")
    patterns = [str(pattern) for mark in marks for pattern in mark.args]
    if not patterns:
        raise _refused(metafunc, 'names no file in claim_lines; write claim_lines("tests/x.jsonl")')
    from claimcheck.testing.items import cases_of

    lines: list[ClaimLine] = []
    names: list[str] = []
    for pattern in patterns:
        files = _matching(metafunc.config, pattern)
        if not files:
            raise _refused(metafunc, f"has claim_lines: no file matches {pattern}")
        for file in files:
            for case in cases_of(file):
                if case.line is None:
                    told = f"has claim_lines: {case.where(file.name)}: {case.problem}"
                    raise _refused(metafunc, told)
                lines.append(case.line)
                names.append(f"{file.name}:{case.name}")
    metafunc.parametrize("claim_line", lines, ids=names)


def _refused(metafunc: pytest.Metafunc, cause: str) -> pytest.Collector.CollectError:
    return pytest.Collector.CollectError(f"{metafunc.function.__name__} {cause}")


@pytest.fixture
def claim_line() -> ClaimLine:
    """One line of the files that the mark ``claim_lines`` names."""
    pytest.fail("claim_line needs the mark claim_lines, which names its files", pytrace=False)


# --- what was checked ---------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Take stock; a worker of xdist sends it to the controller."""
    run = session.config.stash.get(_RUN, None)
    if run is None:
        return
    run.close()
    output: dict[str, str] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_OUTPUT] = run.as_json()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Add what a worker of xdist has checked."""
    output: dict[str, str] | None = getattr(node, "workeroutput", None)
    if output is None:
        node.config.stash[_LOST] = node.config.stash.get(_LOST, 0) + 1
    elif _OUTPUT in output:
        run_of(node.config).merge(output[_OUTPUT])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what was checked, if anything was."""
    run = config.stash.get(_RUN, None)
    asked: str | None = config.getoption("claimcheck_coverage")
    if run is None or not run.counts:
        if asked is not None:
            terminalreporter.write_line("claimcheck: no line was checked; no rule was exercised")
        return
    run.counts.lost = config.stash.get(_LOST, 0)
    verbosity = config.get_verbosity()
    if verbosity < 0:
        if verbosity > -2:
            terminalreporter.write_line(run.counts.brief())
    else:
        terminalreporter.write_sep("-", "claimcheck")
        for row in run.counts.told():
            terminalreporter.write_line(row)
        if run.lacks_tables:
            terminalreporter.write_line(
                "national tables: none is imported in the folder of claimcheck_data"
            )
    if asked is not None:
        for row in run.coverage_told(asked, config.invocation_params.dir):
            terminalreporter.write_line(row)
