"""Where papers come from."""

import pytest

from dnacorpus.errors import UsageError
from dnacorpus.papers.source import SERVICES, resolve_source


def test_where_papers_come_from(tmp_path, caplog):
    assert resolve_source("none", str(tmp_path)) is None
    assert resolve_source("auto", str(tmp_path)) is None
    assert "no papers" in caplog.text
    (tmp_path / "papers").mkdir()
    assert resolve_source("auto", str(tmp_path)) == tmp_path / "papers"
    assert resolve_source("auto", "https://ftp.ncbi.nlm.nih.gov/refseq/release/") == SERVICES
    assert resolve_source("auto", "https://mirror.example.org/refseq/release/") is None
    assert resolve_source("ncbi", str(tmp_path)) == SERVICES
    assert resolve_source(str(tmp_path), "anywhere") == tmp_path
    with pytest.raises(UsageError, match=r"papers\.source .*/nowhere: expected a directory"):
        resolve_source(str(tmp_path / "nowhere"), str(tmp_path))
