// Colors that stay apart for color-blind readers.
// Cyclic: matplotlib's twilight (B. Thyng's and others' CC0 map), 32 of its colors.
const CYCLE = ["#301437", "#381145", "#45135c", "#511b77", "#592a8f", "#5d3da1", "#5e51ad", "#5f64b5", "#6276ba", "#6887be", "#7297c1", "#81a6c3", "#95b5c7", "#acc2cc", "#c4ced4", "#d7d7dd", "#e2d9e2", "#dfd4d6", "#d8c7be", "#d1b6a3", "#cca389", "#c89073", "#c27c63", "#bb6958", "#b25652", "#a64550", "#983550", "#872750", "#741e4f", "#5f174a", "#4a1342", "#3a113a"].map(rgb);
// Okabe and Ito 2008, https://jfly.uni-koeln.de/color/: phase 0, π/2, π, 3π/2
const PHASES = ["#56b4e9", "#cc79a7", "#e69f00", "#009e73"].map(rgb);
export const ISING = ["#12355b", "#f3e9d2"]; // down, up
export const POTTS = ["#12355b", "#d55e00", "#f3e9d2"];

function rgb(text) {
  return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
}

function packed([r, g, b]) {
  return (255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
}

// A turn of 256 steps through a few colors.
function turned(colors) {
  return Array.from({ length: 256 }, (_, i) => {
    const at = (i / 256) * colors.length, k = Math.floor(at), part = at - k;
    return colors[k].map((c, j) => c + part * (colors[(k + 1) % colors.length][j] - c));
  });
}

export const ANGLE_TABLE = Uint32Array.from(turned(CYCLE), packed);
export const ISING_TABLE = Uint32Array.from(ISING.map(rgb), packed);
export const POTTS_TABLE = Uint32Array.from(POTTS.map(rgb), packed);
const PHASE_TURN = turned(PHASES);

// The color of an amplitude, modulus and phase in 0 .. 255: black for 0.
export function amplitudeColor(modulus, phase) {
  const part = (modulus / 255) ** 0.6;
  return packed(PHASE_TURN[phase].map((c) => c * part));
}

export function phaseColor(phase) {
  return `rgb(${PHASE_TURN[phase].map(Math.round).join(" ")})`;
}

export function angleColor(k) {
  const word = ANGLE_TABLE[k];
  return `rgb(${word & 255} ${(word >> 8) & 255} ${(word >> 16) & 255})`;
}

export function themed(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
