// What the theme leaves out for keyboards and screen readers.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.table")) {
    // It scrolls where it is wider than the page.
    table.tabIndex = 0;
  }
  for (const summary of document.querySelectorAll("summary:has(.toctree-toggle)")) {
    summary.setAttribute("aria-label", "pages of this section");
  }
  for (const link of document.querySelectorAll(".sphx-glr-thumbcontainer a")) {
    link.setAttribute("aria-label", link.textContent);
  }
});
