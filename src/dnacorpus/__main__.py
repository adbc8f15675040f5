"""``python -m dnacorpus`` is the command ``dnacorpus``."""

import sys

from dnacorpus.cli import main

sys.exit(main())
