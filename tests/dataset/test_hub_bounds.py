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


@pytest.mark.parametrize("header", ["ETag", "X-Linked-Etag"])
@pytest.mark.parametrize("value", ['"x/../../y"', "../y", '".y"', '"a b"', "a" * 300, '"a\\y"'])
def test_an_etag_that_is_no_part_of_a_file_name_is_refused(hub: HubServer, header: str, value: str) -> None:
    Hub(REPO)
    hub.fault("/resolve/", status=200, headers={header: value}, times=1)
    with pytest.raises(RemoteError, match=f"expected a plain {header}"):
        get_session().get(f"{hub.url}/datasets/{REPO}/resolve/main/small")


@pytest.mark.parametrize("value", ['"0c3f-1"', 'W/"abc=="', "0123abcd", ""])
def test_usual_etags_are_accepted(hub: HubServer, value: str) -> None:
    Hub(REPO)
    hub.fault("/resolve/", status=200, headers={"ETag": value}, times=1)
    assert get_session().get(f"{hub.url}/datasets/{REPO}/resolve/main/small").status_code == 200


@pytest.mark.parametrize(
    "answer", [b"null", b"[]", b'"x"', b"{}", b"5", b'{"sha": 5}', b'{"sha": "a", "siblings": [5]}']
)
def test_an_answer_of_another_form_is_one_line(hub: HubServer, answer: bytes) -> None:
    hub.fault(f"/api/datasets/{REPO}", status=200, body=answer, times=9)
    with pytest.raises(RemoteError, match="expected an answer of the Hub"):
        Hub(REPO).head()


@pytest.mark.parametrize(
    "answer", [b"[5]", b'[{"type": "file"}]', b"null", b'[{"type": "file", "path": "small", "size": "x", "oid": "a"}]']
)
def test_a_list_of_files_of_another_form_is_one_line(hub: HubServer, answer: bytes) -> None:
    commit = Hub(REPO).head().commit
    hub.fault("/paths-info/", method="POST", status=200, body=answer, times=9)
    with pytest.raises(RemoteError, match="expected an answer of the Hub"):
        Hub(REPO).file("small", commit)
