"""The commands of the README are those of CI; test_docs runs its blocks and follows its links."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_ci_runs_the_test_command_of_the_readme():
    commands = re.findall(r"^python3 -m venv .*$", README, re.M)
    assert len(commands) == 2
    assert commands[0].endswith("examples/quickstart.py")
    assert commands[1].endswith('-m pytest -n 2 --dist loadfile -m "not slow"')
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"grep -E '(.*)' README.md", script)
    assert re.findall(pattern, README, re.M) == [commands[1]]
    assert re.search(r"-m pytest .*-m slow$", script, re.M)  # and the rest
    assert script.count('"${pages[@]') == 2  # pages that it leaves out run later


def test_ci_names_files_that_are_there():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for name in re.findall(r"tests/[\w/.*]+", script):
        assert list(ROOT.glob(name)), name
