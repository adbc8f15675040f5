"""``python -m dnacorpus`` is the command ``dnacorpus``."""

import os
import sys


def main() -> int:
    """Run `cli.main.main`; an interrupt while its modules are loaded is one line, too."""
    try:
        from dnacorpus.cli.main import main as run  # noqa: PLC0415 - inside, so that an interrupt is caught

        return run()
    except KeyboardInterrupt:
        sys.stderr.write("dnacorpus: interrupted\n")
        os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
