// The picker of schools: find by typing, show by kind, move with arrow keys. Without this file it is a list of boxes.

for (const picker of document.querySelectorAll("[data-picker]")) {
  const list = picker.querySelector("[data-list]");
  const items = [...list.children];
  const find = picker.querySelector("[data-find]");
  const chips = [...picker.querySelectorAll("button[data-kind]")];
  const count = picker.querySelector("[data-count]");
  const all = picker.querySelector("[data-all]");
  const box = (item) => item.querySelector("input");
  const text = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
  const chosenOnly = document.querySelector("[data-segments] input[value=chosen]");
  const changed = (from) => from.dispatchEvent(new Event("change", { bubbles: true }));
  let kind = "";
  let last = null;

  const shown = () => items.filter((item) => !item.hidden);
  const tell = () => {
    const chosen = items.filter((item) => box(item).checked);
    const names = chosen.slice(0, 3).map((item) => item.querySelector(".school-name").textContent);
    if (chosen.length > 3) names.push(count.dataset.more.replace("%d", chosen.length - 3));
    const number = chosen.length === 1 ? count.dataset.one : count.dataset.many.replace("%d", chosen.length);
    count.textContent = names.length ? `${number} · ${names.join(", ")}` : number;
    picker.querySelector("[data-chosen]").textContent = chosen.length;
  };
  // One school is in the order of the Tab key; arrows go on from there.
  const settle = () => {
    const boxes = shown().map(box);
    const now = boxes.find((each) => each === document.activeElement) ?? boxes[0];
    for (const item of items) box(item).tabIndex = box(item) === now ? 0 : -1;
  };
  const sift = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) {
      const ofKind = !kind || (kind === "chosen" ? box(item).checked : item.dataset.kind === kind);
      item.hidden = !ofKind || !words.every((word) => text.get(item).includes(word));
    }
    picker.querySelector("[data-none]").hidden = shown().length > 0;
    settle();
  };
  const choose = (boxes, on) => {
    for (const each of boxes) each.checked = on;
    if (boxes.length && on && chosenOnly && !chosenOnly.checked) chosenOnly.click();
    tell();
    changed(list);
  };

  find.addEventListener("input", (event) => {
    event.stopPropagation();
    sift();
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "ArrowDown" && shown().length) {
      event.preventDefault();
      box(shown()[0]).focus();
    }
  });
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      kind = chip.dataset.kind;
      for (const each of chips) each.setAttribute("aria-pressed", String(each === chip));
      sift();
    });
  }
  all?.addEventListener("click", () => choose(shown().map(box), true));
  picker.querySelector("[data-clear]")?.addEventListener("click", () => {
    choose(items.map(box), false);
    sift();
  });

  list.addEventListener("change", (event) => {
    if (event.target === list) return;
    if (event.target.checked && chosenOnly && !chosenOnly.checked) chosenOnly.click();
    tell();
  });
  list.addEventListener("click", (event) => {
    if (event.target.type !== "checkbox") return;
    const boxes = shown().map(box);
    const from = boxes.indexOf(last);
    const to = boxes.indexOf(event.target);
    if (event.shiftKey && from >= 0) choose(boxes.slice(Math.min(from, to), Math.max(from, to) + 1), event.target.checked);
    last = event.target;
  });
  list.addEventListener("focusin", settle);
  list.addEventListener("keydown", (event) => {
    const boxes = shown().map(box);
    const at = boxes.indexOf(document.activeElement);
    if (at < 0) return;
    const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -at, End: boxes.length - 1 - at };
    if (event.key in steps) {
      event.preventDefault();
      boxes[Math.max(0, Math.min(boxes.length - 1, at + steps[event.key]))].focus();
    } else if (event.key === " " && event.shiftKey) {
      event.preventDefault();
      const from = boxes.indexOf(last);
      choose(boxes.slice(Math.min(from < 0 ? at : from, at), Math.max(from, at) + 1), !boxes[at].checked);
      last = boxes[at];
    } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      find.focus();
    }
  });

  // Choosing is about chosen schools: with all of them the list has nothing to say.
  const fold = () => {
    picker.hidden = !chosenOnly?.checked;
  };
  for (const each of document.querySelectorAll("[data-segments] input")) each.addEventListener("change", fold);
  addEventListener("pageshow", () => {
    fold();
    tell();
  });
  picker.querySelector("[data-tools]").hidden = false;
  picker.querySelector("[data-foot]").hidden = false;
  fold();
  tell();
  sift();
}
