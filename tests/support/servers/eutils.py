"""A loopback server that behaves like NCBI's E-utilities (efetch of pubmed and nuccore) and ID converter.

    with serve() as server:
        server.papers[7] = article(7)
        server.fault("db=pubmed", status=429, retry_after="0", body=RATE_LIMIT)
        requests.post(server.url + "efetch.fcgi", data={"db": "pubmed", "id": "7"})
        server.log[-1].form

Answers are chunked, as efetch's are, and have the X-Ratelimit headers. Unknown papers are left out of an answer;
unknown records are treated as ``unknown`` says.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from support.servers import loopback
from support.servers.loopback import LoopbackServer, QuietHandler, busiest_second, running
from support.servers.service import ERROR_PAGE

EFETCH = "/entrez/eutils/efetch.fcgi"
IDCONV = "/tools/idconv/api/v1/articles/"
OLD_IDCONV = "/pmc/utils/idconv/v1.0/"
XML, JSON, TEXT, HTML = "text/xml; charset=UTF-8", "application/json", "text/plain", "text/html; charset=utf-8"

ERROR_XML = (
    b'<?xml version="1.0" encoding="UTF-8" ?>\n<eFetchResult>\n\t<ERROR> Error: External viewer error:'
    b" Empty Response. Bytes read: 0 Status: Timeout</ERROR>\n</eFetchResult>\n"
)
NO_IDS_XML = b"<eFetchResult><ERROR>ID list is empty! Possibly it has no correct IDs.</ERROR></eFetchResult>\n"
SEARCH_ERROR = json.dumps(
    {"esearchresult": {"ERROR": "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998."}}
).encode()


@dataclass
class Fault(loopback.Fault):
    """A fault of E-utilities; ``path`` is looked for in the path and the form of a request."""

    status: int = 200
    body: bytes | None = None  # in place of the answer
    kind: str = ""  # its Content-Type; empty: that of the answer
    cut: int | None = None  # number of bytes of the answer that are sent, ended as if they were all
    broken: bool = False  # with ``cut``: the connection ends without the last chunk
    redirect: str = ""


@dataclass(frozen=True)
class Request:
    """One request in the log; ``arrived`` is a monotonic time in seconds, ``form`` the fields of a POST."""

    method: str
    path: str
    form: dict[str, str]
    status: int
    arrived: float
    agent: str

    @property
    def ids(self) -> list[str]:
        """The requested ids."""
        fields = dict(parse_qsl(urlsplit(self.path).query)) | self.form
        return fields.get("id", fields.get("ids", "")).split(",")


@dataclass
class EutilsServer(LoopbackServer):
    """The handle of a running server, and its data; ``url`` is that of E-utilities."""

    fault_class: ClassVar[type[loopback.Fault]] = Fault

    root: str = ""
    papers: dict[int, str] = field(default_factory=dict)  # PMID -> PubmedArticle
    records: dict[str, str] = field(default_factory=dict)  # accession.version -> flat file record
    pmcids: dict[int, str] = field(default_factory=dict)
    text_pmids: bool = False  # the ID converter gives PMIDs as text
    hidden_once: set[str] = field(default_factory=set)  # ids left out of their first answer
    unknown: str = "silent"  # how nuccore answers an unknown accession: silent | line | text | status
    limit: int = 0  # requests per second above which it answers 429; 0: none
    keys: set[str] = field(default_factory=set)  # the valid keys; empty: all are valid

    def busiest(self) -> int:
        """Return the largest number of requests that arrived within one second."""
        return busiest_second(request.arrived for request in self.log)


def article(pmid: int, abstract: str = "Of <i>E. coli</i> &amp; phages.", version: int = 1, revised: int = 2020) -> str:
    """Return a made-up PubmedArticle whose comments and references name other PMIDs."""
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="{version}">{pmid}</PMID>
<DateRevised><Year>{revised}</Year><Month>01</Month><Day>02</Day></DateRevised>
<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Internet"><PubDate><Year>2001</Year></PubDate>
</JournalIssue><Title>Journal of Tests</Title></Journal><ArticleTitle>Paper {pmid} – a title.</ArticleTitle>
<Abstract><AbstractText Label="RESULTS">{abstract}</AbstractText></Abstract></Article><CommentsCorrectionsList>
<CommentsCorrections RefType="Cites"><PMID Version="1">{pmid + 500_000}</PMID></CommentsCorrections>
</CommentsCorrectionsList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>
<ArticleId IdType="doi">10.5555/{pmid}</ArticleId></ArticleIdList><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="pubmed">{pmid + 600_000}</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData>
</PubmedArticle>"""


def article_set(*entries: str) -> bytes:
    """Return a PubmedArticleSet with the prologue that NLM writes."""
    prologue = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2026//EN"
 "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">
"""
    return f"{prologue}<PubmedArticleSet>{''.join(entries)}</PubmedArticleSet>".encode()


def rate_limit(who: str = "203.0.113.9") -> bytes:
    """Return the body of an answer over the limit; ``who`` is the key, or the address of one without."""
    return json.dumps({"error": "API rate limit exceeded", "api-key": who, "count": "5", "limit": "3"}).encode()


@contextlib.contextmanager
def serve() -> Iterator[EutilsServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    server = EutilsServer()
    with running(_Handler, server) as port:
        server.root = f"http://127.0.0.1:{port}"
        server.url = server.root + EFETCH.removesuffix("efetch.fcgi")
        yield server


class _Handler(QuietHandler):
    loopback: EutilsServer

    def answer_request(self) -> None:
        self.arrived = time.monotonic()
        sent = self.read_body().decode()
        self.form = dict(parse_qsl(sent))
        query = urlsplit(self.path).query
        self.fields = dict(parse_qsl(query)) | self.form
        server = self.loopback
        with server.lock:
            fault = server.take(self.command, f"{self.path}?{sent}")
            recent = sum(self.arrived - request.arrived < 1 for request in server.log)
        path = urlsplit(self.path).path
        if server.limit and recent >= server.limit:
            self._answer(429, rate_limit(), JSON, Fault("", retry_after="2"))
        elif fault.redirect:
            self._answer(301, b"", TEXT, fault, {"Location": fault.redirect})
        elif fault.body is not None:
            self._answer(fault.status, fault.body, fault.kind or XML, fault)
        elif path == EFETCH:
            self._efetch(fault)
        elif path == OLD_IDCONV:
            self._answer(301, b"", TEXT, fault, {"Location": f"{server.root}{IDCONV}?{query}"})
        elif path == IDCONV:
            self._answer(*self._idconv(), JSON, fault)
        else:
            self._answer(404, ERROR_PAGE, HTML, fault)

    def _efetch(self, fault: Fault) -> None:
        server, key = self.loopback, self.fields.get("api_key")
        if key and server.keys and key not in server.keys:
            error = {"error": "API key invalid", "api-key": key, "type": "api", "status": "unknown"}
            return self._answer(400, json.dumps(error).encode(), JSON, fault)
        ids = [name.upper() for name in self.fields.get("id", "").split(",") if name]
        hidden = server.hidden_once & set(ids)
        server.hidden_once -= hidden
        known = [name for name in ids if name not in hidden]
        if self.fields.get("db") == "pubmed":
            entries = [server.papers[int(name)] for name in known if int(name) in server.papers]
            return self._answer(200, article_set(*entries), XML, fault)
        return self._nuccore(ids, known, fault)

    def _nuccore(self, ids: list[str], known: list[str], fault: Fault) -> None:
        server = self.loopback
        current = {name.partition(".")[0]: text for name, text in sorted(server.records.items())} | server.records
        wrong = [name for name in ids if name not in known or name not in current]
        spaced = "Error: F a i l e d  t o  u n d e r s t a n d  i d :  " + " ".join(",".join(wrong)) + "\n"
        if wrong and server.unknown == "status":
            return self._answer(400, spaced.encode(), TEXT, fault)
        if wrong and server.unknown == "text":
            return self._answer(200, spaced.encode(), TEXT, fault)
        line = "Failed to retrieve sequence: {}\n\n" if server.unknown == "line" else ""
        texts = [f"{current[name]}\n" if name not in wrong else line.format(name) for name in ids]
        return self._answer(200, "".join(texts).encode() or b"\n", TEXT, fault)

    def _idconv(self) -> tuple[int, bytes]:
        server, ids = self.loopback, self.fields["ids"].split(",")
        if self.fields.get("idtype", "pmid") == "pmid" and not all(name.isdecimal() for name in ids):
            message = "All values of query param `ids` must be PubMed IDs (Positive Integers)."
            errors = [{"message": message, "code": "invalid_pmids"}]
            answer = {"status": "error", "http_status": "400", "http_status_reason": "Bad Request", "errors": errors}
            return 400, json.dumps(answer).encode()
        records = []
        for name in ids:
            pmid = name if server.text_pmids else int(name)
            if int(name) in server.pmcids:
                records.append({"pmcid": server.pmcids[int(name)], "pmid": pmid, "requested-id": name})
            else:
                text = "Identifier not found in PMC"
                records.append({"pmid": pmid, "requested-id": name, "status": "error", "errmsg": text})
        return 200, json.dumps({"status": "ok", "records": records}).encode()

    def _answer(
        self, status: int, content: bytes, kind: str, fault: Fault, headers: dict[str, str] | None = None
    ) -> None:
        handle = self.loopback
        status = fault.status if fault.status != 200 else status
        agent = self.headers.get("User-Agent", "")
        with handle.lock:
            handle.log.append(Request(self.command, self.path, self.form, status, self.arrived, agent))
        limit = 10 if self.fields.get("api_key") else 3
        sent = {"Content-Type": kind, "X-Ratelimit-Limit": str(limit), "X-Ratelimit-Remaining": str(limit - 1)}
        sent |= {"Retry-After": fault.retry_after} if fault.retry_after else {}
        self.send_response(status)
        for name, value in (sent | {"Transfer-Encoding": "chunked"} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        content = content[: fault.cut]
        for start in range(0, len(content), 1 << 16):
            piece = content[start : start + (1 << 16)]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        if fault.broken:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")
