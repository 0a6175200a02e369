// Runs before the page is painted, so that a chosen theme never flashes. The switch itself is in page.js.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be switched off; the page then follows the device.
}
