// Security keys and passkeys: asks the browser, and sends its answer with the form around the button.
// A form with data-key holds the question as JSON; without scripts it is not shown.
(() => {
  "use strict";
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) => (buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined);
  const named = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const create = async (asked) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    } });
    return answer(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  };
  const get = async (asked) => {
    const given = await navigator.credentials.get({ publicKey: {
      ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials),
    } });
    return answer(given, {
      authenticatorData: text(given.response.authenticatorData),
      signature: text(given.response.signature),
      userHandle: text(given.response.userHandle),
    });
  };
  const answer = (credential, response) => ({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });

  const WORDS = {
    InvalidStateError: "This key is registered already. Use another one.",
    NotAllowedError: "The browser got no answer, or you cancelled. Try again.",
    NotSupportedError: "This key cannot do what is needed. Use another one.",
  };
  const trouble = (form, words) => {
    const place = form.querySelector("[data-key-trouble]");
    place.querySelector("[data-key-words]").textContent = words;
    place.hidden = !words;
  };
  const impossible = (asked) => {
    const host = asked.rpId || asked.rp.id;
    if (!window.isSecureContext || !window.PublicKeyCredential) return "This browser cannot use keys here.";
    const here = location.hostname;
    return here === host || here.endsWith(`.${host}`) ? "" : `Keys work at the address ${host} only. Open Meterdesk there.`;
  };

  const ask = async (form) => {
    const asked = JSON.parse(form.dataset.question).publicKey;
    const why = impossible(asked);
    if (why) { trouble(form, why); return; }
    trouble(form, "");
    try {
      const given = await (form.dataset.key === "create" ? create : get)(asked);
      form.elements.answer.value = JSON.stringify(given);
      form.submit();
    } catch (error) {
      trouble(form, WORDS[error.name] || "The key could not be used. Try again.");
      delete form.dataset.submitted;
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.key || form.elements.answer.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form);
  }, true);
  document.querySelectorAll("form[data-key-at-once]").forEach(ask);
})();
