"""A loopback server that behaves like PMC's open-data bucket: S3's listings and objects, with made-up articles.

Objects have the keys of the real bucket: ``metadata/PMC1.1.json``, ``PMC1.1/PMC1.1.xml``. Listings are
namespaced, sorted by the bytes of the keys, with ``page`` keys on a page; the token of the next page is opaque and
holds characters that a URL must quote.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from support.servers.service import Answer, Service

BUCKET = "pmc-oa-opendata"
_XML = "application/xml"


@dataclass
class PmcServer(Service):
    """The handle of a running bucket."""

    objects: dict[str, bytes] = field(default_factory=dict)
    page: int = 1000
    absent: int = 404  # 403 for a reader who may not list the bucket

    def add(self, pmcid: str, version: int = 1, *, pdf: bytes | None = None, **changes: object) -> dict[str, object]:
        """Add one version of an article and return its metadata, updated with ``changes``."""
        name = f"{pmcid}.{version}"
        text = article_xml(pmcid, version)
        self.objects[f"{name}/{name}.xml"] = text
        if pdf is not None:
            self.objects[f"{name}/{name}.pdf"] = pdf
        document = metadata(pmcid, version, xml_url=s3_url(f"{name}/{name}.xml", text))
        document |= {"pdf_url": None if pdf is None else s3_url(f"{name}/{name}.pdf", pdf)} | changes
        self.objects[f"metadata/{name}.json"] = json.dumps(document).encode()
        return document

    def respond(self, method: str, path: str, values: dict[str, str], target: str) -> Answer:
        """Return a listing or an object."""
        if method != "GET":
            return _error(405, "MethodNotAllowed")
        if not path:
            return self._listing(values)
        if path not in self.objects:
            return _error(self.absent, "AccessDenied" if self.absent == 403 else "NoSuchKey")
        kind = {"json": "application/json", "xml": _XML, "pdf": "application/pdf"}[path.rpartition(".")[2]]
        return Answer(200, self.objects[path], kind)

    def _listing(self, values: dict[str, str]) -> Answer:
        if values.get("list-type") != "2":
            return _error(400, "InvalidArgument")
        prefix = values.get("prefix", "")
        after = ""
        if "continuation-token" in values:
            try:
                after = _key(values["continuation-token"])
            except ValueError:
                return _error(400, "InvalidArgument")
        keys = [key for key in sorted(self.objects, key=str.encode) if key.startswith(prefix) and key > after]
        shown = keys[: self.page]
        truncated = len(shown) < len(keys)
        following = f"<NextContinuationToken>{_token(shown[-1])}</NextContinuationToken>" if truncated else ""
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key])}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for key in shown
        )
        return Answer(
            200,
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{BUCKET}</Name>'
            f"<Prefix>{escape(prefix)}</Prefix>{following}<KeyCount>{len(shown)}</KeyCount>"
            f"<MaxKeys>{self.page}</MaxKeys><IsTruncated>{str(truncated).lower()}</IsTruncated>"
            f"{contents}</ListBucketResult>".encode(),
            _XML,
        )


def metadata(pmcid: str = "PMC1", version: int = 1, **changes: object) -> dict[str, object]:
    """Return the metadata of a made-up article, with the keys and key order of the real bucket."""
    number = int(pmcid.removeprefix("PMC"))
    return {
        "pmcid": pmcid, "version": version, "pmid": 40_000_000 + number, "doi": f"10.1000/made.{number}", "mid": None,
        "title": f"A made-up article, number {number}", "citation": f"Made Up. 2026 Jan 5; {number}(1):1",
        "is_pmc_openaccess": True, "is_manuscript": False, "is_historical_ocr": False, "is_retracted": False,
        "license_code": "CC BY", "xml_url": None, "text_url": None, "pdf_url": None, "media_urls": [],
    } | changes  # fmt: skip


def s3_url(key: str, content: bytes) -> str:
    """Return the address of an object as the metadata give it, with its MD5."""
    return f"s3://{BUCKET}/{key}?md5={hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def article_xml(pmcid: str, version: int = 1) -> bytes:
    """Return a small JATS article."""
    return (
        '<?xml version="1.0"?><article article-type="research-article"><front><article-meta>'
        f'<article-id pub-id-type="pmc">{pmcid}</article-id><title-group><article-title>Version {version} of'
        f" {pmcid}</article-title></title-group></article-meta></front><body><p>Text.</p></body></article>"
    ).encode()


def _error(status: int, code: str) -> Answer:
    return Answer(status, f'<?xml version="1.0"?><Error><Code>{code}</Code></Error>'.encode(), _XML)


def _token(key: str) -> str:
    return f"+/{base64.b64encode(key.encode()).decode()}=="


def _key(token: str) -> str:
    if not (token.startswith("+/") and token.endswith("==")):
        raise ValueError(token)
    return base64.b64decode(token[2:-2], validate=True).decode()
