"""PMC's metadata of one version of an article: its licence, its retraction and its files.

Format: ``metadata/PMC<id>.<version>.json`` of https://pmc.ncbi.nlm.nih.gov/tools/pmcaws/, one JSON object per
version. An article in the bucket is not necessarily open: its ``license_code`` decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dnacorpus.bounded import JsonError, read_json
from dnacorpus.errors import CorpusError
from dnacorpus.papers.html_text import text_of_html
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.paper import Paper, doi_of, pmcid_of, pmid_of
from dnacorpus.papers.retraction import is_retracted

_KEYS = {"pmcid", "version", "license_code"}
_S3_URL = re.compile(r"s3://[^/?]+/(?P<key>[^?]+)(?:\?md5=(?P<md5>[0-9a-fA-F]{32}))?")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """One version of an article in the bucket; keys are relative to the bucket, MD5s are lower-case hex.

    ``manuscript`` is True for an author's manuscript and for a scan with recognised text: neither is what the
    journal published.
    """

    pmcid: str
    version: int
    license: str | None
    retracted: bool
    manuscript: bool
    xml_key: str | None
    xml_md5: str | None
    pdf_key: str | None
    pdf_md5: str | None


def read_pmc_metadata(content: bytes) -> Paper | None:
    """Return the paper that one metadata document describes, or None when the JSON is something else.

    Raises CorpusError when the document is not JSON.
    """
    document = _document(content)
    if document is None:
        return None
    return Paper(
        "pmc",
        pmid=pmid_of(_text(document, "pmid")),
        pmcid=pmcid_of(_text(document, "pmcid")),
        doi=doi_of(_text(document, "doi")),
        title=_title(document),
        license=_license(document),
        retracted=_retracted(document),
        version=_version(document),
    )


def read_article_version(content: bytes) -> ArticleVersion | None:
    """Return the version that one metadata document describes, or None when the JSON is something else.

    Raises CorpusError when the document is not JSON, or names a file that does not belong to this version.
    """
    document = _document(content)
    if document is None:
        return None
    pmcid, version = pmcid_of(_text(document, "pmcid")) or "", _version(document)
    folder = f"{pmcid}.{version}/"
    xml_key, xml_md5 = _file(document, "xml_url", folder)
    pdf_key, pdf_md5 = _file(document, "pdf_url", folder)
    return ArticleVersion(
        pmcid,
        version,
        license=_license(document),
        retracted=_retracted(document),
        manuscript=document.get("is_manuscript") is True or document.get("is_historical_ocr") is True,
        xml_key=xml_key,
        xml_md5=xml_md5,
        pdf_key=pdf_key,
        pdf_md5=pdf_md5,
    )


def best_version(versions: Iterable[ArticleVersion]) -> ArticleVersion | None:
    """Return the highest version that is not a manuscript, else the highest version; None if there are none."""
    return max(versions, key=lambda version: (not version.manuscript, version.version), default=None)


def _document(content: bytes) -> dict[str, Any] | None:
    try:
        document = read_json(content)
    except JsonError as error:
        raise CorpusError(f"expected JSON, found: {error}; get the file again") from error
    if not isinstance(document, dict) or not set(document) >= _KEYS:
        return None
    return document if pmcid_of(_text(document, "pmcid")) else None


def _text(document: dict[str, Any], key: str) -> str | None:
    """Return a text or an integer as text."""
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _title(document: dict[str, Any]) -> str | None:
    return text_of_html(_text(document, "title"))


def _license(document: dict[str, Any]) -> str | None:
    code = _text(document, "license_code") or ""
    # TDM means closed, which is more than unknown: it must outweigh an open licence of another source.
    return "LicenseRef-TDM" if code == "TDM" else stated_license([code])


def _version(document: dict[str, Any]) -> int:
    text = _text(document, "version") or ""
    return int(text) if _VERSION.fullmatch(text) else 1


def _retracted(document: dict[str, Any]) -> bool:
    # An unreadable value counts as retracted, so that it cannot bring a retracted paper back.
    return document.get("is_retracted") not in (False, None) or is_retracted(_title(document))


def _file(document: dict[str, Any], name: str, folder: str) -> tuple[str | None, str | None]:
    """Return the key and the MD5 of a file, which must be in the version's own folder."""
    url = _text(document, name)
    if url is None:
        return None, None
    match = _S3_URL.fullmatch(url)
    if match is None or not match["key"].startswith(folder) or ".." in match["key"].split("/"):
        raise CorpusError(
            f"{folder.rstrip('/')}: expected {name} to be s3://BUCKET/{folder}..., found {url}; report it to PMC"
        )
    return match["key"], match["md5"].lower() if match["md5"] else None
