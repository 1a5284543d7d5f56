// One key a decision: j and k move between requests, a approves, s opens narrowing, d opens the denial.
(() => {
  "use strict";

  const cases = [...document.querySelectorAll("[data-case]")];
  if (!cases.length) return;

  function current() {
    return document.querySelector("[data-case][data-current]");
  }

  function go(to) {
    const before = current();
    if (before) before.removeAttribute("data-current");
    to.setAttribute("data-current", "");
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const at = cases.indexOf(current());
    go(cases[Math.max(0, Math.min(cases.length - 1, at + by))]);
  }

  function press(key) {
    const control = (current() || cases[0]).querySelector(`[data-key="${key}"]`);
    control.click();
    const details = control.closest("details");
    if (!details || !details.open) return;
    const field = details.querySelector("input:not([type=hidden], [type=radio], [type=checkbox]), button:not([data-key])");
    if (field) field.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog[open]")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if ("asd".includes(event.key) && event.key.length === 1) press(event.key);
    else return;
    event.preventDefault();
  });

  const named = window.location.hash && document.querySelector(window.location.hash);
  go(named && cases.includes(named) ? named : cases[0]);
})();
