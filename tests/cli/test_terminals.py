"""A terminal that cannot show every character, arguments that are no text, and a process with little address space."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ASCII = [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]


def dnacorpus(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dnacorpus", *map(str, arguments)]
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8", env=env)


@pytest.mark.parametrize(
    ("environment", "arguments", "expected"),
    [
        (ASCII[0], ["where", "{}", "Zea maïs … \U0001f33d"], "Zea ma\\u00efs \\u2026 \\ud83c\\udf3d"),
        (ASCII[0], ["verify", "kein Ordner ä"], "kein Ordner \\u00e4/manifest.json"),
        (ASCII[1], ["where", "{}", "Zea maïs"], "expected characters of the locale; set PYTHONUTF8=1"),
        (ASCII[1], ["where", "--help"], "example: dnacorpus where"),
    ],
)
def test_what_an_ascii_terminal_cannot_show_is_an_escape(
    built: Path, environment: dict[str, str], arguments: list[str], expected: str
) -> None:
    done = dnacorpus(*(argument.replace("{}", str(built / "dataset")) for argument in arguments), **environment)
    shown = done.stdout + done.stderr
    assert done.returncode in {0, 2}, shown
    assert "Traceback" not in shown
    assert shown.isascii()
    assert expected in shown


def test_json_on_an_ascii_terminal_is_json(built: Path) -> None:
    done = dnacorpus("where", built / "dataset", "Zea maïs \U0001f33d", "--json", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["query"] == "Zea maïs \U0001f33d"


def test_an_argument_that_is_not_utf_8_is_one_line(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/o\xff")
    done = dnacorpus("documents", tmp_path, "--out", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert r"o\udcff': expected UTF-8, found other bytes; rename the file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_gigabytes_of_address_space_are_enough(built: Path, tmp_path: Path) -> None:
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2_000_000 << 10, 2_000_000 << 10))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "from dnacorpus.__main__ import main\n"
        "sys.exit(main())\n"
    )
    for verb in (["verify", built / "dataset"], ["report", built / "dataset", "--out", tmp_path / "report"]):
        command = [sys.executable, "-c", script, *map(str, verb)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
