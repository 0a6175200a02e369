// The camera: opening it, saying why it does not open, and taking pictures of 60 to 90 KB.
const WIDTH = 640;
const SMALLEST = 60_000;
const LARGEST = 90_000;
const LIGHT_WIDTH = 64;

// Why getUserMedia failed, as a key of the page's texts.
export const REFUSALS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

export async function openCamera(video, { microphone }) {
  if (!navigator.mediaDevices?.getUserMedia) throw Object.assign(new Error(), { reason: "insecure" });
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } },
      audio: microphone ? { echoCancellation: false, noiseSuppression: false } : false,
    });
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    throw Object.assign(error, { reason: REFUSALS[error.name] ?? "busy" });
  }
}

export async function openScreen(video) {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: { displaySurface: "monitor" }, audio: false });
  video.srcObject = stream;
  await video.play();
  return stream;
}

// A function that takes one JPEG; it finds by itself the quality that keeps the size between the limits.
export function photographer(video, { width = WIDTH } = {}) {
  const canvas = document.createElement("canvas");
  let quality = 0.82;
  return async () => {
    if (!video.videoWidth) return null;
    canvas.width = Math.min(width, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const taken = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (taken && taken.size > LARGEST) quality = Math.max(0.4, quality - 0.06);
    else if (taken && taken.size < SMALLEST) quality = Math.min(0.92, quality + 0.04);
    return taken;
  };
}

// Mean brightness of what the camera shows, 0 to 255, so that advice on light need not wait for the server.
export function brightness(video) {
  if (!video.videoWidth) return 0;
  const canvas = document.createElement("canvas");
  canvas.width = LIGHT_WIDTH;
  canvas.height = Math.max(1, Math.round((LIGHT_WIDTH * video.videoHeight) / video.videoWidth));
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  return sum / (data.length / 4);
}
