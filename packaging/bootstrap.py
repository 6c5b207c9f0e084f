"""Set YOLACT Live up and start it; needs only Python 3.11 or newer.

    python3 packaging/bootstrap.py run              the window on the demo clip;
                                                    without a display, the clip annotated to a file
    python3 packaging/bootstrap.py run ARGS         the same as `yolact-live ARGS`
    python3 packaging/bootstrap.py test [ARGS]      linters, types, import rules and pytest ARGS

The first start makes `.venv` beside pyproject.toml and installs the project into it, and on
Debian and its relatives the system libraries that the window needs. Later starts use no network.
"""

import ctypes
import hashlib
import importlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# This file must parse on Python 3.6, so that an old Python says what is wrong and not "syntax error":
# no assignment expressions, no match statements; annotations are evaluated after the check.
OLDEST_PYTHON = (3, 11)

if sys.version_info[:2] < OLDEST_PYTHON:
    sys.exit(
        "YOLACT Live needs Python {}.{} or newer; this is {}.{}: start it with a newer one, "
        "for example python3.12 packaging/bootstrap.py".format(*OLDEST_PYTHON, *sys.version_info[:2])
    )

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
STAMP = VENV / "bootstrap.json"

LIBRARIES = {
    # What the Qt of PySide6-Essentials and its xcb plugin load from the system, and their Debian packages.
    "libstdc++.so.6": "libstdc++6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
ESSENTIAL = ("libstdc++.so.6", "libglib-2.0.so.0", "libGL.so.1")
"""Those that OpenCV loads too: without them nothing works, with or without a window."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_PACKAGE = "fonts-dejavu-core"

FAILURES = [
    (
        r"No space left on device|Disk quota exceeded",
        f"the disk is full: free about 3 GB for {CHECKOUT} and the temporary folder, then start again",
    ),
    (
        r"Read-only file system|Permission denied",
        f"cannot write into {CHECKOUT}: copy the checkout into a folder of yours and start it there",
    ),
    (
        r"name resolution|Name or service not known|getaddrinfo failed|NewConnectionError|NameResolutionError"
        r"|ConnectTimeoutError|ReadTimeoutError|ProxyError|Network is unreachable|Connection refused",
        "the package index cannot be reached: check the network or proxy, then start again",
    ),
]


class SetupError(Exception):
    """Set-up failed; the text says why and what to do."""


def say(text: str) -> None:
    """Print a line for the user; stdout is left to the program itself."""
    print(text, file=sys.stderr, flush=True)


def failure(output: str, otherwise: str) -> SetupError:
    """Return the error that names the known cause found in `output`."""
    for pattern, text in FAILURES:
        if re.search(pattern, output):
            return SetupError(text)
    return SetupError(otherwise)


def live_line(text: str) -> None:
    """Replace the last line of the terminal; nothing where standard error is not one."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)


def follow(command: list[str], doing: str) -> None:
    """Run `command` and show that it works: a live line on a terminal, its downloads elsewhere.

    Raises:
        SetupError: the command failed; its last lines have been shown.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = [doing]

    def collect() -> None:
        for line in process.stdout or ():
            lines.append(line.strip())
            if not sys.stderr.isatty() and line.lstrip().startswith("Downloading "):
                say(f"  {lines[-1]}")

    reader = threading.Thread(target=collect, daemon=True)
    reader.start()
    start = time.perf_counter()
    if not sys.stderr.isatty():
        say(f"{doing} ...")
    try:
        while reader.is_alive():
            live_line(f"{doing}, {time.perf_counter() - start:.0f} s: {lines[-1]}")
            reader.join(0.2)
        status = process.wait()
    except BaseException:
        process.kill()
        raise
    finally:
        live_line("")
    if status:
        say("\n".join(lines[-12:]))
        raise failure("\n".join(lines), f"{doing} failed with exit status {status}; its last lines are above")


# System packages


def missing_libraries(sonames: Iterable[str] = LIBRARIES) -> list[str]:
    """Return those of the shared libraries that the loader does not find."""
    if sys.platform != "linux":
        return []
    missing = []
    for soname in sonames:
        try:
            ctypes.CDLL(soname)
        except OSError:
            missing.append(soname)
    return missing


def has_font() -> bool:
    """Tell whether any font is installed; Qt brings none on Linux."""
    folders = (Path(folder).expanduser() for folder in FONT_FOLDERS)
    return sys.platform != "linux" or any(
        name.endswith((".ttf", ".otf", ".ttc", ".pfb"))
        for folder in folders
        for _, _, names in os.walk(folder)
        for name in names
    )


def privilege() -> list[str] | None:
    """Return the prefix with which apt-get may install without asking, None when it may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def by_hand(packages: list[str]) -> str:
    """Return the command with which a user installs Debian packages."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def install_packages(packages: list[str], purpose: str) -> bool:
    """Install Debian packages where that is allowed, else print the command that does it."""
    prefix = privilege()
    if prefix is None:
        say(f"{purpose} needs system packages; install them with\n    {by_hand(packages)}")
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"]
    try:
        follow([*apt, "update"], "Reading the list of system packages")
        follow([*apt, "install", "-y", "--no-install-recommends", *packages], "Installing system packages")
    except SetupError as error:
        say(f"{purpose} needs system packages, but {error}\n    {by_hand(packages)}")
        return False
    return True


def install_libraries() -> None:
    """Install what Qt lacks on this system; go on without it where that is not possible."""
    missing = missing_libraries()
    packages = [LIBRARIES[soname] for soname in missing] + ([] if has_font() else [FONT_PACKAGE])
    if not packages:
        return
    if shutil.which("apt-get"):
        install_packages(packages, "The window")
    else:
        say(f"The window needs {', '.join(missing) or 'a font'}: install from your system's packages")


def remedy(sonames: list[str]) -> str:
    """Say how a user gets these shared libraries."""
    if shutil.which("apt-get"):
        return by_hand([LIBRARIES[soname] for soname in sonames])
    return "install them from your system's packages"


def require_essential_libraries() -> None:
    """Stop with one clear line where the program could not even be imported."""
    missing = missing_libraries(ESSENTIAL)
    if missing:
        raise SetupError(f"nothing can run without {', '.join(missing)}: {remedy(missing)}")


# The virtual environment


def scripts(venv: Path) -> Path:
    """Return the folder with the interpreter and the console scripts of a virtual environment."""
    return Path(sysconfig.get_path("scripts", "venv", {"base": str(venv)}))


def executable(venv: Path, name: str) -> str:
    """Return the path of the interpreter or of a console script of a virtual environment."""
    return str(scripts(venv) / (name + (".exe" if os.name == "nt" else "")))


def packages_in(venv: Path) -> list[str]:
    """Return what is installed in a virtual environment, as names in its site-packages."""
    names = os.listdir(sysconfig.get_path("purelib", "venv", {"base": str(venv)}))
    return sorted(name for name in names if name != "__pycache__")


def place(venv: Path) -> list[str]:
    """Return what an environment is bound to: its own path and the Python that made it."""
    return [str(venv), str(sys.implementation.cache_tag), sysconfig.get_platform()]


def digest(project: Path) -> str:
    """Return the hash of the file that says what to install."""
    return hashlib.sha256(project.read_bytes()).hexdigest()


def read_stamp(stamp: Path) -> dict[str, Any]:
    """Return what the last complete set-up wrote; empty while none has been completed."""
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_stamp(stamp: Path, content: dict[str, Any]) -> None:
    """Write the stamp so that it is either whole or the old one."""
    part = stamp.with_suffix(".part")
    part.write_text(json.dumps(content), encoding="utf-8")
    part.replace(stamp)


def is_intact(venv: Path, stamp: dict[str, Any]) -> bool:
    """Tell whether the environment that `stamp` describes is here, unmoved and with all its packages."""
    if stamp.get("place") != place(venv) or not os.access(executable(venv, "python"), os.X_OK):
        return False
    try:
        return set(stamp["packages"]) <= set(packages_in(venv))
    except (OSError, KeyError, TypeError):
        return False


def require_venv() -> None:
    """Make sure that Python's own `venv` and `ensurepip` are there; Debian packs them apart."""

    def lacking() -> bool:
        importlib.invalidate_caches()
        return not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))

    if not lacking():
        return
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if shutil.which("apt-get") and install_packages([package], "The first start") and not lacking():
        return
    raise SetupError(
        f"this Python lacks venv and ensurepip: install them (Debian: {package}), then start again"
    )


def make_venv(venv: Path, stamp: Path) -> None:
    """Make a new environment; one that this script left broken or half made is replaced."""
    require_venv()
    if stamp.exists():
        shutil.rmtree(venv)
    venv.mkdir(exist_ok=True)
    write_stamp(stamp, {})
    follow([sys.executable, "-m", "venv", str(venv)], "Making .venv")


def set_up(extras: frozenset[str]) -> None:
    """Bring `.venv` to what pyproject.toml asks for; quick and silent when it is so already.

    An empty stamp marks an environment in the making: a set-up that was cut short is found by it
    and begun anew (pip keeps its downloads).
    """
    stamp = read_stamp(STAMP)
    wanted = {"place": place(VENV), "project": digest(CHECKOUT / "pyproject.toml")}
    intact = is_intact(VENV, stamp)
    installed = frozenset(stamp.get("extras", ())) if intact else frozenset()
    if intact and stamp.get("project") == wanted["project"] and extras <= installed:
        return
    say(f"Setting YOLACT Live up in {VENV} (once; a few minutes, about 330 MB to download, 1.1 GB on disk)")
    install_libraries()
    if not intact:
        make_venv(VENV, STAMP)
    write_stamp(STAMP, {})
    extras |= installed
    requirement = f"{CHECKOUT}[{','.join(sorted(extras))}]" if extras else str(CHECKOUT)
    pip = [
        executable(VENV, "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "--retries",
        "3",
    ]
    follow(
        [*pip, "install", "--progress-bar", "off", "--editable", requirement], "Installing Python packages"
    )
    write_stamp(STAMP, {**wanted, "extras": sorted(extras), "packages": packages_in(VENV)})
    say("Set up.")


# Commands


def has_display() -> bool:
    """Tell whether a window can be shown."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(arguments: list[str]) -> int:
    """Become `yolact-live` with these arguments, or with those that show the demo clip."""
    set_up(frozenset())
    require_essential_libraries()
    if not arguments:
        arguments = demo_arguments()
    command = [executable(VENV, "yolact-live"), *arguments]
    if os.name == "posix":
        os.execv(command[0], command)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program, whose exit status is ours
    return subprocess.call(command)


def demo_arguments() -> list[str]:
    """Return the arguments that show the demo clip in the window, or else annotate it to a file."""
    demo = str(CHECKOUT / "assets" / "demo.mp4")
    missing = missing_libraries()
    if has_display() and not missing:
        return [demo]
    reason = "There is no display"
    if has_display():
        reason = f"The window cannot open without {', '.join(missing)} ({remedy(missing)})"
    output = Path.cwd() / "demo-annotated.mp4"
    say(f"{reason}: annotating the demo clip to {output}")
    return ["run", demo, "-o", str(output), "--overwrite"]


def test(arguments: list[str]) -> int:
    """Run every check of the project; arguments go to pytest, with paths relative to the checkout."""
    set_up(frozenset({"test"}))
    require_essential_libraries()
    environment = dict(os.environ)
    if not has_display():
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    python = executable(VENV, "python")
    checks = {
        "ruff": [python, "-m", "ruff", "check", "."],
        "mypy": [python, "-m", "mypy"],
        "import-linter": [executable(VENV, "lint-imports")],
        "pytest": [python, "-m", "pytest", *arguments],
    }
    failed = []
    for name, command in checks.items():
        say(f"== {name}")
        if subprocess.call(command, cwd=CHECKOUT, env=environment):
            failed.append(name)
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Run one of the two commands; return the exit status."""
    commands = {"run": run, "test": test}
    if not arguments or arguments[0] not in commands:
        wanted = arguments and arguments[0] in ("-h", "--help")
        print(__doc__, file=sys.stdout if wanted else sys.stderr)
        return 0 if wanted else 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leave through the clean-up, as Ctrl-C does
    try:
        return commands[arguments[0]](arguments[1:])
    except SetupError as error:
        say(f"Error: {error}")
    except OSError as error:
        say(f"Error: {failure(str(error), str(error))}")
    except KeyboardInterrupt:
        say("\nInterrupted.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
