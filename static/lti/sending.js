// Sends the browser on its way: the form to the tool by itself, or out of the tool's frame to an address of ours.
"use strict";

const form = document.querySelector("form[data-send]");
if (form) form.submit();

const leave = document.querySelector("a[data-leave]");
if (leave) {
  if (window.parent === window) window.location.replace(leave.href);
  else window.parent.postMessage({ subject: "interop.leave", url: leave.href }, window.location.origin);
}
