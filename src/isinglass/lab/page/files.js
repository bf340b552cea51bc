// Drop a file: upload, progress, cancel, verdict.
import { withError, text } from "./number.js";
import { asked, chip, made, table } from "./runs.js";

const MOST = 512 * 2 ** 20, LEAST_WAIT = 500;

export class Files {
  constructor() {
    this.drop = document.getElementById("drop"); this.input = document.getElementById("file"); this.results = new Map();
    this.input.addEventListener("change", () => { this.send([...this.input.files]); this.input.value = ""; });
    for (const kind of ["dragenter", "dragover"]) this.drop.addEventListener(kind, (e) => { e.preventDefault(); this.drop.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) this.drop.addEventListener(kind, () => this.drop.classList.remove("over"));
    for (const kind of ["dragover", "drop"]) addEventListener(kind, (e) => e.preventDefault()); // elsewhere a file would replace the page
    addEventListener("drop", (e) => { if (e.dataTransfer?.files.length) { location.hash = "files"; this.send([...e.dataTransfer.files]); } });
  }

  async enter() {
    this.inside = true;
    while (this.inside) {
      try { this.show(await asked("jobs")); } catch (error) { text("upload-words", error.message); }
      await new Promise((done) => setTimeout(done, LEAST_WAIT));
    }
  }

  leave() { this.inside = false; }

  async send(files) {
    for (const file of files) {
      if (file.size > MOST) { text("upload-words", `expected a file of at most 512 MiB; found ${(file.size / 2 ** 20).toFixed(0)}; run isinglass phases FILE on it.`); continue; }
      text("upload-words", `sending ${file.name}`);
      try { await this.upload(file); text("upload-words", `${file.name} is in the lab`); } catch (error) { text("upload-words", error.message); }
    }
  }

  upload(file) {
    const bar = document.getElementById("upload"), request = new XMLHttpRequest(); // fetch tells no progress of uploads
    return new Promise((done, failed) => {
      request.open("POST", `jobs?name=${encodeURIComponent(file.name)}`);
      request.upload.addEventListener("progress", (e) => { bar.hidden = false; bar.value = e.total ? e.loaded / e.total : 0; });
      request.addEventListener("loadend", () => {
        bar.hidden = true;
        if (request.status === 200) { done(); return; }
        let said = "the lab does not answer; nothing was begun";
        try { said = JSON.parse(request.responseText).error; } catch { /* no JSON: the connection broke */ }
        failed(new Error(said));
      });
      request.send(file);
    });
  }

  show(jobs) {
    const key = JSON.stringify(jobs.map(({ seconds, ...rest }) => [rest, rest.state === "runs" ? Math.floor(seconds) : 0]));
    if (key === this.key) return;
    this.key = key;
    const focused = document.activeElement?.dataset?.job;
    document.getElementById("jobs").replaceChildren(...jobs.map((job) => this.item(job)));
    if (focused) document.querySelector(`[data-job="${focused}"]`)?.focus();
  }

  item(job) {
    const parts = [made("p", {}, made("strong", {}, job.name), " ", chip(job.state))];
    if (job.state === "runs" || job.state === "waits") {
      const bar = made("progress", { max: job.total || 1 });
      bar.setAttribute("aria-label", `Progress of ${job.name}`);
      if (job.total) bar.value = job.done;
      const stop = made("button", { type: "button" }, "Cancel");
      stop.dataset.job = job.number; stop.setAttribute("aria-label", `Cancel ${job.name}`);
      stop.addEventListener("click", () => asked(`jobs/${job.number}`, { method: "DELETE" }).catch((error) => text("upload-words", error.message)));
      parts.push(bar, made("p", {}, `${job.message || "starts"}${job.total ? `: ${job.done} of ${job.total}` : ""}, ${job.seconds.toFixed(0)} s `), stop);
    } else if (job.run) {
      parts.push(this.verdict(job));
    } else if (job.line) {
      parts.push(made("p", {}, job.line));
    }
    return made("li", { className: "job" }, ...parts);
  }

  verdict(job) {
    const place = made("div"), path = job.run.join("/");
    const fill = (run) => {
      const rows = Object.values(run.estimates).slice(0, 6).map((e) => [e.label, withError(e.value, e.error)]);
      place.replaceChildren(made("p", { className: `banner ${run.verdict}` }, made("b", {}, run.verdict), run.notes[0] ?? ""),
        table(["quantity", "value ± error"], rows), made("p", {}, made("a", { href: `#runs/${path}` }, `The run ${path}, with its figures and report`)));
    };
    if (this.results.has(path)) fill(this.results.get(path));
    else asked(`runs/${path}`).then((run) => { this.results.set(path, run); fill(run); }).catch((error) => place.append(error.message));
    return place;
  }
}
