// One upload by tus 1.0: pieces that fit the connection, pause, and going on after a lost network or a closed page.
import { Problem, headers, json } from "./api.js";

const SMALLEST = 256 * 1024;
const LARGEST = 4 * 1024 * 1024;
const QUICK_SECONDS = 2; // a piece faster than this may be twice as large next time
const SLOW_SECONDS = 8;
const LONGEST_WAIT_SECONDS = 30;
const TUS = { "Tus-Resumable": "1.0.0" };

// `told` hears { state, percent, text }: sending, waiting (no connection), paused, sent, failed.
export class Resumable {
  constructor(course, file, told) {
    this.course = course;
    this.file = file;
    this.told = told;
    this.piece = SMALLEST * 2;
    this.offset = 0;
    this.paused = false;
    this.waited = 0;
    // The same file of the same size and age is the same upload, also tomorrow.
    this.memory = `upload:${course}:${file.name}:${file.size}:${file.lastModified}`;
  }

  async run() {
    try {
      this.id = this.id ?? (await this.known()) ?? (await this.begun());
      while (this.offset < this.file.size && !this.paused) await this.step();
      if (this.paused) return this.tell("paused");
      localStorage.removeItem(this.memory);
      this.tell("sent");
    } catch (problem) {
      this.told({ state: "failed", percent: this.percent, text: problem.message });
    }
  }

  pause() {
    this.paused = true;
    this.sending?.abort();
  }

  resume() {
    this.paused = false;
    return this.run();
  }

  async cancel() {
    this.pause();
    localStorage.removeItem(this.memory);
    if (this.id) await json("DELETE", `uploads/${this.id}`).catch(() => {});
  }

  get percent() {
    return Math.floor((100 * this.offset) / this.file.size);
  }

  tell(state) {
    this.told({ state, percent: this.percent });
  }

  // An upload of this file that was begun before, and how far it came.
  async known() {
    const id = localStorage.getItem(this.memory);
    if (!id) return null;
    const found = await json("GET", `uploads/${id}`).catch(() => null);
    if (found === null || found.state !== "receiving") return null;
    this.offset = found.received;
    return id;
  }

  async begun() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.file.name)));
    const told = { ...TUS, "Upload-Length": String(this.file.size), "Upload-Metadata": `filename ${name}` };
    const response = await fetch(`/api/v1/courses/${this.course}/uploads`, { method: "POST", headers: headers(told) });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Problem(response.status, body);
    localStorage.setItem(this.memory, body.id);
    return body.id;
  }

  async step() {
    const started = performance.now();
    const sent = await this.send(this.file.slice(this.offset, this.offset + this.piece));
    if (this.paused) return;
    if (sent.ok) {
      const seconds = (performance.now() - started) / 1000;
      if (seconds < QUICK_SECONDS) this.piece = Math.min(LARGEST, this.piece * 2);
      else if (seconds > SLOW_SECONDS) this.piece = Math.max(SMALLEST, this.piece / 2);
      this.waited = 0;
      this.tell("sending");
      return;
    }
    if (sent.problem && sent.problem.status < 500 && ![409, 429].includes(sent.problem.status)) throw sent.problem;
    this.piece = Math.max(SMALLEST, this.piece / 2);
    this.tell("waiting");
    await this.patience();
    const found = await json("GET", `uploads/${this.id}`).catch((problem) => {
      if (problem instanceof Problem && problem.status === 404) throw problem;
      return null; // still no connection
    });
    if (found) this.offset = found.received;
  }

  // Longer each time, cut short when the browser is online again.
  patience() {
    this.waited = Math.min(LONGEST_WAIT_SECONDS, this.waited * 2 || 1);
    return new Promise((resolve) => {
      const timer = setTimeout(done, this.waited * 1000);
      function done() {
        clearTimeout(timer);
        removeEventListener("online", done);
        resolve();
      }
      addEventListener("online", done);
    });
  }

  // XMLHttpRequest, since fetch does not tell how much was sent.
  send(piece) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.sending = request;
      request.open("PATCH", `/api/v1/uploads/${this.id}`);
      const told = { ...TUS, "Upload-Offset": String(this.offset), "Content-Type": "application/offset+octet-stream" };
      for (const [name, value] of Object.entries(headers(told))) request.setRequestHeader(name, value);
      const before = this.offset;
      request.upload.addEventListener("progress", (event) => {
        this.told({ state: "sending", percent: Math.floor((100 * (before + event.loaded)) / this.file.size) });
      });
      request.addEventListener("load", () => {
        if (request.status === 204) {
          this.offset = Number(request.getResponseHeader("Upload-Offset"));
          resolve({ ok: true });
          return;
        }
        let body = {};
        try {
          body = JSON.parse(request.responseText);
        } catch {
          // A proxy may answer with something else than JSON.
        }
        resolve({ ok: false, problem: new Problem(request.status, body) });
      });
      for (const kind of ["error", "abort", "timeout"]) request.addEventListener(kind, () => resolve({ ok: false }));
      request.send(piece);
    });
  }
}
