"""A client of PMC's open-data bucket: the versions of an article, their metadata, XML and PDF, over HTTPS.

Layout: https://pmc.ncbi.nlm.nih.gov/tools/pmcaws/; listings are those of S3's ListObjectsV2,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. To a reader who may not list the bucket, S3
answers 403 in place of 404, so both mean that an object is missing.
"""

import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from dnacorpus import limits
from dnacorpus.bounded import JsonError, read_json
from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.markup import parse_xml
from dnacorpus.papers.paper import pmcid_of
from dnacorpus.papers.readers.pmc import ArticleVersion
from dnacorpus.sources.http import ABSENT, Client, Response, body
from dnacorpus.storage.retry import RetryableError

BASE = "https://pmc-oa-opendata.s3.amazonaws.com/"
"""The public address of the bucket; no key is needed."""
_MISSING = (*ABSENT, 403)
_ATTEMPTS = 2  # at an object whose bytes are wrong: the first time it may be the network's fault


class OpenData:
    """The bucket at one address; all methods may raise RemoteError."""

    def __init__(self, client: Client, base: str = BASE) -> None:
        self._client, self._base = client, base.rstrip("/") + "/"

    def metadata(self, pmcid: str) -> list[tuple[str, bytes]]:
        """Return the name ("PMC12.1.json") and the JSON of each version, lowest first; [] for an unknown article.

        Raises CorpusError for a malformed PMC id, and for a document that is not JSON.
        """
        identifier = pmcid_of(pmcid)
        if identifier is None:
            raise CorpusError(f"{pmcid}: expected a PMC id such as PMC13900, found another form; remove it")
        documents = []
        for version in self._versions(identifier):
            name = f"{identifier}.{version}.json"
            content = self._object(f"metadata/{name}", "JSON", _json_fault)
            if content is not None:
                documents.append((name, content))
        return documents

    def text(self, article: ArticleVersion) -> bytes | None:
        """Return the JATS XML of a version, or None if it has none.

        Raises CorpusError when its MD5 is wrong twice; without an MD5 only the length is checked.
        """
        return self._file(article.xml_key, article.xml_md5)

    def pdf(self, article: ArticleVersion) -> bytes | None:
        """Return the PDF of a version, or None if it has none; raises CorpusError as `text` does."""
        return self._file(article.pdf_key, article.pdf_md5)

    def _versions(self, pmcid: str) -> list[int]:
        # The full stop keeps the prefix of PMC12 from matching PMC123.
        prefix = f"metadata/{pmcid}."
        query = {"list-type": "2", "prefix": prefix}
        keys: list[str] = []
        tokens: set[str] = set()
        while True:
            url = f"{self._base}?{urlencode(query)}"
            page, token = self._client.request("GET", url, _listing)
            keys += page
            if token is None:
                break
            if token in tokens:
                raise RemoteError(
                    f"{url}: expected the next page of the listing, found an earlier one; try again later"
                )
            tokens.add(token)
            query["continuation-token"] = token
        matches = (re.fullmatch(rf"{re.escape(prefix)}([1-9][0-9]{{0,5}})\.json", key) for key in keys)
        return sorted({int(match[1]) for match in matches if match})

    def _file(self, key: str | None, md5: str | None) -> bytes | None:
        if key is None:
            return None
        return self._object(key, f"MD5 {md5}", lambda content: _md5_fault(content, md5))

    def _object(self, key: str, expected: str, fault: Callable[[bytes], str | None]) -> bytes | None:
        url = self._base + quote(key)
        problem: str | None = None
        for _ in range(_ATTEMPTS):
            content = self._client.request("GET", url, _content, absent=_MISSING)
            problem = None if content is None else fault(content)
            if problem is None:
                return content
        raise CorpusError(f"{url}: expected {expected}, found {problem} twice; left out, try again later")


def _content(response: Response) -> bytes | None:
    return None if response.status_code in _MISSING else body(response, limits.ARTICLE_FILE)


def _listing(response: Response) -> tuple[list[str], str | None]:
    """Return the keys of one page of a listing, and the token of the next page, if there is one."""
    if response.status_code in ABSENT:
        raise RemoteError(f"{response.url}: expected a bucket, found no such address; correct services.pmc")
    try:
        root = parse_xml(body(response))
    except CorpusError as error:
        raise RetryableError(str(error)) from error
    if root.tag != "ListBucketResult":
        raise RetryableError(f"{root.tag} in place of ListBucketResult")
    keys = [element.text or "" for element in root.iterfind("Contents/Key")]
    if root.findtext("IsTruncated", "false").strip() != "true":
        return keys, None
    token = root.findtext("NextContinuationToken")
    if not token:
        raise RetryableError("a truncated listing without a NextContinuationToken")
    return keys, token


def _md5_fault(content: bytes, md5: str | None) -> str | None:
    actual = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return None if md5 in (None, actual) else actual


def _json_fault(content: bytes) -> str | None:
    try:
        read_json(content)
    except JsonError as error:
        return str(error)
    return None
