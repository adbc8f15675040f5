"""The errors of the package, each with the exit code it ends a command with.

    CorpusError            1  bad data: names the file, the place, expected, found, what to do next
    |-- UsageError         2  a wrong option, path, config key or division
    `-- RemoteError        3  a network or remote service that did not answer as it should

One place, ``cli.main``, turns them into one line on stderr and the exit code.
"""


class CorpusError(Exception):
    """Data that cannot be used as it is."""

    exit_code = 1


class UsageError(CorpusError):
    """A request that cannot be carried out as it was made."""

    exit_code = 2


class RemoteError(CorpusError):
    """A remote end that could not be reached or did not keep to its protocol; worth a retry."""

    exit_code = 3
