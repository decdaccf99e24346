"""How Sphinx builds the site: ``make docs``."""

import os
import tomllib
from importlib import metadata
from pathlib import Path

# Before anything of Keras: a quiet log, and figures without a screen.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["MPLBACKEND"] = "agg"

import joblib
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

# The gallery looks names up, also of pages that it does not run.
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sphinx_gallery.sorting import ExplicitOrder

from skfer import make_hog_svm, make_lbp_svm
from skfer._documentation import DocumentationLink
from skfer.datasets import make_faces
from skfer.inspection import save_report
from skfer.model_selection import compare_pipelines

HERE = Path(__file__).parent
PACKAGES = tomllib.loads((HERE / "reference.toml").read_text())["packages"]

project = "skfer"
author = "the skfer developers"
project_copyright = "2026, the skfer developers"
release = metadata.version("skfer")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "_templates", "gallery/*.ipynb", "gallery/*.py"]
templates_path = ["_templates"]
default_role = "py:obj"
nitpicky = False
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

autosummary_generate = True
numpydoc_show_class_members = False
autodoc_typehints = "none"
numpydoc_xref_param_type = False

smartquotes = False  # Defaults are to be copied as they are.
html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "skfer"
html_static_path = ["_static"]
html_extra_path = ["_extra"]  # The report that write_report makes.
html_logo = "_static/logo.png"
html_favicon = "_static/logo.png"
html_css_files = ["skfer.css"]
html_js_files = ["skfer.js"]
html_show_sourcelink = False
# Pages without others beside them need the space for their tables.
html_sidebars = {
    page: []
    for page in (
        "index", "architecture", "benchmarks", "tried", "contributing", "changelog"
    )
}  # fmt: skip
html_theme_options = {
    "navbar_align": "left",
    "show_nav_level": 2,
    # Pages of the gallery need the space for their code.
    "secondary_sidebar_items": {
        page: ["page-toc"] for page in ("*", "guide/**", "reference/**")
    },
    "footer_start": ["copyright"],
    "footer_end": [],
    "navigation_with_keys": False,
}

# The pages of other projects are looked up on request only, so that the site builds
# offline: make docs ONLINE=1.
intersphinx_mapping = (
    {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "sklearn": ("https://scikit-learn.org/stable", None),
        "skimage": ("https://scikit-image.org/docs/stable", None),
        "joblib": ("https://joblib.readthedocs.io/en/stable", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
    }
    if os.environ.get("ONLINE")
    else {}
)

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": "/plot_",
    "subsection_order": ExplicitOrder(
        [f"../examples/{section}" for section in ("start", "methods", "reports")]
    ),
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("skfer",),
    "backreferences_dir": "reference/backreferences",
    "plot_gallery": "True",
    "parallel": joblib.cpu_count(),
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_",),
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "copyfile_regex": r".*\.png",
}

# Diagrams of estimators lead to the pages of this very build.
DocumentationLink._doc_link_template = (
    "../../reference/generated/{estimator_module}.{estimator_name}.html"
)


def write_reference() -> None:
    """Write the page that lists all public names, from reference.toml."""
    lines = ["Reference", "=========", ""]
    lines += ["All public classes and functions, by package.", ""]
    for package in PACKAGES:
        title = f"{package['title']}: ``{package['module']}``"
        lines += [title, "-" * len(title), "", package["text"], ""]
        lines += [f".. currentmodule:: {package['module']}", ""]
        lines += [".. autosummary::", "   :toctree: generated", "   :nosignatures:", ""]
        lines += [f"   {name}" for name in package["names"]] + [""]
    page = HERE / "reference" / "index.rst"
    page.parent.mkdir(exist_ok=True)
    text = "\n".join(lines)
    if not page.exists() or page.read_text() != text:
        page.write_text(text)


write_reference()  # Now, because Sphinx lists the pages before any event.


def write_report() -> None:
    """Write the report of a comparison on drawn faces, which the front page shows."""
    page = HERE / "_extra" / "example-report.html"
    faces = make_faces(350, n_subjects=25, noise=0.1, random_state=0)
    models = {"hog-svm": make_hog_svm(image_size=32), "lbp-svm": make_lbp_svm()}
    comparison = compare_pipelines(models, faces, cv=4)
    save_report(
        comparison,
        page,
        title="Drawn faces: comparison",
        learning_curve=comparison.learning_curve(),
        command="skfer report faces --models hog-svm lbp-svm",
    )


write_report()


def link_bare_names(app, env, node, contnode):
    """Let `CNNClassifier` in a docstring find skfer.neural.CNNClassifier."""
    name = node.get("reftarget", "").split(".")[-1]
    home = {n: package["module"] for package in PACKAGES for n in package["names"]}
    if node.get("refdomain") != "py" or name not in home:
        return None
    full = f"{home[name]}.{name}"
    if node["reftarget"] not in (name, full, f"skfer.{name}"):
        return None
    return env.get_domain("py").resolve_xref(
        env, node["refdoc"], app.builder, "obj", full, node, contnode
    )


def write_formula(self, node):
    """Write a formula as MathML, which browsers show without scripts or network."""
    block = isinstance(node, nodes.math_block)
    tree = tex2mathml(node.astext(), as_block=block)
    self.body.append(f"<p>{tree}</p>" if block else str(tree))
    raise nodes.SkipNode


def setup(app):
    """Connect the functions above."""
    app.connect("missing-reference", link_bare_names)
    app.add_html_math_renderer("mathml", (write_formula, None), (write_formula, None))
