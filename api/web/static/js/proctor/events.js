// What happens around the exam page: each watcher tells `note(type, { started, details })`, with a duration for what
// lasts. Contents of the clipboard are never read, only how long they were.
const BLUR_COUNTS_AFTER = 1000;
// A docked inspector takes at least this much from the page's side or foot.
const INSPECTOR_PIXELS = 170;

export function watchPage(note, { fullscreen }) {
  const ends = [
    lasting(document, "visibilitychange", () => document.hidden, (span) => note("tab_hidden", span)),
    watchFocus(note),
    watchClipboard(note),
    on(document, "contextmenu", () => note("context_menu")),
    on(window, "beforeprint", () => note("print")),
    watchInspector(note),
    watchScreens(note),
    watchNetwork(note),
  ];
  if (fullscreen) {
    ends.push(
      on(document, "fullscreenchange", () => note(document.fullscreenElement ? "fullscreen_entered" : "fullscreen_exit")),
    );
  }
  return () => ends.forEach((end) => end());
}

export function watchTracks(stream, note, prefix) {
  const ends = stream.getTracks().flatMap((track) => [
    on(track, "ended", () => note(`${prefix}_ended`, { details: { track: track.kind } })),
    on(track, "mute", () => note(`${prefix}_muted`, { details: { track: track.kind } })),
    on(track, "unmute", () => note(`${prefix}_unmuted`, { details: { track: track.kind } })),
  ]);
  return () => ends.forEach((end) => end());
}

function on(target, name, listener, options) {
  target.addEventListener(name, listener, options);
  return () => target.removeEventListener(name, listener, options);
}

// Tells once when the state ends, with how long it lasted; and at once, without a duration, when it begins.
function lasting(target, name, is, tell) {
  let since = null;
  return on(target, name, () => {
    if (is() && since === null) {
      since = Date.now();
      tell({ started: since });
    } else if (!is() && since !== null) {
      tell({ started: since, duration: Date.now() - since });
      since = null;
    }
  });
}

// Blur alone is weak: dialogs and address bars blur too. It counts when it lasts and the page is still visible.
function watchFocus(note) {
  let since = null;
  const ends = [
    on(window, "blur", () => (since ??= Date.now())),
    on(window, "focus", () => {
      if (since !== null && Date.now() - since >= BLUR_COUNTS_AFTER) {
        note("window_blur", { started: since, duration: Date.now() - since });
      }
      since = null;
    }),
  ];
  return () => ends.forEach((end) => end());
}

function watchClipboard(note) {
  const length = (event) =>
    event.type === "paste" ? (event.clipboardData?.getData("text") ?? "").length : String(getSelection()).length;
  const ends = ["copy", "cut", "paste"].map((name) =>
    on(document, name, (event) => note(name, { details: { characters: length(event) } })),
  );
  return () => ends.forEach((end) => end());
}

function watchInspector(note) {
  let open = false;
  return on(window, "resize", () => {
    const zoom = window.devicePixelRatio || 1;
    const lost = Math.max(outerWidth - innerWidth * zoom, outerHeight - innerHeight * zoom);
    const now = outerWidth > 0 && lost > INSPECTOR_PIXELS * zoom && innerWidth < screen.width / zoom;
    if (now && !open) note("devtools_resize", { details: { pixels: Math.round(lost) } });
    open = now;
  });
}

function watchScreens(note) {
  if (!("isExtended" in screen)) return () => {};
  const tell = () => screen.isExtended && note("several_screens");
  tell();
  return on(screen, "change", tell);
}

function watchNetwork(note) {
  return lasting({
    addEventListener: (_, listener) => ["online", "offline"].forEach((name) => window.addEventListener(name, listener)),
    removeEventListener: (_, listener) => ["online", "offline"].forEach((name) => window.removeEventListener(name, listener)),
  }, "network", () => !navigator.onLine, (span) => span.duration !== undefined && note("network_lost", span));
}
