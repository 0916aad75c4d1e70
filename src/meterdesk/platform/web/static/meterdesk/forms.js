// Forms: drafts kept in this tab, no double submit, letters left, select all, focus on problems.
(() => {
  "use strict";
  const PREFIX = "draft:";
  const person = document.body.dataset.person || "";
  const keyOf = (form) => `${PREFIX}${person}:${form.dataset.draft}`;
  const keeps = (field) => field.name && !field.disabled
    && !["hidden", "password", "file", "submit", "button"].includes(field.type)
    && field.autocomplete !== "one-time-code";

  const save = (form) => {
    const kept = {};
    for (const field of form.elements) {
      if (!keeps(field)) continue;
      if (field.type === "checkbox" || field.type === "radio") {
        (kept[field.name] ||= []).push(...(field.checked ? [field.value] : []));
      } else if (field.multiple) kept[field.name] = [...field.selectedOptions].map((o) => o.value);
      else kept[field.name] = [...(kept[field.name] || []), field.value];
    }
    try { sessionStorage.setItem(keyOf(form), JSON.stringify(kept)); } catch { /* storage full or closed */ }
  };

  const restore = (form) => {
    let kept;
    try { kept = JSON.parse(sessionStorage.getItem(keyOf(form)) || "null"); } catch { kept = null; }
    if (!kept || form.dataset.restored) return;
    form.dataset.restored = "1";
    const turn = {};
    let changed = false;
    for (const field of form.elements) {
      const values = keeps(field) ? kept[field.name] : undefined;
      if (!values) continue;
      if (field.type === "checkbox" || field.type === "radio") {
        const on = values.includes(field.value);
        changed ||= field.checked !== on;
        field.checked = on;
      } else if (field.multiple) [...field.options].forEach((o) => { o.selected = values.includes(o.value); });
      else {
        const value = values[(turn[field.name] = (turn[field.name] ?? -1) + 1)];
        if (value === undefined || value === field.value) continue;
        field.value = value;
        changed = true;
      }
    }
    if (changed) tell(form);
  };

  const tell = (form) => {
    const note = document.createElement("p");
    note.className = "muted small";
    note.setAttribute("role", "status");
    note.textContent = "Your earlier answers were kept and put back. ";
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "button quiet";
    drop.textContent = "Start afresh";
    drop.addEventListener("click", () => { forget(form.dataset.draft); form.reset(); note.remove(); });
    note.append(drop);
    form.prepend(note);
  };

  const forget = (key) => { try { sessionStorage.removeItem(`${PREFIX}${person}:${key}`); } catch { /* closed */ } };
  const forgetAll = (start = "") => {
    try {
      Object.keys(sessionStorage).filter((k) => k.startsWith(PREFIX + start)).forEach((k) => sessionStorage.removeItem(k));
    } catch { /* closed */ }
  };

  const prepare = (scope) => {
    scope.querySelectorAll("[data-draft-done]").forEach((node) => forgetAll(`${person}:${node.dataset.draftDone}`));
    scope.querySelectorAll("form[data-draft]").forEach(restore);
    scope.querySelectorAll("textarea[maxlength]").forEach(countLeft);
    scope.querySelectorAll("form[data-submitted]").forEach((form) => delete form.dataset.submitted);
  };

  const countLeft = (area) => {
    if (area.dataset.counted || area.maxLength > 10000) return;
    area.dataset.counted = "1";
    const note = document.createElement("div");
    note.className = "count-left";
    const show = () => { note.textContent = `${(area.maxLength - area.value.length).toLocaleString("en-GB")} characters left`; };
    area.addEventListener("input", show);
    show();
    area.after(note);
  };

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-draft]")) save(form);
  });
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-select-all]");
    if (all) all.closest("table").querySelectorAll("tbody td.check input").forEach((i) => { i.checked = all.checked; });
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-log-out]")) forgetAll();
    if (form.method !== "post" || form.matches("[data-theme-form]")) return;
    if (form.dataset.submitted) { event.preventDefault(); return; }
    form.dataset.submitted = "1";
    setTimeout(() => delete form.dataset.submitted, 8000);
  });
  addEventListener("pageshow", () => prepare(document));
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
})();
