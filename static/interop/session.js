// Two minutes before a session ends, ask whether somebody is still there. Without this file it just ends.
const WARN = 120;
const ENDS = "interop.session.ends";
const dialog = document.querySelector("dialog.session-end");
const clock = dialog.querySelector("[data-clock]");
const now = () => Date.now() / 1000;
let last = now() + Number(dialog.dataset.last);
let asked = false;

// Any page of this browser keeps the session: the latest end that any of them was told holds for all.
const told = (left) => localStorage.setItem(ENDS, String(now() + left));
const left = () => Math.round(Math.min(Number(localStorage.getItem(ENDS)) || 0, last) - now());
const leave = () => location.replace(`${dialog.dataset.out}?next=${encodeURIComponent(location.pathname)}`);

const show = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  clock.textContent = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  if (asked) return;
  asked = true;
  const final = last - now() <= WARN;
  for (const part of dialog.querySelectorAll("[data-renewable]")) part.hidden = final;
  dialog.querySelector("[data-final]").hidden = !final;
  dialog.showModal();
};

const look = () => {
  const seconds = left();
  if (seconds <= 0) leave();
  else if (seconds <= WARN) show(seconds);
  else {
    asked = false;
    if (dialog.open) dialog.close();
  }
};

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
  if (!answer?.ok) {
    leave();
    return;
  }
  const renewed = await answer.json();
  last = now() + renewed.last;
  told(renewed.left);
  look();
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

told(Number(dialog.dataset.left));
setInterval(look, 1000);
document.addEventListener("visibilitychange", look);
