// The wave function of a quench.
import { Chart } from "./chart.js";
import { phaseColor } from "./color.js";
import { short, text } from "./number.js";
import { Picture } from "./picture.js";

const KEPT = 3000;

export class Quench {
  constructor(changed) {
    this.form = document.getElementById("quench-form"); this.changed = changed; this.start = 0; this.paused = false;
    this.picture = new Picture(document.getElementById("quench-picture"), document.getElementById("quench-under"),
      (v, x, y, w) => this.describe(v, x, y, w));
    this.x = new Chart(document.getElementById("chart-x"), "Transverse magnetization", "t in 1/J", "⟨X⟩");
    this.back = new Chart(document.getElementById("chart-return"), "Return probability", "t in 1/J", "|⟨ψ(0)|ψ(t)⟩|²");
    const e = this.form.elements;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => {
      for (const name of ["before", "after"]) e[`${name}-value`].value = e[name].value;
      this.changed();
    });
    e.paused.addEventListener("click", () => {
      this.paused = !this.paused; e.paused.setAttribute("aria-pressed", this.paused);
      e.paused.textContent = this.paused ? "Go on" : "Pause"; this.changed();
    });
    e.again.addEventListener("click", () => { this.start++; this.changed(); });
    document.getElementById("quench-legend").replaceChildren(...[0, 64, 128, 192].map((k) => {
      const item = document.createElement("li"), swatch = document.createElement("i");
      swatch.style.background = phaseColor(k);
      item.append(swatch, `phase ${["0", "π/2", "π", "3π/2"][k / 64]}`);
      return item;
    }));
    this.rows = [];
  }

  wish() {
    const e = this.form.elements, calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return { view: "quench", before: Number(e.before.value), after: Number(e.after.value), speed: Number(e.speed.value),
      start: this.start, paused: this.paused, rate: calm ? 2 : 30 };
  }

  describe(v, x, y, w) {
    const k = y * w + x, spins = k.toString(2).padStart(10, "0").replaceAll("0", "↑").replaceAll("1", "↓");
    const modulus = (v[2 * k] / 255) * (this.shown?.largest ?? 0);
    return `${spins}: |ψ|² = ${short(modulus ** 2, 4)}, phase ${(v[2 * k + 1] / 128).toFixed(2)} π`;
  }

  frame(header, bytes) {
    const was = this.shown;
    if (!was || was.before !== header.before || was.after !== header.after || was.start !== header.start) this.rows = [];
    this.shown = header;
    this.picture.draw(header, bytes);
    if (header.magnetization === undefined) return;
    this.rows.push([header.t, header.magnetization, header.exact, header.return_probability]);
    if (this.rows.length > KEPT) this.rows.shift();
    const now = performance.now();
    if (this.last && now - this.last < 90) return;
    this.last = now;
    text("quench-t", header.t.toFixed(2)); text("quench-x", short(header.magnetization, 6));
    text("quench-exact", short(header.exact, 6)); text("quench-return", short(header.return_probability));
    const column = (k) => this.rows.map((row) => row[k]), t = column(0);
    this.x.show({ series: [{ x: t, y: column(1), label: "wave function", color: "first" }, { x: t, y: column(2), label: "free fermions", color: "second", dashed: true }] });
    this.back.show({ series: [{ x: t, y: column(3), label: "", color: "first" }], yRange: [0, 1.02] });
  }
}
