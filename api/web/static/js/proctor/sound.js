// How loud it is and whether somebody speaks, measured in an audio worklet. No sound is kept or sent: only numbers.
export async function listen(stream, { level, note, seconds }) {
  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL("./sound-worklet.js", import.meta.url));
  const meter = new AudioWorkletNode(context, "speech-meter", { numberOfOutputs: 0 });
  context.createMediaStreamSource(stream).connect(meter);
  let since = null;
  let loudest = -100;
  meter.port.onmessage = ({ data }) => {
    level(data.decibels);
    if (data.speech) {
      since ??= Date.now();
      loudest = Math.max(loudest, data.decibels);
    } else if (since !== null) {
      const duration = Date.now() - since;
      if (duration >= seconds * 1000) note("speech", { started: since, duration, details: { decibels: Math.round(loudest) } });
      since = null;
      loudest = -100;
    }
  };
  return () => context.close();
}
