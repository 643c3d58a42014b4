// Lines over event time. `state` is JSON: from, to, now, unit, digits, series, limits, bands; points come by method.
import { day, fixed, hm, offset, when } from "bptm-console/words.js";

const STEPS_S = [300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const NICE = [1, 2, 2.5, 5, 10];
const M = { left: 44, right: 12, top: 8, bottom: 22 };

function niceTicks(low, high, about) {
  const raw = (high - low) / about || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = NICE.map((n) => n * power).find((n) => n >= raw);
  const ticks = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step) ticks.push(Number(v.toPrecision(12)));
  return { ticks, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

export default {
  props: { state: String },
  data: () => ({ width: 0, height: 0, all: [], cursor: null }),
  mounted() {
    this.resize = new ResizeObserver(([entry]) => {
      this.width = Math.floor(entry.contentRect.width);
      this.height = Math.floor(entry.contentRect.height);
    });
    this.resize.observe(this.$refs.plot);
  },
  beforeUnmount() {
    this.resize.disconnect();
  },
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    points() {
      return this.all.filter((point) => point[0] >= this.s.from);
    },
    yRange() {
      let [low, high] = [this.s.low ?? Infinity, this.s.high ?? -Infinity];
      for (const point of this.points)
        for (let i = 1; i < point.length; i++) {
          if (point[i] === null) continue;
          if (point[i] < low) low = point[i];
          if (point[i] > high) high = point[i];
        }
      if (!(high > low)) [low, high] = [Math.min(low, 0) || 0, (Number.isFinite(low) ? low : 0) + 1];
      return [low, high + (high - low) * 0.06];
    },
    yAxis() {
      const about = Math.max(2, Math.floor(this.height / 36));
      const { ticks, digits } = niceTicks(...this.yRange, about);
      return ticks.map((v) => ({ v, y: this.y(v), text: fixed(v, digits) }));
    },
    xAxis() {
      const { from, to } = this.s;
      const fitting = Math.max(2, Math.floor((this.width - M.left) / 84));
      const step = STEPS_S.find((n) => (to - from) / n <= fitting) ?? 86400;
      const shift = offset(from);
      const ticks = [];
      for (let t = Math.ceil((from + shift) / step) * step - shift; t <= to; t += step)
        ticks.push({ t, x: this.x(t), text: (t + shift) % 86400 === 0 ? day(t) : hm(t) });
      return ticks.filter((tick) => tick.x < this.width - 16);
    },
    lines() {
      // A break longer than three usual steps is a silence: no line may bridge it.
      const gaps = this.points.slice(1).map((p, i) => p[0] - this.points[i][0]).sort((a, b) => a - b);
      const usual = this.s.gap ?? 3 * (gaps[Math.floor(gaps.length / 2)] || 1);
      return this.s.series.map((series, i) => {
        let d = "";
        let before = null;
        for (const point of this.points) {
          const v = point[i + 1];
          if (v === null) {
            before = null;
            continue;
          }
          const [px, py] = [this.x(point[0]).toFixed(1), this.y(v).toFixed(1)];
          d += before === null || point[0] - before > usual ? `M${px} ${py}h.01` : series.step ? `H${px}V${py}` : `L${px} ${py}`;
          before = point[0];
        }
        return { ...series, d };
      });
    },
    chosen() {
      if (this.cursor === null || !this.points.length) return null;
      let best = this.points[0];
      for (const point of this.points) if (Math.abs(point[0] - this.cursor) < Math.abs(best[0] - this.cursor)) best = point;
      const values = this.s.series.map((series, i) => ({ ...series, value: best[i + 1] }));
      return { t: best[0], x: this.x(best[0]), values };
    },
    spoken() {
      const at = this.chosen ?? (this.points.length ? { t: this.points.at(-1)[0], values: this.s.series.map((series, i) => ({ ...series, value: this.points.at(-1)[i + 1] })) } : null);
      if (!at) return `${this.s.label}: nothing recorded yet`;
      return `${this.s.label}, ${when(at.t)}: ${at.values.map((v) => `${v.label} ${this.valueText(v.value)}`).join(", ")}`;
    },
    bands() {
      return (this.s.bands ?? []).map((band) => ({ ...band, x: this.x(band.from), w: Math.max(1, this.x(band.to) - this.x(band.from)) }));
    },
  },
  methods: {
    when,
    // --- called by the server ---
    replace(points) {
      this.all = points;
    },
    append(points) {
      this.all = [...this.all, ...points];
    },
    // --- geometry ---
    x(t) {
      const { from, to } = this.s;
      return M.left + ((t - from) / Math.max(1, to - from)) * (this.width - M.left - M.right);
    },
    y(v) {
      const [low, high] = this.yRange;
      return M.top + (1 - (v - low) / (high - low)) * (this.height - M.top - M.bottom);
    },
    valueText(v) {
      return v === null ? "none" : `${fixed(v, this.s.digits)}${this.s.unit ? " " + this.s.unit : ""}`;
    },
    point(event) {
      const box = this.$refs.plot.getBoundingClientRect();
      const { from, to } = this.s;
      this.cursor = from + ((event.clientX - box.left - M.left) / (this.width - M.left - M.right)) * (to - from);
    },
    key(event) {
      if (!this.points.length || !["ArrowLeft", "ArrowRight", "Escape"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Escape") return (this.cursor = null);
      const here = this.chosen ? this.points.findIndex((p) => p[0] === this.chosen.t) : this.points.length;
      const next = Math.min(this.points.length - 1, Math.max(0, here + (event.key === "ArrowLeft" ? -1 : 1)));
      this.cursor = this.points[next][0];
    },
  },
  template: `
    <figure class="trend">
      <figcaption><span class="trend-title">{{ s.label }}<span v-if="s.unit" class="muted"> {{ s.unit }}</span></span>
        <span class="trend-key" v-for="(series, i) in s.series" :key="series.label">
          <svg width="24" height="8" aria-hidden="true"><line x1="0" y1="4" x2="24" y2="4" class="line" :class="series.cls" :stroke-dasharray="series.dash" /></svg>
          {{ series.label }}<b v-if="chosen"> {{ valueText(chosen.values[i].value) }}</b></span>
        <span v-for="band in s.bandKey ?? []" :key="band.label" class="trend-key"><i class="swatch" :class="band.cls"></i>{{ band.label }}</span>
        <span v-if="chosen" class="muted trend-at">{{ when(chosen.t) }}</span></figcaption>
      <div class="plot" ref="plot">
        <svg v-if="width" :width="width" :height="height" tabindex="0" role="img" :aria-label="spoken"
          @pointermove="point" @pointerleave="cursor = null" @keydown="key">
          <g class="grid">
            <template v-for="tick in yAxis" :key="tick.v"><line :x1="${M.left}" :x2="width - ${M.right}" :y1="tick.y" :y2="tick.y" />
              <text x="${M.left - 8}" :y="tick.y + 4" text-anchor="end">{{ tick.text }}</text></template>
            <template v-for="tick in xAxis" :key="tick.t"><line :x1="tick.x" :x2="tick.x" y1="${M.top}" :y2="height - ${M.bottom}" />
              <text :x="tick.x" :y="height - 6" text-anchor="middle">{{ tick.text }}</text></template>
          </g>
          <rect v-for="band in bands" :key="band.from" class="band" :class="band.cls" :x="band.x" :width="band.w" :y="height - ${M.bottom}" height="5" />
          <template v-for="limit in s.limits ?? []" :key="limit"><line class="limit" x1="${M.left}" :x2="width - ${M.right}" :y1="y(limit)" :y2="y(limit)" /></template>
          <path v-for="line in lines" :key="line.label" class="line" :class="line.cls" :d="line.d" :stroke-dasharray="line.dash" />
          <line v-if="s.now" class="now" :x1="x(s.now)" :x2="x(s.now)" y1="${M.top}" :y2="height - ${M.bottom}" />
          <line v-if="chosen" class="cursor" :x1="chosen.x" :x2="chosen.x" y1="${M.top}" :y2="height - ${M.bottom}" />
        </svg>
        <p v-if="!points.length" class="trend-empty">{{ s.empty ?? "Nothing recorded in this time." }}</p>
      </div>
      <p class="unseen" aria-live="polite">{{ chosen ? spoken : "" }}</p>
    </figure>`,
};
