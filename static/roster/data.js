// Ticks or unticks every row of the page.
for (const bar of document.querySelectorAll("[data-ticking]")) {
  const boxes = bar.closest("form").querySelectorAll("input[name=row]");
  bar.hidden = false;
  bar.querySelector("[data-all]").addEventListener("click", () => boxes.forEach((box) => (box.checked = true)));
  bar.querySelector("[data-none]").addEventListener("click", () => boxes.forEach((box) => (box.checked = false)));
}
