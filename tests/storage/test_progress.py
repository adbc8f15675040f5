"""Lines of progress: when they are logged, and what they state."""

import pytest

from dnacorpus.storage.progress import INTERVAL, Progress, duration, size


def test_lines_come_at_intervals_with_rate_and_time_left(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    times = iter([0.0, 1.0, 2.0 * INTERVAL, 2.0 * INTERVAL + 1, 40.0])
    progress = Progress("org/name: sending", 4, 4_000_000, lambda: next(times))
    for _ in range(4):
        progress.advance(1, 1_000_000)
    assert caplog.messages == [
        "org/name: sending: 4.0 MB in 4 files",
        "org/name: sending: 2 of 4 files, 2.0 MB of 4.0 MB, 200.0 kB/s, 0:10 left",
        "org/name: sending: 4 of 4 files, 4.0 MB of 4.0 MB, 100.0 kB/s",
    ]


def test_resumed_bytes_do_not_count_for_the_rate(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    times = iter([0.0, INTERVAL, 2 * INTERVAL, 3 * INTERVAL])
    progress = Progress("viral.1", 1, 4_000_000, lambda: next(times))
    progress.resume("viral.1.genomic.gbff.gz", 2_000_000)
    progress.advance(0, 1_000_000)
    progress.advance(0, -3_000_000)  # the server has another version: from the start
    progress.advance(1, 4_000_000)
    assert caplog.messages == [
        "viral.1: 4.0 MB in 1 file",
        "viral.1: viral.1.genomic.gbff.gz: 2.0 MB already here",
        "viral.1: 0 of 1 file, 3.0 MB of 4.0 MB, 200.0 kB/s, 0:05 left",
        "viral.1: 0 of 1 file, 0 B of 4.0 MB, 100.0 kB/s, 0:40 left",
        "viral.1: 1 of 1 file, 4.0 MB of 4.0 MB, 333.3 kB/s",
    ]


def test_more_bytes_than_announced(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    times = iter([0.0, INTERVAL])
    Progress("viral.1", 2, 0, lambda: next(times)).advance(0, 1_000_000)
    assert caplog.messages[1:] == ["viral.1: 0 of 2 files, 1.0 MB, 200.0 kB/s"]


def test_units_without_bytes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    times = iter([0.0, INTERVAL, INTERVAL + 1, 12.0])
    progress = Progress("PubMed", 2000, None, lambda: next(times), unit="paper")
    for papers in (500, 500, 1000):
        progress.advance(papers, 0)
    assert caplog.messages == [
        "PubMed: 2,000 papers",
        "PubMed: 500 of 2,000 papers, 0:15 left",
        "PubMed: 2,000 of 2,000 papers",
    ]


def test_nothing_to_do_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    Progress("sending", 0, 0)
    assert caplog.messages == []


def test_empty_files_and_zero_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    progress = Progress("sending", 1, 0, lambda: 0.0)
    progress.advance(1, 0)
    assert caplog.messages == ["sending: 0 B in 1 file", "sending: 1 of 1 file, 0 B of 0 B, 0 B/s"]


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (19_504_918, "19.5 MB"), (1.1e12, "1.1 TB")]
)
def test_size(amount: float, text: str) -> None:
    assert size(amount) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (125, "2:05"), (3599, "59:59"), (11100, "3 h 05 min")])
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
