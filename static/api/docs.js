"use strict";

// The token lives in the input and nowhere else: no storage, no cookie, no address.
const MOST_SHOWN = 200_000;
const token = document.getElementById("token");
const find = document.getElementById("find");

document.getElementById("token-form").addEventListener("submit", (event) => event.preventDefault());

find.addEventListener("input", () => {
  const wanted = find.value.trim().toLowerCase();
  let count = 0;
  for (const group of document.querySelectorAll(".group")) {
    let inGroup = 0;
    for (const operation of group.querySelectorAll(".operation:not(.fields)")) {
      const hit = `${operation.id} ${operation.querySelector("summary").textContent}`.toLowerCase().includes(wanted);
      operation.hidden = !hit;
      inGroup += hit ? 1 : 0;
    }
    group.hidden = inGroup === 0;
    count += inGroup;
  }
  document.getElementById("found").textContent = wanted ? `${count} operations match.` : "";
});

// Percent-encodes what a shell would read as its own, too, so the line for curl can be pasted as it is.
function encoded(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function address(form) {
  let path = form.dataset.path;
  const query = [];
  for (const input of form.querySelectorAll("input")) {
    if (input.dataset.in === "path") {
      path = path.replace(`{${input.name}}`, encoded(input.value));
    } else if (input.value !== "") {
      query.push(`${input.name}=${encoded(input.value)}`);
    }
  }
  return form.dataset.base + path + (query.length ? `?${query.join("&")}` : "");
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

function told(response, milliseconds) {
  const total = response.headers.get("X-Total-Count");
  const records = total === null ? "" : `, ${Number(total).toLocaleString("en")} in all`;
  return `${response.status} ${response.statusText} in ${milliseconds} ms${records}.`;
}

async function tryOut(form) {
  const answer = form.parentElement.querySelector(".answer");
  const line = answer.querySelector(".line");
  const body = answer.querySelector(".body");
  const url = address(form);
  const secret = token.value.trim();
  answer.hidden = false;
  body.hidden = true;
  answer.querySelector(".call").textContent =
    `curl -H "Authorization: Bearer $TOKEN" "${window.location.origin}${url}"`;
  line.classList.toggle("refused", !secret);
  if (!secret) {
    line.textContent = "Paste an access token at the top of the page first.";
    token.focus();
    return;
  }
  line.textContent = "Waiting for the answer …";
  try {
    const began = performance.now();
    const response = await fetch(url, {
      headers: { Accept: "application/json", Authorization: `Bearer ${secret}` },
      credentials: "omit",
    });
    body.textContent = shown(pretty(await response.text()));
    body.hidden = false;
    line.textContent = told(response, Math.round(performance.now() - began));
    line.classList.toggle("refused", !response.ok);
  } catch (error) {
    line.textContent = `No answer (${error.message}). Is the portal running?`;
    line.classList.add("refused");
  }
}

for (const form of document.querySelectorAll("form.try")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tryOut(form);
  });
}
