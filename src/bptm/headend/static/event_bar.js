// The event clock and what governs the replay. `state` is JSON (pages.parts.EventBar).
import { date, hms, span, utc, whole, zoneName } from "bptm-console/words.js";

const SPEEDS = [1, 10, 60, 120, 300, 600, 1200];
const STATES = {
  joining: "Meters are joining",
  playing: "Playing",
  paused: "Paused",
  waiting: "Waiting: stored messages first",
  lockstep: "Real time while a command is open",
  ended: "The event has ended",
  silent: "No clock heard: this may be old",
};

export default {
  props: { state: String },
  emits: ["control"],
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    fraction() {
      const { at, start, end } = this.s;
      return end > start ? Math.min(1, Math.max(0, (at - start) / (end - start))) : 0;
    },
    speeds() {
      const all = SPEEDS.includes(this.s.speed) || !(this.s.speed > 0) ? SPEEDS : [...SPEEDS, this.s.speed];
      return [...all].sort((a, b) => a - b);
    },
    stateText() {
      if (this.s.state === "joining") return `Joining: ${whole(this.s.joined)} of ${whole(this.s.meters)} meters`;
      if (this.s.open) return `Real time while ${this.s.open === 1 ? "a command is" : whole(this.s.open) + " commands are"} open`;
      return STATES[this.s.state] ?? this.s.state;
    },
    progressText() {
      const { at, start, end } = this.s;
      return `${span(at - start)} of ${span(end - start)}`;
    },
    running() {
      return !["paused", "ended", "silent"].includes(this.s.state);
    },
  },
  methods: {
    date, hms, utc, zoneName,
    ask(what, speed) {
      this.$emit("control", { do: what, speed: speed ?? null });
    },
  },
  template: `
    <section class="bar" aria-label="Event clock">
      <div class="bar-clock">
        <span class="bar-date">{{ date(s.at) }}</span>
        <span class="bar-time"><b>{{ hms(s.at) }}</b> {{ zoneName(s.at) }} <span class="muted">{{ utc(s.at) }} UTC</span></span>
      </div>
      <div class="bar-progress">
        <div class="bar-line"><span :class="'replay replay-' + s.state">{{ stateText }}</span>
          <span class="muted">{{ progressText }}</span></div>
        <div class="track" role="progressbar" aria-label="Progress through the event" aria-valuemin="0" aria-valuemax="100"
          :aria-valuenow="Math.round(fraction * 100)"><i :style="{ width: (fraction * 100).toFixed(2) + '%' }"></i></div>
      </div>
      <div class="bar-controls">
        <button v-if="s.state === 'ended'" class="button primary" @click="ask('restart')">Replay from the start</button>
        <button v-else class="button" @click="ask(running ? 'pause' : 'play')">{{ running ? "Pause" : "Play" }}</button>
        <label class="field"><span>Speed</span>
          <select :value="s.speed" @change="ask('speed', Number($event.target.value))">
            <option v-if="!(s.speed > 0)" :value="s.speed">fastest</option>
            <option v-for="x in speeds" :key="x" :value="x">{{ x }}&times;</option>
          </select></label>
        <button class="button" :disabled="s.state === 'ended'" @click="ask('next_change')">Next change</button>
      </div>
    </section>`,
};
