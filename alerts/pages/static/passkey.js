"use strict";
// Forms that ask an authenticator: data-passkey="create" or "get", data-options: where the question comes from.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const read = (options) => {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const one of [...(options.excludeCredentials || []), ...(options.allowCredentials || [])]) one.id = bytes(one.id);
  return options;
};
const write = (found) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (found.response[name]) response[name] = text(found.response[name]);
  return { id: found.id, rawId: text(found.rawId), type: found.type, response, clientExtensionResults: {} };
};
const send = async (address, body) => {
  const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail || said.title);
  return said;
};
for (const form of document.querySelectorAll("form[data-passkey]"))
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const says = form.querySelector("[role=status]");
    const button = form.querySelector("button");
    button.disabled = true;
    says.textContent = "Follow what your device asks.";
    try {
      const publicKey = read(await send(form.dataset.options, {}));
      const credential = write(await navigator.credentials[form.dataset.passkey]({ publicKey }));
      const name = form.elements.name ? form.elements.name.value : "";
      location.assign((await send(form.action, { credential, name })).to);
    } catch (fault) {
      says.textContent = fault.name === "NotAllowedError" ? "Nothing was signed. Try again." : fault.message;
      button.disabled = false;
    }
  });
for (const says of document.querySelectorAll("form[data-passkey] [role=status]"))
  says.textContent = window.PublicKeyCredential ? "" : "This browser cannot use passkeys here: open the page by its https address.";
