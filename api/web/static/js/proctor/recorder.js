// What is recorded of one session: pictures at the policy's pace, what happens around the page, signs of life.
// Everything goes through the outbox, so a lost network or a reload loses nothing and changes no order.
import { headers, json, problemOf } from "../api.js";
import { photographer } from "./camera.js";
import { watchPage, watchTracks } from "./events.js";
import { openOutbox } from "./outbox.js";
import { listen } from "./sound.js";

const JITTER = 0.3;
const SPEECH_SECONDS = 2;
const SCREEN_WIDTH = 1280;
const NOT_YET = 500; // a video that has no picture yet is asked again so soon
const SETTLE = 60_000;

export async function openRecorder({ session, changed }) {
  const known = session.last_sequences ?? {};
  const outbox = await openOutbox(session.id, { send: (item) => send(session.id, item), changed });
  const ends = [];
  let kept = Promise.resolve();
  let ended = false;

  // Kept at once and one after another: what is noted just before a reload must not be lost with the page.
  function note(type, { started = Date.now(), duration, details = {} } = {}) {
    const event = { type, at: new Date(started).toISOString(), duration: duration === undefined ? null : duration / 1000, details };
    kept = kept.then(async () => {
      const sequence = await outbox.nextSequence("events", known.events);
      await outbox.add({ what: "events", events: [{ ...event, sequence }] });
    });
  }

  // Jitter, so that nobody can time a phone between two pictures.
  function pictures(kind, video, seconds) {
    const take = photographer(video, kind === "screen" ? { width: SCREEN_WIDTH } : {});
    let timer;
    let stopped = false;
    const next = async () => {
      const blob = await take();
      if (stopped) return;
      timer = setTimeout(next, blob ? seconds * 1000 * (1 + JITTER * (2 * Math.random() - 1)) : NOT_YET);
      if (!blob) return;
      const sequence = await outbox.nextSequence(kind, known[kind]);
      await outbox.add({ what: "picture", kind, sequence, captured_at: new Date().toISOString(), blob });
    };
    next();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  function watchCamera(camera, video, seconds) {
    ends.push(pictures("camera", video, seconds), watchTracks(camera, note, "camera"));
  }

  function watchScreen(screen, video, seconds) {
    ends.push(pictures("screen", video, seconds), watchTracks(screen, note, "screen"));
  }

  function watchExam({ fullscreen }) {
    note("page_loaded");
    ends.push(watchPage(note, { fullscreen }));
  }

  async function watchSound(stream, level) {
    ends.push(await listen(stream, { level, note, seconds: SPEECH_SECONDS }));
  }

  function beat(told) {
    const act = async () => {
      try {
        told(await json("POST", `proctor-session/${session.id}/heartbeat`, { client_time: new Date().toISOString() }));
      } catch {
        // The server notes missing signs of life by itself, and the outbox shows that we are not heard.
      }
    };
    act();
    ends.push(every(session.heartbeat_seconds * 1000, act));
  }

  // After the last answer: nothing more is recorded, what waits is sent, and the session is closed.
  async function finish() {
    if (ended) return true;
    ended = true;
    await kept;
    ends.forEach((end) => end());
    const all = await outbox.settle(SETTLE);
    outbox.stop();
    await json("POST", `proctor-session/${session.id}/end`, {});
    return all;
  }

  return { note, watchCamera, watchScreen, watchExam, watchSound, beat, finish };
}

function every(milliseconds, act) {
  const timer = setInterval(act, milliseconds);
  return () => clearInterval(timer);
}

async function send(id, item) {
  const now = new Date().toISOString();
  if (item.what === "events") {
    await json("POST", `proctor-session/${id}/events`, { events: item.events, sent_at: now });
    return;
  }
  const { kind, sequence, captured_at, blob } = item;
  await upload(`proctor-session/${id}/snapshot`, blob, { kind, sequence, captured_at, sent_at: now });
}

export async function upload(path, blob, fields = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("picture", blob, "picture.jpg");
  const response = await fetch(`/api/v1/${path}`, { method: "POST", headers: headers({ Accept: "application/json" }), body });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}
