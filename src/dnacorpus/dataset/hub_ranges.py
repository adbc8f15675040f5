"""One range request for a file in a dataset repository on the Hub."""

from huggingface_hub import constants, hf_hub_url
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import get_session, hf_raise_for_status

from dnacorpus import limits
from dnacorpus.dataset.hub_bounds import file_of


def byte_range(endpoint: str, repo: str, path: str, commit: str, span: tuple[int, int]) -> bytes:
    """Return the bytes of a file in a half-open span.

    A server may ignore the range and send the whole file, of which no more than the span is kept. Raises what the
    client raises, and OSError if the number of bytes is wrong; `Hub` turns both into RemoteError.
    """
    start, end = span
    address = hf_hub_url(repo, path, repo_type="dataset", revision=commit, endpoint=endpoint)
    # With a content encoding, the range would be one of the compressed bytes.
    headers = build_hf_headers() | {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
    content = bytearray()
    with (
        file_of(limits.UNSTATED_DOWNLOAD),  # the loop ends it before
        get_session().stream(
            "GET", address, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT, follow_redirects=True
        ) as response,
    ):
        if response.is_error:
            response.read()  # the message of the error
        hf_raise_for_status(response)
        skipped = 0 if response.status_code == 206 else start
        for chunk in response.iter_bytes():
            content += chunk[skipped:]
            skipped -= min(skipped, len(chunk))
            if len(content) >= end - start:
                break
    if len(content) < end - start or (response.status_code == 206 and len(content) > end - start):
        raise OSError(f"expected {end - start:,} bytes, found {len(content):,}")
    return bytes(content[: end - start])
