// Regions of a hotspot question: drawn on the picture, or written as lines in percent.
import { headers, problemOf } from "../api.js";
import { toast } from "../toast.js";

const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 0.01; // of the picture: a click is no region
const NEAR = 0.03; // how near a click closes a polygon
const percent = (part) => Math.round(part * 1000) / 10;
const FIELDS = { rectangle: ["x", "y", "width", "height"], ellipse: ["x", "y", "radius_x", "radius_y"] };

export function regionsText(regions) {
  return regions.map((region) => [region.shape, ...(region.points?.flat() ?? FIELDS[region.shape].map((name) => region[name])).map(percent)].join(" ")).join("\n");
}

// The regions a field's lines name; a line that names none makes the field invalid.
export function regionsOf(field) {
  const regions = field.value.split("\n").filter((line) => line.trim()).map(regionOf);
  field.setCustomValidity(regions.includes(null) ? "?" : "");
  return regions.filter(Boolean);
}

function regionOf(line) {
  const [shape, ...numbers] = line.trim().split(/[\s,;]+/);
  const parts = numbers.map((each) => Number(each) / 100);
  if (parts.some((part) => !(part >= 0 && part <= 1))) return null;
  if (shape === "polygon") {
    if (parts.length < 6 || parts.length % 2) return null;
    return { shape, points: Array.from({ length: parts.length / 2 }, (_, at) => [parts[at * 2], parts[at * 2 + 1]]) };
  }
  if (!FIELDS[shape] || parts.length !== 4 || parts[2] === 0 || parts[3] === 0) return null;
  return { shape, ...Object.fromEntries(FIELDS[shape].map((name, at) => [name, parts[at]])) };
}

export function drawRegions(part, question, { changed, redraw, item, courseFiles }) {
  const box = part.querySelector("[data-draw]");
  const svg = part.querySelector("[data-draw-svg]");
  const select = part.querySelector("[data-pictures]");
  let tool = part.querySelector('[data-tool][aria-pressed="true"]').dataset.tool;
  let corners = [];
  let inHand = Math.min(Number(part.dataset.inHand ?? 0), question.key.markers.length - 1);

  function show(preview = null) {
    const { picture, markers } = question.key;
    box.hidden = !picture;
    const image = part.querySelector("[data-draw-image]");
    const address = `${courseFiles.address}/${picture.split("/").map(encodeURIComponent).join("/")}`;
    if (picture && image.getAttribute("src") !== address) image.src = address;
    const marks = markers.flatMap(({ regions }, at) => regions.map((region) => shapeOf(region, at === inHand)));
    svg.replaceChildren(...marks, ...(preview ? [shapeOf(preview, true)] : []), ...(corners.length ? [shapeOf({ shape: "polygon", points: corners }, true)] : []));
  }

  function keep(region) {
    const marker = question.key.markers[inHand];
    if (!marker) return;
    marker.regions.push(region);
    redraw();
    changed();
  }

  for (const path of courseFiles.paths) if (![...select.options].some((each) => each.value === path)) select.add(new Option(path.split("/").pop(), path));
  select.value = question.key.picture;
  for (const button of part.querySelectorAll("[data-tool]")) {
    button.onclick = () => {
      tool = button.dataset.tool;
      corners = [];
      for (const each of part.querySelectorAll("[data-tool]")) each.ariaPressed = String(each === button);
      show();
    };
  }
  part.onfocusin = (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    inHand = Number(row.dataset.row);
    part.dataset.inHand = inHand;
    show();
  };
  box.onpointerdown = (down) => {
    const start = pointOf(box, down);
    if (tool === "polygon") {
      const closes = corners.length > 2 && Math.hypot(start[0] - corners[0][0], start[1] - corners[0][1]) < NEAR;
      const points = corners;
      corners = closes ? [] : [...corners, start];
      if (closes) keep({ shape: "polygon", points });
      else show();
      return;
    }
    box.setPointerCapture(down.pointerId);
    box.onpointermove = (event) => show(between(tool, start, pointOf(box, event)));
    box.onpointerup = (event) => {
      box.onpointermove = box.onpointerup = null;
      const region = between(tool, start, pointOf(box, event));
      const sizes = [region.width ?? region.radius_x, region.height ?? region.radius_y];
      if (Math.min(...sizes) >= SMALLEST) keep(region);
      else show();
    };
  };
  part.querySelector("[data-picture-file]").onchange = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const body = new FormData();
    body.append("file", file);
    const response = await fetch(`/api/v1/${courseFiles.picturesPath}`, { method: "POST", headers: headers(), body });
    event.target.value = "";
    if (!response.ok) return toast((await problemOf(response)).message);
    const { path } = await response.json();
    courseFiles.paths.push(path);
    question.key.picture = path;
    redraw();
    changed();
  };
  part.removeEventListener("key:changed", part.regionListener);
  part.regionListener = () => show();
  part.addEventListener("key:changed", part.regionListener);
  show();
  return item;
}

function pointOf(box, event) {
  const { left, top, width, height } = box.getBoundingClientRect();
  const inside = (part) => Math.round(Math.min(1, Math.max(0, part)) * 1000) / 1000;
  return [inside((event.clientX - left) / width), inside((event.clientY - top) / height)];
}

function between(shape, [x1, y1], [x2, y2]) {
  const rounded = (part) => Math.round(part * 1000) / 1000;
  const [x, y, width, height] = [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x2 - x1), Math.abs(y2 - y1)];
  if (shape === "rectangle") return { shape, x, y, width: rounded(width), height: rounded(height) };
  return { shape, x: rounded(x + width / 2), y: rounded(y + height / 2), radius_x: rounded(width / 2), radius_y: rounded(height / 2) };
}

function shapeOf(region, inHand) {
  const made = (name, values) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    return element;
  };
  const look = { class: inHand ? "region in-hand" : "region", "vector-effect": "non-scaling-stroke" };
  if (region.shape === "polygon") {
    const whole = made("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", width: "100%", height: "100%" });
    whole.append(made("polygon", { ...look, points: region.points.map((point) => point.join(",")).join(" ") }));
    return whole;
  }
  const part = (value) => `${value * 100}%`;
  if (region.shape === "rectangle") return made("rect", { ...look, x: part(region.x), y: part(region.y), width: part(region.width), height: part(region.height) });
  return made("ellipse", { ...look, cx: part(region.x), cy: part(region.y), rx: part(region.radius_x), ry: part(region.radius_y) });
}
