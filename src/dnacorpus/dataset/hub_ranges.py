"""Some bytes of a file in a dataset repository on the Hub, by one range request."""

from huggingface_hub import constants, hf_hub_url
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import get_session, hf_raise_for_status


def byte_range(endpoint: str, repo: str, path: str, commit: str, span: tuple[int, int]) -> bytes:
    """Return the bytes of a file in a half-open span.

    Raises what the client raises, and OSError when other than so many bytes arrive: `Hub` tells of both.
    """
    start, end = span
    address = hf_hub_url(repo, path, repo_type="dataset", revision=commit, endpoint=endpoint)
    # Compressed on the way, the bytes would be another range than the one that was asked for.
    headers = build_hf_headers() | {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
    answer = get_session().get(
        address, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT, follow_redirects=True
    )
    hf_raise_for_status(answer)
    content = bytes(answer.content)
    if answer.status_code != 206:
        content = content[start:end]
    if len(content) != end - start:
        raise OSError(f"expected {end - start:,} bytes, found {len(content):,}")
    return content
