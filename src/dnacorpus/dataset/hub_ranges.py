"""One range request for a file in a dataset repository on the Hub."""

from huggingface_hub import constants, hf_hub_url
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import get_session, hf_raise_for_status


def byte_range(endpoint: str, repo: str, path: str, commit: str, span: tuple[int, int]) -> bytes:
    """Return the bytes of a file in a half-open span.

    A server may ignore the range and send the whole file. Raises what the client raises, and OSError if the number of
    bytes is wrong; `Hub` turns both into RemoteError.
    """
    start, end = span
    address = hf_hub_url(repo, path, repo_type="dataset", revision=commit, endpoint=endpoint)
    # With a content encoding, the range would be one of the compressed bytes.
    headers = build_hf_headers() | {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
    response = get_session().get(
        address, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT, follow_redirects=True
    )
    hf_raise_for_status(response)
    content = bytes(response.content)
    if response.status_code != 206:
        content = content[start:end]
    if len(content) != end - start:
        raise OSError(f"expected {end - start:,} bytes, found {len(content):,}")
    return content
