"use strict";

const MOST_SHOWN = 200_000;
const token = document.getElementById("token");
const find = document.getElementById("find");

document.getElementById("token-form").addEventListener("submit", (event) => event.preventDefault());

find.addEventListener("input", () => {
  const wanted = find.value.trim().toLowerCase();
  let count = 0;
  for (const operation of document.querySelectorAll(".operation")) {
    const hit = operation.querySelector("summary").textContent.toLowerCase().includes(wanted);
    operation.hidden = !hit;
    count += hit ? 1 : 0;
  }
  document.getElementById("found").textContent = wanted ? `${count} operations` : "";
});

function address(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    if (input.dataset.in === "path") {
      path = path.replace(`{${input.name}}`, encodeURIComponent(input.value));
    } else if (input.value !== "") {
      query.append(input.name, input.value);
    }
  }
  const text = query.toString();
  return form.dataset.base + path + (text ? `?${text}` : "");
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function shown(text) {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n… (${text.length} characters in all)` : text;
}

async function tryOut(form) {
  const answer = form.parentElement.querySelector(".answer");
  const line = answer.querySelector(".line");
  const body = answer.querySelector("pre");
  const url = address(form);
  answer.hidden = false;
  line.textContent = `GET ${url} …`;
  body.textContent = "";
  try {
    const began = performance.now();
    const response = await fetch(url, {
      headers: { Accept: "application/json", Authorization: `Bearer ${token.value.trim()}` },
      credentials: "omit",
    });
    const text = await response.text();
    const total = response.headers.get("X-Total-Count");
    line.textContent =
      `GET ${url}: ${response.status} in ${Math.round(performance.now() - began)} ms` +
      (total === null ? "" : `, ${total} records in all`);
    body.textContent = shown(pretty(text));
  } catch (error) {
    line.textContent = `GET ${url}: no answer (${error.message}). Is the portal running?`;
  }
}

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryOut(form);
  });
}
