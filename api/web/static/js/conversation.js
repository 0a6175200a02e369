// A conversation on its own page: drawn by the server, gone on with here.
import { Assistant } from "./assistant.js";

const assistant = new Assistant(document.querySelector("[data-assistant]"));
assistant.adopt();
document.querySelector(".turn:last-of-type")?.scrollIntoView({ block: "end" });
