// Saved runs: their verdict, tables, figures with zoom, curves with values under the pointer, the report.
import { Chart } from "./chart.js";
import { minus, short, text, withError } from "./number.js";

const RELATIONS = { "=": "=", "<=": "≤", ">=": "≥" };
const COLORS = ["first", "second", "third"];

export async function asked(path, options) {
  const answer = await fetch(path, options);
  const found = await answer.json().catch(() => ({ error: `the lab answered with ${answer.status}` }));
  if (!answer.ok) throw new Error(found.error ?? `the lab answered with ${answer.status}`);
  return found;
}

export function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export class Runs {
  async enter(which) {
    try {
      this.list(await asked("runs"), which);
      if (which) await this.open(which);
    } catch (error) {
      text("runs-words", error.message);
    }
  }

  list(runs, which) {
    text("runs-words", runs.length ? `${runs.length} runs, the latest first.` : "No runs in this folder yet: isinglass run ising-phases --preset smoke makes one, and so does a file dropped under Files.");
    document.getElementById("runs-list").replaceChildren(...runs.map((run) => {
      const path = `${run.name}/${run.id}`, title = made("span", {}, `${run.name} `, chip(run.verdict));
      const button = made("button", { type: "button", className: "item" }, title, made("small", {}, run.id));
      button.setAttribute("aria-current", path === which);
      button.addEventListener("click", () => { location.hash = `runs/${path}`; });
      return made("li", {}, button);
    }));
  }

  async open(which) {
    const place = document.getElementById("run"), path = `runs/${which}`;
    const run = await asked(path).catch((error) => ({ error: error.message }));
    place.replaceChildren();
    if (run.error) { place.append(made("p", { className: "banner fail" }, run.error)); return; }
    const counts = ["pass", "fail", "unknown"].map((v) => [v, run.checks.filter((c) => c.verdict === v).length]).filter((p) => p[1]);
    place.append(made("h3", {}, run.name),
      made("p", { className: `banner ${run.verdict}` }, made("b", {}, run.verdict), counts.map(([v, n]) => `${n} ${v}`).join(", ") || "no checks"),
      made("p", { className: "words" }, `${run.command || "made in Python"}; seed ${run.seed}; ${short(run.seconds, 1)} s; ${run.folder}`));
    for (const note of run.notes) place.append(made("p", { className: "words" }, `∗ ${note}`));
    place.append(made("h3", {}, "Estimates"), table(["quantity", "value ± error"],
      Object.values(run.estimates).map((e) => [e.label, `${withError(e.value, e.error)} ${e.unit}`])));
    if (run.checks.length) place.append(made("h3", {}, "Checks"), table(["law", "measured", "expected", "verdict"],
      run.checks.map((c) => [c.law, withError(c.measured, c.error), c.expected === null ? "–" : `${RELATIONS[c.relation]} ${short(c.expected)}`, chip(c.verdict)])));
    if (run.curves.length) this.curves(place, path, run.curves);
    if (run.drawn.length) place.append(made("h3", {}, "Figures"), ...run.drawn.map((one) => viewer(`${path}/${one.file}`, one.name)));
    if (run.report) {
      const details = made("details", {}, made("summary", {}, "The report"));
      details.addEventListener("toggle", () => {
        if (details.open && details.children.length < 2) details.append(made("iframe", { src: `${path}/report.html`, title: "Report of the run" }));
      });
      place.append(details);
    }
    place.focus();
  }

  curves(place, path, names) {
    const select = made("select", {}, ...names.map((name) => made("option", {}, name)));
    const label = made("label", {}, "Curve ", select), chart = made("div"), row = made("div", { className: "row" }, label);
    place.append(made("h3", {}, "Data"), row, chart);
    const show = async () => {
      const found = await asked(`${path}/curves?name=${encodeURIComponent(select.value)}`).catch((error) => ({ error: error.message }));
      chart.replaceChildren();
      if (found.error) { chart.append(made("p", { className: "words" }, found.error)); return; }
      const inner = made("div");
      chart.append(inner);
      new Chart(inner, select.value, found.x_label, select.value.replace("metrics/", "")).show({
        series: found.rows.map((r, k) => ({ x: found.x, y: r.y, label: r.label, color: COLORS[k % 3], dashed: k >= 3 })) });
    };
    select.addEventListener("change", show);
    show();
  }
}

export function chip(verdict) {
  return made("span", { className: `chip ${verdict}` }, verdict);
}

export function table(heads, rows) {
  const head = made("tr", {}, ...heads.map((h) => made("th", { scope: "col" }, h)));
  const body = rows.map((row) => made("tr", {}, ...row.map((cell, k) => made("td", { className: k ? "" : "wide" }, typeof cell === "string" ? minus(cell) : cell))));
  const scroll = made("div", { className: "scroll", tabIndex: 0 }, made("table", {}, made("thead", {}, head), made("tbody", {}, ...body)));
  scroll.setAttribute("role", "region"); scroll.setAttribute("aria-label", heads[0]);
  return scroll;
}

function viewer(source, name) {
  const image = made("img", { src: source, alt: `Figure ${name}` }), frame = made("div", { className: "frame", tabIndex: 0 }, image);
  frame.setAttribute("role", "region"); frame.setAttribute("aria-label", `Figure ${name}, scrolls when enlarged`);
  let width = 100;
  const zoom = (factor) => { width = Math.min(Math.max(width * factor, 100), 800); image.style.width = `${width}%`; };
  const button = (label, spoken, factor) => {
    const one = made("button", { type: "button" }, label);
    one.setAttribute("aria-label", `${spoken} ${name}`);
    one.addEventListener("click", () => zoom(factor));
    return one;
  };
  frame.addEventListener("keydown", (e) => {
    const factor = { "+": 1.5, "=": 1.5, "-": 1 / 1.5, 0: 0 }[e.key];
    if (factor !== undefined) { e.preventDefault(); zoom(factor); }
  });
  frame.addEventListener("wheel", (e) => { if (e.ctrlKey) { e.preventDefault(); zoom(e.deltaY < 0 ? 1.2 : 1 / 1.2); } }, { passive: false });
  return made("div", { className: "viewer" }, frame,
    made("div", { className: "bar" }, button("+", "Enlarge", 1.5), button("−", "Reduce", 1 / 1.5), button("Whole", "Whole figure", 0), name));
}
