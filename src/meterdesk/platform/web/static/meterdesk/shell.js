// The frame: theme, navigation, menus, keyboard, session warning, copy buttons, announcements.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const remember = (name, value) => {
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax${secure}`;
  };
  const stored = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } },
  };
  const announce = (text) => {
    const live = $("#live");
    if (live) { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 60); }
  };

  // Theme, without a round trip.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    remember("theme", theme);
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    $$("[data-theme-form] button").forEach((b) => b.setAttribute("aria-pressed", String(b.value === theme)));
  });

  // Navigation: folded on wide screens, a sheet on narrow ones.
  const setMenu = (open) => {
    if (open) root.dataset.menu = "open"; else delete root.dataset.menu;
    $("[data-menu-toggle]")?.setAttribute("aria-expanded", String(open));
  };
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-menu-toggle]");
    if (toggle) {
      event.preventDefault();
      const open = root.dataset.menu !== "open";
      setMenu(open);
      if (open) $("#nav a")?.focus();
    }
    const fold = event.target.closest("[data-nav-fold]");
    if (fold) {
      const narrow = root.dataset.nav !== "narrow";
      if (narrow) root.dataset.nav = "narrow"; else delete root.dataset.nav;
      remember("nav", narrow ? "narrow" : "wide");
      fold.setAttribute("aria-pressed", String(narrow));
    }
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        announce("Copied");
        toast("Copied");
      }, () => toast("The browser did not allow copying."));
    }
    if (event.target.closest("[data-keys-open]")) $("#keys")?.showModal();
  });
  const toggle = $("[data-menu-toggle]");
  if (toggle) {
    toggle.setAttribute("role", "button");
    toggle.setAttribute("aria-controls", "nav");
    toggle.setAttribute("aria-expanded", "false");
  }
  const toast = (text) => {
    $(".toast")?.remove();
    const note = document.createElement("div");
    note.className = "toast";
    note.setAttribute("aria-hidden", "true");
    note.textContent = text;
    document.body.append(note);
    setTimeout(() => note.remove(), 1600);
  };

  // Keyboard. Single keys can be switched off (WCAG 2.1.4) and never act inside a field.
  const keysOn = () => stored.get("keys") !== "off";
  const box = $("#keys-on");
  if (box) {
    box.checked = keysOn();
    box.addEventListener("change", () => stored.set("keys", box.checked ? "on" : "off"));
  }
  const typing = (target) => target.closest("input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]");
  let waitingForPlace = 0;
  const moveRow = (step) => {
    const links = $$("tbody th[scope=row] a").filter((a) => a.offsetParent);
    if (!links.length) return;
    const at = links.findIndex((a) => a.closest("tr").contains(document.activeElement));
    links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = $("details.menu[open]");
      if (menu) { menu.open = false; $("summary", menu).focus(); }
      if (root.dataset.menu === "open") { setMenu(false); toggle?.focus(); }
      return;
    }
    if (!keysOn() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (Date.now() < waitingForPlace) {
      waitingForPlace = 0;
      const link = $(`#nav a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const act = {
      "/": () => { const find = $("#find"); find?.focus(); find?.select(); },
      "?": () => $("#keys")?.showModal(),
      g: () => { waitingForPlace = Date.now() + 1500; },
      j: () => moveRow(1),
      k: () => moveRow(-1),
      a: () => $(".page-actions :is(a, button, summary)")?.focus(),
      f: () => $(".filters :is(input:not([type=hidden]), select)")?.focus(),
      x: () => $(".panel > header a[download]")?.click(),
      b: () => $("a.back")?.click(),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // Session warning two minutes before the idle limit or the end of the session.
  const WARN_SECONDS = 120;
  const body = document.body;
  const dialog = $("#session-warning");
  if (dialog && body.dataset.sessionEnds) {
    // By the server's clock; this machine's may differ.
    const ahead = body.dataset.now ? Date.now() - Date.parse(body.dataset.now) : 0;
    const absoluteEnd = Date.parse(body.dataset.sessionEnds) + ahead;
    // Idle seconds fall short of the server's limit by half a minute. A page reloaded within it
    // would count as activity, and one that was left open would never be logged out.
    const LAG = 35000;
    const idle = Number(body.dataset.idleSeconds) * 1000;
    let idleEnd = Date.now() + idle;
    let last = "";
    const renew = () => { idleEnd = Date.now() + idle; stored.set("active", String(Date.now())); };
    renew();
    document.addEventListener("htmx:afterRequest", (event) => {
      const headers = event.detail.requestConfig?.headers || {};
      if (event.detail.successful && !("X-Poll" in headers)) renew();
    });
    addEventListener("storage", (event) => {
      if (event.key === "active" && event.newValue) idleEnd = Math.max(idleEnd, Number(event.newValue) + idle);
    });
    const tick = () => {
      const end = Math.min(absoluteEnd, idleEnd);
      const left = Math.ceil((end - Date.now()) / 1000);
      if (Date.now() >= Math.min(absoluteEnd + 1000, idleEnd + LAG)) { location.reload(); return; }
      if (left <= WARN_SECONDS) {
        $("[data-can-stay]", dialog).hidden = end === absoluteEnd;
        const words = left > 60 ? "2 minutes" : left > 30 ? "1 minute" : `${Math.max(1, Math.ceil(left / 10)) * 10} seconds`;
        if (words !== last) { last = words; $("[data-left]", dialog).textContent = words; announce(`You will be logged out in ${words}.`); }
        if (!dialog.open && dialog.dataset.seen !== String(end)) { dialog.showModal(); dialog.dataset.seen = String(end); }
      } else if (dialog.open) dialog.close();
      setTimeout(tick, 1000);
    };
    $("button[name=stay]", dialog).addEventListener("click", async () => {
      const token = $("input[name=csrfmiddlewaretoken]")?.value || "";
      try {
        const answer = await fetch(body.dataset.keepAlive, { method: "POST", headers: { "X-CSRFToken": token, "HX-Request": "true" } });
        const away = answer.headers.get("HX-Redirect");
        if (away || !answer.ok) { location.reload(); return; }
        renew();
        dialog.close();
        announce("You stay logged in.");
      } catch {
        $("#session-text").textContent = "The server did not answer. Check your connection and try again.";
      }
    });
    tick();
  }

  // A region replaces itself by its own page alone; its links to other pages are plain links.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { boosted, requestConfig } = event.detail;
    if (!boosted || requestConfig.verb !== "get") return;
    const url = new URL(requestConfig.path, location.href);
    if (url.pathname === location.pathname) return;
    event.preventDefault();
    location.assign(url);
  });

  // Results are told to screen readers after a part of the page was replaced.
  document.addEventListener("htmx:afterSettle", (event) => {
    const words = $$("[data-announce]", event.target).map((node) => node.textContent).join(", ");
    if (words) announce(words);
    const menu = event.detail.requestConfig?.elt?.closest("details.menu[id]");
    if (menu) $(`#${CSS.escape(menu.id)} > summary`)?.focus();
  });
  document.addEventListener("htmx:sendError", () => toast("The server did not answer. Check your connection."));
  addEventListener("pageshow", () => {
    const problem = $("[data-focus]");
    if (problem) problem.focus();
  });
})();
