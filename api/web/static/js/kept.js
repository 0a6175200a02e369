// What was typed into a form while the service asks once more who one is: back in the form when its page is open again.
// It stays in this tab, secrets never, and no longer than until the next page that is neither of the two.
const KEY = "typed";
const ASKING = "/confirm";
const SECRET = '[type="password"], [type="file"], [type="hidden"], [autocomplete="one-time-code"]';

export function keepTyped() {
  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-keep]")) write({ page: location.pathname, action: target.getAttribute("action"), values: typed(target) });
  });
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  if (kept === null) return;
  if (location.pathname === ASKING) return write({ ...kept, asked: true });
  sessionStorage.removeItem(KEY);
  if (kept.asked && kept.page === location.pathname) fill(kept);
}

function write(kept) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Without storage it has to be typed again.
  }
}

function fields(form) {
  return [...form.elements].filter((each) => each.name && "value" in each && each.tagName !== "BUTTON" && !each.matches(SECRET));
}

function isTicked(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function typed(form) {
  return fields(form).filter((each) => !isTicked(each) || each.checked).map((each) => [each.name, each.value]);
}

function fill({ action, values }) {
  const form = [...document.querySelectorAll("form[data-keep]")].find((each) => each.getAttribute("action") === action);
  if (!form) return;
  for (const field of fields(form)) {
    const said = values.filter(([name]) => name === field.name).map(([, value]) => value);
    if (isTicked(field)) field.checked = said.includes(field.value);
    else if (said.length) [field.value] = said;
  }
  form.querySelector("button:not([type=button])")?.focus();
}
