// The tool's window may say that it is through (org.imsglobal.lti.close); then it is closed. Without this file
// the person closes it.
const link = document.querySelector("[data-register]");
let opened = null;

link?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  opened = window.open(link.href, "_blank");
  if (opened) event.preventDefault();
});

window.addEventListener("message", (event) => {
  if (opened && event.source === opened && event.data?.subject === "org.imsglobal.lti.close") opened.close();
});
