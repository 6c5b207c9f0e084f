"""packaging/bootstrap.py on this machine, in temporary folders; without pip and its downloads."""

import ast
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from types import ModuleType

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[2] / "packaging" / "bootstrap.py"


def load(path: Path) -> ModuleType:
    """Run the script as a module; its checkout is the folder above its own."""
    module = ModuleType("bootstrap")
    module.__file__ = str(path)
    exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
    return module


@pytest.fixture
def bootstrap(tmp_path: Path) -> ModuleType:
    """The script in a checkout of its own, with one dependency-free project."""
    (tmp_path / "checkout" / "packaging").mkdir(parents=True)
    (tmp_path / "checkout" / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    return load(Path(shutil.copy(BOOTSTRAP, tmp_path / "checkout" / "packaging")))


@pytest.fixture
def installed(bootstrap: ModuleType) -> ModuleType:
    """The same after a complete set-up: an environment with a program that prints its arguments."""
    venv.create(bootstrap.VENV, symlinks=os.name == "posix")
    program = Path(bootstrap.executable(bootstrap.VENV, "yolact-live"))
    program.write_text('#!/bin/sh\necho "program: $@"\nexit 7\n')
    program.chmod(0o755)
    (Path(bootstrap.sysconfig.get_path("purelib", "venv", {"base": str(bootstrap.VENV)})) / "some").mkdir()
    bootstrap.write_stamp(bootstrap.STAMP, stamp_of(bootstrap))
    return bootstrap


def stamp_of(bootstrap: ModuleType) -> dict[str, object]:
    return {
        "place": bootstrap.place(bootstrap.VENV),
        "project": bootstrap.digest(bootstrap.CHECKOUT / "pyproject.toml"),
        "extras": [],
        "packages": bootstrap.packages_in(bootstrap.VENV),
    }


def run(bootstrap: ModuleType, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, bootstrap.__file__, *arguments],
        env=clean | environment,
        cwd=bootstrap.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
    )


# Python


def test_an_old_python_is_told_so_in_one_line() -> None:
    pretend = f"import runpy, sys; sys.version_info = (3, 9, 1); runpy.run_path({str(BOOTSTRAP)!r})"
    result = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr.startswith("YOLACT Live needs Python 3.11 or newer; this is 3.9")
    assert result.stderr.count("\n") == 1


def test_an_old_python_can_parse_the_script() -> None:
    tree = ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 7))
    check = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))
    functions = [i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef)]
    assert check < min(functions), "annotations of functions would fail before the check"


def test_only_the_standard_library_is_imported() -> None:
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(BOOTSTRAP.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names


# Later starts


def test_a_complete_set_up_starts_the_program_at_once(installed: ModuleType) -> None:
    result = run(installed, "run", "--score", "0.5", PATH="/nowhere")
    assert result.stdout == "program: --score 0.5\n"
    assert result.stderr == ""
    assert result.returncode == 7


def test_without_a_display_the_demo_is_annotated_to_a_named_file(installed: ModuleType) -> None:
    result = run(installed, "run")
    output = installed.CHECKOUT / "demo-annotated.mp4"
    assert result.stdout.split()[1:] == [
        "run", str(installed.CHECKOUT / "assets" / "demo.mp4"), "-o", str(output), "--overwrite",
    ]  # fmt: skip
    assert str(output) in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_with_a_display_the_window_opens_on_the_demo_unless_libraries_are_missing(
    installed: ModuleType,
) -> None:
    result = run(installed, "run", DISPLAY=":99")
    missing = installed.missing_libraries()
    assert (result.stdout == f"program: {installed.CHECKOUT}/assets/demo.mp4\n") == (not missing)
    assert all(soname in result.stderr for soname in missing)


# The stamp


def test_an_untouched_environment_is_intact(installed: ModuleType) -> None:
    assert installed.is_intact(installed.VENV, installed.read_stamp(installed.STAMP))


def test_a_moved_checkout_is_noticed(installed: ModuleType) -> None:
    moved = installed.CHECKOUT.with_name("moved")
    installed.CHECKOUT.rename(moved)
    assert not installed.is_intact(moved / ".venv", installed.read_stamp(moved / ".venv" / "bootstrap.json"))


def test_a_lost_interpreter_is_noticed(installed: ModuleType) -> None:
    Path(installed.executable(installed.VENV, "python")).unlink()
    assert not installed.is_intact(installed.VENV, installed.read_stamp(installed.STAMP))


def test_a_lost_package_is_noticed(installed: ModuleType) -> None:
    stamp = installed.read_stamp(installed.STAMP)
    assert "some" in stamp["packages"]
    (Path(installed.sysconfig.get_path("purelib", "venv", {"base": str(installed.VENV)})) / "some").rmdir()
    assert not installed.is_intact(installed.VENV, stamp)


@pytest.mark.parametrize("content", ["{}", "", "[]", '{"place": 3}', '{"place"'])
def test_an_unfinished_or_damaged_stamp_is_not_believed(installed: ModuleType, content: str) -> None:
    installed.STAMP.write_text(content)
    assert not installed.is_intact(installed.VENV, installed.read_stamp(installed.STAMP))


def test_another_python_is_noticed(installed: ModuleType) -> None:
    stamp = installed.read_stamp(installed.STAMP)
    stamp["place"][1] = "cpython-39"
    assert not installed.is_intact(installed.VENV, stamp)


@pytest.fixture
def pip_runs(installed: ModuleType) -> Path:
    """Replace the environment's interpreter by one that writes down how it is called, and fails."""
    calls = installed.CHECKOUT / "calls"
    python = Path(installed.executable(installed.VENV, "python"))
    python.unlink()
    python.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\necho pip says no\nexit 3\n')
    python.chmod(0o755)
    return calls


def test_a_changed_project_is_installed_again_with_the_extras_it_had(
    installed: ModuleType, pip_runs: Path
) -> None:
    installed.write_stamp(installed.STAMP, stamp_of(installed) | {"extras": ["test"]})
    assert run(installed, "run").returncode == 7
    with (installed.CHECKOUT / "pyproject.toml").open("a") as project:
        project.write("# changed\n")
    result = run(installed, "run")
    assert result.returncode == 1
    assert "pip says no" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("Error: Installing Python packages failed")
    assert pip_runs.read_text().rstrip().endswith(f"--editable {installed.CHECKOUT}[test]")


def test_a_missing_extra_is_installed_and_a_failure_is_not_taken_for_success(
    installed: ModuleType, pip_runs: Path
) -> None:
    assert run(installed, "test").returncode == 1
    assert f"{installed.CHECKOUT}[test]" in pip_runs.read_text()
    assert json.loads(installed.STAMP.read_text()) == {}


# Failures in words


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        (
            "NewConnectionError(...): Failed: [Errno -3] Temporary failure in name resolution",
            "check the network",
        ),
        ("ProxyError('Cannot connect to proxy.')", "check the network or proxy"),
        ("[Errno 30] Read-only file system: '/x/.venv'", "cannot write into"),
        ("something else", "otherwise"),
    ],
)
def test_known_causes_are_named(bootstrap: ModuleType, output: str, words: str) -> None:
    assert words in str(bootstrap.failure(output, "otherwise"))


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system that is always full")
def test_a_full_disk_is_named_in_one_line(bootstrap: ModuleType) -> None:
    command = [sys.executable, "-c", "open('/dev/full', 'w').write('x' * 9999)"]
    with pytest.raises(bootstrap.SetupError, match="disk is full"):
        bootstrap.follow(command, "Writing")


def test_a_file_in_the_way_is_an_error_without_a_traceback(bootstrap: ModuleType) -> None:
    bootstrap.VENV.write_text("")
    result = run(bootstrap, "run", PATH="/nowhere")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert bootstrap.VENV.is_file()


@pytest.mark.parametrize(("arguments", "status"), [([], 2), (["start"], 2), (["--help"], 0)])
def test_usage(bootstrap: ModuleType, arguments: list[str], status: int) -> None:
    result = run(bootstrap, *arguments)
    assert result.returncode == status
    assert "bootstrap.py run" in (result.stderr if status else result.stdout)


# System packages


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring these libraries")
def test_missing_libraries_are_those_that_the_loader_does_not_find(bootstrap: ModuleType) -> None:
    assert bootstrap.missing_libraries(["libc.so.6", "libno-such-thing.so.7"]) == ["libno-such-thing.so.7"]


@pytest.mark.skipif(not shutil.which("ldd"), reason="needs ldd, which lists what a library loads")
def test_every_library_that_qt_needs_from_the_system_is_known(bootstrap: ModuleType) -> None:
    """What the loader resolves outside of PySide6 for Qt's window plug-in, apart from the C library's own."""
    import PySide6

    root = Path(PySide6.__file__).parent / "Qt"
    objects = [root / "plugins/platforms/libqxcb.so", *(root / "lib").glob("libQt6XcbQpa.so.6")]
    objects += [root / "lib/libQt6Gui.so.6", root / "lib/libQt6Widgets.so.6"]
    needed = set()
    for path in objects:
        trace = subprocess.run(["ldd", str(path)], capture_output=True, text=True, timeout=60, check=True)
        data = path.read_bytes()
        needed |= {line.split()[0] for line in trace.stdout.splitlines() if line.split()[0].encode() in data}
    elsewhere = {name for name in needed if name.startswith(("libQt6", "libicu", "ld-linux", "linux-vdso"))}
    libc = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1"}
    with_others = {"libxcb.so.1", "libz.so.1", "libzstd.so.1", "libgthread-2.0.so.0"}
    assert needed - elsewhere - libc - with_others <= set(bootstrap.LIBRARIES)
    assert {"libEGL.so.1", "libxcb-cursor.so.0"} <= needed


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring these libraries")
def test_without_what_opencv_loads_nothing_is_started(bootstrap: ModuleType) -> None:
    bootstrap.ESSENTIAL = ("libno-such-thing.so.7",)
    bootstrap.LIBRARIES["libno-such-thing.so.7"] = "libno-such-thing7"
    with pytest.raises(bootstrap.SetupError, match=r"nothing can run without libno-such-thing\.so\.7"):
        bootstrap.require_essential_libraries()


@pytest.mark.skipif(not shutil.which("ldd"), reason="needs ldd, which lists what a library loads")
def test_what_opencv_loads_from_the_system_is_essential(bootstrap: ModuleType) -> None:
    import cv2

    (library,) = Path(cv2.__file__).parent.glob("cv2*.so")
    trace = subprocess.run(["ldd", str(library)], capture_output=True, text=True, timeout=60, check=True)
    loaded = {line.split()[0] for line in trace.stdout.splitlines()}
    with_libgl = {"libX11.so.6"}
    assert loaded & set(bootstrap.LIBRARIES) - with_libgl == set(bootstrap.ESSENTIAL)
    assert bootstrap.missing_libraries(bootstrap.ESSENTIAL) == []


@pytest.mark.skipif(sys.platform != "linux", reason="apt-get is Debian's")
def test_without_the_right_to_install_the_exact_command_is_printed(bootstrap: ModuleType) -> None:
    script = (
        "import os, runpy, sys\n"
        "module = runpy.run_path(sys.argv[1])\n"
        "os.geteuid() or os.setuid(65534)\n"
        "os.environ['PATH'] = '/nowhere'\n"
        "sys.exit(module['install_packages'](['libegl1', 'libgl1'], 'The window'))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(BOOTSTRAP)], capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0  # False: nothing was installed, and that is no error
    assert result.stderr.splitlines()[-1].strip() == "sudo apt-get install -y libegl1 libgl1"
    assert "Traceback" not in result.stderr
