// A diffusion model at work.
import { Chart } from "./chart.js";
import { themed } from "./color.js";
import { short, text, withError } from "./number.js";

const REACH = 6.5; // of the picture, in the units of the data

export class Diffusion {
  constructor(changed) {
    this.form = document.getElementById("diffusion-form"); this.changed = changed; this.start = 0; this.paused = false;
    this.canvas = document.getElementById("diffusion-picture");
    this.shares = new Chart(document.getElementById("chart-shares"), "Points in each mode", "mode", "points");
    const e = this.form.elements;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", () => this.changed());
    e.paused.addEventListener("click", () => {
      this.paused = !this.paused; e.paused.setAttribute("aria-pressed", this.paused);
      e.paused.textContent = this.paused ? "Go on" : "Pause"; this.changed();
    });
    e.again.addEventListener("click", () => { this.start++; this.changed(); });
  }

  wish() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return { view: "diffusion", steps: Number(this.form.elements.steps.value), start: this.start, paused: this.paused, rate: calm ? 2 : 30 };
  }

  frame(header, bytes) {
    const points = new Float32Array(bytes.slice().buffer), pen = this.canvas.getContext("2d"), size = this.canvas.width;
    const at = (v) => (0.5 + v / (2 * REACH)) * size;
    pen.fillStyle = themed("panel"); pen.fillRect(0, 0, size, size);
    pen.fillStyle = themed("first");
    pen.globalAlpha = 0.5;
    for (let i = 0; i < points.length; i += 2) pen.fillRect(at(points[i]) - 1, at(-points[i + 1]) - 1, 2.4, 2.4);
    pen.globalAlpha = 1;
    pen.strokeStyle = themed("second"); pen.lineWidth = 1.5;
    for (let k = 0; k < header.modes; k++) {
      const angle = (2 * Math.PI * k) / header.modes;
      for (const far of [1, 2]) {
        pen.beginPath();
        pen.arc(at(header.radius * Math.cos(angle)), at(-header.radius * Math.sin(angle)), (far * header.width * size) / (2 * REACH), 0, 7);
        pen.stroke();
      }
    }
    this.tell(header);
  }

  tell(header) {
    text("diffusion-state", header.waiting ? "noise; the network is loaded, or trained for the first time on this machine (up to a minute)"
      : `step ${header.done} of ${header.steps}`);
    if (header.counts === undefined) return;
    text("diffusion-surprise", withError(header.surprise, header.surprise_error));
    text("diffusion-entropy", short(header.entropy)); text("diffusion-p", short(header.p_value));
    const total = header.counts.reduce((a, b) => a + b, 0), off = (header.surprise - header.entropy) / header.surprise_error;
    text("diffusion-words", `Of the last ${total} samples. ⟨−ln p⟩ is ${Math.abs(off).toFixed(1)} errors ${off < 0 ? "below" : "above"} the exact value: above means points between the modes, below too narrow modes.`);
    this.shares.show({ series: [{ x: header.counts.map((_, k) => k + 1), y: header.counts, label: "points", color: "first", points: true }],
      lines: [{ y: total / header.modes, label: "equal shares" }], xRange: [0.5, header.modes + 0.5], yRange: [0, (2 * total) / header.modes] });
  }
}
