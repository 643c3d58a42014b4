// One-line diagram of a meter: switches from position feedback, conductors from measured voltages, never from orders.
// Drawn along one axis (utility, U, bus, B, inlet) and turned upright where the page is narrow.
import { fixed, kw, span, when } from "bptm-console/words.js";

const LEGS = [-11, 11]; // offsets of legs 1 and 2 across the axis
const WIDE = { width: 860, height: 246, axis: 72 };
const TALL = { width: 350, height: 560, axis: 96 };
// Stations along the axis, wide and tall.
const AT = {
  wide: { source: 56, out: 86, u0: 232, u1: 286, bus: 430, b0: 574, b1: 628, in: 777, inlet: 804 },
  tall: { source: 44, out: 74, u0: 132, u1: 176, bus: 280, b0: 384, b1: 428, in: 489, inlet: 516 },
};
const LIVE = { dead: "dead", live: "live", out: "out of limits" };

export default {
  props: { state: String },
  data: () => ({ tall: false }),
  mounted() {
    this.resize = new ResizeObserver(([entry]) => (this.tall = entry.contentRect.width < 620));
    this.resize.observe(this.$refs.box);
  },
  beforeUnmount() {
    this.resize.disconnect();
  },
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    size() {
      return this.tall ? TALL : WIDE;
    },
    at() {
      return this.tall ? AT.tall : AT.wide;
    },
    conductors() {
      const { at, s } = this;
      const pieces = [];
      LEGS.forEach((leg, i) => {
        pieces.push([`u${i}`, this.line([[at.out, leg], [at.u0, leg]]), `utility ${s.utility.legs[i].is}`]);
        const bus = `${s.fedBy} ${s.bus.legs[i].is}`;
        pieces.push([`m${i}`, this.line([[at.u1, leg], [at.b0, leg]]), bus]);
        // Leg 1 taps first and passes over leg 2 on its way to the premise.
        const tap = at.bus + (i ? 14 : -14);
        pieces.push([`t${i}`, this.line([[tap, leg], [tap, 96]]), bus]);
        pieces.push([`i${i}`, this.line([[at.b1, leg], [at.in, leg]]), `backup ${s.inlet.legs[i].is}`]);
      });
      return pieces;
    },
    switches() {
      const { at, s } = this;
      return [
        { name: "U", a0: at.u0, a1: at.u1, is: s.u },
        { name: "B", a0: at.b0, a1: at.b1, is: s.b },
      ].map((w) => ({
        ...w,
        blades: LEGS.map((leg) => this.line([[w.a0, leg], w.is === "open" ? [w.a1 - 8, leg - 16] : [w.a1, leg]])),
        posts: LEGS.flatMap((leg) => [this.p(w.a0, leg), this.p(w.a1, leg)]),
        box: this.rect(w.a0 - 12, -32, w.a1 + 12, 26),
        label: this.tall ? { x: this.size.axis + 44, y: (w.a0 + w.a1) / 2 - 2, anchor: "start" } : { x: (w.a0 + w.a1) / 2, y: this.size.axis - 56, anchor: "middle" },
      }));
    },
    taps() {
      return LEGS.map((leg, i) => this.p(this.at.bus + (i ? 14 : -14), leg));
    },
    spoken() {
      const { s } = this;
      const side = (name, part) => `${name} ${part.legs.map((leg, i) => `leg ${i + 1} ${fixed(leg.v, 1)} volts, ${LIVE[leg.is]}`).join("; ")}`;
      return `${s.stale ? "Old picture. " : ""}${side("Utility", s.utility)}. Utility contactor ${s.u}. ${side("Bus", s.bus)}. Backup contactor ${s.b}. ${side("Inlet", s.inlet)}. Premise ${kw(s.w)}.`;
    },
    texts() {
      const { at, s, tall, size } = this;
      const legs = (part, hz) => [...part.legs.map((leg, i) => ({ text: `L${i + 1}  ${fixed(leg.v, 1)} V`, cls: leg.is === "out" ? "out" : "" })), ...(hz === null ? [] : [{ text: `${fixed(hz, 2)} Hz`, cls: "" }])];
      const load = [{ text: kw(s.w), cls: "big" }, { text: `L1  ${fixed(s.amps[0], 1)} A`, cls: "" }, { text: `L2  ${fixed(s.amps[1], 1)} A`, cls: "" }];
      if (tall)
        return [
          { x: size.axis + 44, y: at.source - 18, anchor: "start", name: "UTILITY SERVICE", lines: legs(s.utility, s.hz[0]) },
          { x: size.axis + 44, y: at.bus - 62, anchor: "start", name: "PREMISE BUS", lines: legs(s.bus, null) },
          { x: 286, y: at.bus + 40, anchor: "middle", name: "PREMISE", lines: load },
          { x: size.axis + 44, y: at.inlet - 42, anchor: "start", name: s.source.toUpperCase(), lines: legs(s.inlet, s.hz[1]) },
        ];
      return [
        { x: at.source - 22, y: 128, anchor: "start", name: "UTILITY SERVICE", lines: legs(s.utility, s.hz[0]) },
        { x: at.bus + 40, y: 112, anchor: "start", name: "PREMISE BUS", lines: legs(s.bus, null) },
        { x: at.bus + 40, y: 178, anchor: "start", name: "PREMISE", lines: load },
        { x: at.inlet + 22, y: 128, anchor: "end", name: s.source.toUpperCase(), lines: legs(s.inlet, s.hz[1]) },
      ];
    },
    arrow() {
      // Towards the premise; the other way while it exports.
      const [x, y] = this.tall ? [164, this.at.bus] : [this.at.bus, 156];
      const turn = (this.tall ? -90 : 0) + (this.s.w < 0 ? 180 : 0);
      return { d: "M-7 -5h14L0 7Z", place: `translate(${x} ${y}) rotate(${turn})` };
    },
  },
  methods: {
    span, when,
    p(along, across) {
      return this.tall ? [this.size.axis + across, along] : [along, this.size.axis + across];
    },
    line(points) {
      return "M" + points.map(([a, c]) => this.p(a, c).join(" ")).join("L");
    },
    rect(a0, c0, a1, c1) {
      const [[x0, y0], [x1, y1]] = [this.p(a0, c0), this.p(a1, c1)];
      return { x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) };
    },
  },
  template: `
    <div class="one-line" ref="box" :class="{ stale: s.stale }" :data-stale="s.stale ? 'yes' : 'no'">
      <p v-if="s.staleText" class="stale-text" role="status">{{ s.staleText }}</p>
      <svg :viewBox="'0 0 ' + size.width + ' ' + size.height" :class="tall ? 'tall' : 'wide'" role="img" :aria-label="spoken">
        <path v-for="[key, d, cls] in conductors" :key="key" class="conductor" :class="cls" :d="d" />
        <circle v-for="(t, i) in taps" :key="i" :cx="t[0]" :cy="t[1]" r="4" class="tap" :class="s.fedBy + ' ' + s.bus.legs[i].is" />
        <g class="source" :transform="'translate(' + p(at.source, 0).join(' ') + ')'">
          <circle :cx="tall ? 0 : -9" :cy="tall ? -9 : 0" r="19" /><circle :cx="tall ? 0 : 9" :cy="tall ? 9 : 0" r="19" /></g>
        <g class="source" :transform="'translate(' + p(at.inlet, 0).join(' ') + ')'">
          <circle r="26" /><text y="6" text-anchor="middle">{{ s.sourceLetter }}</text></g>
        <g v-for="w in switches" :key="w.name" class="switch" :class="'is-' + w.is" :data-switch="w.name" :data-is="w.is">
          <rect v-bind="w.box" rx="4" />
          <path v-for="(d, i) in w.blades" :key="i" class="blade" :d="d" />
          <circle v-for="(post, i) in w.posts" :key="'p' + i" :cx="post[0]" :cy="post[1]" r="4" />
          <text v-if="w.is === 'unknown'" :x="w.box.x + w.box.width / 2" :y="w.box.y + w.box.height / 2 + 7" text-anchor="middle" class="question">?</text>
          <text :x="w.label.x" :y="w.label.y" :text-anchor="w.label.anchor" class="switch-name">{{ w.name }}</text>
          <text :x="w.label.x" :y="w.label.y + 18" :text-anchor="w.label.anchor" class="switch-state">{{ w.is }}</text>
        </g>
        <path class="arrow" :d="arrow.d" :transform="arrow.place" :class="{ idle: Math.abs(s.w) < 1 }" />
        <g v-for="t in texts" :key="t.name">
          <text :x="t.x" :y="t.y" :text-anchor="t.anchor" class="station">{{ t.name }}</text>
          <text v-for="(line, i) in t.lines" :key="i" :x="t.x" :y="t.y + 20 + 18 * i" :text-anchor="t.anchor" class="value" :class="line.cls">{{ line.text }}</text>
        </g>
      </svg>
      <p class="one-line-key muted">
        <span><i class="wire utility live"></i>live from utility</span><span><i class="wire backup live"></i>live from backup</span>
        <span><i class="wire dead"></i>dead</span><span><i class="wire out"></i>out of limits, or from nowhere known</span></p>
    </div>`,
};
