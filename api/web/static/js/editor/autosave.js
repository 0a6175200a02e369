// The draft on the server: saved a moment after typing stops, kept on this device while there is no connection.
import { Problem, json } from "../api.js";

const AFTER = 1500; // milliseconds without typing
const AGAIN = 10000;

export class Autosave {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.key = `draft:${form.dataset.editor}`;
    this.saved = this.fingerprint();
    this.running = null;
    this.timer = 0;
    this.stopped = this.unheard = false;
    this.state = form.querySelector("[data-state]");
    this.clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    addEventListener("online", () => this.note());
    addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.leaving) event.preventDefault();
    });
    this.offerKept();
    this.offerChoice();
  }

  text() {
    const { title, body, status, note } = this.form.elements;
    return { title: title.value, body: body.value, status: status.value, note: note.value };
  }

  fingerprint() {
    return JSON.stringify(this.text());
  }

  get dirty() {
    return this.fingerprint() !== this.saved;
  }

  // Something was typed.
  note() {
    clearTimeout(this.timer);
    this.form.toggleAttribute("data-unsaved", this.dirty);
    if (this.dirty) this.timer = setTimeout(() => this.flush(), AFTER);
  }

  // Saves what is not saved, one request at a time; resolves when the server has it or has refused it.
  async flush() {
    clearTimeout(this.timer);
    await this.running;
    if (!this.dirty || this.stopped) return;
    this.running = this.send().finally(() => {
      this.running = null;
    });
    await this.running;
    if (this.dirty && !this.stopped) this.note();
  }

  // Why the form must not be sent now: the server does not answer, or the draft was saved elsewhere.
  get hindered() {
    return this.stopped || this.unheard;
  }

  async send() {
    const { elements } = this.form;
    const sent = this.fingerprint();
    this.state.textContent = this.words.saidSaving;
    try {
      const draft = { ...this.text(), base_version: Number(elements.base_version.value), revision: Number(elements.revision.value) };
      this.kept(await json("PUT", `lessons/${this.words.editor}/draft`, draft), sent);
    } catch (problem) {
      this.refused(problem);
    }
  }

  kept(draft, sent) {
    this.saved = sent;
    this.unheard = false;
    this.form.elements.revision.value = draft.revision;
    this.state.textContent = draft.revision ? this.words.saidSaved.replace("%s", this.clock.format(new Date(draft.updated_at))) : this.words.saidSame;
    localStorage.removeItem(this.key);
    this.form.toggleAttribute("data-unsaved", this.dirty);
    if (draft.outdated) this.outdated(draft);
  }

  outdated({ base_version, current_version }) {
    const told = this.form.querySelector("[data-outdated]");
    told.querySelector("[data-compare]").href = `/teach/lessons/${this.words.editor}/compare?before=${base_version}&after=${current_version}`;
    told.querySelector("[data-onto]").value = current_version;
    told.hidden = false;
  }

  refused(problem) {
    this.unheard = false;
    if (problem instanceof Problem && problem.status < 500) {
      if (problem.code !== "draft_moved") {
        this.state.textContent = problem.message;
        return;
      }
      this.state.textContent = this.words.saidElsewhere;
      this.stopped = true;
      this.elsewhere = problem.body.current_revision;
      this.form.querySelector("[data-moved]").hidden = false;
      return;
    }
    this.unheard = true;
    try {
      localStorage.setItem(this.key, this.fingerprint());
      this.state.textContent = this.words.saidKept;
    } catch {
      this.state.textContent = problem.message; // storage is full or switched off
    }
    this.timer = setTimeout(() => this.flush(), AGAIN);
  }

  offerChoice() {
    const told = this.form.querySelector("[data-moved]");
    told.querySelector("[data-load-other]").addEventListener("click", () => {
      this.leaving = true;
      location.reload();
    });
    told.querySelector("[data-keep-this]").addEventListener("click", () => {
      this.form.elements.revision.value = this.elsewhere;
      this.stopped = false;
      told.hidden = true;
      this.flush();
    });
  }

  offerKept() {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    const { title, body } = this.form.elements;
    if (!kept || (kept.body === body.value && kept.title === title.value)) return localStorage.removeItem(this.key);
    const offer = this.form.querySelector("[data-kept]");
    offer.hidden = false;
    offer.querySelector("[data-restore]").addEventListener("click", () => {
      for (const name of ["title", "body"]) this.form.elements[name].value = kept[name];
      offer.hidden = true;
      this.form.dispatchEvent(new Event("restored"));
    });
    offer.querySelector("[data-forget]").addEventListener("click", () => {
      localStorage.removeItem(this.key);
      offer.hidden = true;
    });
  }
}
