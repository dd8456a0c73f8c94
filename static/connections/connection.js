// The page of one connection: the save bar stays in sight and says what is not saved yet, and acts that end something ask in a dialog.
// Without this file the bar stands below the form and each act asks on a page of its own.

const form = document.querySelector("[data-edit]");
const bar = form?.querySelector("[data-save-bar]");

// What differs from what was served, each by the name its field has for people.
const differences = () => {
  const found = [];
  for (const field of form.querySelectorAll("[data-change]")) {
    const box = field.type === "checkbox" || field.type === "radio";
    if (box ? field.checked === field.defaultChecked : field.value === field.defaultValue) continue;
    if (field.type === "radio") {
      if (field.checked) found.push(field.dataset.change);
    } else {
      found.push(box ? `${field.dataset.change} ${field.checked ? "on" : "off"}` : field.dataset.change);
    }
  }
  const schools = [...form.querySelectorAll("[name=schools]")].filter((box) => box.checked !== box.defaultChecked);
  if (schools.length) found.push(schools.length === 1 ? "1 school" : `${schools.length} schools`);
  return found;
};

if (bar) {
  document.getElementById("main").append(bar);
  const said = bar.querySelector("[data-said]");
  said.setAttribute("role", "status");
  const sensitive = form.querySelector("[data-sensitive]");
  const refused = form.querySelector("[role=alert]");
  const show = () => {
    const changed = differences();
    bar.hidden = changed.length === 0 && !refused;
    document.documentElement.classList.toggle("saving", !bar.hidden);
    const number = changed.length === 1 ? "1 change" : `${changed.length} changes`;
    said.textContent = changed.length ? `${number} not saved: ${changed.join(", ")}.` : "Not saved.";
    if (sensitive) sensitive.hidden = !form.elements[sensitive.dataset.sensitive].checked;
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

// A link with data-dialog leads to a page that asks; its question is asked here instead.
const ask = async (link) => {
  const answer = await fetch(link.href);
  const asked = new DOMParser().parseFromString(await answer.text(), "text/html");
  const question = asked.querySelector("[data-question]");
  if (!answer.ok || !question) {
    location.assign(link.href);
    return;
  }
  const dialog = document.createElement("dialog");
  const title = document.createElement("h2");
  title.id = "question-title";
  title.textContent = asked.querySelector("h1").textContent;
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title, asked.querySelector(".opening"), question);
  document.body.append(dialog);
  const keep = dialog.querySelector("[data-keep]");
  keep.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
  keep.focus();
};
for (const link of document.querySelectorAll("[data-dialog]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ask(link).catch(() => location.assign(link.href));
  });
}
