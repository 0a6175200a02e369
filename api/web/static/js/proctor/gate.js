// The way into a supervised exam: consent, set-up, identity, begin. Then the questions come into the same page, since a
// new page would lose the camera and the full screen. After a reload one button turns everything on again.
import { json } from "../api.js";
import "../questions/all.js";
import { brightness, openCamera, openScreen, photographer } from "./camera.js";
import { openRecorder, upload } from "./recorder.js";

const LOOK_EVERY = 700;
const CHECK_PICTURES = 4;
const DARK = 45;
const STEPS = ["consent", "setup", "identity", "begin"];
const root = document.querySelector("[data-supervision]");
const config = JSON.parse(root.dataset.config);
const texts = JSON.parse(root.dataset.texts);
const $ = (selector, within = root) => within.querySelector(selector);
const video = $("[data-camera]");
const dock = $("[data-dock]");
const results = {};
let session = config.session;
let camera = null;
let screen = null;
let recorder = null;

// ---- steps

function show(step) {
  for (const part of root.querySelectorAll("[data-step]")) part.hidden = part.dataset.step !== step;
  const at = STEPS.indexOf(step);
  for (const [index, mark] of [...root.querySelectorAll("[data-mark]")].entries()) {
    mark.classList.toggle("done", index < at);
    if (index === at) mark.setAttribute("aria-current", "step");
    else mark.removeAttribute("aria-current");
  }
  const heading = $(`[data-step="${step}"] h2`);
  heading?.focus();
}

function fail(step, error) {
  const place = $(`[data-step="${step}"] [data-problem]`);
  place.textContent = error.message;
  place.hidden = false;
}

async function busy(button, act) {
  button.disabled = true;
  const place = button.closest("[data-step]").querySelector("[data-problem]");
  if (place) place.hidden = true;
  try {
    await act();
  } catch (error) {
    fail(button.closest("[data-step]").dataset.step, error);
  } finally {
    button.disabled = false;
  }
}

function set(name, state, said) {
  const row = $(`[data-check="${name}"]`);
  if (!row || (row.dataset.state === state && $(".said", row).textContent === said)) return;
  row.dataset.state = state;
  $(".said", row).textContent = said;
}

// ---- consent

$("[data-agree]")?.addEventListener("click", (event) => {
  const boxes = [...root.querySelectorAll("[data-consent]")];
  const missing = boxes.find((box) => !box.checked);
  if (missing) {
    fail("consent", new Error(texts.agree_first));
    missing.focus();
    return;
  }
  busy(event.target, async () => {
    session = await json("POST", "proctor-session/start", {
      attempt_id: config.attempt,
      consent: { version: config.consent.version, hash: config.consent.hash, accepted: true },
      client_time: new Date().toISOString(),
    });
    await setUp();
  });
});

// ---- set-up

async function setUp() {
  show("setup");
  results.browser = navigator.userAgent.slice(0, 200);
  set("browser", window.indexedDB && window.MediaStream ? "good" : "weak", window.indexedDB ? texts.browser_good : texts.browser_weak);
  await network();
  await turnOn();
}

async function network() {
  const started = performance.now();
  try {
    await fetch("/healthz", { cache: "no-store" });
    results.network_ms = Math.round(performance.now() - started);
    set("network", results.network_ms < 3000 ? "good" : "weak", texts.network.replace("%s", results.network_ms));
  } catch {
    set("network", "bad", texts.network_lost);
  }
}

async function turnOn() {
  $("[data-again]").hidden = true;
  try {
    camera = await openCamera(video, { microphone: config.microphone });
  } catch (error) {
    set("camera", "bad", texts.camera[error.reason] ?? texts.camera.busy);
    $("[data-again]").hidden = false;
    return;
  }
  $("[data-veil]").hidden = true;
  Object.assign(results, { camera: true, width: video.videoWidth, height: video.videoHeight });
  set("camera", "good", texts.camera_good.replace("%s", `${video.videoWidth} × ${video.videoHeight}`));
  recorder ??= await openRecorder({ session, changed });
  if (config.microphone) await sound();
  look();
  checkPictures();
}

// Light is seen here at once; whether a face is in the picture, the server says after a moment.
function look() {
  results.light = Math.round(brightness(video));
  set("light", results.light >= DARK ? "good" : "weak", results.light >= DARK ? texts.light_good : texts.advice.more_light);
  if (!$('[data-step="setup"]').hidden) setTimeout(look, LOOK_EVERY);
  $("[data-ready]").disabled = !ready();
}

async function checkPictures() {
  const take = photographer(video);
  for (let left = CHECK_PICTURES; left > 0 && !$('[data-step="setup"]').hidden; left -= 1) {
    const blob = await take();
    if (blob && (await lookedAt(blob))) return;
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

async function lookedAt(blob) {
  try {
    const seen = await upload(`proctor-session/${session.id}/preview`, blob);
    results.faces = seen.faces;
    if (seen.faces === 1 && !seen.advice.length) {
      set("face", "good", texts.face_good);
      return true;
    }
    set("face", "weak", seen.advice.map((key) => texts.advice[key]).filter(Boolean).join(" ") || texts.advice.show_face);
  } catch (error) {
    set("face", "weak", error.message);
  }
  return false;
}

async function sound() {
  const track = camera.getAudioTracks()[0];
  results.microphone = Boolean(track);
  if (!track) return set("microphone", "bad", texts.microphone_none);
  const meter = $("[data-level]");
  await recorder.watchSound(camera, (decibels) => (meter.value = Math.max(0, 100 + decibels * 1.6)));
  return set("microphone", "good", texts.microphone_good);
}

$("[data-again]")?.addEventListener("click", turnOn);
$("[data-share]")?.addEventListener("click", (event) =>
  busy(event.target, async () => {
    await share();
    set("screen", "good", texts.screen_good);
    results.screen = true;
    $("[data-ready]").disabled = !ready();
  }),
);

async function share() {
  try {
    screen = await openScreen($("[data-screen]"));
  } catch {
    throw new Error(texts.screen_refused);
  }
}

function ready() {
  return Boolean(camera) && (!config.screen || Boolean(screen));
}

$("[data-ready]")?.addEventListener("click", (event) =>
  busy(event.target, async () => {
    if (config.identity && !session.identity_enrolled) {
      $("[data-identity-camera]").srcObject = camera;
      await $("[data-identity-camera]").play();
      show("identity");
      return;
    }
    await checked();
  }),
);

async function checked() {
  session = await json("POST", `proctor-session/${session.id}/check`, { results });
  show("begin");
}

// ---- identity

$("[data-photograph]")?.addEventListener("click", (event) =>
  busy(event.target, async () => {
    const blob = await photographer($("[data-identity-camera]"), { width: 960 })();
    const said = $("[data-identity-said]");
    const seen = await upload(`proctor-session/${session.id}/identity`, blob);
    said.hidden = false;
    said.textContent = seen.enrolled ? texts.identity_good : seen.advice.map((key) => texts.advice[key]).filter(Boolean).join(" ");
    if (seen.enrolled) await checked();
  }),
);

// ---- begin, and go on after a reload

$("[data-begin]")?.addEventListener("click", (event) =>
  busy(event.target, async () => {
    await fill();
    session = await json("POST", `proctor-session/${session.id}/begin`, {});
    await questions();
    run();
  }),
);

$("[data-resume]")?.addEventListener("click", (event) =>
  busy(event.target, async () => {
    await fill();
    try {
      camera = await openCamera(video, { microphone: config.microphone });
    } catch (error) {
      throw new Error(texts.camera[error.reason] ?? texts.camera.busy);
    }
    if (config.screen) await share();
    recorder = await openRecorder({ session, changed });
    if (config.microphone) await recorder.watchSound(camera, () => {});
    run();
  }),
);

$("[data-without]")?.addEventListener("click", async () => {
  recorder = await openRecorder({ session, changed });
  recorder.note("camera_ended", { details: { track: "video" } });
  run();
});

async function fill() {
  if (!config.fullscreen || document.fullscreenElement) return;
  try {
    await document.documentElement.requestFullscreen({ navigationUI: "hide" });
  } catch {
    throw new Error(texts.fullscreen_refused);
  }
}

// The questions of the attempt that is open now, taken from its page into this one.
async function questions() {
  const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("[data-attempt]");
  const here = root.closest("[data-attempt]");
  Object.assign(here.dataset, fresh.dataset);
  for (const part of [...here.children]) if (part !== root) part.remove();
  let before = true;
  for (const part of [...fresh.children]) {
    if (part.matches("[data-supervision]")) before = false;
    else if (before) root.before(document.importNode(part, true));
    else here.append(document.importNode(part, true));
  }
  // Preloaded by the page, as what it needs is above: the network may go in the moment in which the exam begins.
  await import("../attempt.js");
}

function run() {
  for (const part of root.querySelectorAll("[data-step], [data-marks]")) part.hidden = true;
  for (const part of document.querySelectorAll("[data-behind]")) part.hidden = false;
  document.body.classList.add("supervised");
  dock.hidden = false;
  if (camera) {
    $("[data-dock-camera]").srcObject = camera;
    $("[data-dock-camera]").play();
    recorder.watchCamera(camera, $("[data-dock-camera]"), session.snapshot_interval_seconds);
  }
  if (screen) recorder.watchScreen(screen, $("[data-screen]"), session.snapshot_interval_seconds);
  recorder.watchExam({ fullscreen: config.fullscreen });
  recorder.beat((now) => {
    if (["ended", "analysed"].includes(now.state)) stop();
  });
  const source = new EventSource(`/api/v1/proctor-session/${session.id}/advice`);
  source.addEventListener("advice", (event) => advise(JSON.parse(event.data).advice));
  document.addEventListener("attempt:submitted", (event) => {
    source.close();
    event.detail.waits.push(stop());
  });
  document.querySelector("[data-attempt] h1")?.scrollIntoView();
}

async function stop() {
  const done = recorder.finish();
  $("[data-state-text]").textContent = texts.sending_rest;
  for (const stream of [camera, screen]) stream?.getTracks().forEach((track) => track.stop());
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  await done;
}

function advise(advice) {
  const place = $("[data-advice]");
  const said = advice.map((each) => each.text).join(" ");
  place.hidden = !said;
  if (place.textContent !== said) place.textContent = said;
}

function changed({ waiting, online }) {
  dock.dataset.state = !online ? "lost" : waiting > 3 ? "waiting" : "good";
  const said = !online ? texts.lost.replace("%s", waiting) : waiting > 3 ? texts.catching_up.replace("%s", waiting) : texts.watching;
  const place = $("[data-state-text]");
  if (place.textContent !== said) place.textContent = said;
}

// ---- where to begin

if (!session) show("consent");
else if (["active", "interrupted"].includes(session.state)) show("resume");
else setUp();
root.dataset.alive = "true";
