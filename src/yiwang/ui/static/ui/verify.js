// Compares a certificate file with the digest kept at issue. The file is read here and never sent.
(() => {
  "use strict";
  const zone = document.querySelector("[data-digest]");
  if (!zone) return;
  if (!window.crypto || !crypto.subtle) {
    // Without https the browser has no digest: the plain form stays, and says nothing it cannot keep.
    zone.querySelectorAll(".yw-nojs").forEach((one) => one.classList.remove("yw-nojs"));
    zone.parentElement.querySelectorAll(".yw-jsonly").forEach((one) => { one.hidden = true; });
    return;
  }
  const input = zone.querySelector("input[type=file]");
  const result = document.getElementById(zone.dataset.result);
  const words = zone.dataset;

  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const line = (tag, text, name) => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const show = (good, file, digest) => {
    result.hidden = false;
    result.classList.toggle("is-bad", !good);
    const grouped = digest.match(/.{1,8}/g).join(" ");
    result.replaceChildren(line("b", good ? words.same : words.other), line("span", file.name, "yw-small"), line("span", grouped, "yw-hash"));
  };
  const compare = async (file) => {
    if (!file) return;
    const digest = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    show(digest === words.digest, file, digest);
  };

  zone.classList.add("is-live");
  input.addEventListener("change", () => compare(input.files[0]));
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    compare(event.dataTransfer.files[0]);
  });
})();
