// Keeps a small storage for the tool in the frame (LTI platform storage): browsers that block its cookies leave it no
// other way to recognise the launch it began. Each of the tool's origins has its own; nothing outlives the page.
"use strict";

(() => {
  const frame = document.querySelector("iframe[data-tool]");
  const origins = frame.dataset.tool.split(" ");
  const MOST_KEYS = 64;
  const LONGEST = 4096;
  const kept = new Map(origins.map((origin) => [origin, new Map()]));
  const SUBJECTS = ["lti.capabilities", "lti.put_data", "lti.get_data"];

  const isText = (value) => typeof value === "string" && value.length > 0 && value.length <= LONGEST;

  const put = (store, { key, value }) => {
    if (!isText(key)) return { error: { code: "bad_request", message: "key is missing." } };
    if (value === null || value === undefined) {
      store.delete(key);
      return { key };
    }
    if (typeof value !== "string") return { error: { code: "bad_request", message: "value is no text." } };
    if (value.length > LONGEST || (!store.has(key) && store.size >= MOST_KEYS)) {
      return { error: { code: "storage_exhaustion", message: "There is no room for more." } };
    }
    store.set(key, value);
    return { key, value };
  };

  const get = (store, { key }) => {
    if (!isText(key)) return { error: { code: "bad_request", message: "key is missing." } };
    return store.has(key) ? { key, value: store.get(key) } : { key };
  };

  const answer = (store, told) => {
    if (told.subject === "lti.put_data") return put(store, told);
    if (told.subject === "lti.get_data") return get(store, told);
    return { supported_messages: SUBJECTS.map((subject) => ({ subject })) };
  };

  const leave = (told) => {
    const url = new URL(String(told.url), window.location.origin);
    if (url.origin === window.location.origin && url.pathname.startsWith("/lti/chosen/")) window.location.assign(url);
  };

  window.addEventListener("message", (event) => {
    const told = event.data;
    if (typeof told !== "object" || told === null || typeof told.subject !== "string") return;
    if (event.origin === window.location.origin && event.source === frame.contentWindow) {
      if (told.subject === "interop.leave") leave(told);
      return;
    }
    if (!told.subject.startsWith("lti.") || told.subject.endsWith(".response") || event.source === null || event.origin === "null") return;
    const store = kept.get(event.origin);
    if (!store) {
      const error = { code: "wrong_origin", message: "This address is not one of the tool’s." };
      event.source.postMessage({ subject: `${told.subject}.response`, message_id: told.message_id, error }, event.origin);
      return;
    }
    const known = SUBJECTS.includes(told.subject);
    const said = known ? answer(store, told) : { error: { code: "unsupported_subject", message: "Unknown subject." } };
    event.source.postMessage(
      { subject: `${told.subject}.response`, message_id: told.message_id, ...said },
      event.origin,
    );
  });
})();
