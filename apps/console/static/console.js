// Keys, choosing rows, one click one posting, and parts that follow what changes. Everything works without it but these.
"use strict";
(() => {
  const rows = () => [...document.querySelectorAll("tr[data-href]")];
  let at = -1;

  const show = (to) => {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(all.length - 1, to));
    all.forEach((row, n) => row.classList.toggle("here", n === at));
    const link = all[at].querySelector("a");
    (link || all[at]).focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  };
  const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
  const places = { h: "/", w: "/work", r: "/remittances", o: "/operator" };
  let isGoing = false;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (isGoing && places[event.key]) { location.assign(places[event.key]); return; }
    isGoing = event.key === "g";
    const actions = {
      "/": () => document.querySelector("[data-find]")?.focus(),
      "?": () => document.getElementById("keys")?.showModal(),
      j: () => show(at + 1),
      k: () => show(at - 1),
      u: () => document.querySelector("[data-up]")?.click(),
      x: () => rows()[at]?.querySelector("input[type=checkbox]")?.click(),
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
    if (event.target.matches("form[data-sent-at-once] select, form[data-sent-at-once] input")) {
      event.target.form.requestSubmit();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

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
