// The tile of a new application shows the name while it is typed.
const name = document.getElementById("id_name");
const shown = document.querySelector("[data-name]");
const letter = document.querySelector("[data-letter]");

function show() {
  const said = name.value.trim();
  shown.textContent = said || shown.dataset.unnamed;
  letter.textContent = said ? [...said][0].toUpperCase() : "?";
}

name.addEventListener("input", show);
show();
