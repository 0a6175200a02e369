// After the exam: what still waits in this browser is sent, while the session takes it.
import { openRecorder } from "./recorder.js";

const place = document.querySelector("[data-rest]");
const session = JSON.parse(place.dataset.session);
const recorder = await openRecorder({
  session,
  changed: ({ waiting }) => {
    place.hidden = waiting === 0;
    place.querySelector("[data-waiting]").textContent = waiting;
  },
});
await recorder.finish();
place.hidden = true;
