"""The Python that has moto: this one, or the environment that the Rust tests make too, in the target folder."""

import fcntl
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


def with_moto() -> str:
    """The path of an interpreter that can import moto; installs it once if there is none."""
    if find_spec("moto") and find_spec("werkzeug"):
        return sys.executable
    source = (PROJECT / "tests" / "src" / "moto.rs").read_text()
    version = re.search(r'VERSION: &str = "([^"]+)"', source)[1]
    folder = Path(os.environ.get("CARGO_TARGET_DIR") or PROJECT / "target") / f"moto-{version}"
    python, ready = folder / "bin" / "python", folder / "ready"
    if not ready.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                print(f"installing moto {version} into {folder}: once", file=sys.stderr)
                subprocess.run(["python3", "-m", "venv", folder], check=True)
                pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"moto[server]=={version}"]
                subprocess.run(pip, check=True)
                ready.touch()
    return str(python)
