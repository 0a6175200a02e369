// Ten times a second: the level in dBFS, and whether it sounds like speech. Speech here means: well above the noise
// floor that this room has, with the zero-crossing rate of a voice, for most of the last second (Rabiner and Sambur 1975).
const WINDOW = 0.1;
const ABOVE_FLOOR = 12;
const QUIETEST = -55;
const CROSSINGS = [0.01, 0.25];
const REMEMBERED = 10;
const NEEDED = 6;

class SpeechMeter extends AudioWorkletProcessor {
  constructor() {
    super();
    this.samples = 0;
    this.energy = 0;
    this.crossings = 0;
    this.before = 0;
    this.floor = -60;
    this.voiced = [];
  }

  process([input]) {
    const channel = input[0];
    if (!channel) return true;
    for (const sample of channel) {
      this.energy += sample * sample;
      if (sample > 0 !== this.before > 0) this.crossings += 1;
      this.before = sample;
    }
    this.samples += channel.length;
    if (this.samples >= WINDOW * sampleRate) this.tell();
    return true;
  }

  tell() {
    const decibels = 10 * Math.log10(this.energy / this.samples + 1e-10);
    const rate = this.crossings / this.samples;
    // The floor falls at once and rises slowly, so that long speech does not become the floor.
    this.floor = decibels < this.floor ? decibels : Math.min(this.floor + 0.05, -20);
    const voice = decibels > Math.max(this.floor + ABOVE_FLOOR, QUIETEST) && rate > CROSSINGS[0] && rate < CROSSINGS[1];
    this.voiced = [...this.voiced.slice(1 - REMEMBERED), voice];
    const speech = this.voiced.filter(Boolean).length >= NEEDED;
    this.port.postMessage({ decibels, speech });
    this.samples = this.energy = this.crossings = 0;
  }
}

registerProcessor("speech-meter", SpeechMeter);
