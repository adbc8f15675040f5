"""A dataset repository on the Hugging Face Hub: the one module that imports huggingface_hub.

HF_ENDPOINT and HF_TOKEN are honoured, and the Hub's own login. What is worth another attempt is decided
here: the client retries some of its requests and not others. No message holds the token or a signed URL.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, errors, get_token
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars

from dnacorpus.dataset.hub_ranges import byte_range
from dnacorpus.dataset.manifest import git_sha1
from dnacorpus.errors import CorpusError, RemoteError, UsageError

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

BRANCH = "main"
ATTEMPTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 310.0
"""Seconds; the Hub counts requests over five minutes."""
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_MESSAGE = 300
_LOGIN = "HF_TOKEN, or `hf auth login`"
_REPO = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9]([\w.-]*\w)?/[A-Za-z0-9_]([\w.-]*\w)?", re.ASCII)


class BranchMovedError(RemoteError):
    """Somebody else committed between our look at the branch and our commit."""


@dataclass(frozen=True, slots=True)
class Head:
    """A commit of a repository; an empty text in a repository without any."""

    commit: str
    private: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """What the Hub says of a file it holds: SHA-256 for large files, git's SHA-1 for those in the repository itself."""

    bytes: int
    sha256: str | None
    git_sha1: str

    def equals(self, path: Path, sha256: str) -> bool:
        """Whether this is the file at ``path``, whose SHA-256 is ``sha256``."""
        if self.bytes != path.stat().st_size:
            return False
        return self.sha256 == sha256 if self.sha256 is not None else self.git_sha1 == git_sha1(path)


class Hub:
    """One dataset repository; each method is asked again while the trouble may pass.

    All raise RemoteError, in one line that names the repository and what to do.
    """

    def __init__(self, repo: str) -> None:
        """Raise UsageError for a name that is not ORG/NAME."""
        _take_over_logging()
        disable_progress_bars()
        if not _REPO.fullmatch(repo):
            raise UsageError(f"repository {repo!r}: expected ORG/NAME, e.g. my-lab/dnacorpus")
        self.repo = repo
        # The client reads the variable when it is imported; this follows it when it is set later.
        self._api = HfApi(endpoint=os.environ.get("HF_ENDPOINT", "").rstrip("/") or None)

    @property
    def url(self) -> str:
        """The page of the repository."""
        return f"{self._api.endpoint}/datasets/{self.repo}"

    def require_login(self) -> None:
        """Raise UsageError, saying how to log in, when there is no token."""
        if not get_token():
            raise UsageError(
                f"{self.repo}: expected a token with write access, found none; set HF_TOKEN, or run `hf auth login`"
                f" (tokens: {self._api.endpoint}/settings/tokens)"
            )

    def head(self, revision: str | None = None) -> Head:
        """Return the commit that a branch, a tag or a commit's name stands for now."""
        info = self._ask(f"revision {revision or BRANCH}", lambda: self._api.dataset_info(self.repo, revision=revision))
        return Head(info.sha or "", bool(info.private))

    def made(self, private: bool) -> Head:
        """Return the head of the branch, in a repository that is made if there is none.

        Raises UsageError when it is to be private and is there in public.
        """
        try:
            head = self.head()
        except RemoteError as error:
            absent = isinstance(error.__cause__, errors.RepositoryNotFoundError)
            if not absent or isinstance(error.__cause__, errors.GatedRepoError):
                raise
            self._ask(
                "creation",
                lambda: self._api.create_repo(self.repo, repo_type="dataset", private=private or None, exist_ok=True),
            )
            head = self.head()
        if private and not head.private:
            raise UsageError(
                f"{self.repo}: expected a private repository, found a public one; make it private at"
                f" {self.url}/settings, or leave --private out"
            )
        return head

    def files(self, commit: str) -> dict[str, Stored]:
        """Return path -> file of a whole commit."""
        if not commit:
            return {}
        tree = self._ask(
            f"list of files of {commit[:8]}",
            lambda: list(self._api.list_repo_tree(self.repo, repo_type="dataset", revision=commit, recursive=True)),
        )
        return {item.path: _stored(item) for item in tree if isinstance(item, RepoFile)}

    def file(self, path: str, commit: str) -> Stored | None:
        """Return one file of a commit, or None when there is none."""
        found = self._ask(
            path, lambda: self._api.get_paths_info(self.repo, [path], repo_type="dataset", revision=commit)
        )
        return _stored(found[0]) if found else None

    def send(self, files: Sequence[tuple[str, Path, str]]) -> list[CommitOperationAdd]:
        """Send the large ones of some files that the Hub does not have, and return all for `commit`, where they show.

        A file is its path in the repository, its path here, and its SHA-256.
        """
        additions = [CommitOperationAdd(name, str(path)) for name, path, _ in files]
        for addition, (_, _, sha256) in zip(additions, files, strict=True):
            # Known already: a terabyte is not read once more for it.
            addition.upload_info.sha256 = bytes.fromhex(sha256)
        self._ask(
            f"upload of {files[0][0]}" + (" and others" if len(files) > 1 else ""),
            lambda: self._api.preupload_lfs_files(self.repo, additions, repo_type="dataset", revision=BRANCH),
        )
        return additions

    def commit(self, additions: list[CommitOperationAdd], deletions: Sequence[str], message: str, parent: str) -> str:
        """Make one commit on the branch and return it; raises BranchMovedError when its head is not ``parent``."""
        operations: list[CommitOperationAdd | CommitOperationDelete] = [*additions]
        operations += [CommitOperationDelete(path, is_folder=False) for path in deletions]
        options: dict[str, Any] = {"repo_type": "dataset", "revision": BRANCH, "parent_commit": parent or None}
        made = self._ask(
            "commit", lambda: self._api.create_commit(self.repo, operations, commit_message=message, **options)
        )
        return str(made.oid)

    def tags(self) -> dict[str, str]:
        """Return tag -> commit."""
        refs = self._ask("list of tags", lambda: self._api.list_repo_refs(self.repo, repo_type="dataset"))
        return {tag.name: tag.target_commit for tag in refs.tags}

    def tag(self, name: str, commit: str) -> None:
        """Name a commit; one that bears the name already is left as it is."""
        self._ask(
            f"tag {name}",
            lambda: self._api.create_tag(self.repo, tag=name, revision=commit, repo_type="dataset", exist_ok=True),
        )

    def download(self, path: str, commit: str, folder: Path, again: bool = False) -> Path:
        """Put a file under its own path into ``folder`` and return where; ``again`` passes caches by."""
        return Path(
            self._ask(
                path,
                lambda: self._api.hf_hub_download(
                    self.repo, path, repo_type="dataset", revision=commit, local_dir=folder, force_download=again
                ),
            )
        )

    def read(self, path: str, commit: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; the others are not sent."""
        return self._ask(path, lambda: byte_range(self._api.endpoint, self.repo, path, commit, (start, end)))

    def _ask(self, what: str, call: Callable[[], Answer]) -> Answer:
        attempt = 1
        while True:
            try:
                return call()
            except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
                _expect_no_disk_trouble(error, self.repo, what)
                cause = _telling(error)
                passing, asked = _passing(cause)
                if not passing or attempt == ATTEMPTS:
                    raise self._told(what, cause, attempt) from cause
            wait = min(LONGEST_WAIT, max(asked, FIRST_WAIT * 2 ** (attempt - 1)))
            said = _line(cause)
            logger.warning("%s: %s: attempt %d: %s; asking again in %.0f s", self.repo, what, attempt, said, wait)
            time.sleep(wait)
            attempt += 1

    def _told(self, what: str, error: BaseException, attempts: int) -> RemoteError:
        """Return our error for one of the client's."""
        status = getattr(getattr(error, "response", None), "status_code", None)
        kind: type[RemoteError] = RemoteError
        if isinstance(error, errors.GatedRepoError):
            text = f"gated ({status}): accept its conditions at {self.url} with the account that is used ({_LOGIN})"
        elif isinstance(error, errors.RepositoryNotFoundError):
            text = (
                f"expected a dataset repository, found none ({status}), or a private one that this login may not"
                f" see; check the name and the login ({_LOGIN})"
            )
        elif isinstance(error, errors.RevisionNotFoundError):
            text = f"expected a branch, tag or commit, found none ({status}); see {self.url}/commits/{BRANCH}"
        elif isinstance(error, errors.EntryNotFoundError):
            text = f"expected the file, found none ({status}); see {self.url}/tree/{BRANCH}"
        elif isinstance(error, errors.OfflineModeIsEnabled):
            text = "expected a network, found HF_HUB_OFFLINE set; unset it"
        elif status == 401:
            text = f"the token is not accepted (401); log in anew ({_LOGIN})"
        elif status == 403:
            text = f"the token may not do this (403); use one with write access to {self.repo.split('/')[0]} ({_LOGIN})"
        elif status == 412:
            kind = BranchMovedError
            text = f"somebody else committed to {BRANCH} meanwhile (412); nothing was changed; run again"
        else:
            text = f"{_line(error)}, at attempt {attempts}; check the network and {self._api.endpoint}, then run again"
        return kind(f"{self.repo}: {what}: {text}")


class _Forward(logging.Handler):
    """Says what the client says, without secrets, through our logger."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.log(record.levelno, "%s", _scrubbed(record.getMessage()))


def _take_over_logging() -> None:
    for name in ("huggingface_hub", "httpx2"):
        theirs = logging.getLogger(name)
        theirs.handlers[:] = [_Forward()]
        theirs.propagate = False
    # It tells of every request, signed URLs and all.
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def _stored(item: Any) -> Stored:
    return Stored(item.size, item.lfs.sha256 if item.lfs else None, item.blob_id)


def _expect_no_disk_trouble(error: Exception, repo: str, what: str) -> None:
    # Errors of the network and of the client itself bear no number, or are one of the two kinds.
    if (
        isinstance(error, OSError)
        and error.errno is not None
        and not isinstance(error, (ConnectionError, TimeoutError))
    ):
        place = f"{error.filename}: " if error.filename else ""
        raise CorpusError(
            f"{repo}: {what}: {place}{error.strerror}; see that this machine's disk has room and can be written"
        ) from error


def _telling(error: BaseException) -> BaseException:
    """Return the error of a chain that says what happened: the client wraps some in others that do not."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, (httpx2.HTTPError, ConnectionError)):
            return link
        link = link.__cause__
    return error


def _passing(error: BaseException) -> tuple[bool, float]:
    """Return whether another attempt is worth it, and the seconds to wait that the server asks for."""
    if isinstance(error, errors.HfHubHTTPError):
        status, headers = error.response.status_code, error.response.headers
        limit = headers.get("ratelimit", "") if status == 429 else ""
        asked = re.search(r"\bt=(\d+)", limit) or re.fullmatch(r"(\d+)", headers.get("retry-after", ""))
        return status in _PASSING, float(asked[1]) if asked else 0.0
    if isinstance(error, errors.OfflineModeIsEnabled):
        return False, 0.0
    # An OSError without a file is the client's own: a body of another length than promised.
    return isinstance(error, (httpx2.TransportError, OSError)), 0.0


def _line(error: BaseException) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    said = getattr(error, "server_message", None) if status else (str(error) or type(error).__name__)
    text = " ".join(part for part in (f"status {status}" if status else "", said or "") if part)
    return _scrubbed(" ".join(text.split()))[:_LONGEST_MESSAGE]


def _scrubbed(text: str) -> str:
    text = re.sub(r"(https?://[^\s?'\"]*)\?[^\s'\"]*", r"\1", text)
    token = get_token()
    return text.replace(token, "(token)") if token else text
