// Uploads show their progress; without this file the same page is simply posted. Loaded before forms.js.
(() => {
  "use strict";
  let leaving = false;
  window.addEventListener("beforeunload", (event) => { if (leaving) event.stopImmediatePropagation(); });

  const bar = (field) => {
    let found = field.querySelector("progress");
    if (!found) {
      found = document.createElement("progress");
      found.max = 100;
      found.className = "yw-upload";
      field.append(found);
    }
    return found;
  };
  const fail = (field, input, words) => {
    field.querySelectorAll("progress").forEach((one) => one.remove());
    input.value = "";
    input.disabled = false;
    const verdict = field.querySelector("[data-verdict]");
    verdict.textContent = words;
    verdict.classList.add("yw-err");
  };
  const body = (form, input, key) => {
    const data = new FormData(form);
    for (const [name, value] of [...data.entries()]) if (value instanceof File && name !== input.name) data.delete(name);
    data.set("_upload", key);
    return data;
  };
  const answered = (request, field, input, words) => {
    if (request.status >= 200 && request.status < 300) {
      leaving = true;
      location.hash = field.id || input.id;
      location.reload();
      return;
    }
    let said = {};
    try { said = JSON.parse(request.responseText); } catch { said = {}; }
    fail(field, input, [said.message, said.remedy].filter(Boolean).join("。") || words.failed);
  };
  const send = (form, field, input, button, words) => {
    const request = new XMLHttpRequest();
    const shown = bar(field);
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) shown.value = (event.loaded / event.total) * 100; });
    request.addEventListener("load", () => answered(request, field, input, words));
    request.addEventListener("error", () => fail(field, input, words.offline));
    request.send(body(form, input, button.value));
    input.disabled = true;
    field.querySelector("[data-verdict]").textContent = words.sending;
  };

  document.querySelectorAll("form[data-uploads]").forEach((form) => {
    const words = form.dataset;
    form.querySelectorAll("[data-kind=files]").forEach((field) => {
      const input = field.querySelector("input[type=file]");
      const button = field.querySelector("button[name=_upload]");
      if (!input || !button) return;
      button.hidden = true;
      input.addEventListener("change", () => {
        if (!input.files.length) return;
        const largest = Number(input.dataset.largest);
        if (largest && [...input.files].some((file) => file.size > largest)) { fail(field, input, input.dataset.toolarge); return; }
        send(form, field, input, button, words);
      });
    });
  });
})();
