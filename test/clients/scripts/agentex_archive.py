"""An archive in the shape that `agentex agents package` gives: agentex_archive.py DIRECTORY OUT.

A staging copy first (Dockerfile to its root, ignore file beside it, then the include paths where they are), then a tar.gz of its
files, sorted, each with its own time, mode and owner.
"""

import pathlib
import shutil
import sys
import tarfile
import tempfile

context, out = map(pathlib.Path, sys.argv[1:3])
agent = "my_agent"
with tempfile.TemporaryDirectory() as name:
    staged = pathlib.Path(name)
    shutil.copy2(context / agent / "Dockerfile", staged / "Dockerfile")
    shutil.copy2(context / agent / ".dockerignore", staged / ".dockerignore")
    shutil.copytree(context / agent, staged / agent, ignore=shutil.ignore_patterns("*.pyc"), dirs_exist_ok=True)
    with tarfile.open(out, "w:gz") as tar:
        for path in sorted(path for path in staged.rglob("*") if path.is_file()):
            tar.add(path, arcname=path.relative_to(staged))
