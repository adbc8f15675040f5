"""Progress: lines in the log where there is no terminal, with what is done and how fast."""

import threading

import pytest

from dnacorpus.storage import progress
from dnacorpus.storage.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> list[float]:
    """The time that tqdm sees, to be set by the test."""
    now = [0.0]
    caplog.set_level("INFO")
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    monkeypatch.setattr("tqdm.std.tqdm.monitor_interval", 0)
    return now


def test_lines_come_at_intervals_with_rate_and_time_left(clock, caplog) -> None:
    transfer = Progress("org/name: sending", 4, 4_000_000)
    for clock[0] in (1.0, 2.0 * progress.INTERVAL, 2.0 * progress.INTERVAL + 1, 40.0):
        transfer.advance(1, 1_000_000)
    assert caplog.messages == [
        "org/name: sending: 0.00 of 4.00M [00:00<?, ?B/s]",
        "org/name: sending: 2.00M of 4.00M [00:10<00:10, 200kB/s, 2 of 4 files]",
        "org/name: sending: 4.00M of 4.00M [00:40<00:00, 100kB/s, 4 of 4 files]",
    ]


def test_bytes_of_an_earlier_process_do_not_count_for_the_rate(clock, caplog) -> None:
    transfer = Progress("viral.1", 1, 4_000_000)
    transfer.resume("viral.1.genomic.gbff.gz", 2_000_000)
    clock[0] = 10.0
    transfer.advance(0, 1_000_000)
    assert caplog.messages == [
        "viral.1: 0.00 of 4.00M [00:00<?, ?B/s]",
        "viral.1: viral.1.genomic.gbff.gz: 2.0 MB already here",
        "viral.1: 3.00M of 4.00M [00:10<00:10, 100kB/s, 0 of 1 file]",
    ]


def test_discarded_bytes_are_taken_back(clock, caplog) -> None:
    transfer = Progress("viral.1", 1, 4_000_000)
    for clock[0], amount in ((10.0, 1_000_000), (20.0, -1_000_000), (30.0, 2_000_000)):
        transfer.advance(0, amount)
    clock[0] = 40.0
    transfer.advance(1, 2_000_000)
    assert [line.partition(" of ")[0] for line in caplog.messages[1:]] == [
        "viral.1: 1.00M", "viral.1: 2.00M", "viral.1: 4.00M",
    ]  # fmt: skip


def test_files_of_unknown_size(clock, caplog) -> None:
    transfer = Progress("viral.1", 2, 0)
    clock[0] = progress.INTERVAL
    transfer.advance(0, 1_000_000)
    assert caplog.messages[1:] == ["viral.1: 1.00M of ? [00:05<00:00, 200kB/s, 0 of 2 files]"]


def test_things_without_bytes(clock, caplog) -> None:
    transfer = Progress("PubMed", 2000, None, unit="paper")
    for clock[0] in (progress.INTERVAL, progress.INTERVAL + 1, 12.0):
        transfer.advance(500 if clock[0] < 12 else 1000, 0)
    assert caplog.messages == [
        "PubMed: 0 of 2000 [00:00<?, ? papers/s]",
        "PubMed: 500 of 2000 [00:05<00:15, 100.00 papers/s]",
        "PubMed: 2000 of 2000 [00:12<00:00, 166.67 papers/s]",
    ]


def test_nothing_to_do_logs_nothing(clock, caplog) -> None:
    Progress("sending", 0, 0)
    assert caplog.messages == []


def test_an_empty_file_in_no_time(clock, caplog) -> None:
    Progress("sending", 1, 0).advance(1, 0)
    assert len(caplog.messages) == 2
    assert caplog.messages[1].endswith("1 of 1 file]")


def test_threads_lose_no_byte(clock, caplog) -> None:
    transfer = Progress("sending", 1, 8000)
    threads = [threading.Thread(target=lambda: [transfer.advance(0, 1) for _ in range(1000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transfer.advance(1, 0)
    assert "8.00k of 8.00k" in caplog.messages[-1]
