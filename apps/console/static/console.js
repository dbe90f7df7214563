// Keys, choosing rows, one click one posting, and parts that follow what changes while the keyboard keeps its place.
// Everything works without it but these.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("tr[data-href]:not([data-href=''])")];
  let at = -1;

  const step = (by) => { // from where the keyboard is, however it came there
    const all = rows();
    if (!all.length) return;
    const here = all.indexOf(document.activeElement.closest("tr"));
    at = Math.max(0, Math.min(all.length - 1, (here < 0 ? at : here) + by));
    all[at].querySelector("a").focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  };
  const isTyping = (target) => target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
  const places = { h: "/", w: "/work", r: "/remittances", o: "/operator" };
  let isGoing = false;
  let before = null; // where somebody was who went to the search

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      if (event.target.matches("[data-find]") && before !== document.body) before?.focus();
      return;
    }
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (isGoing && places[event.key]) { location.assign(places[event.key]); return; }
    isGoing = event.key === "g";
    const actions = {
      "/": () => { before = document.activeElement; document.querySelector("[data-find]")?.focus(); },
      "?": () => document.getElementById("keys")?.showModal(),
      d: () => document.querySelector("[data-bulk]")?.click(),
      j: () => step(1),
      k: () => step(-1),
      u: () => document.querySelector("[data-up]")?.click(),
      x: () => document.activeElement.closest("tbody tr")?.querySelector("input[type=checkbox]")?.click(),
    };
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
    const copied = event.target.closest("[data-copy]");
    if (copied) {
      const text = document.getElementById(copied.dataset.copy).textContent;
      navigator.clipboard.writeText(text).then(() => { copied.textContent = "Copied"; });
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      document.querySelectorAll("input[name=id]").forEach((box) => { box.checked = event.target.checked; });
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-busy"));
  }));

  // What was done is read aloud once it comes into its region, not where it stood in the page from the start.
  const told = document.querySelectorAll("#said > *");
  const isTaken = document.activeElement !== document.body || document.querySelector("main [autofocus]");
  if (told.length && !isTaken) document.getElementById("content").focus();
  setTimeout(() => told.forEach((each) => each.replaceWith(each.cloneNode(true))), 200);

  // A part that comes anew gives the keyboard back: by id (htmx does that), else to what is called the same, else to
  // the part. What takes its place may do something else.
  const nameOf = (each) => each.getAttribute("href") || each.getAttribute("aria-label") || each.textContent;
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    const here = document.activeElement;
    kept = part.contains(here) ? { id: part.id, name: nameOf(here) } : null;
    if (kept && part.matches("[data-live]") && isTyping(here)) event.detail.shouldSwap = false; // the next change comes
  });
  document.addEventListener("htmx:afterSwap", () => {
    const part = kept && document.getElementById(kept.id);
    if (part && document.activeElement === document.body && !part.querySelector("[autofocus]")) {
      const all = [...part.querySelectorAll("a[href], button, summary")];
      part.tabIndex = -1;
      (all.find((each) => nameOf(each) === kept.name) || part).focus();
    }
    kept = null;
  });

  document.querySelectorAll("[data-chart]").forEach((place) => {
    if (!window.uPlot) return;
    const { days, cents } = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--brand");
    const quiet = getComputedStyle(document.documentElement).getPropertyValue("--quiet");
    const money = (value) => value == null ? "" : "$" + Math.round(value / 100).toLocaleString("en-US");
    const axis = { stroke: quiet, font: "11px system-ui", grid: { show: false }, ticks: { show: false } };
    new uPlot({
      width: place.clientWidth, height: 110, cursor: { y: false }, legend: { show: false },
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(high, 100) * 1.1] } },
      axes: [{ ...axis, size: 22 }, { ...axis, size: 58, values: (_, all) => all.map(money) }],
      series: [{}, { stroke: colour, width: 1.5, fill: colour + "22", points: { show: days.length < 15 } }],
    }, [days, cents], place);
  });

  if (document.querySelector("[data-live]")) {
    const source = new EventSource("/live");
    let waiting = 0;
    source.addEventListener("changed", () => {
      clearTimeout(waiting); // many changes, one question
      waiting = setTimeout(() => document.body.dispatchEvent(new Event("live")), 700);
    });
    addEventListener("pagehide", () => source.close());
  }
})();
