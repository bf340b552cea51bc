// Numbers as a physicist writes them.
export function withError(value, error) {
  if (value === null || value === undefined) return "–";
  if (!error) return short(value);
  const digits = Math.min(Math.max(0, 1 - Math.floor(Math.log10(error))), 9);
  return `${minus(value.toFixed(digits))} ± ${error.toFixed(digits)}`;
}

export function short(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return minus(power(value));
  return minus(size >= 100 ? value.toFixed(1) : value.toFixed(digits));
}

export function power(value) {
  const [head, exponent] = value.toExponential(2).split("e");
  return `${head} · 10${[...String(Number(exponent))].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;
}

export function minus(text) {
  return String(text).replace("-", "−");
}

export function text(id, value) {
  const place = document.getElementById(id);
  if (place.textContent !== value) place.textContent = value;
}
