// Pictures of a lattice on a canvas, and the value of the site under the pointer or the arrow keys.
import { amplitudeColor, ANGLE_TABLE, ISING_TABLE, POTTS_TABLE } from "./color.js";

export class Picture {
  constructor(canvas, output, describe) {
    Object.assign(this, { canvas, output, describe, site: null });
    this.pen = canvas.getContext("2d");
    canvas.addEventListener("pointermove", (e) => this.at(
      Math.floor((e.offsetX / canvas.clientWidth) * canvas.width), Math.floor((e.offsetY / canvas.clientHeight) * canvas.height)));
    canvas.addEventListener("pointerleave", () => { this.site = null; });
    canvas.addEventListener("keydown", (e) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
      if (!step) return;
      e.preventDefault();
      const [x, y] = this.site ?? [canvas.width >> 1, canvas.height >> 1], far = e.shiftKey ? 10 : 1;
      this.at(x + far * step[0], y + far * step[1]);
    });
  }

  at(x, y) {
    const { width, height } = this.canvas;
    this.site = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
    this.tell();
  }

  tell() {
    if (this.site && this.values) this.output.textContent = this.describe(this.values, ...this.site, this.canvas.width);
  }

  draw(header, bytes) {
    const [height, width] = header.shape;
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      this.canvas.width = width; this.canvas.height = height;
      this.image = this.pen.createImageData(width, height);
      this.words = new Uint32Array(this.image.data.buffer);
      this.site = null;
    }
    this.values = header.form === "bits" ? unpacked(bytes, width * height) : bytes;
    const table = { ising: ISING_TABLE, potts: POTTS_TABLE, xy: ANGLE_TABLE }[header.model];
    for (let i = 0; i < this.words.length; i++) {
      this.words[i] = table ? table[this.values[i]] : amplitudeColor(bytes[2 * i], bytes[2 * i + 1]);
    }
    this.pen.putImageData(this.image, 0, 0);
    this.tell();
  }
}

function unpacked(bytes, n) {
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i++) out[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return out;
}
