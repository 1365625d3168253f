"""The mutation test of the checks and the rule sets: change the code, and see whether a test fails.

Usage: python tests/mutation/run.py --out FOLDER [--module checks/code.py ...] [--sample N] [--seed N]
       [--survivors results.jsonl] [--skip results.jsonl] [--way usual|fresh|quick]

Works on copies of the tree in a temporary folder, one for each worker; the checkout stays as it is.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import fnmatch
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor

sys.path.insert(0, str(Path(__file__).parent))
from operators import OPERATORS, is_skipped

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src") / "claimcheck"
COPIED = ("src", "rules", "tests", "docs", "pyproject.toml", "README.md", "CHANGELOG.md")
COPIED += ("CONTRIBUTING.md", "LICENSE", "NOTICE", ".mkdocs.yml")


@attrs.frozen
class Mutant:
    """One change. Its id names module, definition, operator and a number: it outlives other edits."""

    id: str
    module: str
    operator: str
    occurrence: int
    line: int


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module."""
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in OPERATORS.items():
        occurrence, numbers = 0, Counter[str]()
        for node in nodes:
            for start, _ in operator.mutation_positions(node):
                if not is_skipped(node):
                    where = _definition(node)
                    id_ = f"{module}:{where}:{name}:{numbers[where]}"
                    numbers[where] += 1
                    yield Mutant(id_, module, name, occurrence, start[0])
                occurrence += 1


def _definition(node: Any) -> str:
    names = []
    while node is not None:
        if node.type in ("funcdef", "classdef"):
            names.append(node.name.value)
        node = node.parent
    return ".".join(reversed(names)) or "module"


def changed(source: str, mutant: Mutant) -> str | None:
    """The module with the change; None if that is no Python, or no other program."""
    text = MutationVisitor.mutate_code(source, OPERATORS[mutant.operator], mutant.occurrence)
    try:
        same = text is None or ast.dump(ast.parse(text)) == ast.dump(ast.parse(source))
    except SyntaxError:
        return None
    return None if same else text


def chosen(config: dict[str, Any], options: argparse.Namespace) -> list[Mutant]:
    """The mutants to run: all of a module, or a random sample that the seed decides."""
    only = {row["id"] for path in options.survivors for row in _rows(path) if not row["killed"]}
    skip = {row["id"] for path in options.skip for row in _rows(path)}
    found = []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        module = path.relative_to(ROOT / PACKAGE).as_posix()
        if _group(config, module) is None or not _wanted(module, options.module):
            continue
        mutants = list(mutants_of(module, path.read_text("utf-8")))
        if only:
            found += [mutant for mutant in mutants if mutant.id in only]
        else:
            random.Random(f"{options.seed} {module}").shuffle(mutants)
            found += [mutant for mutant in mutants[: options.sample] if mutant.id not in skip]
    random.Random(options.seed).shuffle(found)
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(row) for row in path.read_text("utf-8").splitlines()]


def _wanted(module: str, patterns: list[str]) -> bool:
    return not patterns or any(fnmatch.fnmatch(module, pattern) for pattern in patterns)


def _group(config: dict[str, Any], module: str) -> dict[str, Any] | None:
    return next((g for g in config["group"] if _wanted(module, g["modules"])), None)


class Worker:
    """A copy of the tree, and the processes that run tests in it."""

    def __init__(self, folder: Path, timeout: float) -> None:
        self.folder = folder
        self.timeout = timeout
        folder.mkdir()
        for name in COPIED:
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, folder / name, ignore=ignored)
            elif (ROOT / name).exists():
                shutil.copy(ROOT / name, folder / name)
        self.fresh = self._start("fresh")
        self.loaded: subprocess.Popen[str] | None = None
        self.durations: dict[str, float] = {}

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CLAIMCHECK_DATA": str(self.folder / "no-data"),
        }
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py")), *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, process: subprocess.Popen[str], **job: Any) -> dict[str, Any]:
        """Run a job and wait for its answer."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"timeout": self.timeout, **job}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())  # type: ignore[no-any-return]

    def begin(self, group: dict[str, Any]) -> None:
        """Run a group's tests on the code as it is: they must pass, and what they import is kept."""
        self.close(self.loaded)
        for stage in group["stages"]:
            answer = self.ask(self.fresh, stages=[stage], timeout=600, warm=True)
            self._must_pass(answer, stage)
            if not answer["from"].startswith(str(self.folder)):
                raise SystemExit(f"the tests import {answer['from']}, not the copy")
            self.durations |= answer["durations"]
            self.ask(self.fresh, preload=answer["modules"])
        self.loaded = self._start("loaded", ",".join(group["kept"]), *group["stages"][0])
        answer = self.ask(self.loaded, timeout=600)
        self._must_pass(answer, group["stages"][0])
        print(f"{answer['seconds']:.1f} s for a mutant that survives stage 1", file=sys.stderr)

    def _must_pass(self, answer: dict[str, Any], stage: list[str]) -> None:
        if answer["code"] != 0:
            log = (self.folder / "log").read_text("utf-8")
            raise SystemExit(f"{stage} fails on unchanged code: {answer}\n{log}")

    def judge(
        self, mutant: Mutant, group: dict[str, Any], killers: Counter[str], way: str
    ) -> dict[str, Any] | None:
        """Run the tests against one mutant; None if the change makes no other program."""
        path = PACKAGE / mutant.module
        source = (self.folder / path).read_text("utf-8")
        text = changed(source, mutant)
        if text is None or self.loaded is None:
            return None
        job: dict[str, Any] = {"path": str(path), "text": text, "durations": self.durations}
        job["about"] = mutant.id.split(":")[1].split(".")[-1].strip("_").replace("_", "-")
        job["first"] = [name for name, _ in killers.most_common(40)]
        answer: dict[str, Any] = {"code": None}
        if way != "fresh":
            answer = self.ask(self.loaded, **job)
        swapped = answer["code"] is not None
        if answer["code"] is None or (answer["code"] == 0 and way != "quick"):
            stages = group["stages"][: 1 if way == "quick" else None]
            answer = self.ask(self.fresh, stages=stages, **job)
        if answer["code"] > 0 and "(import)" not in answer["killer"]:
            killers[answer["killer"]] += 1
        diff = difflib.unified_diff(source.split("\n"), text.split("\n"), lineterm="", n=0)
        return {
            **attrs.asdict(mutant),
            "killed": answer["code"] != 0,
            "timeout": answer["code"] == -2,
            "killer": answer["killer"],
            "swapped": swapped,
            "seconds": answer["seconds"],
            "diff": [row for row in diff if not row.startswith(("---", "+++", "@@"))],
        }

    def close(self, process: subprocess.Popen[str] | None) -> None:
        """Let a process end."""
        if process is not None:
            process.communicate()


def run(config: dict[str, Any], mutants: list[Mutant], out: Path, way: str) -> list[dict[str, Any]]:
    """Run all mutants, group by group; each outcome is written as soon as it is known."""
    rows: list[dict[str, Any]] = []
    killers: dict[str, Counter[str]] = defaultdict(Counter)
    lock = threading.Lock()

    def work(worker: Worker, group: dict[str, Any], waiting: queue.SimpleQueue[Mutant]) -> None:
        worker.begin(group)
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            row = worker.judge(mutant, group, killers[mutant.module], way)
            if row is None:
                continue
            with lock:
                rows.append(row)
                with out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
                if len(rows) % 50 == 0:
                    alive = sum(not row["killed"] for row in rows)
                    print(f"{len(rows)} of {len(mutants)}, {alive} survived", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="claimcheck-mutation-") as folder:
        count, timeout = config["run"]["workers"], config["run"]["timeout"]
        workers = [Worker(Path(folder) / str(number), timeout) for number in range(count)]
        for group in config["group"]:
            waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
            for mutant in mutants:
                if _wanted(mutant.module, group["modules"]):
                    waiting.put(mutant)
            if waiting.empty():
                continue
            with ThreadPoolExecutor(count) as pool:
                done = [pool.submit(work, worker, group, waiting) for worker in workers]
                for future in done:
                    future.result()
        for worker in workers:
            worker.close(worker.loaded)
            worker.close(worker.fresh)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Mutants, killed, timed out, survived and the share of the killed, by module."""
    by_module: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_module[row["module"]].append(row)
    by_module = {**dict(sorted(by_module.items())), "all": rows}
    head = ["| module | mutants | killed | of these timed out | survived | killed, % |"]
    head.append("|---|---|---|---|---|---|")
    for module, mine in by_module.items():
        killed, late = sum(r["killed"] for r in mine), sum(r["timeout"] for r in mine)
        share = 100 * killed / len(mine) if mine else 100
        head.append(
            f"| {module} | {len(mine)} | {killed} | {late} | {len(mine) - killed} | {share:.1f} |"
        )
    return "\n".join(head)


def merged(paths: list[Path]) -> list[dict[str, Any]]:
    """The last outcome of every mutant that still is one; files in the order of their making."""
    rows = {row["id"]: row for path in paths for row in _rows(path)}
    known = set()
    for module in sorted({row["module"] for row in rows.values()}):
        source = (ROOT / PACKAGE / module).read_text("utf-8")
        known |= {mutant.id for mutant in mutants_of(module, source)}
    return [row for id_, row in rows.items() if id_ in known]


def main() -> None:
    config = tomllib.loads(Path(__file__).with_name("mutation.toml").read_text("utf-8"))
    parser = argparse.ArgumentParser(description="Change the code and see whether a test fails.")
    parser.add_argument("--out", type=Path, help="folder for the results")
    parser.add_argument("--table", type=Path, nargs="+", help="run nothing, count these results")
    parser.add_argument("--module", action="append", default=[], help="checks/code.py, ruleset/*")
    parser.add_argument("--sample", type=int, default=config["run"]["sample"])
    parser.add_argument("--seed", type=int, default=config["run"]["seed"])
    parser.add_argument("--survivors", type=Path, action="append", default=[], help="only these")
    parser.add_argument("--skip", type=Path, action="append", default=[], help="not these again")
    parser.add_argument(
        "--way",
        choices=("usual", "fresh", "quick"),
        default="usual",
        help="fresh: never swap a function; quick: stage 1 alone, to see where tests are wanted",
    )
    options = parser.parse_args()
    if options.table:
        print(table(merged(options.table)))
        return
    if options.out is None:
        parser.error("--out is missing")
    slow = [f"--deselect={test}" for test in config["run"]["slow"]]
    for group in config["group"]:
        group["stages"] = [[*slow, *stage] for stage in group["stages"]]
    options.out.mkdir(parents=True, exist_ok=True)
    results = options.out / "results.jsonl"
    if results.exists():
        raise SystemExit(f"{results} exists; give another folder")
    rows = run(config, chosen(config, options), results, options.way)
    print(table(rows))


if __name__ == "__main__":
    main()
