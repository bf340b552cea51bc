// Values under the pointer: the nearest point of a figure, from numbers that stand in the page.  Arrow keys step through them.
"use strict";
const REACH = 48; // pixels, farther than which nothing is pointed at

for (const plot of document.querySelectorAll(".plot[data-values]")) {
  const series = JSON.parse(document.getElementById(plot.dataset.values).textContent);
  const mark = plot.appendChild(document.createElement("i"));
  const told = plot.appendChild(document.createElement("output"));
  let at = [0, -1];
  mark.hidden = told.hidden = true;
  plot.tabIndex = 0;

  const text = (one, [x, y]) => [one.label, x && `${one.x || "x"}: ${x}`, y && `${one.y || "y"}: ${y}`].filter(Boolean);

  function show(s, k) {
    at = [s, k];
    const [left, top] = series[s].at[k].map((part) => part / 100);
    mark.style.left = told.style.left = `${left}%`;
    mark.style.top = told.style.top = `${top}%`;
    told.className = `${left > 50 ? "left" : "right"} ${top > 50 ? "above" : "below"}`;
    told.replaceChildren(...text(series[s], series[s].values[k]).map((line) => {
      const row = document.createElement("span");
      row.textContent = line;
      return row;
    }));
    mark.hidden = told.hidden = false;
  }

  function hide() {
    mark.hidden = told.hidden = true;
  }

  function point(event) {
    const box = plot.querySelector("img").getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let near = REACH ** 2, found = null;
    series.forEach((one, s) => one.at.forEach(([left, top], k) => {
      const distance = (left * box.width / 1e4 - x) ** 2 + (top * box.height / 1e4 - y) ** 2;
      if (distance < near) [near, found] = [distance, [s, k]];
    }));
    if (found) show(...found);
    else hide();
  }

  plot.addEventListener("pointermove", point);
  plot.addEventListener("pointerdown", point);
  plot.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const [s, k] = at, count = series.length, size = series[s].at.length;
    const next = {
      ArrowRight: () => [s, Math.min(k + 1, size - 1)],
      ArrowLeft: () => [s, Math.max(k - 1, 0)],
      ArrowDown: () => [(s + 1) % count, 0],
      ArrowUp: () => [(s + count - 1) % count, 0],
    }[event.key];
    if (event.key === "Escape") hide();
    if (!next) return;
    event.preventDefault();
    show(...next());
  });
}
