"""Two runs of one build: the second stops and names the first."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.smallrelease import small_release
from support.workflow import snakemake

pytestmark = pytest.mark.workflow

HOLD = """
import sys, time
from pathlib import Path
from dnacorpus.storage.lock import take
assert take(Path(sys.argv[1]))[0] is not None
print("held", flush=True)
time.sleep(600)
"""
ONE = ("mirror", "t", "[plant]", 1)
CATALOG = "results/t/catalog/plant.tsv"


def test_a_second_run_of_a_name_stops_and_names_the_first(tmp_path: Path) -> None:
    small_release(tmp_path / "mirror")
    folder = tmp_path / "results" / "t"
    with subprocess.Popen([sys.executable, "-c", HOLD, folder], stdout=subprocess.PIPE, text=True) as first:
        try:
            assert first.stdout.readline() == "held\n"
            second = snakemake(tmp_path, *ONE, "--", CATALOG)
            assert second.returncode == 1
            assert f"results/t: process {first.pid} on " in second.stdout
            assert "is running this build; wait for it to end" in second.stdout
            assert not (tmp_path / CATALOG).exists()
            assert snakemake(tmp_path, *ONE, "--dry-run", "--", CATALOG).returncode == 0
        finally:
            first.send_signal(signal.SIGKILL)
    after = snakemake(tmp_path, *ONE, "--", CATALOG)
    assert after.returncode == 0, after.stdout
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["config.yaml"]
