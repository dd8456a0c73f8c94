// Keeps what is marked data-live up to date by asking for this page again, until it comes without the mark.
const PAUSE = 2000;

const renew = async () => {
  const shown = document.querySelector("[data-live]");
  if (!shown) return;
  if (!document.hidden) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(shown.id);
      if (fresh && fresh.outerHTML !== shown.outerHTML) {
        const focused = shown.contains(document.activeElement) && document.activeElement.id;
        shown.replaceWith(fresh);
        if (focused) document.getElementById(focused)?.focus();
      }
    }
  }
  setTimeout(renew, PAUSE);
};
setTimeout(renew, PAUSE);
