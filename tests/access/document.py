from pathlib import Path
FILE = Path("docs/access.md")
def text(): return ""
