// Passkeys. Without script their forms stay hidden, and every page offers another way.
const form = document.querySelector("form[data-passkey]");
if (form && window.PublicKeyCredential) {
  form.hidden = false;
  const ids = {
    login: "passkey-start",
    add: "passkey-start",
    authenticate: "passkey-start",
    credential: "passkey-credential",
    passwordless: "passkey-alone",
    data: "passkey-data",
  };
  const kinds = { login: "loginForm", add: "addForm", confirm: "authenticateForm" };
  window.allauth.webauthn.forms[kinds[form.dataset.passkey]]({ ids });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.querySelector("[data-passkey-failed]").hidden = false;
  });
}
