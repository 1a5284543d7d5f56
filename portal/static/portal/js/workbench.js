// The editor of the workbench: run with Ctrl-Enter, stop, complete names, put names from the side panel at the cursor.
(() => {
  "use strict";

  const form = document.querySelector("[data-editor]");
  if (!form) return;
  const text = form.querySelector("[data-sql]");
  const list = form.querySelector("[data-completion]");
  const stop = form.querySelector("[data-stop]");
  const schema = JSON.parse(document.getElementById("schema").textContent);
  const words = [...new Set(schema.flatMap((table) => [table.name, ...table.columns]))].sort();

  function insert(word, from = text.selectionStart) {
    text.setRangeText(word, from, text.selectionEnd, "end");
    text.focus();
  }

  function typed() {
    const before = text.value.slice(0, text.selectionStart);
    return before.match(/[\w.]*$/)[0];
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
  }

  function offer(always) {
    const start = typed().toLowerCase();
    if (!always && start.length < 2) return close();
    const found = words.filter((word) => word.toLowerCase().includes(start) && word.toLowerCase() !== start);
    found.sort((a, b) => b.toLowerCase().startsWith(start) - a.toLowerCase().startsWith(start));
    if (!found.length) return close();
    list.replaceChildren(...found.slice(0, 12).map((word, index) => {
      const item = document.createElement("li");
      item.role = "option";
      item.textContent = word;
      item.setAttribute("aria-selected", index === 0);
      return item;
    }));
    list.hidden = false;
  }

  function take(item) {
    insert(item.textContent, text.selectionStart - typed().length);
    close();
  }

  function move(step) {
    const items = [...list.children];
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    items[at].setAttribute("aria-selected", "false");
    const next = items[(at + step + items.length) % items.length];
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
  }

  text.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      close();
      form.requestSubmit();
    } else if (event.ctrlKey && event.key === " ") {
      event.preventDefault();
      offer(true);
    } else if (!list.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (!list.hidden && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      take(list.querySelector("[aria-selected=true]"));
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  text.addEventListener("input", () => offer(false));
  text.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("mousedown", (event) => {
    const item = event.target.closest("li");
    if (item) { event.preventDefault(); take(item); }
  });

  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-insert]");
    if (name) { event.preventDefault(); insert(name.dataset.insert); }
    const query = event.target.closest("[data-replace]");
    if (query && !(event.ctrlKey || event.metaKey)) { event.preventDefault(); text.value = query.dataset.replace; text.focus(); }
  });

  form.addEventListener("htmx:beforeRequest", () => { stop.hidden = false; });
  form.addEventListener("htmx:afterRequest", () => { stop.hidden = true; });
  stop.addEventListener("click", () => htmx.trigger(form, "htmx:abort"));
})();
