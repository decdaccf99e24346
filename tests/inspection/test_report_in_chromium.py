"""Reports and audits in a real browser: readable, usable, harmless, alone."""

import json
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from skfer import make_cnn, make_hog_svm, make_lbp_svm
from skfer.datasets import ImageTable, audit_images, find_copies, make_faces
from skfer.inspection import save_audit, save_report
from skfer.model_selection import (
    compare_pipelines,
    find_label_issues,
    make_calibrated,
)
from tests.chromium import chromium
from tests.conftest import TINY_NETWORK

pytestmark = pytest.mark.slow

# Names that are HTML, formulas, several lines, from right to left, long, or all signs.
NAMES = (
    "<img src=x onerror=document.title='taken'>.png",
    "=HYPERLINK(1).png",
    "two\nlines.png",
    "\u0645\u0631\u062d\u0628\u0627.png",
    "\u202egnp.evil.png",
    "\u5fae\u7b11.png",
    "'\"`$&{{1}}%.png",
    "long" * 40 + ".png",
)
CLASSES = ("</style><script>document.title='taken'</script>", "\u5f00\u5fc3 \"'&")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A report and an audit of files and classes with such names."""
    folder = tmp_path_factory.mktemp("pages")
    faces = make_faces(
        140, classes=["happy", "sad"], noise=0.6, n_copies=6, random_state=0
    )
    paths = []
    for row, image in enumerate(faces.images):
        # A slash would be a folder.
        name = NAMES[row] if row < len(NAMES) else f"{row}.png"
        paths.append(folder / name)
        Image.fromarray(image).save(paths[-1])
    target = np.where(faces.target == "sad", *CLASSES)
    table = ImageTable(paths, target, groups=find_copies(faces.images))
    models = {
        "hog<b>": make_hog_svm(image_size=24),
        "lbp": make_calibrated(make_lbp_svm(image_size=24)),
        "net": make_cnn(**TINY_NETWORK),
    }
    comparison = compare_pipelines(models, table, cv=2)
    report = save_report(
        comparison,
        folder / "report.html",
        title="</title><b>A & B",
        command="skfer report 'a<b>'",
        learning_curve=comparison.learning_curve("hog<b>"),
    )
    issues = find_label_issues(table, make_hog_svm(image_size=24))
    audit = save_audit(audit_images(table), folder / "audit.html", label_issues=issues)
    return {"report": report, "audit": audit}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@contextmanager
def opened(browser, path, width=1280, **options):
    """Open a page; afterwards nothing may have failed or been asked for."""
    context = browser.new_context(viewport={"width": width, "height": 800}, **options)
    page = context.new_page()
    faults, asked = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    try:
        yield page
        assert page.title() != "taken"
    finally:
        context.close()
    assert faults == []
    assert {url for url in asked if not url.startswith("data:")} == {path.as_uri()}


def open_all(page):
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", ["report", "audit"])
def test_anyone_can_read_it(browser, pages, name, width, scheme, has_script):
    with opened(
        browser,
        pages[name],
        width,
        color_scheme=scheme,
        java_script_enabled=has_script,
    ) as page:
        open_all(page)
        reach = page.evaluate("document.documentElement.scrollWidth")
        assert reach <= width
        if has_script:
            found = Axe().run(page).response["violations"]
            serious = [(f["id"], [n["target"] for n in f["nodes"]][:3]) for f in found
                       if f["impact"] in ("serious", "critical")]  # fmt: skip
            assert serious == []


def visible(page):
    return page.locator("#tested tbody tr:visible")


def test_all_pictures_are_there_without_script(browser, pages):
    with opened(browser, pages["report"], java_script_enabled=False) as page:
        page.locator("#all-pictures summary").click()
        n_rows = page.locator("#tested tbody tr").count()
        expect(visible(page)).to_have_count(n_rows)
        expect(page.locator("#filters")).to_be_hidden()


def test_the_table_pages_filters_and_sorts(browser, pages):
    with opened(browser, pages["report"]) as page:
        page.locator("#all-pictures summary").click()
        n_rows = page.locator("#tested tbody tr").count()
        assert n_rows > 100
        expect(visible(page)).to_have_count(50)
        expect(page.locator("#shown")).to_have_text(f"1 to 50 of {n_rows}")
        page.get_by_role("button", name="Next").click()
        expect(page.locator("#shown")).to_have_text(f"51 to 100 of {n_rows}")
        page.locator("[name=label]").select_option(CLASSES[0])
        page.locator("[name=said]").select_option("wrong")
        labels = visible(page).evaluate_all("rows => rows.map(r => r.dataset.label)")
        assert set(labels) == {CLASSES[0]}
        said = visible(page).evaluate_all("rs => rs.map(r => r.cells[3].dataset.said)")
        assert set(said) == {CLASSES[1]}
        page.locator("[name=label]").select_option("all")
        page.locator("[name=said]").select_option("all")
        page.locator("[name=text]").fill("LINES")
        expect(visible(page)).to_have_count(1)
        page.locator("[name=text]").fill("")
        for is_descending in (False, True):
            page.get_by_role("button", name="file").click()
            names = visible(page).locator("th").all_inner_texts()
            numbers = [int(n[:-4]) for n in names if n[:-4].isdigit()]
            assert len(numbers) > 30
            assert numbers == sorted(numbers, reverse=is_descending)


def test_a_count_leads_to_its_pictures_by_keyboard(browser, pages):
    with opened(browser, pages["report"]) as page:
        link = page.locator(".confusion").nth(1).locator("a").first
        count = int(link.inner_text())
        link.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#shown")).to_contain_text(f"of {count}")
        assert page.evaluate("location.hash") == "#pictures"
        shown = visible(page).evaluate_all(
            "rows => rows.map(r => r.dataset.label + r.cells[4].dataset.said)"
        )
        label, said = link.get_attribute("data-label"), link.get_attribute("data-said")
        assert set(shown) == {label + said}


def test_what_has_the_focus_can_be_seen_and_follows_the_page(browser, pages):
    with opened(browser, pages["report"]) as page:
        tops = []
        for _ in range(25):
            page.keyboard.press("Tab")
            tops.append(
                page.evaluate(
                    "document.activeElement.getBoundingClientRect().top + scrollY"
                )
            )
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(outline) != "none"
        assert tops == sorted(tops)


def test_the_files_inside_can_be_saved(browser, pages, tmp_path):
    with opened(browser, pages["report"]) as page:
        with page.expect_download() as waited:
            page.get_by_role("link", name="report.json").click()
        waited.value.save_as(tmp_path / "saved.json")
        held = json.loads((tmp_path / "saved.json").read_text())
        assert held["title"] == "</title><b>A & B"
        names = {row["picture"] for row in held["test pictures"]}
        assert names & set(NAMES)


def test_figures_follow_the_theme(browser, pages):
    """The text of a chart is dark on light paper, and light on dark paper."""
    brightness = []
    for scheme in ("light", "dark"):
        with opened(browser, pages["report"], color_scheme=scheme) as page:
            chart = page.locator(".chart img").first
            shown = Image.open(BytesIO(chart.screenshot())).convert("L")
            pixels = np.asarray(shown)
            brightness.append((np.median(pixels), pixels.min(), pixels.max()))
    light, dark = brightness
    assert light[0] > 240 and light[1] < 60
    assert dark[0] < 60 and dark[2] > 200
