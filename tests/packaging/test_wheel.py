"""The wheel built from this checkout, installed elsewhere and used from another folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def call(*command: str | Path, cwd: Path, **environment: str) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel, its dependencies aside."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder / "dist",
        CHECKOUT,
    )
    call(*build, cwd=folder)
    (wheel,) = (folder / "dist").glob("yolact_live-*.whl")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index")
    call(*pip, "--no-deps", "--target", folder / "site", wheel, cwd=folder)
    return folder / "site"


def python(installed: Path, code: str) -> list[str]:
    """Return the lines that `code` prints where the checkout cannot be seen."""
    elsewhere = installed.parent
    return call(sys.executable, "-c", code, cwd=elsewhere, PYTHONPATH=str(installed)).splitlines()


def test_the_shipped_files_are_inside(installed: Path) -> None:
    names = ("demo.mp4", "LICENSES.md", "icons/yolact-live.svg", "models", "translations/yolact-live_de.qm")
    code = (
        f"from yolact_live.assets import asset\nfor name in {names}: print(asset(name), asset(name).exists())"
    )
    assert python(installed, code) == [
        f"{installed / 'yolact_live' / 'assets' / name} True" for name in names
    ]


def test_every_file_under_version_control_in_assets_is_inside(installed: Path) -> None:
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = call("git", "ls-files", "assets", cwd=CHECKOUT).splitlines()
    assert "assets/demo.mp4" in listed
    assert [name for name in listed if not (installed / "yolact_live" / name).is_file()] == []


def test_the_licence_travels_along(installed: Path) -> None:
    (metadata,) = installed.glob("yolact_live-*.dist-info")
    assert "MIT" in (metadata / "licenses" / "LICENSE").read_text()
    assert "demo.mp4" in (metadata / "licenses" / "assets" / "LICENSES.md").read_text()


def test_the_console_script_works_from_another_folder(installed: Path) -> None:
    script = installed / "bin" / "yolact-live"
    if os.name == "nt":
        script = script.with_suffix(".exe")
    text = call(script, "--help", cwd=installed.parent, PYTHONPATH=str(installed))
    assert "run" in text.split()
    origin = python(installed, "import yolact_live.cli; print(yolact_live.cli.__file__)")
    assert Path(origin[0]).is_relative_to(installed)


def test_kernels_are_compiled_once_although_the_installation_cannot_be_written(installed: Path) -> None:
    package = installed / "yolact_live"
    folders = [package, *(path for path in package.rglob("*") if path.is_dir())]
    before = sorted(installed.rglob("*.nb?"))
    code = "from yolact_live.render import blend; print(sum(blend._blend.stats.cache_hits.values()))"
    for folder in folders:
        folder.chmod(0o555)
    try:
        hits = [python(installed, code) for _ in range(2)]
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert hits == [["0"], ["1"]]
    assert sorted(installed.rglob("*.nb?")) == before == []
