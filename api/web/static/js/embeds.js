// What other sites show in a lesson: a card that says what would be loaded from where, and loads it when asked.
const SANDBOX = "allow-scripts allow-same-origin allow-presentation allow-popups";

export function startEmbeds(text) {
  const allowed = new Set(text.dataset.embedHosts.split(" "));
  for (const link of text.querySelectorAll("a.lesson-embed[data-frame]")) {
    const frame = new URL(link.dataset.frame);
    // Others stay links; the page's Content-Security-Policy would refuse their frames anyway.
    if (frame.protocol === "https:" && allowed.has(frame.host)) link.replaceWith(card(link, frame, text.dataset));
  }
}

function card(link, frame, words) {
  const box = document.createElement("div");
  box.className = "embed";
  const title = document.createElement("strong");
  title.textContent = link.textContent;
  const about = document.createElement("p");
  about.className = "small";
  about.textContent = words.saidEmbed.replaceAll("%s", frame.host);
  const load = document.createElement("button");
  Object.assign(load, { type: "button", className: "button small", textContent: words.saidLoad.replace("%s", frame.host) });
  const there = document.createElement("a");
  Object.assign(there, { href: link.href, rel: "noopener noreferrer", className: "small", textContent: words.saidOpen });
  const row = document.createElement("p");
  row.className = "row";
  row.append(load, there);
  box.append(title, about, row);
  load.addEventListener("click", () => {
    const shown = document.createElement("iframe");
    shown.setAttribute("sandbox", SANDBOX);
    // Players refuse to play for a page that does not say at all where it is; the lesson's address is not told.
    Object.assign(shown, { src: frame.href, title: link.textContent, referrerPolicy: "strict-origin", allow: "fullscreen; picture-in-picture; encrypted-media" });
    box.replaceChildren(shown);
    shown.focus();
  });
  return box;
}
