import subprocess
import sys
from importlib import metadata

import skfer


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAVY = {"keras", "scikeras", "tensorflow", "jax", "torch", "matplotlib", "pandas"}


def loaded_after(code):
    out = run(
        f"import sys\n{code}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    )
    return set(out.split()) & HEAVY


def test_the_version_is_that_of_the_package():
    assert skfer.__version__ == metadata.version("skfer")


def test_importing_skfer_loads_nothing_heavy():
    assert loaded_after("import skfer") == set()


def test_importing_every_public_name_loads_nothing_heavy():
    names = "; ".join(f"skfer.{name}" for name in skfer.__all__)
    # scikit-learn itself loads pandas where it is installed.
    assert loaded_after(f"import skfer; {names}") <= {"pandas"}


def test_the_guard_sees_heavy_modules():
    assert "matplotlib" in loaded_after("import matplotlib.figure")


def test_importing_skfer_takes_under_a_second():
    code = (
        "from time import perf_counter; start = perf_counter()\n"
        "import skfer; print(perf_counter() - start)"
    )
    assert min(float(run(code)) for _ in range(3)) < 1


def test_a_missing_backend_is_explained():
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: name != 'tensorflow' and find(name)"
        " or None\n"
        "from skfer import build_network\n"
        "try: build_network((8, 8), 2)\n"
        "except ImportError as error: print(error)"
    )
    assert "pip install tensorflow`" in run(code)
