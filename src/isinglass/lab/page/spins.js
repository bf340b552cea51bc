// Live spins: controls, traces with errors, exact values, the network's opinion.
import { Chart } from "./chart.js";
import { angleColor, ISING, POTTS } from "./color.js";
import { minus, power, text, withError } from "./number.js";
import { Picture } from "./picture.js";

const RANGE = { ising: [0.5, 5], potts: [0.2, 2.5], xy: [0.1, 2.5] };
const CRITICAL = { ising: 2 / Math.log(1 + Math.SQRT2), potts: 1 / Math.log(1 + Math.sqrt(3)), xy: 1 / 1.1199 };
const START = { ising: 2.3, potts: 1.0, xy: 0.85 };
const ORDER = { ising: "|m|", potts: "order parameter", xy: "|m|" };
const KEPT = 600, OPINIONS = 200;

export class Spins {
  constructor(changed) {
    this.form = document.getElementById("spins-form"); this.changed = changed;
    this.start = Math.floor(Math.random() * 2 ** 30); this.paused = false; this.opinions = new Map();
    const canvas = document.getElementById("spins-picture");
    this.picture = new Picture(canvas, document.getElementById("spins-under"), (v, x, y, w) => `row ${y}, column ${x}: ${this.value(v[y * w + x])}`);
    const place = (id) => document.getElementById(id);
    this.order = new Chart(place("chart-order"), "Order parameter", "sweeps", "|m|");
    this.rho = new Chart(place("chart-rho"), "Autocorrelation of the order parameter", "lag in sweeps", "ρ");
    this.opinion = new Chart(place("chart-opinion"), "What the network says", "T", "P(ordered)");
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.form.elements.rate.value = "2";
    this.form.addEventListener("submit", (e) => e.preventDefault());
    this.form.addEventListener("input", (e) => this.input(e.target));
    this.form.elements.critical.addEventListener("click", () => this.setTemperature(CRITICAL[this.model()]));
    this.form.elements.paused.addEventListener("click", (e) => {
      this.paused = !this.paused; e.target.setAttribute("aria-pressed", this.paused);
      e.target.textContent = this.paused ? "Go on" : "Pause"; this.changed();
    });
    this.form.elements.again.addEventListener("click", () => { this.start++; this.changed(); });
    this.begin(); this.drawLegend();
  }

  model() { return this.form.elements.model.value; }

  wish() {
    const e = this.form.elements;
    return {
      view: "spins", model: e.model.value, side: Number(e.side.value), method: e.method.value, cold: e.cold.value !== "",
      temperature: this.temperature ?? Number(e.temperature.value), sweeps: Number(e.sweeps.value), rate: Number(e.rate.value),
      start: this.start, paused: this.paused,
    };
  }

  input(control) {
    if (control.name === "model") {
      const [low, high] = RANGE[control.value], e = this.form.elements;
      for (const one of [e.temperature, e["temperature-number"]]) { one.min = low; one.max = high; }
      this.setTemperature(START[control.value]); this.drawLegend();
      return;
    }
    if (control.name === "temperature" || control.name === "temperature-number") {
      const value = Number(control.value), [low, high] = RANGE[this.model()];
      if (control.value === "" || !(value >= low && value <= high)) return;
      this.setTemperature(value, control);
      return;
    }
    this.changed();
  }

  setTemperature(value, from = null) {
    const e = this.form.elements;
    this.temperature = value;
    if (from !== e.temperature) e.temperature.value = value;
    if (from !== e["temperature-number"]) e["temperature-number"].value = Number(value.toFixed(5));
    this.changed();
  }

  begin() {
    this.x = []; this.y = []; this.arrivals = []; this.said = {};
  }

  value(v) {
    const model = this.shown?.model;
    return model === "ising" ? (v ? "spin +1" : "spin −1") : model === "potts" ? `state ${v}` : `angle ${((v / 256) * 360).toFixed(0)}°`;
  }

  frame(header, bytes) {
    const was = this.shown;
    this.shown = header;
    if (!was || ["model", "method", "start", "temperature"].some((k) => was[k] !== header[k]) || was.shape[0] !== header.shape[0]) this.begin();
    this.picture.draw(header, bytes);
    const now = performance.now();
    this.arrivals.push([now, header.flips]);
    while (this.arrivals.length && now - this.arrivals[0][0] > 2000) this.arrivals.shift();
    if (header.order === undefined) {
      text("spins-words", "The first picture is the start of the chain. Its program is loaded, or compiled for the first time on this machine.");
      return;
    }
    this.x.push(header.done); this.y.push(Math.abs(header.order));
    if (this.x.length > KEPT) { this.x.shift(); this.y.shift(); }
    if (!this.last || now - this.last > 90) { this.last = now; this.tell(header, now); }
  }

  tell(header, now) {
    const n = this.arrivals.length, span = n > 1 ? (now - this.arrivals[0][0]) / 1000 : 0;
    const flips = this.arrivals.slice(1).reduce((sum, one) => sum + one[1], 0) / (span || 1);
    text("spins-fps", span ? ((n - 1) / span).toFixed(1) : "–");
    text("spins-flips", power(flips));
    text("spins-flips-label", header.method === "metropolis" ? "proposed flips a second" : "spins reflected a second");
    text("spins-sweeps", header.done.toLocaleString("en").replaceAll(",", " "));
    text("spins-order-name", ORDER[header.model]);
    const exact = header.exact ?? {}, order = header.order_estimate, energy = header.energy_estimate;
    text("order-now", minus(Math.abs(header.order).toFixed(4))); text("energy-now", minus(header.energy.toFixed(4)));
    const holds = { order: exact.order_holds, energy: true }; // the exact |m| is of the infinite lattice
    for (const [name, found, known] of [["order", order, exact.order], ["energy", energy, exact.energy]]) {
      text(`${name}-mean`, found ? withError(found.mean, found.error) : "–");
      text(`${name}-exact`, known === undefined ? "not known" : minus(known.toFixed(5)));
      text(`${name}-off`, found?.error && known !== undefined && holds[name] ? `${minus(((found.mean - known) / found.error).toFixed(1))} σ` : "–");
    }
    text("spins-tau", order ? withError(order.tau, order.tau_error) : "–");
    text("spins-words", words(header, order, energy, exact));
    this.charts(header, order, exact);
  }

  charts(header, order, exact) {
    const lines = exact.order !== undefined ? [{ y: exact.order, label: "infinite lattice, Yang 1952" }] : [];
    this.order.show({ series: [{ x: this.x, y: this.y, label: `${ORDER[header.model]} of this lattice`, color: "first" }], lines, yRange: [0, 1] });
    if (order) this.rho.show({ series: [{ x: order.lags, y: order.rho, label: "ρ(t)", color: "first" }], lines: [{ y: 0, label: "0" }] });
    else this.rho.show({});
    const said = header.opinion;
    if (header.model !== "ising") {
      text("opinion-words", "The network has learned Ising spins alone: it has no opinion here.");
      this.opinion.show({});
      return;
    }
    if (said?.ordered === undefined) {
      text("opinion-words", `The network ${said?.state ?? "has not been asked"}.`);
      return;
    }
    const T = header.temperature.toFixed(3), [sum, n] = this.opinions.get(T) ?? [0, 0];
    if (this.told !== said) this.opinions.set(T, [sum + said.ordered, n + 1]);
    if (this.opinions.size > OPINIONS) this.opinions.delete(this.opinions.keys().next().value);
    const seen = [...this.opinions].map(([t, [s, k]]) => [Number(t), s / k]).sort((a, b) => a[0] - b[0]);
    this.opinion.show({
      series: [{ x: seen.map((p) => p[0]), y: seen.map((p) => p[1]), label: "mean at each T you chose", color: "second", points: true }],
      lines: [{ x: exact.critical_temperature, label: "T_c, Onsager 1944" }],
      bands: [{ from: 1.85, to: 2.75, label: "never shown to it" }], xRange: [0.5, 5], yRange: [-0.05, 1.05],
    });
    text("opinion-words", `The network says: ordered with probability ${said.ordered.toFixed(3)}. It was shown 32 × 32 lattices at T ≤ 1.85, called ordered, and at T ≥ 2.75, called disordered; nothing in between, and no lattice of this side. Its number is an order parameter, not the chance of being right.`);
  }

  drawLegend() {
    const colors = { ising: [["+1", ISING[1]], ["−1", ISING[0]]], potts: POTTS.map((c, k) => [`state ${k}`, c]),
      xy: [0, 64, 128, 192].map((k) => [`${(k / 256) * 360}°`, angleColor(k)]) }[this.model()];
    document.getElementById("spins-legend").replaceChildren(...colors.map(([label, color]) => {
      const item = document.createElement("li"), swatch = document.createElement("i");
      swatch.style.background = color;
      item.append(swatch, label);
      return item;
    }));
  }
}

// What the numbers mean, in one sentence.
function words(header, order, energy, exact) {
  if (!order || !energy) return "Measuring: the mean needs some hundred sweeps at one temperature.";
  const span = `The means are of the last ${order.sweeps.toLocaleString("en").replaceAll(",", " ")} sweeps at this temperature`;
  if (!order.enough || !energy.enough) return `${span}, fewer than 40 autocorrelation times: the errors are too small, wait.`;
  const off = energy.error && exact.energy !== undefined ? Math.abs(energy.mean - exact.energy) / energy.error : 0;
  if (off > 5) return `${span}. The energy is ${off.toFixed(0)} errors from that of this torus: the chain is not in equilibrium (stripes and domains live long below T_c; Wolff, or an aligned start, has none).`;
  return `${span}; errors from the autocorrelation time. The exact energy is that of this torus (Kaufman 1949), the exact |m| that of the infinite lattice.`;
}
