"""``python -m dnacorpus`` is the command ``dnacorpus``."""

import sys

from dnacorpus.cli.main import main

sys.exit(main())
