// One key a decision: j and k move between requests, a approves, s opens narrowing, d opens the denial, w asks back,
// v looks at the rows, x chooses. A verdict is held for a few seconds before it is sent, and z takes it back until then.
(() => {
  "use strict";

  const list = document.querySelector("[data-hold]");
  const cases = [...document.querySelectorAll("[data-case]")];
  if (!list || !cases.length) return;
  const pause = Number(list.dataset.hold) * 1000;
  const held = new Map();

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

  const isOpen = (one) => !("held" in one.dataset);

  // --- Holding a verdict: until it is sent nothing has happened, so taking it back leaves nothing to explain.

  function hold(form, one) {
    const words = form.dataset.verdict;
    const strip = document.getElementById("held").content.firstElementChild.cloneNode(true);
    strip.querySelector("[data-said]").textContent = words;
    strip.querySelector("[data-undo]").addEventListener("click", () => takeBack(one));
    strip.querySelector("[data-now]").addEventListener("click", () => send(one));
    one.append(strip);
    one.dataset.held = "waiting";
    held.set(one, { form, strip, timer: setTimeout(send, pause, one) });
    const after = cases.slice(cases.indexOf(one) + 1).find(isOpen) || cases.find(isOpen);
    go(after || one);
  }

  function release(one) {
    const found = held.get(one);
    if (!found) return null;
    clearTimeout(found.timer);
    held.delete(one);
    return found;
  }

  function takeBack(one) {
    const found = release(one);
    if (!found) return;
    found.strip.remove();
    delete one.dataset.held;
    go(one);
  }

  function say(strip, tone, words) {
    strip.querySelector("[data-said]").textContent = words;
    strip.dataset.tone = tone;
    for (const part of strip.querySelectorAll("[data-pending]")) part.remove();
  }

  const post = (form, how) => fetch(form.action, {
    method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true, ...how,
  });

  async function send(one) {
    const found = release(one);
    if (!found) return;
    one.dataset.held = "sent";
    // The last one goes the ordinary way: the page comes back with what waits next.
    if (cases.every((each) => each.dataset.held === "sent")) return found.form.submit();
    try {
      const answer = await post(found.form, { headers: { "HX-Request": "true" } });
      if (answer.redirected || answer.status >= 500) throw new Error(answer.status);
      const said = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-tone]");
      say(found.strip, said.dataset.tone, said.textContent.trim());
    } catch {
      say(found.strip, "bad", "This did not arrive, so nothing is decided. Load the page again.");
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-verdict]");
    const one = event.target.closest("[data-case]");
    if (!form || !one) return;
    event.preventDefault();
    if (isOpen(one)) hold(form, one);
  });

  // Who leaves the page has decided: what is held goes out now, and the next page says what came of it.
  window.addEventListener("pagehide", () => {
    for (const one of [...held.keys()]) post(release(one).form, { redirect: "manual" });
  });

  // --- Keys

  function press(key) {
    const one = current() || cases[0];
    if (!isOpen(one)) return;
    const open = one.querySelector("details.case__more[open]:not(.case__look)");
    // With the narrowing open, `a` approves what is left in it; with the denial open it does nothing by accident.
    if (key === "a" && open) return open.matches("[data-narrowing]") ? open.querySelector("form").requestSubmit() : null;
    const control = one.querySelector(`[data-key="${key}"]`);
    if (!control) return;
    const details = control.closest("details");
    if (open && open !== details && key !== "v") open.open = false;
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
    else if (event.key === "z") takeBack([...held.keys()].pop());
    else if ("asdwvx".includes(event.key) && event.key.length === 1) press(event.key);
    else return;
    event.preventDefault();
  });

  // After the page came back, the person goes on where they were.
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
