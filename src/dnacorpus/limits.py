"""How much is read from servers at most, in bytes, with the reason of each limit."""

TEXT_ANSWER = 64 << 20
"""A text held in memory. The largest are an article in JATS (60 MB) and a release's list of MD5 sums (20 MB)."""
ARTICLE_FILE = 256 << 20
"""A file of an article in PMC, held in memory. The reader of PDFs takes no larger one."""
UNSTATED_DOWNLOAD = 64 << 30
"""A file whose size no catalog states. The largest are 20 chromosomes of one request to nuccore (tens of GB)."""
