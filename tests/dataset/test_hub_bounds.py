import pytest
from huggingface_hub.utils import get_session
from support.servers.hub import HubServer

from dnacorpus.dataset.hub import Hub
from dnacorpus.dataset.hub_bounds import file_of
from dnacorpus.errors import RemoteError

REPO = "tester/corpus"


@pytest.fixture
def hub(hub_server: HubServer) -> HubServer:
    hub_server.put(REPO, {"small": b"ACGT", "api/small": b"ACGT"})
    return hub_server


def test_an_answer_of_the_api_may_be_longer_than_the_file_that_is_downloaded(hub: HubServer) -> None:
    head = Hub(REPO).head()
    with file_of(4):
        answer = get_session().get(f"{hub.url}/api/datasets/{REPO}/revision/{head.commit}")
    assert len(answer.content) > 4
    assert answer.json()["sha"] == head.commit


@pytest.mark.parametrize("path", ["small", "api/small"])
def test_a_file_may_not(hub: HubServer, path: str) -> None:
    head = Hub(REPO).head()
    with file_of(3), pytest.raises(RemoteError, match="expected 3 bytes, found"):
        get_session().get(f"{hub.url}/datasets/{REPO}/resolve/{head.commit}/{path}")


def test_the_api_of_an_endpoint_with_a_path_is_below_that_path(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    Hub(REPO)
    monkeypatch.setenv("HF_ENDPOINT", f"{hub.url}/datasets/")
    with file_of(4), pytest.raises(RemoteError, match="expected 4 bytes, found more"):
        get_session().get(f"{hub.url}/api/datasets/{REPO}")
