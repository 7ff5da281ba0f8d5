// Progressive enhancement only: every page reads, applies and tracks without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Elder mode in place, so that a half-filled form keeps its words; the link behind it sets the same cookie.
  const elder = (link) => {
    const show = () => { link.lastElementChild.textContent = root.hasAttribute("data-elder") ? link.dataset.off : link.dataset.on; };
    link.addEventListener("click", (event) => {
      event.preventDefault();
      root.toggleAttribute("data-elder");
      const on = root.hasAttribute("data-elder");
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `yw_elder=${on ? 1 : 0}; path=/; max-age=${on ? 31536000 : 0}; SameSite=Lax${secure}`;
      show();
    });
  };
  all("[data-elder-switch]").forEach(elder);

  // The menu of the phone.
  all("[data-menu]").forEach((button) => button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", String(button.closest(".yw-top").classList.toggle("is-open")));
  }));

  // Tabs (WAI-ARIA: arrows move, one tab stop).
  const tabs = (box) => {
    const list = all("[role=tab]", box);
    const pick = (chosen, focus) => list.forEach((tab) => {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
      if (on && focus) tab.focus();
    });
    list.forEach((tab, index) => {
      tab.addEventListener("click", () => pick(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        pick(list[(index + step + list.length) % list.length], true);
      });
    });
    if (list.length) pick(list.find((tab) => tab.getAttribute("aria-selected") === "true") || list[0]);
  };
  all("[data-tabs]").forEach(tabs);

  all("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  all("[data-copy]").forEach((button) => button.addEventListener("click", async () => {
    const label = button.lastElementChild;
    try { await navigator.clipboard.writeText(button.dataset.copy); label.textContent = button.dataset.done; }
    catch { label.textContent = button.dataset.failed; }
  }));

  // A form is sent once: the second click of an impatient finger does nothing (the server refuses it as well).
  all("form[data-once]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
  }));

  // Mark where the reader of a long page is.
  const contents = all('.yw-toc > a[href^="#"]');
  if (contents.length && "IntersectionObserver" in window) {
    const watch = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      contents.forEach((link) => link.hash === `#${entry.target.id}` ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
    }), { rootMargin: "0px 0px -70% 0px" });
    contents.map((link) => document.querySelector(link.hash)).filter(Boolean).forEach((section) => watch.observe(section));
  }

  const summary = document.querySelector(".yw-errsum");
  if (summary && !location.hash) summary.focus();
})();
