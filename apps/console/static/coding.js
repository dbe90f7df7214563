// The coder's form by keyboard: a list of codes under a field, Enter to the next field, rows moved and removed, and
// Ctrl+Enter. Without it the same is done by the form's buttons.
"use strict";
(() => {
  const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
  const isCode = (target) => target.matches?.("#draft [role=combobox]");
  const isOpen = (field) => field.getAttribute("aria-expanded") === "true";
  const choices = (field) => [...listOf(field).querySelectorAll("[role=option]:not([aria-disabled])")];

  const close = (field) => {
    listOf(field).hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (field, to) => {
    const all = choices(field);
    const at = (to + all.length) % all.length;
    all.forEach((each, n) => each.setAttribute("aria-selected", String(n === at)));
    if (!all.length) return;
    field.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  };
  const open = (field) => {
    const list = listOf(field);
    [...list.children].forEach((each, n) => { each.id = `${list.id}-${n}`; });
    list.hidden = !list.children.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    const all = choices(field);
    if (!list.hidden) choose(field, Math.max(0, all.findIndex((each) => !("heading" in each.dataset))));
  };
  const fields = () => [...document.querySelectorAll("#draft input:not([type=hidden])")];
  const goOn = (field) => {
    const row = field.closest("[data-row]").dataset.row;
    const all = fields();
    const next = all[all.indexOf(field) + 1];
    const isLast = !next || next.closest("[data-row]").dataset.row.split(" ")[0] !== row.split(" ")[0];
    if (isLast && field.closest("[data-row]").querySelector("[role=combobox]").value) {
      return step(`add ${row.split(" ")[0]}`); // a row that is full asks for another one
    }
    (next || document.querySelector("[data-assign]")).focus();
    next?.select?.();
  };
  const pick = (field, option) => {
    field.value = option.dataset.code;
    if ("heading" in option.dataset) { // no code yet: show what is below it
      field.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    field.dataset.picked = field.value;
    const [kind, n] = field.closest("[data-row]").dataset.row.split(" ");
    document.getElementById(`title-${kind}-${n}`).textContent = option.dataset.title;
    close(field);
    field.dispatchEvent(new Event("change", { bubbles: true }));
    goOn(field);
  };
  const step = (does) => {
    const button = document.querySelector(`#draft button[name=do][value="${does}"]`);
    if (button && !button.disabled) button.click();
  };
  const atHand = (field) => field.getAttribute("aria-activedescendant")
    && document.getElementById(field.getAttribute("aria-activedescendant"));

  const keys = {
    ArrowDown: (field) => choose(field, choices(field).indexOf(atHand(field)) + 1),
    ArrowUp: (field) => choose(field, choices(field).indexOf(atHand(field)) - 1),
    Enter: (field) => { const option = atHand(field); if (option) pick(field, option); },
    Escape: close,
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.closest?.("#draft")) return;
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (event.ctrlKey && event.key === "Enter") {
      done();
      return document.querySelector("[data-assign]").click();
    }
    const row = field.closest("[data-row]")?.dataset.row;
    const verb = { ArrowUp: "up", ArrowDown: "down", Backspace: "remove", Delete: "remove" }[event.key];
    if (event.altKey && verb && row) { done(); return step(`${verb} ${row}`); }
    if (event.altKey || event.ctrlKey || event.metaKey || !field.matches("input")) return;
    if (isCode(field) && isOpen(field) && keys[event.key]) { done(); return keys[event.key](field); }
    if (isCode(field) && event.key === "ArrowDown" && choices(field).length) { done(); return open(field); }
    if (event.key !== "Enter") return;
    done();
    const isWords = isCode(field) && field.value && !/^[0-9A-Z.-]*[0-9][0-9A-Z.-]*$/i.test(field.value);
    if (!isWords) goOn(field); // words are no code yet: the list for them is on its way
  }, true);

  document.addEventListener("input", (event) => { if (isCode(event.target)) delete event.target.dataset.picked; });
  document.addEventListener("focusout", (event) => { if (isCode(event.target)) close(event.target); });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".choices [role=option]");
    if (!option) return;
    event.preventDefault(); // the field keeps the focus
    const field = document.querySelector(`[aria-controls="${option.parentElement.id}"]`);
    if (option.dataset.code) pick(field, option);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.matches(".choices")) return;
    const field = document.querySelector(`[aria-controls="${event.target.id}"]`);
    if (document.activeElement === field && field.dataset.picked !== field.value) open(field);
  });
})();
