"""The command as a process: pipes, signals, full disks, and how fast it starts."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "claimcheck"]
HEADER = "claim_id,code,mod1,pos,dx1\n"
ERROR = "CLM-1,0252U,80,81,O03.9\n"
needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


def claimcheck(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, check=False, timeout=120, **options
    )


@pytest.fixture
def many(tmp_path):
    path = tmp_path / "many.csv"
    rows = (f"CLM-{number},0252U,80,81,O03.9\n" for number in range(20_000))
    path.write_text(HEADER + "".join(rows))
    return path


def test_the_exit_code_of_the_process(many):
    result = claimcheck("check", many, "--format", "jsonl")
    assert result.returncode == 1
    assert result.stdout.count(b"\n") == 20_000
    assert result.stderr == b"claimcheck: 20,000 rows read: 20,000 errors\n"


def test_help_and_version():
    told = claimcheck("--help").stdout.split(b"\n")
    assert [b"check", b"Check the claim lines of a file."] in [
        line.strip().split(maxsplit=1) for line in told
    ]
    assert claimcheck("--version").stdout.startswith(b"claimcheck ")
    assert claimcheck("nonsense").returncode == 2


def test_help_of_every_command():
    for command in (
        ["check"],
        ["explain"],
        ["rules"],
        ["rules", "list"],
        ["rules", "pack"],
        ["codesets", "import"],
        ["codesets", "list"],
    ):
        result = claimcheck(*command, "--help")
        assert (result.returncode, result.stderr) == (0, b"")


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['claimcheck', '--help']\n"
        "from claimcheck.cli.main import main\n"
        "code = main()\n"
        "heavy = {'rich', 'pydantic', 'yaml', 'msgspec', 'attr'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy or code else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra(missing, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER)
    code = (
        f"import sys; sys.modules['{missing}'] = None; sys.argv = ['claimcheck', 'check', 'a.csv']\n"
        "from importlib import util; real = util.find_spec\n"
        f"util.find_spec = lambda name, *a: None if name == '{missing}' else real(name, *a)\n"
        "from claimcheck.cli.main import main; sys.exit(main())"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=tmp_path
    )
    assert result.returncode == 2
    assert b'pip install "claimcheck-lines[cli]"' in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_a_broken_pipe_ends_quietly(many, name):
    with subprocess.Popen(
        [*COMMAND, "check", str(many), "--format", name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


@needs_dev_full
@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_a_full_disk_behind_stdout(many, name):
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [*COMMAND, "check", str(many), "--format", name],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr == (
        b"claimcheck: the standard output cannot be written (No space left on device)\n"
    )


@needs_dev_full
def test_a_full_disk_behind_an_output_file(many):
    result = claimcheck("check", many, "-o", "/dev/full")
    assert result.returncode == 2
    assert result.stderr == b"claimcheck: /dev/full: cannot be written (No space left on device)\n"
    assert Path("/dev/full").is_char_device()


def test_a_file_that_grows_too_large_leaves_nothing(many, tmp_path):
    import resource

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    folder = tmp_path / "out"
    folder.mkdir()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    result = claimcheck("check", many, "-o", folder / "report", preexec_fn=limit, env=environment)
    assert result.returncode == 2
    assert result.stderr.endswith(b"cannot be written (File too large)\n")
    assert list(folder.iterdir()) == []


def test_an_output_to_nowhere_stays_nowhere(many):
    assert claimcheck("check", many, "-o", os.devnull).returncode == 1
    assert Path(os.devnull).is_char_device()


def hears_interrupts():
    """A shell that starts the tests in the background has its programs hear no interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_an_interrupt_leaves_no_output_file(tmp_path, sent, code):
    folder = tmp_path / "out"
    folder.mkdir()
    with subprocess.Popen(
        [*COMMAND, "check", "-", "-o", str(folder / "report")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hears_interrupts,
    ) as process:
        process.stdin.write((HEADER + ERROR).encode())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not list(folder.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert list(folder.iterdir()), "the output was never opened"
        time.sleep(0.2)
        process.send_signal(sent)
        assert process.wait(60) == code
        assert process.stderr.read() == b""
    assert list(folder.iterdir()) == []


def on_terminal(arguments, width, **environment):
    """What the command shows on a terminal of this width."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**env, "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    process.wait(60)
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("width", [80, 100, 160])
def test_text_fits_the_terminal(tmp_path, width):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ERROR)
    shown = on_terminal(["check", str(path)], width)
    assert "\x1b[1;31m" in shown
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, plain.splitlines())) <= width


def test_no_color_is_honoured(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(HEADER + ERROR)
    assert "\x1b" not in on_terminal(["check", str(path)], 80, NO_COLOR="1")


def test_memory_does_not_grow_with_the_input(tmp_path):
    def peak(rows):
        path = tmp_path / f"{rows}.csv"
        with path.open("w") as out:
            out.write(HEADER)
            out.writelines(f"CLM-{number},0252U,80,81,O03.9\n" for number in range(rows))
        code = (
            "import sys, resource; sys.argv = ['claimcheck', 'check', sys.argv[1], '--format',"
            " 'jsonl', '-o', '/dev/null']\n"
            "from claimcheck.cli.main import main; main()\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        told = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, check=True, text=True
        )
        return int(told.stdout)

    assert peak(60_000) < peak(2_000) * 1.25
