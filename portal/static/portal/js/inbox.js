// One key a decision: j and k move between requests, a approves, s opens narrowing, d opens the denial, w asks back, x chooses.
(() => {
  "use strict";

  const cases = [...document.querySelectorAll("[data-case]")];
  if (!cases.length) return;

  function current() {
    return document.querySelector("[data-case][data-current]");
  }

  function mark(to) {
    const before = current();
    if (before) before.removeAttribute("data-current");
    to.setAttribute("data-current", "");
  }

  function go(to) {
    mark(to);
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const at = cases.indexOf(current());
    go(cases[Math.max(0, Math.min(cases.length - 1, at + by))]);
  }

  function press(key) {
    const one = current() || cases[0];
    const open = one.querySelector("details.case__more[open]");
    // With the narrowing open, `a` approves what is left in it; with the denial open it does nothing by accident.
    if (key === "a" && open) return open.matches("[data-narrowing]") ? open.querySelector("form").requestSubmit() : null;
    const control = one.querySelector(`[data-key="${key}"]`);
    if (!control) return;
    const details = control.closest("details");
    if (open && open !== details) open.open = false;
    control.click();
    if (!details || !details.open) return;
    const field = details.querySelector("input:checked") || details.querySelector("input:not([type=hidden])");
    if (field) field.focus();
  }

  function close() {
    const open = (current() || cases[0]).querySelector("details.case__more[open]");
    if (!open) return false;
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !document.querySelector("dialog[open]") && close()) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog[open]")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if ("asdwx".includes(event.key) && event.key.length === 1) press(event.key);
    else return;
    event.preventDefault();
  });

  // After a decision the page comes back; the person goes on where they were.
  const kept = "inbox.at";
  document.addEventListener("submit", (event) => {
    const one = event.target.closest("[data-case]");
    if (one) sessionStorage.setItem(kept, cases.indexOf(one));
  });
  const at = Number(sessionStorage.getItem(kept) || 0);
  sessionStorage.removeItem(kept);

  const named = /^#request-\d+$/.test(window.location.hash) && document.querySelector(window.location.hash);
  if (named) go(named);
  else mark(cases[Math.min(at, cases.length - 1)]);
  document.addEventListener("focusin", (event) => {
    const one = event.target.closest("[data-case]");
    if (one && one !== current()) mark(one);
  });
})();
