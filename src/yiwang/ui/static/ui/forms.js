// Forms, enhancement only: conditions, sums, rows, counts, check digits, autosave. The server judges everything again.
(() => {
  "use strict";

  // ---------- numbers: exact decimals with 28 digits, as on the server ----------
  const DIGITS = 28;
  const LARGEST = 10n ** 18n;
  const ten = (n) => 10n ** BigInt(n);
  const size = (c) => (c < 0n ? -c : c);
  const number = (c, e, i) => ({ c, e, i });
  const isNumber = (v) => v !== null && typeof v === "object" && !Array.isArray(v);

  const parse = (text, i) => {
    const m = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text);
    if (!m || !(m[2] || m[3])) return null;
    const c = BigInt((m[2] || "") + (m[3] || ""));
    return number(m[1] === "-" ? -c : c, Number(m[4] || 0) - (m[3] || "").length, i);
  };
  const even = (c, drop) => {
    const unit = ten(drop);
    const q = c / unit;
    const rest = size(c % unit) * 2n;
    const up = rest > unit || (rest === unit && q % 2n !== 0n);
    return up ? q + (c < 0n ? -1n : 1n) : q;
  };
  const rounded = (d) => {
    const drop = size(d.c).toString().length - DIGITS;
    return d.i || drop <= 0 ? d : rounded(number(even(d.c, drop), d.e + drop, false));
  };
  const aligned = (a, b) => {
    const e = Math.min(a.e, b.e);
    return [a.c * ten(a.e - e), b.c * ten(b.e - e), e];
  };
  const add = (a, b) => { const [x, y, e] = aligned(a, b); return rounded(number(x + y, e, a.i && b.i)); };
  const minus = (a) => number(-a.c, a.e, a.i);
  const sub = (a, b) => add(a, minus(b));
  const mul = (a, b) => rounded(number(a.c * b.c, a.e + b.e, a.i && b.i));
  const div = (a, b) => {
    if (b.c === 0n) return null;
    const shift = Math.max(0, DIGITS + 2 + size(b.c).toString().length - size(a.c).toString().length);
    const n = a.c * ten(shift);
    const q = n / b.c;
    const sticky = n % b.c === 0n ? 0n : (n < 0n) === (b.c < 0n) ? 1n : -1n;
    return rounded(number(q * 10n + sticky, a.e - b.e - shift - 1, false));
  };
  const floor = (a, b) => {
    const q = div(a, b);
    if (q === null) return null;
    const whole = q.e >= 0 ? q.c * ten(q.e) : q.c / ten(-q.e);
    const below = q.e < 0 && q.c < 0n && q.c % ten(-q.e) !== 0n;
    return number(below ? whole - 1n : whole, 0, true);
  };
  const rest = (a, b) => { const q = floor(a, b); return q === null ? null : sub(a, mul(b, q)); };
  const power = (a, b) => {
    const n = b.c;
    if (n === 0n) return a.c === 0n && !a.i ? null : number(1n, 0, a.i);
    return rounded(number(a.c ** n, a.e * Number(n), a.i));
  };
  const compare = (a, b) => { const [x, y] = aligned(a, b); return x < y ? -1 : x > y ? 1 : 0; };
  const bounded = (d) => (d === null || compare(number(size(d.c), d.e, false), number(LARGEST, 0, true)) > 0 ? null : d);
  const near = (d) => compare(number(size(d.c), d.e, false), number(1n, -9, false)) < 0;
  const halfUp = (d, places) => {
    const drop = -places - d.e;
    if (drop <= 0) return number(d.c * ten(-drop), -places, false);
    const unit = ten(drop);
    const q = size(d.c) / unit + (size(d.c) % unit * 2n >= unit ? 1n : 0n);
    return number(d.c < 0n ? -q : q, -places, false);
  };
  const plain = (d) => {
    if (d.e >= 0) return (d.c * ten(d.e)).toString();
    const digits = size(d.c).toString().padStart(1 - d.e, "0");
    const text = (digits.slice(0, d.e) + "." + digits.slice(d.e)).replace(/\.?0+$/, "");
    return (d.c < 0n && text !== "0" ? "-" : "") + text;
  };

  // ---------- expressions: the tree the server compiled ----------
  const value = (v) => {
    if (v === null || v === undefined) return null;
    if (typeof v === "string" || typeof v === "boolean") return v;
    if (typeof v === "number") return bounded(parse(String(v), Number.isInteger(v)));
    if (Array.isArray(v)) return v.map(value);
    if ("c" in v) return bounded(v);
    return "i" in v ? bounded(parse(v.i, true)) : bounded(parse(v.n, false));
  };
  const truth = (v) => !(v === null || v === false || v === "" || (Array.isArray(v) && !v.length) || (isNumber(v) && v.c === 0n));
  const points = (text) => Array.from(text, (sign) => sign.codePointAt(0));
  const order = (a, b) => {
    if (isNumber(a) && isNumber(b)) { const gap = rounded(sub(number(a.c, a.e, false), b)); return near(gap) ? 0 : gap.c > 0n ? 1 : -1; }
    if (typeof a !== "string" || typeof b !== "string") return null;
    const [x, y] = [points(a), points(b)];
    for (let n = 0; n < Math.min(x.length, y.length); n += 1) if (x[n] !== y[n]) return x[n] < y[n] ? -1 : 1;
    return Math.sign(x.length - y.length);
  };
  const asNumber = (v) => (typeof v === "boolean" ? number(v ? 1n : 0n, 0, true) : v);
  const equal = (a, b) => {
    const [x, y] = [asNumber(a), asNumber(b)];
    if (isNumber(x) && isNumber(y)) return compare(x, y) === 0;
    if (Array.isArray(x) && Array.isArray(y)) return x.length === y.length && x.every((one, n) => equal(one, y[n]));
    return x === y;
  };
  const same = (a, b) => {
    const found = order(a, b);
    if (found !== null) return found === 0;
    const alike = Array.isArray(a) === Array.isArray(b) && typeof a === typeof b && !isNumber(a) && !isNumber(b);
    return alike && equal(a, b);
  };
  const contains = (part, whole) => {
    if (part === null) return null;
    if (Array.isArray(whole)) return whole.some((one) => same(part, one));
    return typeof whole === "string" && typeof part === "string" ? whole.includes(part) : null;
  };
  const compute = (work) => (a, b) => (isNumber(a) && isNumber(b) ? bounded(work(a, b)) : null);
  const ordered = (...wanted) => (a, b) => wanted.includes(order(a, b));
  const eager = {
    "==": (a, b) => a !== null && b !== null && same(a, b),
    "!=": (a, b) => a !== null && b !== null && !same(a, b),
    "<": ordered(-1), "<=": ordered(-1, 0), ">": ordered(1), ">=": ordered(0, 1),
    "in": (part, whole) => contains(part, whole) === true,
    "not in": (part, whole) => contains(part, whole) === false,
    "not": (v) => !truth(v),
    "neg": (v) => eager["-"](number(0n, 0, true), v),
    "pos": (v) => (isNumber(v) ? v : null),
    "list": (...all) => all,
    "+": compute(add), "-": compute(sub), "*": compute(mul), "/": compute(div), "//": compute(floor), "%": compute(rest), "**": compute(power),
  };
  const extreme = (wanted) => (...all) => {
    const pool = all.length === 1 && Array.isArray(all[0]) ? all[0] : all;
    let best = null;
    for (const one of pool) {
      if (!isNumber(one)) return null;
      if (best === null || order(one, best) === wanted) best = one;
    }
    return best;
  };
  const round = (v, places = number(0n, 0, true)) => {
    const n = asNumber(places);
    if (!isNumber(v) || !isNumber(n) || !n.i || n.c < 0n || n.c > 9n) return null;
    return halfUp(v, Number(n.c));
  };
  const calls = {
    min: extreme(-1), max: extreme(1), round,
    abs: (v) => (isNumber(v) ? rounded(number(size(v.c), v.e, v.i)) : null),
    len: (v) => (typeof v === "string" ? number(BigInt(points(v).length), 0, true) : Array.isArray(v) ? number(BigInt(v.length), 0, true) : null),
    sum: (v) => (Array.isArray(v) ? v.reduce((total, one) => eager["+"](total, one), number(0n, 0, true)) : null),
    given: (v) => !(v === null || v === "" || (Array.isArray(v) && !v.length)),
  };
  const evaluate = (tree, values) => {
    const [word, ...parts] = tree;
    if (word === "name") return value(values[parts[0]]);
    if (word === "value") return value(parts[0]);
    if (word === "and") return parts.every((part) => truth(evaluate(part, values)));
    if (word === "or") return parts.some((part) => truth(evaluate(part, values)));
    if (word === "if") return evaluate(truth(evaluate(parts[0], values)) ? parts[1] : parts[2], values);
    if (word === "call") return calls[parts[0]](...parts.slice(1).map((part) => evaluate(part, values)));
    return eager[word](...parts.map((part) => evaluate(part, values)));
  };
  const holds = (tree, values) => truth(evaluate(tree, values));

  // ---------- check digits ----------
  const isIdCard = (text) => {
    if (!/^\d{17}[\dX]$/.test(text)) return false;
    const day = new Date(`${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}T00:00:00Z`);
    if (text.slice(6, 10) < "1850" || Number.isNaN(day.getTime()) || day.getUTCDate() !== Number(text.slice(12, 14))) return false;
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    return "10X98765432"[weights.reduce((sum, weight, n) => sum + weight * Number(text[n]), 0) % 11] === text[17];
  };
  const isCreditCode = (text) => {
    const signs = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    if (text.length !== 18 || [...text].some((sign) => !signs.includes(sign))) return false;
    let sum = 0;
    for (let n = 0, weight = 1; n < 17; n += 1, weight = (weight * 3) % 31) sum += signs.indexOf(text[n]) * weight;
    return signs[(31 - (sum % 31)) % 31] === text[17];
  };

  const tidy = (text) => text
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, "")
    .replace(/[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0]/g, " ").trim();
  const tidyNumber = (text) => tidy(text).replace(/[．。]/g, ".").replace(/，/g, ",").replace(/[－—–−]/g, "-").replace(/＋/g, "+").replace(/／/g, "/").replace(/ /g, "");
  const NUMBER = /^[+-]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,15})?$/;
  const typedNumber = (text, rule) => {
    let typed = tidyNumber(text);
    if (rule.unit && typed.endsWith(rule.unit)) typed = typed.slice(0, -rule.unit.length);
    if (!NUMBER.test(typed)) return null;
    const found = parse(typed.replace(/,/g, ""), rule.kind === "integer");
    const least = rule.min ? parse(rule.min, false) : null;
    const most = rule.max ? parse(rule.max, false) : null;
    if ((least && compare(found, least) < 0) || (most && compare(found, most) > 0)) return null;
    const places = rule.kind === "integer" ? 0 : Number(rule.places || 0);
    if (compare(halfUp(found, places), found) !== 0) return null;
    return rule.kind === "integer" ? number(found.e < 0 ? found.c / ten(-found.e) : found.c, 0, true) : found;
  };

  const api = { evaluate, holds, value, plain, parse, typedNumber, isIdCard, isCreditCode, isNumber };
  if (typeof module !== "undefined") module.exports = api;
  if (typeof document === "undefined") return;

  // ---------- the page ----------
  const all = (selector, inside) => [...inside.querySelectorAll(selector)];
  const page = document.querySelector("[data-form-step]");
  if (!page) return;
  const form = page.closest("form");
  const given = JSON.parse(page.dataset.seen || "{}");

  const inputsOf = (field) => all("input, select, textarea", field).filter((one) => one.name && !one.closest("template"));
  const single = (field) => {
    const inputs = inputsOf(field);
    const marked = inputs.filter((one) => one.type === "radio" || one.type === "checkbox");
    if (marked.length) return marked.filter((one) => one.checked).map((one) => one.value);
    return inputs.length ? [inputs[0].value] : [];
  };
  const partOf = (field, part) => { const found = field.querySelector(`[data-part="${part}"]`); return found ? tidy(found.value) : ""; };
  const coded = (field, text) => {
    const input = field.querySelector("input[list]");
    if (!input || !text) return text || null;
    const found = [...(input.list ? input.list.options : [])].find((one) => one.value === text || one.dataset.code === text);
    return found ? found.dataset.code : null;
  };
  const seen = (field) => {
    const { field: key, kind } = field.dataset;
    const text = tidy(single(field)[0] || "");
    if (kind === "integer" || kind === "decimal") return { [key]: typedNumber(text, field.dataset) };
    if (kind === "boolean") return { [key]: text === "true" ? true : text === "false" ? false : null };
    if (kind === "confirm") return { [key]: text === "true" || null };
    if (kind === "choices") return { [key]: single(field).length ? single(field) : null };
    if (kind === "code") return { [key]: coded(field, text) };
    if (kind === "files") return { [`${key}_count`]: number(BigInt(all("ul li", field).length), 0, true) };
    if (kind === "person_id") return { [`${key}_kind`]: partOf(field, "number") ? partOf(field, "kind") : null, [`${key}_number`]: partOf(field, "number").toUpperCase() || null };
    if (kind === "division") {
      const code = partOf(field, "township");
      const before = "bare" in field.dataset ? "" : `${key}_`;
      return { [`${before}county`]: code.slice(0, 6) || null, [`${before}township`]: code || null };
    }
    if (kind === "point") {
      const rule = { kind: "decimal", places: "12", unit: "°" };
      return { [`${key}_lon`]: typedNumber(partOf(field, "lon"), rule), [`${key}_lat`]: typedNumber(partOf(field, "lat"), rule) };
    }
    return { [key]: text || null };
  };
  const nothing = (names) => Object.fromEntries(Object.keys(names).map((name) => [name, null]));

  const show = (one, on) => { one.hidden = !on; };
  const judgeField = (field, values, visible) => {
    const on = visible && (!field.dataset.when || holds(JSON.parse(field.dataset.when), values));
    if (field.dataset.when) show(field, on);
    const optional = field.dataset.requiredWhen && field.querySelector("[data-opt]");
    if (optional) show(optional, !holds(JSON.parse(field.dataset.requiredWhen), values));
    const output = field.querySelector("output[data-formula]");
    if (output) return { [field.dataset.field]: on ? work(output, values) : null };
    const found = seen(field);
    return on ? found : nothing(found);
  };
  const work = (output, values) => {
    if (!output.dataset.formula) return output.value ? parse(output.value, false) : null;
    const found = evaluate(JSON.parse(output.dataset.formula), values);
    const shown = isNumber(found) ? halfUp(found, Number(output.dataset.places)) : null;
    output.value = shown ? plain(shown) : "";
    return shown;
  };
  const judgeRows = (group, values, visible) => {
    const rows = all("[data-row]", group).filter((row) => !row.closest("template"));
    const filled = [];
    for (const row of rows) {
      const own = { ...values };
      for (const field of all("[data-field]", row)) Object.assign(own, judgeField(field, own, visible));
      if (inputsOf(row).some((one) => (one.type === "radio" || one.type === "checkbox" ? one.checked : tidy(one.value)))) filled.push(own);
    }
    const names = rows.length ? all("[data-field]", rows[0]).map((one) => one.dataset.field) : [];
    for (const name of names) values[name] = visible ? filled.map((own) => own[name] ?? null) : null;
    values[group.dataset.group] = visible ? number(BigInt(filled.length), 0, true) : null;
  };
  const judge = () => {
    const values = Object.fromEntries(Object.entries(given).map(([name, one]) => [name, value(one)]));
    for (const group of all("[data-group]", page)) {
      const visible = !group.dataset.when || holds(JSON.parse(group.dataset.when), values);
      if (group.dataset.when) show(group, visible);
      if (group.querySelector("[data-rows]")) judgeRows(group, values, visible);
      else for (const field of all("[data-field]", group)) Object.assign(values, judgeField(field, values, visible));
    }
  };

  // ---------- rows ----------
  const renumber = (box) => {
    const rows = all("[data-row]", box).filter((row) => !row.closest("template"));
    const add = box.querySelector("[data-add]");
    if (add) show(add, rows.length < Number(box.dataset.most));
    rows.forEach((row, n) => {
      const old = row.dataset.row;
      const swap = (text) => text.replace(new RegExp(`^(f-|list-)?${box.dataset.rows}-${old}(?=-|$)`), `$1${box.dataset.rows}-${n}`);
      row.dataset.row = n;
      row.querySelector("[data-row-title]").textContent = `${box.dataset.noun} ${n + 1}`;
      for (const one of all("*", row)) {
        for (const name of ["id", "for", "name", "value", "aria-labelledby"]) {
          if (one.hasAttribute(name) && (name !== "value" || one.hasAttribute("data-remove"))) one.setAttribute(name, swap(one.getAttribute(name)));
        }
        if (one.hasAttribute("aria-describedby")) one.setAttribute("aria-describedby", one.getAttribute("aria-describedby").split(" ").map(swap).join(" "));
      }
    });
  };
  const addRow = (box) => {
    const blank = box.querySelector("template[data-blank]").content.firstElementChild.cloneNode(true);
    const last = all("[data-row]", box).filter((row) => !row.closest("template")).pop();
    if (last) last.after(blank); else box.prepend(blank);
    renumber(box);
    const first = blank.querySelector("input, select, textarea");
    if (first) first.focus();
  };
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    if (!button) return;
    const box = button.closest("[data-rows]");
    event.preventDefault();
    if (button.hasAttribute("data-add")) addRow(box);
    else {
      button.closest("[data-row]").remove();
      renumber(box);
      box.focus();
    }
    changed();
  });

  // a block of cells from a spreadsheet goes into the rows below and the columns beside
  const cellsOf = (row) => all("input, select, textarea", row).filter((one) => one.name);
  const put = (input, text) => {
    if (input.tagName !== "SELECT") { input.value = text; return; }
    const found = [...input.options].find((one) => one.text === text || one.value === text);
    if (found) input.value = found.value;
  };
  page.addEventListener("paste", (event) => {
    const box = event.target.closest("[data-rows]");
    const text = event.clipboardData ? event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "") : "";
    if (!box || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const rows = () => all("[data-row]", box).filter((row) => !row.closest("template"));
    const start = rows().indexOf(event.target.closest("[data-row]"));
    const column = cellsOf(rows()[start]).indexOf(event.target);
    text.split("\n").forEach((line, n) => {
      if (start + n >= rows().length) {
        if (!box.querySelector("template[data-blank]") || rows().length >= Number(box.dataset.most)) return;
        addRow(box);
      }
      const cells = cellsOf(rows()[start + n]);
      line.split("\t").forEach((cell, at) => { if (cells[column + at]) put(cells[column + at], tidy(cell)); });
    });
    changed();
  });

  // ---------- small help while typing ----------
  const say = (input, good) => {
    const out = input.parentElement.querySelector("[data-verdict]");
    if (out) out.textContent = good === null ? "" : good ? out.dataset.good : out.dataset.bad;
  };
  const verdict = (input) => {
    const text = tidyNumber(input.value).toUpperCase();
    if (text.length < 18) { say(input, null); return; }
    if (input.hasAttribute("data-credit")) { say(input, isCreditCode(text)); return; }
    const kind = partOf(input.closest("[data-field]"), "kind");
    if (["id_card", "household", "hk_macao", "taiwan"].includes(kind)) say(input, isIdCard(text));
    else say(input, kind === "credit_code" ? isCreditCode(text) : null);
  };
  const count = (area) => {
    const left = Number(area.dataset.limit) - points(area.value).length;
    const out = area.parentElement.querySelector("[data-count]");
    if (out) out.textContent = (left < 0 ? area.dataset.over : area.dataset.left).replace("{n}", Math.abs(left));
  };
  const hectares = (input) => {
    const out = document.getElementById(input.dataset.hectares);
    const found = typedNumber(input.value, { kind: "decimal", places: "15", unit: "公顷" });
    if (out && found) out.textContent = out.dataset.words.replace("{n}", plain(halfUp(mul(found, number(15n, 0, true)), 1)));
  };
  const townships = (select) => {
    const field = select.closest("[data-field]");
    const target = field.querySelector('[data-part="township"]');
    for (const option of all("option[data-county]", target)) {
      const fits = !select.value || option.dataset.county === select.value;
      option.hidden = !fits;
      option.disabled = !fits;
      if (!fits && option.selected) target.value = "";
    }
  };
  const filesFit = (input) => {
    const out = input.closest("[data-field]").querySelector("[data-verdict]");
    const large = [...input.files].some((file) => file.size > Number(input.dataset.largest));
    if (out) out.textContent = large ? input.dataset.toolarge : "";
    if (large) input.value = "";
  };
  const help = (input) => {
    if (input.matches("[data-identity], [data-credit]")) verdict(input);
    if (input.matches("[data-part=kind]")) all("[data-identity]", input.closest("[data-field]")).forEach(verdict);
    if (input.matches("textarea[data-limit]")) count(input);
    if (input.matches("[data-hectares]")) hectares(input);
    if (input.matches("[data-part=county]")) townships(input);
    if (input.matches("input[type=file][data-largest]")) filesFit(input);
  };
  all("textarea[data-limit]", page).forEach(count);
  all("[data-part=county]", page).forEach(townships);
  all("[data-locate]", page).forEach((button) => {
    if (!navigator.geolocation) return;
    button.hidden = false;
    const field = button.closest("[data-field]");
    const out = field.querySelector("[data-located]");
    const put = (part, text) => { const one = field.querySelector(`[data-part="${part}"]`); if (one) one.value = text; };
    button.addEventListener("click", () => {
      out.textContent = out.dataset.asking;
      navigator.geolocation.getCurrentPosition((found) => {
        put("lon", found.coords.longitude.toFixed(6));
        put("lat", found.coords.latitude.toFixed(6));
        put("accuracy", String(Math.round(found.coords.accuracy)));
        out.textContent = out.dataset.done.replace("{n}", Math.round(found.coords.accuracy));
        changed();
      }, () => { out.textContent = out.dataset.failed; }, { enableHighAccuracy: true, timeout: 20000 });
    });
  });

  // ---------- saving ----------
  const actions = form ? form.querySelector("[data-form-actions]") : null;
  const status = actions ? actions.querySelector("[data-status]") : null;
  const tell = (words) => { if (status) status.textContent = words; };
  let dirty = false;
  let sending = null;
  let timer = 0;
  let sent = false;
  const save = async () => {
    const body = new FormData(form);
    for (const [name, one] of [...body.entries()]) if (one instanceof File) body.delete(name);
    body.set("_autosave", "1");
    dirty = false;
    try {
      const answer = await fetch(page.dataset.autosave, { method: "POST", body, headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" }, credentials: "same-origin" });
      if (answer.status === 409) { dirty = true; tell(actions.dataset.stale); return; }
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const said = await answer.json();
      page.querySelector("[data-revision]").value = said.revision;
      const clock = said.time || new Date().toTimeString().slice(0, 5);
      if (!dirty) tell(actions.dataset.saved.replace("{time}", clock));
    } catch {
      dirty = true;
      tell(actions.dataset.offline);
    }
  };
  const autosave = () => {
    if (!form || !actions || !page.dataset.autosave || sending || sent || !dirty) return sending;
    sending = save().finally(() => { sending = null; });
    return sending;
  };
  const changed = () => {
    dirty = true;
    judge();
    clearTimeout(timer);
    timer = setTimeout(autosave, 3000);
  };
  page.addEventListener("input", (event) => { help(event.target); changed(); });
  page.addEventListener("change", (event) => { help(event.target); changed(); });
  window.addEventListener("online", autosave);
  document.addEventListener("visibilitychange", () => { if (document.hidden) autosave(); });
  if (form) {
    form.addEventListener("submit", (event) => {
      if (sent) { event.preventDefault(); return; }
      if (sending) {
        event.preventDefault();
        const button = event.submitter;
        sending.finally(() => (button ? form.requestSubmit(button) : form.requestSubmit()));
        return;
      }
      sent = true;
      clearTimeout(timer);
      if (actions) tell(actions.dataset.sending);
    });
    window.addEventListener("pageshow", () => { sent = false; judge(); });
    window.addEventListener("beforeunload", (event) => { if (dirty && !sent) event.preventDefault(); });
  }
  judge();
  const summary = document.querySelector(".yw-errsum");
  if (summary && !location.hash) summary.focus({ preventScroll: true });
})();
