"""What PMC's open-data bucket says of one version of an article: its licence, retraction and files.

Format: ``metadata/PMC<id>.<version>.json`` of https://pmc.ncbi.nlm.nih.gov/tools/pmcaws/, one JSON object a
version. That an article is in the bucket does not make it open: its ``license_code`` decides.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dnacorpus.errors import CorpusError
from dnacorpus.papers.licenses import stated_license
from dnacorpus.papers.markup import text_of_html
from dnacorpus.papers.paper import Paper, doi_of, pmcid_of, pmid_of

_KEYS = {"pmcid", "version", "license_code"}
_S3_URL = re.compile(r"s3://[^/?]+/(?P<key>[^?]+)(?:\?md5=(?P<md5>[0-9a-fA-F]{32}))?")


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article in the bucket; keys are relative to the bucket, MD5s in lower-case hex.

    ``manuscript``: an author's manuscript or the text recognition of a scan, not what the journal published.
    """

    pmcid: str
    version: int
    license: str | None
    retracted: bool
    manuscript: bool
    openaccess: bool
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
        title=text_of_html(_text(document, "title")),
        license=_license(document),
        retracted=_retracted(document),
        version=_version(document),
    )


def read_article(content: bytes) -> Article | None:
    """Return the files of the version that one metadata document describes, or None when the JSON is something else.

    Raises CorpusError when the document is not JSON, or names a file that is not one of this version.
    """
    document = _document(content)
    if document is None:
        return None
    pmcid, version = pmcid_of(_text(document, "pmcid")) or "", _version(document)
    (xml_key, xml_md5), (pdf_key, pdf_md5) = (
        _file(document, name, f"{pmcid}.{version}/") for name in ("xml_url", "pdf_url")
    )
    return Article(
        pmcid,
        version,
        license=_license(document),
        retracted=_retracted(document),
        manuscript=document.get("is_manuscript") is True or document.get("is_historical_ocr") is True,
        openaccess=document.get("is_pmc_openaccess") is True,
        xml_key=xml_key,
        xml_md5=xml_md5,
        pdf_key=pdf_key,
        pdf_md5=pdf_md5,
    )


def best(articles: Iterable[Article]) -> Article | None:
    """Return the version to read: a published one before a manuscript, then the highest number; None of none."""
    return max(articles, key=lambda article: (not article.manuscript, article.version), default=None)


def _document(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"expected JSON, found: {error}; get the file anew") from error
    if not isinstance(document, dict) or not set(document) >= _KEYS:
        return None
    return document if pmcid_of(_text(document, "pmcid")) else None


def _text(document: dict[str, Any], key: str) -> str | None:
    """Return a text or a whole number as text, without what JSON can escape but UTF-8 cannot hold."""
    value = document.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).encode("utf-8", errors="replace").decode("utf-8")


def _license(document: dict[str, Any]) -> str | None:
    code = _text(document, "license_code") or ""
    # Known to be closed is more than unknown: another source's open licence must not outweigh it.
    return "LicenseRef-TDM" if code == "TDM" else stated_license([code])


def _version(document: dict[str, Any]) -> int:
    text = _text(document, "version") or ""
    return int(text) if re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) else 1


def _retracted(document: dict[str, Any]) -> bool:
    # A value that nobody can read must not bring a retracted paper back.
    return document.get("is_retracted") not in (False, None)


def _file(document: dict[str, Any], name: str, folder: str) -> tuple[str | None, str | None]:
    url = _text(document, name)
    if url is None:
        return None, None
    found = _S3_URL.fullmatch(url)
    if found is None or not found["key"].startswith(folder) or ".." in found["key"].split("/"):
        raise CorpusError(
            f"{folder.rstrip('/')}: expected {name} to be s3://BUCKET/{folder}..., found {url}; report it to PMC"
        )
    return found["key"], found["md5"].lower() if found["md5"] else None
