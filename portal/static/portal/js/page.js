// Enhances pages that already work without it: dialogs, copying, the command palette, the shortcut list.
(() => {
  "use strict";

  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const visible = (element) => element && !element.hidden;

  function openDialog(name) {
    const dialog = document.getElementById(name);
    if (!dialog || dialog.open) return false;
    dialog.showModal();
    return true;
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent.trim());
    const words = button.querySelector("[data-words]");
    const before = words.textContent;
    words.textContent = "Copied";
    setTimeout(() => { words.textContent = before; }, 1600);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener && openDialog(opener.dataset.dialog)) event.preventDefault();
    const closer = event.target.closest("[data-close]");
    if (closer) {
      const dialog = closer.closest("dialog[open]");
      if (dialog) { event.preventDefault(); dialog.close(); }
    }
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    const backdrop = event.target.closest("dialog[open]");
    if (backdrop && event.target === backdrop) backdrop.close();
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".message").remove();
  });

  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-submit-on-change]");
    if (field) field.form.requestSubmit();
  });

  function movePalette(event, palette) {
    const items = [...palette.querySelectorAll(".palette__item")].filter(visible);
    if (!items.length) return;
    const at = items.indexOf(document.activeElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = at + step;
    event.preventDefault();
    if (next < 0) palette.querySelector(".palette__input").focus();
    else items[Math.min(next, items.length - 1)].focus();
  }

  document.addEventListener("keydown", (event) => {
    const palette = event.target.closest && event.target.closest(".palette");
    if (palette && (event.key === "ArrowDown" || event.key === "ArrowUp")) return movePalette(event, palette);
    if (palette && event.key === "Enter" && event.target.matches(".palette__input")) {
      const first = palette.querySelector(".palette__item");
      if (first && palette.dataset.fresh === event.target.value) { event.preventDefault(); first.click(); }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      if (openDialog("palette")) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/" && openDialog("palette")) event.preventDefault();
    if (event.key === "?" && openDialog("shortcuts")) event.preventDefault();
  });

  // Enter opens the first result only when the list on screen answers what was typed.
  document.addEventListener("htmx:afterSwap", (event) => {
    const palette = event.target.closest(".palette");
    if (palette) palette.dataset.fresh = palette.querySelector(".palette__input").value;
  });

  // A drawing wider than its frame opens at the dataset it is about.
  for (const frame of document.querySelectorAll(".lineage")) {
    const centre = frame.querySelector("[aria-current]");
    if (!centre) continue;
    const box = centre.getBoundingClientRect();
    const view = frame.getBoundingClientRect();
    frame.scrollLeft = box.left - view.left - (view.width - box.width) / 2;
    frame.scrollTop = box.top - view.top - (view.height - box.height) / 2;
  }

  document.documentElement.dataset.ready = "";
})();
