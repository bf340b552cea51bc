// A chart on a canvas: curves, points, exact lines; zoom and values under the pointer or under the arrow keys.
import { themed } from "./color.js";
import { short } from "./number.js";

const LEFT = 52, RIGHT = 10, TOP = 8, BOTTOM = 30;
let count = 0;

export class Chart {
  constructor(place, title, xLabel, yLabel) {
    const id = `chart-values-${count++}`;
    this.xLabel = xLabel; this.yLabel = yLabel; this.title = title;
    this.series = []; this.lines = []; this.bands = []; this.zoom = null; this.cursor = null; this.drag = null;
    place.classList.add("chart");
    place.innerHTML = `<h3></h3><canvas tabindex="0" role="img" aria-describedby="${id}"></canvas>
      <ul class="legend"></ul><div class="foot"><output id="${id}"></output><button type="button" hidden>Whole range</button></div>`;
    place.querySelector("h3").textContent = title;
    this.canvas = place.querySelector("canvas");
    this.canvas.setAttribute("aria-label", `${title}: ${yLabel} against ${xLabel}`);
    this.legend = place.querySelector("ul"); this.output = place.querySelector("output");
    this.button = place.querySelector("button");
    this.button.addEventListener("click", () => this.whole());
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  // series: {x, y, label, color: first|second|third, points, dashed}; lines: {x or y, label}; bands: {from, to, label}
  show({ series = [], lines = [], bands = [], xRange = null, yRange = null }) {
    Object.assign(this, { series, lines, bands, xRange, yRange });
    const told = [...series.filter((s) => s.label).map((s) => [s.label, s.color]),
      ...lines.map((l) => [l.label, "exact"]), ...bands.map((b) => [b.label, "grid"])];
    const key = JSON.stringify(told);
    if (key !== this.told) {
      this.told = key;
      this.legend.replaceChildren(...told.map(([label, color]) => {
        const item = document.createElement("li"), swatch = document.createElement("i");
        swatch.style.background = `var(--${color})`;
        item.append(swatch, label);
        return item;
      }));
    }
    this.draw();
  }

  ranges() {
    if (this.zoom) return this.zoom;
    const xs = this.xRange ?? extent(this.series.flatMap((s) => ends(s.x)), 0);
    const inside = (y) => y.filter((v) => v !== null && Number.isFinite(v));
    const ys = this.yRange ?? extent([...this.series.flatMap((s) => ends(inside(Array.from(s.y)))),
      ...this.lines.filter((l) => l.y !== undefined).map((l) => l.y)], 0.06);
    return { x: xs, y: ys };
  }

  draw() {
    const ratio = window.devicePixelRatio || 1, width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    if (!width) return;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio); this.canvas.height = Math.round(height * ratio);
    }
    const pen = this.canvas.getContext("2d"), range = this.ranges();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.X = (x) => LEFT + ((x - range.x[0]) / (range.x[1] - range.x[0])) * (width - LEFT - RIGHT);
    this.Y = (y) => height - BOTTOM - ((y - range.y[0]) / (range.y[1] - range.y[0])) * (height - TOP - BOTTOM);
    this.back = (px, py) => [range.x[0] + ((px - LEFT) / (width - LEFT - RIGHT)) * (range.x[1] - range.x[0]),
      range.y[0] + ((height - BOTTOM - py) / (height - TOP - BOTTOM)) * (range.y[1] - range.y[0])];
    this.axes(pen, range, width, height);
    pen.save();
    pen.beginPath(); pen.rect(LEFT, TOP, width - LEFT - RIGHT, height - TOP - BOTTOM); pen.clip();
    for (const band of this.bands) {
      pen.fillStyle = themed("grid");
      pen.fillRect(this.X(band.from), TOP, this.X(band.to) - this.X(band.from), height);
    }
    for (const line of this.lines) this.straight(pen, line, width, height);
    for (const one of this.series) this.curve(pen, one);
    if (this.drag) {
      pen.strokeStyle = themed("accent"); pen.setLineDash([4, 3]);
      pen.strokeRect(this.drag[0], this.drag[1], this.drag[2] - this.drag[0], this.drag[3] - this.drag[1]);
      pen.setLineDash([]);
    }
    this.mark(pen);
    pen.restore();
  }

  axes(pen, range, width, height) {
    pen.font = "11px system-ui, sans-serif"; pen.lineWidth = 1;
    pen.fillStyle = themed("soft"); pen.strokeStyle = themed("grid");
    pen.textAlign = "right"; pen.textBaseline = "middle";
    for (const y of ticks(...range.y, 5)) {
      pen.beginPath(); pen.moveTo(LEFT, this.Y(y)); pen.lineTo(width - RIGHT, this.Y(y)); pen.stroke();
      pen.fillText(tick(y), LEFT - 5, this.Y(y));
    }
    pen.textAlign = "center"; pen.textBaseline = "top";
    for (const x of ticks(...range.x, Math.max(2, Math.floor(width / 90)))) {
      pen.beginPath(); pen.moveTo(this.X(x), TOP); pen.lineTo(this.X(x), height - BOTTOM); pen.stroke();
      pen.fillText(tick(x), this.X(x), height - BOTTOM + 3);
    }
    pen.textAlign = "right"; pen.textBaseline = "bottom";
    pen.fillText(this.xLabel, width - RIGHT, height);
    pen.strokeStyle = themed("soft");
    pen.beginPath(); pen.moveTo(LEFT, TOP); pen.lineTo(LEFT, height - BOTTOM); pen.lineTo(width - RIGHT, height - BOTTOM); pen.stroke();
  }

  straight(pen, line, width, height) {
    pen.strokeStyle = themed("exact"); pen.lineWidth = 1.2; pen.setLineDash([6, 4]); pen.beginPath();
    if (line.y !== undefined) { pen.moveTo(LEFT, this.Y(line.y)); pen.lineTo(width, this.Y(line.y)); }
    else { pen.moveTo(this.X(line.x), 0); pen.lineTo(this.X(line.x), height); }
    pen.stroke(); pen.setLineDash([]);
  }

  curve(pen, { x, y, color, points, dashed }) {
    pen.strokeStyle = pen.fillStyle = themed(color); pen.lineWidth = 1.6;
    pen.setLineDash(dashed ? [6, 4] : []);
    pen.beginPath();
    let open = false;
    for (let i = 0; i < x.length; i++) {
      if (y[i] === null || !Number.isFinite(y[i])) { open = false; continue; }
      const px = this.X(x[i]), py = this.Y(y[i]);
      if (points) { pen.moveTo(px + 3, py); pen.arc(px, py, 3, 0, 7); }
      else if (open) pen.lineTo(px, py);
      else pen.moveTo(px, py);
      open = true;
    }
    if (points) pen.fill(); else pen.stroke();
    pen.setLineDash([]);
  }

  // The point nearest to the cursor, marked and told.
  mark(pen) {
    if (this.cursor === null) return;
    const told = [];
    let at = null;
    for (const one of this.series) {
      const i = nearest(one.x, this.cursor);
      if (i < 0 || one.y[i] === null) continue;
      at = one.x[i];
      pen.strokeStyle = themed("ink"); pen.lineWidth = 1.5;
      pen.beginPath(); pen.arc(this.X(one.x[i]), this.Y(one.y[i]), 5, 0, 7); pen.stroke();
      told.push(`${one.label ? `${one.label}: ` : `${this.yLabel} `}${short(one.y[i], 5)}`);
    }
    this.output.textContent = at === null ? "" : `${this.xLabel} ${short(at, 3)}; ${told.slice(0, 4).join("; ")}`;
  }

  whole() {
    this.zoom = null; this.button.hidden = true; this.draw();
  }

  scale(factor, px, py) {
    const range = this.ranges(), [x, y] = this.back(px, py);
    const about = ([low, high], c) => [c + (low - c) * factor, c + (high - c) * factor];
    this.zoom = { x: about(range.x, x), y: about(range.y, y) };
    this.button.hidden = false; this.draw();
  }

  listen() {
    const canvas = this.canvas, place = (e) => [e.offsetX, e.offsetY];
    canvas.addEventListener("pointermove", (e) => {
      if (!this.back) return;
      const [px, py] = place(e);
      this.cursor = this.back(px, py)[0];
      if (this.drag) this.drag = [this.drag[0], this.drag[1], px, py];
      this.draw();
    });
    canvas.addEventListener("pointerleave", () => { this.cursor = null; this.output.textContent = ""; this.draw(); });
    canvas.addEventListener("pointerdown", (e) => {
      if (e.pointerType !== "mouse" || e.button) return;
      this.drag = [...place(e), ...place(e)]; canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener("pointerup", () => {
      if (!this.drag) return;
      const [a, b, c, d] = this.drag;
      this.drag = null;
      if (Math.abs(c - a) > 8 && Math.abs(d - b) > 8) {
        const one = this.back(a, b), two = this.back(c, d), order = (p, q) => [Math.min(p, q), Math.max(p, q)];
        this.zoom = { x: order(one[0], two[0]), y: order(one[1], two[1]) };
        this.button.hidden = false;
      }
      this.draw();
    });
    canvas.addEventListener("dblclick", () => this.whole());
    canvas.addEventListener("wheel", (e) => {
      if (!e.ctrlKey && document.activeElement !== canvas) return; // the page scrolls unless the chart is chosen
      e.preventDefault(); this.scale(e.deltaY > 0 ? 1.2 : 1 / 1.2, ...place(e));
    }, { passive: false });
    canvas.addEventListener("keydown", (e) => this.key(e));
  }

  key(e) {
    const x = this.series[0]?.x ?? [], middle = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    const i = this.cursor === null ? Math.floor(x.length / 2) : nearest(x, this.cursor);
    const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: x.length - 1 }[e.key];
    if (to !== undefined && x.length) this.cursor = x[Math.min(Math.max(to, 0), x.length - 1)];
    else if (e.key === "+" || e.key === "=") this.scale(1 / 1.3, ...middle);
    else if (e.key === "-") this.scale(1.3, ...middle);
    else if (e.key === "Escape" || e.key === "0") this.whole();
    else return;
    e.preventDefault(); this.draw();
  }
}

function ends(values) {
  let low = Infinity, high = -Infinity;
  for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
  return low <= high ? [low, high] : [];
}

function extent(values, margin) {
  const [low = 0, high = 1] = ends(values), room = (high - low) * margin || (margin || low === high ? Math.abs(high) * 0.05 || 0.5 : 0);
  return [low - room, high + room];
}

function ticks(low, high, n) {
  const raw = (high - low) / n, unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * unit).find((s) => s >= raw) ?? raw, out = [];
  for (let k = Math.ceil(low / step); k * step <= high && out.length < 40; k++) out.push(k * step);
  return out;
}

function tick(v) {
  const size = Math.abs(v);
  if (size >= 1e5 || (size && size < 1e-3)) return v.toExponential(0).replace("e", "·10^").replace("+", "").replace("-", "−");
  return String(Number(v.toPrecision(4))).replace("-", "−");
}

function nearest(x, at) {
  let best = -1, off = Infinity;
  for (let i = 0; i < x.length; i++) if (Math.abs(x[i] - at) < off) { off = Math.abs(x[i] - at); best = i; }
  return best;
}
