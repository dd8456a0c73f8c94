// The frame's few conveniences. Every page works without them.

// Appearance
const choices = document.querySelectorAll("[data-theme-choice]");
const showChoice = () => {
  for (const button of choices) {
    button.setAttribute("aria-pressed", String((document.documentElement.dataset.theme ?? "") === button.dataset.themeChoice));
  }
};
for (const button of choices) {
  button.addEventListener("click", () => {
    const theme = button.dataset.themeChoice;
    if (theme) {
      document.documentElement.dataset.theme = theme;
      localStorage.setItem("interop.theme", theme);
    } else {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem("interop.theme");
    }
    showChoice();
  });
}
showChoice();

// The sidebar is open where there is room for it, and a menu where there is not.
const wide = matchMedia("(width >= 1120px)");
const fitSidebar = () => {
  for (const sidebar of document.querySelectorAll("[data-wide-open]")) sidebar.open = wide.matches;
};
wide.addEventListener("change", fitSidebar);
fitSidebar();

// A menu closes by Escape and by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.account[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-shortcut='/']");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// Copy buttons: data-copy names the element whose text is copied. Without script they are absent.
const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.body.append(said);
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy)?.textContent.trim() ?? "";
    await navigator.clipboard.writeText(text);
    button.classList.add("copied");
    label.textContent = button.dataset.copied ?? "Copied";
    said.textContent = label.textContent;
    setTimeout(() => {
      button.classList.remove("copied");
      label.textContent = before;
      said.textContent = "";
    }, 2000);
  });
}
