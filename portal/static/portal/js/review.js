// One key a grant: j and k move, a keeps, n narrows, d revokes, x chooses, u takes the last verdict back.
(() => {
  "use strict";

  const form = document.getElementById("verdicts");
  const undo = document.getElementById("undo");
  const WORDS = { a: "keep", n: "narrow", d: "revoke" };
  const items = () => [...document.querySelectorAll("[data-item]")];
  const current = () => document.querySelector("[data-item][data-current]");

  function mark(to) {
    const before = current();
    if (before) before.removeAttribute("data-current");
    if (!to) return;
    to.setAttribute("data-current", "");
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  }

  function neighbour(row, by) {
    const all = items();
    return all[all.indexOf(row) + by] || null;
  }

  function show(text) {
    const answer = new DOMParser().parseFromString(text, "text/html");
    for (const row of answer.querySelectorAll("tr[id]")) {
      const old = document.getElementById(row.id);
      if (old) old.replaceWith(document.adoptNode(row));
    }
    for (const name of ["review-progress", "review-problems"]) {
      const part = answer.getElementById(name);
      if (part) document.getElementById(name).replaceWith(document.adoptNode(part));
    }
  }

  async function send(row, verdict) {
    const next = neighbour(row, 1) || neighbour(row, -1);
    const data = new FormData(form);
    data.delete("items");
    data.append("items", row.dataset.item);
    data.set("verdict", verdict);
    mark(next);
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
    if (answer.ok) show(await answer.text());
    else window.location.reload();
  }

  function decide(key) {
    const row = current();
    if (!row) return;
    const reason = document.getElementById("reason");
    // Taking away says why: the evidence's own words where it recommends this, else one's own.
    if (key === "d" && row.dataset.recommended !== "revoke" && !reason.value.trim()) return reason.focus();
    send(row, WORDS[key]);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
    const row = current();
    if (event.key === "u" && undo) undo.requestSubmit();
    else if (!form) return;
    else if (event.key === "j") mark((row && neighbour(row, 1)) || row || items()[0]);
    else if (event.key === "k") mark((row && neighbour(row, -1)) || row || items()[0]);
    else if (event.key === "x" && row) row.querySelector("input").click();
    else if (WORDS[event.key]) decide(event.key);
    else return;
    event.preventDefault();
  });

  if (items().length) mark(items()[0]);
})();
