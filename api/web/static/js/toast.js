// Short messages at the foot of the page, read out politely.
const SHOWN_FOR = 3500;

export function toast(text) {
  const place = document.querySelector(".toasts");
  const message = document.createElement("p");
  message.className = "toast";
  message.textContent = text;
  place.replaceChildren(message);
  setTimeout(() => message.remove(), SHOWN_FOR);
}
