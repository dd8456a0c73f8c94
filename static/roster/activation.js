// Ticking everybody at once, and printing. Without this file every box and the browser's own menu do the same.
for (const people of document.querySelectorAll("[data-people]")) {
  const tick = (on) => {
    for (const box of people.querySelectorAll("input[name=person]")) box.checked = on;
  };
  people.querySelector("[data-ticking]").hidden = false;
  people.querySelector("[data-all]").addEventListener("click", () => tick(true));
  people.querySelector("[data-none]").addEventListener("click", () => tick(false));
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
