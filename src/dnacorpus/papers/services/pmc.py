"""PMC's open-data bucket: the versions of an article, their metadata, XML and PDF, over plain HTTPS.

Layout: https://pmc.ncbi.nlm.nih.gov/tools/pmcaws/; listings are those of S3's ListObjectsV2,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. Without the right to list, S3
answers 403 where it would say 404, so an object behind either is not there.
"""

import hashlib
import json
import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from dnacorpus.errors import CorpusError, RemoteError
from dnacorpus.papers.markup import parse_xml
from dnacorpus.papers.paper import pmcid_of
from dnacorpus.papers.readers.pmc import Article
from dnacorpus.sources.http import ABSENT, Client, Response, body
from dnacorpus.storage.retry import RetryableError

BASE = "https://pmc-oa-opendata.s3.amazonaws.com/"
"""The bucket as its owner publishes it; readers need no key."""
_NOT_THERE = (*ABSENT, 403)
_TRIES = 2  # of an object whose bytes are wrong: the first may be the way's fault, the second is the bucket's


class OpenData:
    """The bucket behind a client; all of it may raise RemoteError."""

    def __init__(self, client: Client, base: str = BASE) -> None:
        self._client, self._base = client, base.rstrip("/") + "/"

    def metadata(self, pmcid: str) -> list[tuple[str, bytes]]:
        """Return the name ("PMC12.1.json") and the JSON of each version, lowest first; none of an unknown article.

        Raises CorpusError for what is no PMC id, and for a document that is not JSON.
        """
        identifier = pmcid_of(pmcid)
        if identifier is None:
            raise CorpusError(f"{pmcid}: expected a PMC id such as PMC13900, found something else; leave it out")
        found = []
        for version in self._versions(identifier):
            name = f"{identifier}.{version}.json"
            content = self._object(f"metadata/{name}", "JSON", _json_fault)
            if content is not None:
                found.append((name, content))
        return found

    def text(self, article: Article) -> bytes | None:
        """Return the JATS XML of a version, or None when it has none.

        Raises CorpusError when its MD5 is wrong twice; without an MD5 it need only be complete.
        """
        return self._file(article.xml_key, article.xml_md5)

    def pdf(self, article: Article) -> bytes | None:
        """Return the PDF of a version, or None when it has none; raises CorpusError as `text` does."""
        return self._file(article.pdf_key, article.pdf_md5)

    def _versions(self, pmcid: str) -> list[int]:
        # With the full stop PMC12 is not also PMC123.
        prefix = f"metadata/{pmcid}."
        query, keys, tokens = {"list-type": "2", "prefix": prefix}, list[str](), set[str]()
        while True:
            url = f"{self._base}?{urlencode(query)}"
            page, token = self._client.request("GET", url, _listing)
            keys += page
            if token is None:
                break
            if token in tokens:
                raise RemoteError(f"{url}: expected an end of the listing, found a page given before; try again later")
            tokens.add(token)
            query["continuation-token"] = token
        named = (re.fullmatch(rf"{re.escape(prefix)}([1-9]\d*)\.json", key, re.ASCII) for key in keys)
        return sorted({int(match[1]) for match in named if match})

    def _file(self, key: str | None, md5: str | None) -> bytes | None:
        if key is None:
            return None
        return self._object(key, f"MD5 {md5}", lambda content: _md5_fault(content, md5))

    def _object(self, key: str, expected: str, fault: Callable[[bytes], str | None]) -> bytes | None:
        url, found = self._base + quote(key), None
        for _ in range(_TRIES):
            content = self._client.request("GET", url, _content, absent=_NOT_THERE)
            found = None if content is None else fault(content)
            if found is None:
                return content
        raise CorpusError(f"{url}: expected {expected}, found {found} twice; leave the article out, or try again later")


def _content(response: Response) -> bytes | None:
    return None if response.status_code in _NOT_THERE else body(response)


def _listing(response: Response) -> tuple[list[str], str | None]:
    """Return the keys of one page of a listing, and the token of the next page, if there is one."""
    if response.status_code in ABSENT:
        raise RemoteError(f"{response.url}: expected a bucket, found no such place; correct the bucket's address")
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
        raise RetryableError("a listing that goes on without saying where")
    return keys, token


def _md5_fault(content: bytes, md5: str | None) -> str | None:
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return None if md5 in (None, found) else found


def _json_fault(content: bytes) -> str | None:
    try:
        json.loads(content)
    except (ValueError, RecursionError) as error:
        return str(error)
    return None
