// The assistant: asks, follows the stream, takes it up again after a reload or a lost connection.
import { AnswerBox, prepareTools } from "./answer.js";
import { json, Problem, problemOf, request } from "./api.js";
import { events } from "./events.js";

const RETRIES = 5;
const RETRY_AFTER = 800;
const NEAR_THE_END = 120;

export class Assistant {
  #following = null;

  constructor(root) {
    this.root = root;
    this.log = root.querySelector("[data-log]");
    this.status = root.querySelector('[role="status"]'); // answers carry data-status too
    this.composer = root.querySelector("[data-composer]");
    this.input = this.composer.querySelector("textarea");
    this.send = this.composer.querySelector("[data-send]");
    this.stopButton = this.composer.querySelector("[data-stop]");
    this.conversation = root.dataset.conversation ?? "";
    this.#listen();
    root.dataset.alive = ""; // until here the form works by itself
  }

  get #memory() {
    return `conversation:${this.root.dataset.course}`;
  }

  // Shows the conversation this tab was in, so that a citation can open another lesson without losing it.
  async restore() {
    const kept = sessionStorage.getItem(this.#memory);
    if (!kept) return;
    try {
      const detail = await json("GET", `conversations/${kept}`);
      this.#hold(kept);
      for (const view of detail.answers) this.#shown(view);
    } catch (error) {
      if (error instanceof Problem) sessionStorage.removeItem(this.#memory);
    }
  }

  // Brings answers that the server drew to life.
  adopt() {
    for (const place of this.log.querySelectorAll("[data-answer]")) {
      if (place.dataset.status === "running") this.#resume(place);
      else this.#addTools(place);
    }
  }

  async ask(question, mode = "answer") {
    if (this.#following || !question.trim()) return;
    const box = this.#turn(question);
    this.input.value = "";
    const body = { question, mode };
    if (this.conversation) body.conversation_id = this.conversation;
    if (this.root.dataset.lesson) body.lesson_id = this.root.dataset.lesson;
    const path = `courses/${this.root.dataset.course}/assistant/questions`;
    await this.#follow(box, (signal) => request("POST", path, body, { signal, accept: "text/event-stream" }));
  }

  fresh() {
    this.#following?.abort.abort();
    this.conversation = "";
    sessionStorage.removeItem(this.#memory);
    for (const turn of this.log.querySelectorAll(".turn")) turn.remove();
    this.#welcome(true);
    this.input.focus();
  }

  #listen() {
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.input.value, this.composer.elements.mode.value);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.composer.requestSubmit();
      }
    });
    this.stopButton.addEventListener("click", () => this.#stop());
    this.root.addEventListener("click", (event) => {
      const starter = event.target.closest("[data-ask]");
      if (starter) this.ask(starter.dataset.ask);
    });
    this.root.addEventListener("pointerover", (event) => this.#light(event));
    this.root.addEventListener("focusin", (event) => this.#light(event));
  }

  #light(event) {
    const mark = event.target.closest?.("[data-cite]");
    for (const card of this.root.querySelectorAll(".citation.lit")) card.classList.remove("lit");
    mark?.closest(".answer")?.querySelector(`[data-card="${mark.dataset.cite}"]`)?.classList.add("lit");
  }

  #turn(question) {
    this.#welcome(false);
    const turn = this.root.querySelector('template[data-shape="turn"]').content.cloneNode(true).firstElementChild;
    turn.querySelector(".question").textContent = question;
    this.log.append(turn);
    turn.scrollIntoView({ block: "nearest" });
    return new AnswerBox(turn.querySelector(".answer"), this.root);
  }

  #shown(view) {
    const box = this.#turn(view.question);
    if (view.status === "running") this.#followAnswer(box, view.id);
    else box.finish(view);
  }

  #resume(place) {
    const id = place.dataset.answer;
    this.#followAnswer(new AnswerBox(place, this.root), id);
  }

  #followAnswer(box, id) {
    return this.#follow(box, null, id);
  }

  // Reads one stream to its end. `open` starts it; when that is lost, or null, the answer is followed by its id.
  async #follow(box, open, id = "") {
    const now = { abort: new AbortController(), id, after: 0 };
    this.#following = now;
    this.#busy(true);
    const grown = () => this.#stayAtEnd();
    box.place.addEventListener("grown", grown);
    try {
      for (let attempt = 0; ; attempt += 1) {
        try {
          const response = open && !now.id ? await open(now.abort.signal) : await this.#reopen(now);
          if (await this.#read(response, box, now)) return;
        } catch (error) {
          if (error instanceof Problem || now.abort.signal.aborted || !now.id) throw error;
        }
        if (attempt >= RETRIES) throw new Error(this.root.dataset.saidFailed);
        this.#say(this.root.dataset.saidLost);
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER * (attempt + 1)));
      }
    } catch (error) {
      if (!now.abort.signal.aborted) {
        box.fail(error instanceof TypeError ? this.root.dataset.saidFailed : error.message);
        this.#say(error.message);
      }
    } finally {
      box.place.removeEventListener("grown", grown);
      if (this.#following === now) {
        this.#following = null;
        this.#busy(false);
      }
    }
  }

  async #reopen(now) {
    const response = await fetch(`/api/v1/answers/${now.id}/stream?after=${now.after}`, {
      signal: now.abort.signal,
      headers: { Accept: "text/event-stream" },
    });
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async #read(response, box, now) {
    for await (const { id, event, data } of events(response)) {
      now.after = Number(id);
      if (event === "meta") {
        now.id = data.id;
        this.#hold(data.conversation_id);
      } else if (event === "token") box.add(data.text);
      else if (event === "citation") box.cite(data);
      else if (event === "clear") box.clear();
      else if (event === "done") {
        box.finish(data);
        this.#stayAtEnd();
        this.#say(this.root.dataset.saidDone);
        return true;
      } else if (event === "error") throw new Problem(500, data);
    }
    return false;
  }

  async #stop() {
    if (!this.#following?.id) return;
    try {
      await json("POST", `answers/${this.#following.id}/stop`);
    } catch (error) {
      this.#say(error.message);
    }
  }

  #addTools(place) {
    const tools = this.root.querySelector('template[data-shape="tools"]').content.cloneNode(true).firstElementChild;
    const helpful = { true: true, false: false }[place.dataset.helpful] ?? null;
    const prose = place.querySelector(".prose");
    prepareTools(tools, { id: place.dataset.answer, helpful, root: this.root, copy: () => prose.innerText });
    place.append(tools);
  }

  #hold(conversation) {
    this.conversation = conversation;
    sessionStorage.setItem(this.#memory, conversation);
    const fresh = this.root.querySelector("[data-new]");
    if (fresh) fresh.hidden = false;
  }

  #welcome(shown) {
    const welcome = this.root.querySelector("[data-welcome]");
    if (welcome) welcome.hidden = !shown;
    const fresh = this.root.querySelector("[data-new]");
    if (fresh) fresh.hidden = shown;
  }

  #busy(on) {
    this.send.hidden = on;
    this.stopButton.hidden = !on;
    this.log.ariaBusy = String(on);
  }

  #say(text) {
    this.status.textContent = text;
  }

  #stayAtEnd() {
    const box = this.log.scrollHeight > this.log.clientHeight + 1 ? this.log : document.scrollingElement;
    if (box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_THE_END + window.innerHeight * 0.2) box.scrollTop = box.scrollHeight;
  }
}
