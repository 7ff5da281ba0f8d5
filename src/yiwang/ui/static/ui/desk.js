// Desk behaviour: theme, keys, worklist, palette, decision box. Everything here is comfort: without it every page still
// reads, filters and decides. No dependency but htmx (fragments); no eval, no inline handlers (strict CSP).
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  const inField = event => event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]");
  const plain = event => !event.ctrlKey && !event.metaKey && !event.altKey;

  // theme: the cookie is read by the server, so that no page flashes
  const flip = () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = next;
    document.cookie = `yw_theme=${next}; path=/; max-age=31536000; samesite=lax`;
    all("[data-theme-form] [name=theme]").forEach(input => { input.value = next === "dark" ? "light" : "dark"; });
  };
  document.addEventListener("submit", event => {
    if (event.target.matches("[data-theme-form]")) { event.preventDefault(); flip(); }
  });

  // palette and key map
  const palette = one("#palette"), field = one("#palette input"), keys = one("#keys");
  const options = () => all("[role=option]", palette);
  const chosen = () => options().findIndex(option => option.getAttribute("aria-selected") === "true");
  const choose = index => {
    const list = options();
    list.forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    if (list[index]) { field.setAttribute("aria-activedescendant", list[index].id); list[index].scrollIntoView({ block: "nearest" }); }
  };
  const openPalette = () => { field.value = ""; palette.showModal(); field.focus(); htmx.trigger(field, "open"); };
  const follow = option => {
    if (!option) return;
    if (option.dataset.do) { palette.close(); if (option.dataset.do === "theme") flip(); else keys.showModal(); }
    else location.href = option.href;
  };
  palette.addEventListener("htmx:afterSwap", () => choose(0));
  palette.addEventListener("click", event => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); follow(option); } else if (event.target === palette) palette.close();
  });
  field.addEventListener("keydown", event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], count = options().length;
    if (step && count) { event.preventDefault(); choose((chosen() + step + count) % count); }
    if (event.key === "Enter") { event.preventDefault(); follow(options()[chosen()]); }
  });
  document.addEventListener("click", event => {
    if (event.target.closest("[data-palette]") && !event.ctrlKey) { event.preventDefault(); openPalette(); }
    all("details.pop[open], details.me[open]").forEach(box => { if (!box.contains(event.target)) box.open = false; });
  });

  // worklist: j k move, Enter or e open, x tick, v layout, Escape clears
  const rows = () => all(".wl-row");
  const current = () => one(".wl-row[aria-current]");
  let waiting = 0;
  const show = row => {
    if (!row) return;
    all(".wl-row[aria-current]").forEach(other => other.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
    sessionStorage.setItem("yw:row", row.dataset.item);
    row.scrollIntoView({ block: "nearest" });
    clearTimeout(waiting);
    if (row.dataset.preview && one("#preview") && one("#preview").offsetParent)
      waiting = setTimeout(() => htmx.ajax("GET", row.dataset.preview, { target: "#preview", swap: "innerHTML" }), 90);
  };
  const remembered = () => one(`.wl-row[data-item="${sessionStorage.getItem("yw:row") || 0}"]`) || rows()[0];
  const count = () => {
    const bulk = one(".bulk");
    if (!bulk) return;
    const ticked = all(".wl-row > .form-check-input:checked"), kinds = new Set(ticked.map(box => box.closest(".wl-row").dataset.kind));
    rows().forEach(row => row.classList.toggle("sel", one(".form-check-input", row).checked));
    bulk.hidden = !ticked.length;
    one(".bulk-n").textContent = ticked.length;
    one(".bulk-why").hidden = kinds.size < 2;
    all("[data-same]", bulk).forEach(button => { button.disabled = kinds.size > 1; });
  };
  const clear = () => { all(".wl-row > .form-check-input:checked").forEach(box => { box.checked = false; }); count(); };
  const move = step => {
    const list = rows(), at = list.indexOf(current());
    show(list[Math.max(0, Math.min(list.length - 1, at + step))]);
  };
  document.addEventListener("click", event => {
    const row = event.target.closest(".wl-row");
    if (!row) return;
    if (event.target.matches(".form-check-input")) count(); else if (!event.target.closest("a")) show(row);
  });
  document.addEventListener("click", event => { if (event.target.closest("[data-bulk-clear]")) clear(); });
  const listKeys = {
    j: () => move(1), k: () => move(-1), x: () => { const row = current(); if (row) one(".form-check-input", row)?.click(); },
    v: () => one("[data-view-switch]")?.click(), "/": () => one("[data-find]")?.focus(), Escape: clear,
    Enter: () => { const row = current(); if (row) one(".wl-t a", row).click(); },
  };
  listKeys.e = listKeys.Enter;

  // case page: j k next and previous case, u back to the list, 1-9 materials
  const follows = name => () => one(`[data-key-${name}]`)?.click();
  const caseKeys = { j: follows("next"), k: follows("previous"), u: follows("up") };
  // results of a search: j k move, Enter opens
  const hits = () => all(".hit-t");
  const step = by => { const list = hits(); list[Math.max(0, Math.min(list.length - 1, list.indexOf(document.activeElement) + by))]?.focus(); };
  const hitKeys = { j: () => step(1), k: () => step(-1), "/": () => one("[data-find]")?.focus() };
  const material = digit => all(".mats-l a")[digit - 1]?.click();

  let went = 0;
  const go = { w: "", c: "cases/", r: "registers/", n: "new/", s: "search/" };
  const single = event => {
    const home = document.body.dataset.home, after = Date.now() - went < 900;
    went = 0;
    if (after && event.key in go) { location.href = home + go[event.key]; return true; }
    if (event.key === "g") { went = Date.now(); return true; }
    if (event.key === "?") { keys.showModal(); return true; }
    if (event.key === "t") { flip(); return true; }
    if (/^[1-9]$/.test(event.key) && one(".mats-l")) { material(Number(event.key)); return true; }
    const table = one(".wl") ? listKeys : one("[data-hits]") ? hitKeys : caseKeys;
    if (event.key === "Enter" && event.target.closest("a, button, summary, input")) return false;
    if (!table[event.key]) return false;
    table[event.key]();
    return true;
  };
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { const button = mainButton(); if (button && !button.disabled) { event.preventDefault(); button.click(); } return; }
    if (!inField(event) && plain(event) && single(event)) event.preventDefault();
  });

  // decision box: own phrases go into the opinion; the button of the chosen move is the main one, on the phone at the bottom
  const decide = () => one("form.decide");
  const moveNumber = () => all("form.decide [name=move]").findIndex(input => input.checked) + 1;
  const mainButton = () => one(`form.decide .mv-${moveNumber()} .btn-main`);
  const footer = () => {
    const foot = one(".ph-foot [data-main]"), main = decide() && mainButton();
    if (!foot || !main) return;
    foot.textContent = main.dataset.short || main.textContent.trim();
    foot.setAttribute("formaction", main.getAttribute("formaction") || decide().action);
    foot.disabled = main.disabled;
  };
  document.addEventListener("change", event => { if (event.target.name === "move") footer(); });
  document.addEventListener("click", event => {
    const phrase = event.target.closest("[data-say]");
    if (phrase) {
      const text = one("#opinion"), had = text.value.trim();
      text.value = had ? had.replace(/[。；，]?$/, mark => mark || "，") + phrase.dataset.say : phrase.dataset.say;
      text.dispatchEvent(new Event("input", { bubbles: true }));
      text.focus();
    }
    const jump = event.target.closest("[data-jump]");
    if (jump) one(jump.dataset.jump)?.scrollIntoView({ block: "start" });
  });

  // what was typed stays in this tab until the server has taken it (time-out, back button, reload)
  const slot = form => `yw:${form.dataset.draft}`;
  const keep = form => sessionStorage.setItem(slot(form), one("#opinion", form)?.value || "");
  const restore = () => all("form[data-draft]").forEach(form => {
    const text = one("#opinion", form), saved = sessionStorage.getItem(slot(form));
    if (text && saved && !text.value) text.value = saved;
  });
  document.addEventListener("input", event => { const form = event.target.closest("form[data-draft]"); if (form) keep(form); });
  all("[data-taken]").forEach(mark => sessionStorage.removeItem(`yw:${mark.dataset.taken}`));

  // one submit only; the back button gives the button back
  document.addEventListener("submit", event => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => all(`[type=submit]`, form).concat(all(`[form="${form.id}"]`)).forEach(button => { button.disabled = true; button.setAttribute("aria-busy", "true"); }));
  });
  addEventListener("pageshow", event => {
    if (event.persisted) location.reload();
  });

  // a page that answers a refused post may be reloaded without posting again
  const here = one("[data-here]");
  if (here) history.replaceState(null, "", here.dataset.here);

  document.addEventListener("click", event => { if (event.target.closest("[data-print]")) print(); });
  document.addEventListener("change", event => { if (event.target.closest("[data-auto]")) event.target.form.requestSubmit(); });
  document.addEventListener("htmx:afterSettle", footer);
  restore();
  footer();
  show(remembered());
})();
