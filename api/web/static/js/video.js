// Videos in a lesson: links become players that go on where one was, and tell what was really watched.
import { headers, json } from "./api.js";

const TELL_SECONDS = 15;
const NEAR_END_SECONDS = 5;
const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2];
const HLS = "application/vnd.apple.mpegurl";

const UNSEEN = { position: 0, percent: 0 };

// Without a lesson (in the preview of a draft) films play, and nobody is told how far.
export function startVideos(text, lesson) {
  for (const link of text.querySelectorAll("a.lesson-video")) new Player(link, lesson, text.dataset);
}

class Player {
  constructor(link, lesson, words) {
    this.link = link;
    this.words = words;
    [, this.course, this.name] = new URL(link.href).pathname.match(/^\/courses\/([^/]+)\/videos\/([^/]+)$/) ?? [];
    this.address = lesson && `lessons/${lesson}/videos/${this.name}/progress`;
    this.stretches = [];
    this.from = this.last = null;
    this.told = this.ticked = 0;
    if (this.name) this.start().catch(() => {}); // the link stays, and its page says what is wrong
  }

  async start() {
    const [playing, progress] = await Promise.all([json("GET", `courses/${this.course}/videos/${this.name}`), this.address ? json("GET", this.address) : UNSEEN]);
    this.position = progress.position < playing.seconds - NEAR_END_SECONDS ? progress.position : 0;
    this.build(playing, progress);
    this.load(playing);
  }

  build(playing, progress) {
    const box = document.createElement("div");
    box.className = "film";
    const video = document.createElement("video");
    Object.assign(video, { controls: true, preload: "none", playsInline: true, width: playing.width, height: playing.height });
    video.ariaLabel = this.link.textContent;
    for (const { language, url } of playing.captions) {
      const label = new Intl.DisplayNames([language], { type: "language" }).of(language);
      video.append(Object.assign(document.createElement("track"), { kind: "captions", srclang: language, label, src: url }));
    }
    const bar = document.createElement("div");
    bar.className = "film-bar";
    const title = document.createElement("strong");
    title.textContent = this.link.textContent;
    this.seen = document.createElement("span");
    this.show(progress.percent);
    bar.append(title, this.seen, this.speeds(video));
    box.append(video, bar);
    this.link.replaceWith(box);
    this.video = video;
    this.listen();
  }

  speeds(video) {
    const label = document.createElement("label");
    label.className = "row";
    const select = document.createElement("select");
    select.className = "input";
    for (const speed of SPEEDS) select.append(new Option(`${speed}×`, speed, speed === 1, speed === 1));
    select.addEventListener("change", () => {
      video.playbackRate = Number(select.value);
    });
    label.append(this.words.saidSpeed, select);
    return label;
  }

  // Where the browser plays HLS it chooses among sizes by itself; elsewhere the small MP4 plays.
  load(playing) {
    this.playing = playing;
    const canStream = !this.plain && this.video.canPlayType(HLS) !== "";
    this.video.poster = playing.poster_url;
    this.video.src = canStream ? playing.hls_url : playing.mp4_url;
  }

  listen() {
    const { video } = this;
    video.addEventListener("loadedmetadata", () => {
      if (this.position > 0) video.currentTime = this.position;
    });
    video.addEventListener("timeupdate", () => this.tick());
    video.addEventListener("seeking", () => this.cut());
    video.addEventListener("pause", () => this.tell());
    video.addEventListener("ended", () => this.tell());
    video.addEventListener("error", () => this.recover());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.tell(true);
    });
  }

  tick() {
    const { video } = this;
    if (video.seeking || video.paused) return;
    const now = video.currentTime;
    const passed = (performance.now() - this.ticked) / 1000;
    // A jump is no watching. A slow phone ticks seldom: what went by at the film's own speed was watched.
    if (this.from === null || now < this.last || now - this.last > 1 + passed * video.playbackRate) this.cut();
    this.from ??= now;
    this.last = this.position = now;
    this.ticked = performance.now();
    if (performance.now() - this.told > TELL_SECONDS * 1000) this.tell();
  }

  cut() {
    if (this.from !== null && this.last > this.from) this.stretches.push([this.from, this.last]);
    this.from = this.last = null;
  }

  async tell(leaving = false) {
    if (!this.address) return;
    const going = this.last;
    this.cut();
    this.from = this.last = going;
    if (!this.stretches.length) return;
    const watched = this.stretches.splice(0, 100);
    this.told = performance.now();
    const body = JSON.stringify({ position: this.video.currentTime, watched });
    const sent = await fetch(`/api/v1/${this.address}`, { method: "PUT", keepalive: leaving, headers: headers({ "Content-Type": "application/json" }), body }).catch(() => null);
    if (sent?.ok) this.show((await sent.json()).percent);
    else this.stretches.unshift(...watched); // told again with the next ones
  }

  show(percent) {
    this.seen.textContent = percent ? this.words.saidSeen.replace("%s", percent) : "";
  }

  // Addresses last two hours: ask for new ones, or, if those fail too, for the plain file.
  async recover() {
    const again = this.position;
    const expired = new Date(this.playing.expires_at) < new Date();
    if (!expired && this.plain) return;
    if (!expired) this.plain = true;
    const wasPlaying = this.from !== null;
    const playing = await json("GET", `courses/${this.course}/videos/${this.name}`).catch(() => null);
    if (playing === null) return;
    this.position = again;
    this.load(playing);
    if (wasPlaying) this.video.play().catch(() => {});
  }
}
