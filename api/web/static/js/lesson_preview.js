// A draft as learners would see it: code to copy, films to play and frames to load, and nothing noted down.
import { copyButtons } from "./code_copy.js";
import { startEmbeds } from "./embeds.js";
import { startVideos } from "./video.js";

const text = document.querySelector("[data-lesson-text]");
copyButtons(text);
startEmbeds(text);
startVideos(text, null);
