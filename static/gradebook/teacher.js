// Conveniences of the teachers' pages. Every page works without them.

// Choosing many: the bar says how many, and proposes their category when all suggest the same.
for (const form of document.querySelectorAll("[data-choosing]")) {
  const said = form.querySelector("[data-chosen]");
  const button = form.querySelector("[data-verb]");
  const category = form.elements.category;
  const plain = button.textContent;
  const boxes = [...form.querySelectorAll("input[name=assignment]")];
  let touched = category.value !== "";
  category.addEventListener("change", () => (touched = true));
  const show = () => {
    const ticked = boxes.filter((box) => box.checked);
    said.textContent = ticked.length ? `${ticked.length} ${said.dataset.some}` : said.dataset.none;
    button.textContent = ticked.length ? `${button.dataset.verb} ${ticked.length}` : plain;
    const wanted = new Set(ticked.map((box) => box.dataset.suggested ?? ""));
    if (!touched) category.value = wanted.size === 1 ? [...wanted][0] : "";
    for (const all of form.querySelectorAll("[data-all]")) {
      const own = [...all.closest("fieldset").querySelectorAll("input[name=assignment]")];
      const box = all.querySelector("input");
      box.checked = own.every((each) => each.checked);
      box.indeterminate = !box.checked && own.some((each) => each.checked);
    }
  };
  for (const all of form.querySelectorAll("[data-all]")) {
    all.hidden = false;
    all.querySelector("input").addEventListener("change", (event) => {
      for (const box of all.closest("fieldset").querySelectorAll("input[name=assignment]")) box.checked = event.target.checked;
      show();
    });
  }
  form.addEventListener("change", show);
  show();
}

for (const toast of document.querySelectorAll("[data-toast]")) {
  const close = toast.querySelector("[data-dismiss]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
}
document.querySelector("[data-focus]")?.focus();
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// The grid: arrow keys move, Enter or typing edits and Enter goes down, Escape leaves. One cell is saved at a time.
for (const table of document.querySelectorAll("[data-book]")) {
  const say = document.querySelector("[data-say]");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  const heads = [...table.querySelectorAll("thead [data-work]")];
  const rows = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td.s")]);
  const warned = new Set();
  let at = rows[0]?.[0];
  if (!at) continue;
  table.setAttribute("role", "grid");
  for (const row of rows) for (const cell of row) cell.tabIndex = -1;
  at.tabIndex = 0;

  const place = (cell) => {
    const y = rows.findIndex((row) => row.includes(cell));
    return [y, rows[y].indexOf(cell)];
  };
  const name = (cell) => {
    const [y, x] = place(cell);
    const head = heads[x].dataset;
    const student = cell.parentElement.querySelector(".name").textContent;
    cell.setAttribute("aria-label", [student, head.title, cell.dataset.v || "–", head.of && `/ ${head.of}`].filter(Boolean).join(", "));
  };
  const go = (cell) => {
    at.tabIndex = -1;
    at = cell;
    at.tabIndex = 0;
    name(at);
    at.focus();
    at.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const move = (down, right) => {
    const [y, x] = place(at);
    const row = rows[Math.min(rows.length - 1, Math.max(0, y + down))];
    go(row[Math.min(row.length - 1, Math.max(0, x + right))]);
  };
  const show = (cell, told) => {
    cell.replaceChildren();
    for (const letter of told.letters) {
      const chip = document.createElement("i");
      chip.className = letter;
      chip.textContent = letter;
      cell.append(chip);
    }
    cell.append(told.number || (told.letters.length ? "" : "–"));
    cell.classList.toggle("none", !told.typed);
    cell.dataset.v = told.typed;
    name(cell);
  };
  const put = async (cell, before, value) => {
    const [, x] = place(cell);
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token);
    body.set("assignment", heads[x].dataset.work);
    body.set("person", cell.parentElement.dataset.person);
    body.set("value", value);
    cell.setAttribute("aria-busy", "true");
    let told;
    try {
      const answer = await fetch(table.dataset.url, { method: "POST", body, headers: { Accept: "application/json" } });
      told = answer.ok || answer.status === 422 ? await answer.json() : { fault: table.dataset.lost };
    } catch {
      told = { fault: table.dataset.lost };
    }
    cell.removeAttribute("aria-busy");
    cell.classList.toggle("failed", Boolean(told.fault));
    if (told.fault) cell.replaceChildren(...before);
    else show(cell, told);
    say.textContent = told.fault ?? `${table.dataset.saved}: ${cell.getAttribute("aria-label")}`;
  };
  const edit = (typed) => {
    const cell = at;
    const [, x] = place(cell);
    const vendor = heads[x].dataset.vendor;
    if (vendor && !warned.has(x)) {
      warned.add(x);
      say.textContent = table.dataset.warns.replace("%s", vendor);
      return;
    }
    const before = [...cell.childNodes];
    const input = document.createElement("input");
    input.value = typed ?? cell.dataset.v;
    input.maxLength = 60;
    input.autocomplete = "off";
    input.setAttribute("aria-label", cell.getAttribute("aria-label"));
    let open = true;
    const close = (save, step) => {
      if (!open) return;
      open = false;
      const value = input.value.trim();
      cell.replaceChildren(...before);
      if (save && value !== cell.dataset.v) put(cell, before, value);
      if (step) move(...step);
      else if (!save) cell.focus();
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const steps = { Enter: [event.shiftKey ? -1 : 1, 0], Tab: [0, event.shiftKey ? -1 : 1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
      if (event.key === "Escape") close(false);
      else if (steps[event.key]) {
        event.preventDefault();
        close(true, steps[event.key]);
      }
    });
    input.addEventListener("blur", () => close(true));
    cell.replaceChildren(input);
    input.focus();
    if (typed === undefined) input.select();
  };
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("td.s");
    if (cell && cell !== at && event.target === cell) go(cell);
    else if (cell) name(cell);
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td.s");
    if (!cell || event.target.tagName === "INPUT") return;
    if (cell === at && document.activeElement === cell && event.detail === 2) edit();
    else go(cell);
  });
  table.addEventListener("keydown", (event) => {
    if (event.target.closest("td.s") !== at || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[place(at)[0]];
    const moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [10, 0], PageUp: [-10, 0] };
    if (moves[event.key]) move(...moves[event.key]);
    else if (event.key === "Home") go(row[0]);
    else if (event.key === "End") go(row.at(-1));
    else if (event.key === "Enter" || event.key === "F2") edit();
    else if (event.key === "Delete" || event.key === "Backspace") edit("");
    else if (event.key.length === 1 && event.key !== " ") edit(event.key);
    else return;
    event.preventDefault();
  });
}
