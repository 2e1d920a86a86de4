"""What secrets look like in a text: keys whose makers gave them a shape, and values that a text calls a secret.

No pattern goes back and forth over a text: what repeats is bounded, or gives nothing back (`++`, `{n,}+`) and begins
only where its own characters do not stand before it. The part to take out is the group `secret` where there is one.
"""

NAMED = r"(?:pass(?:word|wd|phrase|code)|pwd|secret|token|(?:api|access|secret|private)[ _-]?key)"

SECRET_SHAPES: dict[str, str] = {
    # up to its end; of a block that is cut off, what still looks like a key
    "private key": (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----"
        r"(?:(?s:(?!-----).){0,20000}+-----END [A-Z0-9 ]{0,60}-----|(?:\\n|[A-Za-z0-9+/=\s]){0,20000}+)"
    ),
    "JSON web token": r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{10,}+(?:\.[A-Za-z0-9_-]++)?",
    "OpenAI, Anthropic": r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{16,}+",
    "Stripe": r"(?<![A-Za-z0-9])(?:[spr]k_(?:live|test)|whsec)_[A-Za-z0-9]{10,}+",
    "AWS": r"(?<![A-Za-z0-9])A(?:KIA|SIA|IDA|ROA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "GitHub": r"(?<![A-Za-z0-9])(?:gh[opsru]_[A-Za-z0-9]{30,}+|github_pat_[A-Za-z0-9_]{22,}+)",
    "GitLab": r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}+",
    "Slack": r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}+",
    "Google": r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}",
    "Hugging Face, npm": r"(?<![A-Za-z0-9])(?:hf|npm)_[A-Za-z0-9]{30,}+",
    "PyPI": r"(?<![A-Za-z0-9])pypi-[A-Za-z0-9_-]{50,}+",
    "SendGrid": r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+",
    "bearer": r"(?i:\bbearer\s{1,4}+)(?P<secret>[A-Za-z0-9._~+/-]{12,}+=*+)",
    "basic authentication": (
        r"(?i:\bauthorization[\"']?\s{0,3}+[:=]\s{0,3}+[\"']?basic\s{1,4}+)(?P<secret>[A-Za-z0-9+/]{6,}+=*+)"
    ),
    "in a URL": r"://(?P<secret>[^\s/:@<>]{0,64}+:[^\s/@<>]{1,200}+)@",
    # `password=x` is one whatever it is; in prose (`password: x`, `password is x`) it needs a quote, a digit or a sign
    "assigned": rf"(?i:{NAMED})[\"']?\s{{0,3}}+=\s{{0,3}}+[\"']?(?P<secret>[^\s\"'<>,;&]{{3,500}}+)",
    "quoted": rf"(?i:{NAMED})[\"']?(?:\s{{0,3}}+:|\s{{1,3}}+is:?)\s{{0,3}}+[\"'](?P<secret>[^\n\"'<>]{{3,500}}+)[\"']",
    "told": (
        rf"(?i:{NAMED})(?:\s{{0,3}}+:|\s{{1,3}}+(?:is|was):?)\s{{1,3}}+"
        r"(?P<secret>(?=[^\s\"'<>]{0,60}[0-9#$%&*+=@^_~])[^\s\"'<>]{3,500}[^\s\"'<>.,;:)])"
    ),
}
