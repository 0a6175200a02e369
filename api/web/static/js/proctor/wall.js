// The live wall: rows come sorted from the server; tiles are moved and changed, never rebuilt, so that focus stays.
const wall = document.querySelector("[data-wall]");
const list = wall.querySelector("[data-rows]");
const said = wall.dataset;
const titles = JSON.parse(said.titles);

function tile(row) {
  const item = document.createElement("li");
  item.className = "tile";
  item.dataset.session = row.session_id;
  const link = document.createElement("a");
  link.href = `/teach/proctoring/sessions/${row.session_id}`;
  const shot = part("span", "shot");
  const head = part("span", "row between");
  head.append(part("strong", "", row.taker.name || said.saidDeleted), part("span", "risk"));
  link.append(shot, head, part("span", "small muted", row.quiz_title), part("span", "small signal"));
  item.append(link);
  return item;
}

function part(name, look, text = "") {
  const made = document.createElement(name);
  made.className = look;
  made.textContent = text;
  return made;
}

function update(item, row) {
  item.classList.toggle("alarm", row.ongoing.length > 0);
  item.classList.toggle("silent", row.silent_seconds > 45);
  const risk = item.querySelector(".risk");
  risk.className = `risk ${row.risk_level}`;
  risk.textContent = row.risk;
  const text = row.silent_seconds > 45 ? said.saidSilent.replace("%s", Math.round(row.silent_seconds)) : titles[row.last_kind] ?? said.saidNone;
  const signal = item.querySelector(".signal");
  if (signal.textContent !== text) signal.textContent = text;
  if (row.thumbnail_url && item.dataset.shown !== row.last_snapshot_id) {
    item.dataset.shown = row.last_snapshot_id;
    const picture = new Image();
    picture.alt = said.saidPicture;
    picture.src = row.thumbnail_url;
    picture.onload = () => item.querySelector(".shot").replaceChildren(picture);
    picture.onerror = () => delete item.dataset.shown; // asked for again with the next rows
  }
}

function show({ rows }) {
  const known = new Map([...list.children].map((item) => [item.dataset.session, item]));
  rows.forEach((row, at) => {
    const item = known.get(row.session_id) ?? tile(row);
    known.delete(row.session_id);
    update(item, row);
    if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
  });
  for (const gone of known.values()) gone.remove();
  wall.querySelector("[data-empty]").hidden = rows.length > 0;
  wall.dataset.alive = "true";
}

const source = new EventSource("/api/v1/instructor/proctoring/live");
source.addEventListener("rows", (event) => show(JSON.parse(event.data)));
