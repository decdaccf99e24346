"use strict";
// Sorts, filters and pages the table of pictures. Without it all rows are shown.
const table = document.getElementById("tested");
if (table) {
  const LENGTH = 50;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const filters = document.getElementById("filters");
  const [text, label, model, said] = ["text", "label", "model", "said"].map(
    (name) => filters.querySelector(`[name=${name}]`));
  const status = document.getElementById("shown");
  const [back, forth] = filters.querySelectorAll("button");
  const order = new Intl.Collator("en", { numeric: true });
  let found = rows, start = 0;

  const matches = (row) => {
    const answer = row.cells[Number(model.value)].dataset;
    const isRight = answer.said === row.dataset.label;
    return row.cells[1].textContent.toLowerCase().includes(text.value.toLowerCase())
      && (label.selectedIndex === 0 || row.dataset.label === label.value)
      && (said.selectedIndex === 0
        || (said.selectedIndex === 1 && isRight)
        || (said.selectedIndex === 2 && !isRight)
        || (said.selectedIndex > 2 && answer.said === said.value));
  };

  const show = (first) => {
    start = Math.max(0, Math.min(first, found.length - 1));
    for (const row of rows) row.hidden = true;
    for (const row of found.slice(start, start + LENGTH)) row.hidden = false;
    const end = Math.min(start + LENGTH, found.length);
    status.textContent = found.length === 0 ? "No picture is like that"
      : `${start + 1} to ${end} of ${found.length}`;
    back.disabled = start === 0;
    forth.disabled = end >= found.length;
  };

  const filter = () => {
    found = rows.filter(matches);
    show(0);
  };

  heads.forEach((head, column) => {
    if (column === 0) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      const keys = new Map(rows.map((row) => [row, row.cells[column].textContent]));
      rows.sort((a, b) => sign * order.compare(keys.get(a), keys.get(b)));
      body.append(...rows);
      filter();
    });
  });

  for (const link of document.querySelectorAll("a[data-said]")) {
    link.addEventListener("click", () => {
      document.getElementById("all-pictures").open = true;
      text.value = "";
      label.value = link.dataset.label;
      model.selectedIndex = Number(link.dataset.model);
      said.value = link.dataset.said;
      filter();
    });
  }

  for (const field of [text, label, model, said]) {
    field.addEventListener("input", filter);
  }
  back.addEventListener("click", () => show(start - LENGTH));
  forth.addEventListener("click", () => show(start + LENGTH));
  filters.hidden = false;
  filter();
}
