"""The errors of the package, each with the exit code of a command that ends with it.

    CorpusError            1  bad data: names the file, the place, what was expected and found, the next step
    |-- UsageError         2  a wrong option, path, config key or division
    `-- RemoteError        3  a network or remote service that failed or answered wrongly

``cli.main`` alone turns them into one line on stderr and the exit code.
"""


class CorpusError(Exception):
    """Bad data: the input cannot be used as it is."""

    exit_code = 1


class UsageError(CorpusError):
    """A request that cannot be carried out as given."""

    exit_code = 2


class RemoteError(CorpusError):
    """A server that could not be reached or answered wrongly; a retry may succeed."""

    exit_code = 3
