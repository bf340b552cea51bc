// The page: which view is shown, and the connection that feeds it.
import { Connection } from "./connection.js";
import { Diffusion } from "./diffusion.js";
import { Files } from "./files.js";
import { Quench } from "./quench.js";
import { Runs } from "./runs.js";
import { Spins } from "./spins.js";

const trouble = document.getElementById("trouble"), status = document.getElementById("status");
const live = {};
const views = { runs: new Runs(), files: new Files() };
let view = "spins";

function say(line) {
  trouble.hidden = !line;
  trouble.textContent = line;
}

function ask() {
  if (live[view]) connection.ask(live[view].wish());
  else if (last) connection.ask({ ...live[last].wish(), paused: true });
}

let last = "spins";
function route() {
  const [name, ...rest] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (name === "main") return;
  views[view]?.leave?.();
  view = name in live || name in views ? name : "spins";
  if (view in live) last = view;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== `view-${view}`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${document.querySelector(`#view-${view} h2`).textContent} · isinglass lab`;
  views[view]?.enter(rest.join("/"));
  ask();
}

live.spins = new Spins(ask);
live.quench = new Quench(ask);
live.diffusion = new Diffusion(ask);
const connection = new Connection(
  (header, bytes) => { if (header.view === view) live[view].frame(header, bytes); }, (text) => { status.textContent = text; }, say);
addEventListener("hashchange", route);
document.addEventListener("visibilitychange", ask);
route();
