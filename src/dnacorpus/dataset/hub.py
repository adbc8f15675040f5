"""A dataset repository on the Hugging Face Hub.

HF_ENDPOINT, HF_TOKEN and the login of the `hf` command are honoured. `hub_errors` decides which errors are retried,
because the client retries only some of its requests. No message contains the token or a signed URL.
"""

import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, errors, get_token
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.tqdm import disable_progress_bars

from dnacorpus.dataset.hub_bounds import bound_client, file_of
from dnacorpus.dataset.hub_errors import cause_of, error_line, raise_disk_error, scrubbed, temporary_and_wait
from dnacorpus.dataset.hub_ranges import byte_range
from dnacorpus.dataset.manifest import git_sha1
from dnacorpus.errors import RemoteError, UsageError
from dnacorpus.storage.retry import Backoff, RetryableError, retry

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

BRANCH = "main"
ATTEMPTS = 5
BACKOFF = Backoff(ATTEMPTS, first_wait=1.0, longest_wait=310.0, random_share=0.0)
"""The Hub limits the requests per five minutes."""
_LOGIN = "HF_TOKEN, or `hf auth login`"
_REPO = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9]([\w.-]*\w)?/[A-Za-z0-9_]([\w.-]*\w)?", re.ASCII)


class BranchMovedError(RemoteError):
    """The branch moved between the time its head was read and our commit."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a branch: its commit, or an empty text if the repository has none."""

    commit: str
    private: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """The Hub's description of a file: SHA-256 for large files, git's SHA-1 for files in the git repository itself."""

    bytes: int
    sha256: str | None
    git_sha1: str

    def equals(self, path: Path, sha256: str) -> bool:
        """Return whether this is the file at ``path``, whose SHA-256 is ``sha256``."""
        if self.bytes != path.stat().st_size:
            return False
        return self.sha256 == sha256 if self.sha256 is not None else self.git_sha1 == git_sha1(path)


class Hub:
    """One dataset repository; each method retries temporary errors.

    All methods raise RemoteError, in one line that names the repository and the next step.
    """

    def __init__(self, repo: str) -> None:
        """Raise UsageError for a name that is not ORG/NAME."""
        _take_over_logging()
        bound_client()
        disable_progress_bars()
        if not _REPO.fullmatch(repo):
            raise UsageError(f"repository {repo!r}: expected ORG/NAME, e.g. my-lab/dnacorpus")
        self.repo = repo
        # The client reads the variable only when it is imported; reading it here allows it to be set later.
        self._api = HfApi(endpoint=os.environ.get("HF_ENDPOINT", "").rstrip("/") or None)

    @property
    def url(self) -> str:
        """The URL of the repository's page."""
        return f"{self._api.endpoint}/datasets/{self.repo}"

    def require_login(self) -> None:
        """Raise UsageError, with how to log in, if there is no token."""
        if not get_token():
            raise UsageError(
                f"{self.repo}: expected a token with write access, found none; set HF_TOKEN, or run `hf auth login`"
                f" (tokens: {self._api.endpoint}/settings/tokens)"
            )

    def head(self, revision: str | None = None) -> Head:
        """Resolve a branch, tag or commit to its current commit."""

        def receive() -> Head:
            info = self._api.dataset_info(self.repo, revision=revision)
            if not isinstance(info.sha or "", str):
                raise TypeError(info.sha)
            return Head(info.sha or "", bool(info.private))

        return self._retry(f"revision {revision or BRANCH}", receive)

    def create(self, private: bool) -> Head:
        """Return the head of the branch, after creating the repository if it does not exist.

        Raises UsageError if it should be private, but exists and is public.
        """
        try:
            head = self.head()
        except RemoteError as error:
            absent = isinstance(error.__cause__, errors.RepositoryNotFoundError)
            if not absent or isinstance(error.__cause__, errors.GatedRepoError):
                raise
            self._retry(
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

        def receive() -> dict[str, Stored]:
            tree = self._api.list_repo_tree(self.repo, repo_type="dataset", revision=commit, recursive=True)
            return {item.path: _stored(item) for item in tree if isinstance(item, RepoFile)}

        return self._retry(f"list of files of {commit[:8]}", receive)

    def file(self, path: str, commit: str) -> Stored | None:
        """Return one file of a commit, or None when there is none."""

        def receive() -> Stored | None:
            files = self._api.get_paths_info(self.repo, [path], repo_type="dataset", revision=commit)
            return _stored(files[0]) if files else None

        return self._retry(path, receive)

    def send(self, files: Sequence[tuple[str, Path, str]]) -> list[CommitOperationAdd]:
        """Upload those of some files that are large and that the Hub does not have; return all of them for `commit`.

        They are visible only after the commit. A file is given as its path in the repository, its local path, and its
        SHA-256.
        """
        additions = [CommitOperationAdd(name, str(path)) for name, path, _ in files]
        for addition, (_, _, sha256) in zip(additions, files, strict=True):
            # The client would read every file once more to compute this.
            addition.upload_info.sha256 = bytes.fromhex(sha256)
        self._retry(
            f"upload of {files[0][0]}" + (" and others" if len(files) > 1 else ""),
            lambda: self._api.preupload_lfs_files(self.repo, additions, repo_type="dataset", revision=BRANCH),
        )
        return additions

    def commit(self, additions: list[CommitOperationAdd], deletions: Sequence[str], message: str, parent: str) -> str:
        """Create one commit on the branch and return it; raises BranchMovedError if its head is not ``parent``."""
        operations: list[CommitOperationAdd | CommitOperationDelete] = [*additions]
        operations += [CommitOperationDelete(path, is_folder=False) for path in deletions]
        options: dict[str, Any] = {"repo_type": "dataset", "revision": BRANCH, "parent_commit": parent or None}
        commit = self._retry(
            "commit", lambda: self._api.create_commit(self.repo, operations, commit_message=message, **options)
        )
        return str(commit.oid)

    def tags(self) -> dict[str, str]:
        """Return tag -> commit."""
        refs = self._retry("list of tags", lambda: self._api.list_repo_refs(self.repo, repo_type="dataset"))
        return {tag.name: tag.target_commit for tag in refs.tags}

    def tag(self, name: str, commit: str) -> None:
        """Tag a commit; an existing tag of this name is left as it is."""
        self._retry(
            f"tag {name}",
            lambda: self._api.create_tag(self.repo, tag=name, revision=commit, repo_type="dataset", exist_ok=True),
        )

    def download(self, path: str, commit: str, folder: Path, size: int, again: bool = False) -> Path:
        """Download a file of ``size`` bytes to its path below ``folder`` and return that path.

        ``again`` ignores caches. Raises RemoteError as soon as more bytes arrive.
        """

        def receive() -> str:
            with file_of(size):
                return self._api.hf_hub_download(
                    self.repo, path, repo_type="dataset", revision=commit, local_dir=folder, force_download=again
                )

        return Path(self._retry(path, receive))

    def read(self, path: str, commit: str, start: int, end: int) -> bytes:
        """Return the bytes of a file from ``start`` up to ``end``; only these are transferred."""
        return self._retry(path, lambda: byte_range(self._api.endpoint, self.repo, path, commit, (start, end)))

    def _retry(self, what: str, call: Callable[[], Result]) -> Result:
        """Return the result of ``call``, repeated after temporary errors; ``what`` names the request in messages."""
        attempts = 0

        def attempt() -> Result:
            nonlocal attempts
            attempts += 1
            try:
                return call()
            except (AttributeError, LookupError, TypeError) as error:
                raise RemoteError(
                    f"{self.repo}: {what}: expected an answer of the Hub, found one of another form;"
                    f" check {self._api.endpoint}"
                ) from error
            except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
                raise_disk_error(error, self.repo, what)
                cause = cause_of(error)
                temporary, wanted_wait = temporary_and_wait(cause)
                if not temporary:
                    raise self._error(what, cause, attempts) from cause
                raise RetryableError(error_line(cause), wanted_wait) from cause

        def before_wait(number: int, failure: RetryableError, seconds: float) -> None:
            message = "%s: %s: attempt %d failed: %s; retrying in %.0f s"
            logger.warning(message, self.repo, what, number, failure, seconds)

        try:
            return retry(attempt, BACKOFF, before_wait)
        except RetryableError as failure:
            cause = failure.__cause__ or failure
            raise self._error(what, cause, attempts) from cause

    def _error(self, what: str, error: BaseException, attempts: int) -> RemoteError:
        """Return the RemoteError for an error of the client."""
        status = getattr(getattr(error, "response", None), "status_code", None)
        kind: type[RemoteError] = RemoteError
        if isinstance(error, errors.GatedRepoError):
            text = f"gated ({status}): accept its conditions at {self.url} with the account of your login ({_LOGIN})"
        elif isinstance(error, errors.RepositoryNotFoundError):
            text = (
                f"expected a dataset repository, found none ({status}), or a private one that this login cannot"
                f" access; check the name and the login ({_LOGIN})"
            )
        elif isinstance(error, errors.RevisionNotFoundError):
            text = f"expected a branch, tag or commit, found none ({status}); see {self.url}/commits/{BRANCH}"
        elif isinstance(error, errors.EntryNotFoundError):
            text = f"expected the file, found none ({status}); see {self.url}/tree/{BRANCH}"
        elif isinstance(error, errors.OfflineModeIsEnabled):
            text = "expected a network, found HF_HUB_OFFLINE set; unset it"
        elif status == 401:
            text = f"the token is not accepted (401); log in again ({_LOGIN})"
        elif status == 403:
            owner = self.repo.split("/")[0]
            text = f"the token does not permit this (403); use one with write access to {owner} ({_LOGIN})"
        elif status == 412:
            kind = BranchMovedError
            text = f"{BRANCH} was changed by another commit meanwhile (412); nothing was published; run again"
        else:
            text = (
                f"{error_line(error)}, at attempt {attempts};"
                f" check the network and {self._api.endpoint}, then run again"
            )
        return kind(f"{self.repo}: {what}: {text}")


class _Forward(logging.Handler):
    """Forwards the client's messages to our logger without secrets."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.log(record.levelno, "%s", scrubbed(record.getMessage()))


def _take_over_logging() -> None:
    for name in ("huggingface_hub", "httpx2"):
        client_logger = logging.getLogger(name)
        client_logger.handlers[:] = [_Forward()]
        client_logger.propagate = False
    # At INFO it logs every request, with signed URLs.
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def _stored(item: Any) -> Stored:
    if not isinstance(item.path, str) or not isinstance(item.size, int) or item.size < 0:
        raise TypeError(item)
    return Stored(item.size, item.lfs.sha256 if item.lfs else None, item.blob_id)
