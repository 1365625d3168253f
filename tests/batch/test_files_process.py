"""The command as a process: signals, full disks, memory."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found

from claimcheck.batch.sources import PYTHON_ROWS_AT_ONCE  # noqa: E402

from .conftest import read_findings  # noqa: E402

COMMAND = [sys.executable, "-m", "claimcheck", "batch"]
HEADER = "claim_id,code,mod1,pos,dx1\n"
DONE_STAY = b"the files that were done stay, and --resume goes on from there"


def batch(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, check=False, timeout=120, **options
    )


def write_csv(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    told = (f"CLM-{number},0252U,80,81,O03.9\n" for number in range(rows))
    path.write_text(HEADER + "".join(told))
    return path


@pytest.fixture
def inputs(tmp_path):
    """A small file, and a pipe: who reads it cannot come to an end before it is closed."""
    folder = tmp_path / "in"
    write_csv(folder / "a.csv", 1_000)
    os.mkfifo(folder / "b.csv")
    return folder


def shown(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def hears_interrupts():
    """A shell that starts the tests in the background has its programs hear no interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def running(*arguments, pipe):
    """The command in the middle of its work: it has judged some rows of a pipe and waits for more."""
    command = [*COMMAND, *map(str, arguments), "--input-format", "csv"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=hears_interrupts) as process:
        ours = opened(pipe, process)
        try:
            # It reads two pieces ahead at most, and a pipe holds few rows: whoever takes so many has
            # begun to judge and write.
            told = (
                f"CLM-{number},0252U,80,81,O03.9\n"
                for number in range(2 * PYTHON_ROWS_AT_ONCE + 10_000)
            )
            with os.fdopen(os.dup(ours), "wb") as stream:
                stream.write(HEADER.encode() + "".join(told).encode())
            yield process, lambda: os.close(ours)
        finally:
            process.kill()


def opened(pipe, process):
    """The end of a pipe to write to, once the process reads it."""
    deadline = time.monotonic() + 120
    while True:
        try:
            found = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads it yet
                raise
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline, "the process does not begin to read"
            time.sleep(0.01)
        else:
            os.set_blocking(found, True)
            return found


@pytest.mark.parametrize(
    ("sent", "code", "word"),
    [
        (signal.SIGINT, 130, b"claimcheck: interrupted; nothing was written\n"),
        (signal.SIGTERM, 143, b""),
    ],
)
def test_an_interrupt_of_one_file_leaves_nothing(inputs, tmp_path, sent, code, word):
    out = tmp_path / "out"
    out.mkdir()
    options = (inputs / "b.csv", "-o", out / "f.parquet", "--lines", out / "l.parquet")
    with running(*options, pipe=inputs / "b.csv") as (process, close):
        assert len(list(out.glob(".*.tmp"))) == 2
        process.send_signal(sent)
        close()
        assert process.wait(60) == code
        assert process.stderr.read() == word
    assert list(out.iterdir()) == []


def test_an_interrupted_job_goes_on_where_it_was(inputs, tmp_path):
    out = tmp_path / "out"
    options = (inputs / "a.csv", inputs / "b.csv", "-o", out)
    with running(*options, pipe=inputs / "b.csv") as (process, close):
        process.send_signal(signal.SIGINT)
        close()
        assert process.wait(60) == 130
        assert process.stderr.read() == b"claimcheck: interrupted; " + DONE_STAY + b"\n"
    done = ["a.csv.findings.parquet", "a.csv.summary.json"]
    assert sorted(path.name for path in out.iterdir()) == done
    before = [(out / name).stat().st_mtime_ns for name in done]
    assert b"is not empty" in batch(*options).stderr

    with running(*options, "--resume", pipe=inputs / "b.csv") as (process, close):
        process.kill()
        process.wait(60)
        close()
    assert shown(out) == done
    assert list(out.glob(".b.csv*.tmp")), "the killed process had no time to clean up"

    (inputs / "b.csv").unlink()
    write_csv(inputs / "b.csv", 50_000)
    result = batch(*options, "--resume", "--input-format", "csv")
    assert result.returncode == 1
    assert b"1 done, 1 done earlier" in result.stderr
    assert b"51,000 read: 51,000 checked, 0 rejected" in result.stderr
    assert [(out / name).stat().st_mtime_ns for name in done] == before
    assert sorted(path.name for path in out.iterdir()) == [
        *done,
        "b.csv.findings.parquet",
        "b.csv.summary.json",
    ]
    rows = pq.read_table(out / "b.csv.findings.parquet", columns=["row"])["row"]
    assert rows.to_pylist() == list(range(50_000))


def limited(size):
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_a_full_disk_leaves_nothing(tmp_path, kind):
    source = write_csv(tmp_path / "in" / "a.csv", 20_000)
    if kind == "parquet":  # findings pack well: it is the lines that do not fit
        source.write_text(source.read_text().replace("CLM-", "CLM-" + "".join(map(str, range(30)))))
    folder = tmp_path / "out"
    folder.mkdir()
    result = batch(
        source,
        *("-o", folder / f"out.{kind}", "--lines", folder / f"lines.{kind}"),
        preexec_fn=lambda: limited(50_000),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert result.returncode == 2
    assert b"cannot be written (File too large); nothing was written\n" in result.stderr
    assert list(folder.iterdir()) == []


def test_a_disk_that_fills_up_keeps_what_was_done(tmp_path):
    write_csv(tmp_path / "in" / "a.csv", 10)
    write_csv(tmp_path / "in" / "b.csv", 20_000)
    options = (tmp_path / "in", "-o", tmp_path / "out", "--format", "csv")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    result = batch(*options, preexec_fn=lambda: limited(50_000), env=environment)
    assert result.returncode == 2
    assert DONE_STAY in result.stderr
    assert shown(tmp_path / "out") == ["a.csv.findings.csv", "a.csv.summary.json"]
    again = batch(*options, "--resume")
    assert (again.returncode, b"1 done, 1 done earlier" in again.stderr) == (1, True)
    assert len(read_findings(tmp_path / "out/b.csv.findings.csv")) == 20_000


@pytest.mark.parametrize("missing", ["numpy", "pyarrow"])
def test_without_the_extra(missing, tmp_path):
    code = (
        f"import sys; sys.modules['{missing}'] = None\n"
        "from importlib import util; real = util.find_spec\n"
        f"util.find_spec = lambda name, *a: None if name == '{missing}' else real(name, *a)\n"
        "sys.argv = ['claimcheck', 'batch', 'a.csv', '-o', 'b']\n"
        "from claimcheck.cli.main import main; sys.exit(main())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=tmp_path
    )
    assert result.returncode == 2
    assert result.stderr.decode().startswith(f"claimcheck: batch needs {missing}; install it with")
    assert b'"claimcheck-lines[cli,batch]"' in result.stderr


def test_help_needs_no_extra():
    code = (
        "import sys; sys.argv = ['claimcheck', 'batch', '--help']\n"
        "from claimcheck.cli.main import main; code = main()\n"
        "heavy = {'rich', 'numpy', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy or code else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def on_terminal(arguments, **environment):
    """What the command writes to a standard error that is a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**env, "TERM": "xterm-256color", "COLUMNS": "120", **environment},
    )
    os.close(theirs)
    told = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        told += piece
    os.close(ours)
    assert process.stdout.read() == b""
    process.stdout.close()
    assert process.wait(60) == 1
    return told.decode()


def test_progress_is_shown_on_a_terminal_only(tmp_path):
    source = write_csv(tmp_path / "in" / "a.csv", 70_000)
    told = on_terminal([source, "-o", tmp_path / "out.parquet"])
    assert "rows, " in told
    assert "/s, " in told
    assert " findings" in told
    assert "70,000 read" in told
    quiet = batch(source, "-o", tmp_path / "out.parquet").stderr
    assert quiet.startswith(b"Summary\n")
    assert b"\x1b" not in quiet


def peak(path, out):
    """Peak memory of checking a file, in kilobytes."""
    code = (
        "import sys, resource; sys.argv = ['claimcheck', 'batch', sys.argv[1], '-o', sys.argv[2]]\n"
        "from claimcheck.cli.main import main; main()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(path), str(out)],
        capture_output=True,
        check=True,
        text=True,
    )
    return int(told.stdout)


def write_parquet(path, rows):
    columns = {"code": "0252U", "mod1": "59", "pos": "81", "dx1": "O03.9"}
    with pq.ParquetWriter(
        path, pa.schema([(n, pa.string()) for n in ("claim_id", *columns)])
    ) as to:
        for start in range(0, rows, 250_000):
            ids = pa.array([f"CLM-{number}" for number in range(start, start + 250_000)])
            table = {name: pa.repeat(cell, 250_000) for name, cell in columns.items()}
            to.write_table(pa.table({"claim_id": ids, **table}))
    return path


def test_memory_does_not_grow_with_the_input(tmp_path):
    # Fewer rows would not fill the pipeline of reading, judging and writing.
    few = peak(write_parquet(tmp_path / "few.parquet", 1_000_000), tmp_path / "out.parquet")
    many = peak(write_parquet(tmp_path / "many.parquet", 3_000_000), tmp_path / "out.parquet")
    assert many < few * 1.2
