// One key a grant: j and k move, a keeps, n narrows, d revokes, x chooses, z takes the last verdict back. What was pressed is
// sent in that order, alike verdicts together, and the keyboard never waits for an answer.
(() => {
  "use strict";

  const form = document.getElementById("verdicts");
  const list = document.getElementById("review-waiting");
  const done = document.getElementById("review-done");
  const WORDS = { a: "keep", n: "narrow", d: "revoke" };
  const FEW = 40;
  const rows = () => [...document.querySelectorAll("[data-item]:not([data-sent])")];
  const current = () => document.querySelector("[data-item][data-current]");
  const chosen = () => rows().filter((row) => row.querySelector("input").checked);

  // --- Where the keyboard is

  function mark(to) {
    for (const before of document.querySelectorAll("[data-current]")) before.removeAttribute("data-current");
    const link = to ? null : next();
    done.hidden = Boolean(to || link);
    if (!to) return (link || done).focus();
    to.setAttribute("data-current", "");
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    mark(all[Math.max(0, Math.min(all.length - 1, at + by))]);
    if (at + by > all.length - FEW) more();
  }

  function after(gone) {
    const all = [...document.querySelectorAll("[data-item]")];
    const from = all.indexOf(gone[gone.length - 1]);
    const open = (row) => !("sent" in row.dataset);
    return all.slice(from).find(open) || all.slice(0, from).reverse().find(open) || null;
  }

  // --- Rows that follow are fetched before one gets there

  const next = () => document.querySelector("#review-more a[href*=after]");
  let fetching = null;

  function more() {
    const link = next();
    if (!link || fetching) return;
    fetching = fetch(link.href, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => {
        if (!text) return;
        const part = document.createElement("tbody");
        part.innerHTML = text;
        document.getElementById("review-more").remove();
        const isNew = (row) => !document.getElementById(row.id) && (row.dataset.item || row.querySelector("a[href*=after]"));
        list.append(...[...part.children].filter(isNew));
        if (!current() && rows().length) mark(rows()[0]);
      })
      .finally(() => { fetching = null; });
  }

  // --- What was said, in order

  const queue = [];
  let sending = false;

  function alike(one, other) {
    return one.verdict && one.verdict === other.verdict && one.reason === other.reason;
  }

  function request(job) {
    const source = job.verdict ? form : document.getElementById("undo");
    const data = new URLSearchParams({ csrfmiddlewaretoken: source.elements.csrfmiddlewaretoken.value });
    if (job.verdict) {
      data.set("verdict", job.verdict);
      data.set("reason", job.reason);
      for (const row of job.rows) data.append("items", row.dataset.item);
    }
    return fetch(source.getAttribute("action"), { method: "POST", body: data, headers: { "HX-Request": "true" }, keepalive: true });
  }

  function show(text, job) {
    const answer = new DOMParser().parseFromString(text, "text/html");
    for (const row of answer.querySelectorAll("tr[id]")) put(document.adoptNode(row), !job.verdict);
    for (const name of ["review-progress", "undo", "review-problems"]) {
      const part = answer.getElementById(name);
      const old = document.getElementById(name);
      const had = old.contains(document.activeElement);
      old.replaceWith(document.adoptNode(part));
      if (had) mark(current() || rows()[0]);
    }
    if (rows().length < FEW) more();
  }

  function put(row, isBack) {
    const old = document.getElementById(row.id);
    const had = old && old.contains(document.activeElement);
    if (isBack && row.dataset.item && list && (!old || !list.contains(old))) {
      if (old) old.remove();
      list.prepend(row);
    } else if (old) old.replaceWith(row);
    if (row.dataset.item && (isBack || had || !current())) mark(row);
    else if (had) mark(rows()[0]);
  }

  async function pump() {
    if (sending) return;
    sending = true;
    while (queue.length) {
      const job = queue.shift();
      while (queue.length && alike(queue[0], job)) job.rows.push(...queue.shift().rows);
      try {
        const answer = await request(job);
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        show(await answer.text(), job);
      } catch {
        failed(job);
      }
    }
    sending = false;
  }

  function failed(job) {
    for (const row of job.rows || []) delete row.dataset.sent;
    const words = document.createElement("p");
    words.className = "message message--error";
    words.textContent = "This did not arrive, so nothing is decided. Try again, or load the page anew.";
    document.getElementById("review-problems").replaceChildren(words);
    if (!current()) mark(rows()[0]);
  }

  function send(targets, verdict, reason) {
    for (const row of targets) {
      row.dataset.sent = verdict;
      row.querySelector("input").checked = false;
    }
    mark(after(targets));
    queue.push({ verdict, reason, rows: targets });
    pump();
  }

  function takeBack() {
    const last = queue[queue.length - 1];
    if (!last || !last.verdict) {
      queue.push({ verdict: "" });
      return pump();
    }
    // It was not sent yet, so nothing has happened.
    queue.pop();
    for (const row of last.rows) delete row.dataset.sent;
    mark(last.rows[0]);
  }

  // --- Taking away says why: the evidence's own words where it recommends this, else one's own

  let asking = null;

  function say(targets, verdict) {
    if (!targets.length) return;
    const reason = document.getElementById("reason");
    const said = reason.value.trim();
    if (verdict === "keep" || said || targets.every((row) => row.dataset.recommended === verdict)) return finish(targets, verdict);
    asking = { targets, verdict };
    form.dataset.asking = "";
    const about = targets.length === 1 ? targets[0].dataset.about : `${targets.length} grants`;
    document.getElementById("review-about").textContent = `Why ${verdict} ${about}?`;
    reason.focus();
  }

  function finish(targets, verdict) {
    const reason = document.getElementById("reason");
    const said = reason.value.trim();
    quiet();
    send(targets, verdict, said);
  }

  function quiet() {
    asking = null;
    delete form.dataset.asking;
    document.getElementById("reason").value = "";
    document.getElementById("review-about").textContent = "Why";
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id === "undo") {
      event.preventDefault();
      return takeBack();
    }
    if (event.target !== form) return;
    event.preventDefault();
    const own = event.submitter.closest("[data-item]");
    say(own ? [own] : chosen(), event.submitter.value);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && asking) {
      const row = asking.targets[0];
      quiet();
      return mark(row);
    }
    if (event.key === "Enter" && asking && event.target.id === "reason") {
      if (event.target.value.trim()) finish(asking.targets, asking.verdict);
      return;
    }
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
    const row = current();
    if (event.key === "z" || event.key === "u") takeBack();
    else if (!form) return;
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "x" && row) row.querySelector("input").click();
    else if (WORDS[event.key]) say(chosen().length ? chosen() : row ? [row] : [], WORDS[event.key]);
    else return;
    event.preventDefault();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-item]");
    if (row && row !== current()) {
      for (const before of document.querySelectorAll("[data-current]")) before.removeAttribute("data-current");
      row.setAttribute("data-current", "");
    }
  });

  // Who leaves the page has decided: what was not sent yet goes out now.
  window.addEventListener("pagehide", () => { for (const job of queue.splice(0)) request(job); });

  if (rows().length) mark(rows()[0]);
})();
