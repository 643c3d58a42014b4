// All meters on California's counties. Positions come once, statuses as deltas; the canvas redraws locally.
import { SHAPES } from "bptm-console/glyph.js";

const KINDS = ["silent", "utility", "dark", "on_backup", "transferring", "locked_out", "silent"];
// Painted in this order, so that what needs a person lies on top.
const ORDER = [1, 6, 0, 2, 3, 4, 5];
const GOLDEN_ANGLE = 2.399963;
const VIEW_KEY = "bptm-map-view";

const mercator = (lat) => -((180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)));
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

export default {
  props: { statuses: String, meters: String, base: String },
  emits: ["open"],
  data: () => ({ tip: null, failed: "", words: "" }),
  mounted() {
    // Kept off Vue's reactive state: 11,000 points need no proxies.
    Object.assign(this, {
      status: bytes(this.statuses), filter: 0, landView: "", image: null, hover: -1, pointers: new Map(), frame: 0, sprites: null,
      view: null, x: new Float32Array(), y: new Float32Array(), sx: new Float32Array(), sy: new Float32Array(),
      rank: new Uint16Array(), crowd: new Uint16Array(), ids: [], places: [], counties: [],
    });
    this.resize = new ResizeObserver(() => this.resized());
    this.resize.observe(this.$refs.box);
    this.load();
  },
  beforeUnmount() {
    this.resize.disconnect();
    cancelAnimationFrame(this.frame);
  },
  methods: {
    // --- called by the server ---
    delta(numbers, states) {
      numbers.forEach((n, i) => (this.status[n] = states[i]));
      this.paint();
    },
    snapshot(base64) {
      this.status = bytes(base64);
      this.paint();
    },
    setFilter(status) {
      this.filter = status;
      this.hover = -1;
      this.tip = null;
      this.paint();
    },
    async load() {
      try {
        const [base, meters] = await Promise.all([this.fetched(this.base), this.fetched(this.meters)]);
        this.readBase(base);
        this.readMeters(meters);
        this.failed = "";
      } catch (error) {
        this.failed = `The map could not be loaded (${error.message}). The list of meters shows the same.`;
      }
      if (!this.view) this.fit(this.stored());
      this.paint();
    },
    async fetched(url) {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      return answer.json();
    },
    // --- data ---
    readBase(collection) {
      this.counties = collection.features.map((feature) => {
        const path = new Path2D();
        let west = 180, east = -180, north = 180, south = -180;
        for (const polygon of feature.geometry.coordinates) {
          for (const ring of polygon) {
            ring.forEach(([lon, lat], i) => {
              const y = mercator(lat);
              i ? path.lineTo(lon, y) : path.moveTo(lon, y);
              [west, east] = [Math.min(west, lon), Math.max(east, lon)];
              [north, south] = [Math.min(north, y), Math.max(south, y)];
            });
            path.closePath();
          }
        }
        return { name: feature.properties.name, path, x: (west + east) / 2, y: (north + south) / 2, width: east - west };
      });
    },
    readMeters(meters) {
      const coordinates = new Float32Array(bytes(meters.coordinates).buffer);
      const n = meters.ids.length;
      Object.assign(this, {
        ids: meters.ids, places: meters.places, placeOf: new Uint16Array(bytes(meters.place_of).buffer), words: meters.words,
        x: new Float32Array(n), y: new Float32Array(n), sx: new Float32Array(n), sy: new Float32Array(n), rank: new Uint16Array(n), crowd: new Uint16Array(n),
      });
      if (this.status.length < n) {
        const grown = new Uint8Array(n);
        grown.set(this.status);
        this.status = grown;
      }
      const seen = new Map();
      const keys = [];
      for (let i = 0; i < n; i++) {
        const [lon, lat] = [coordinates[2 * i], coordinates[2 * i + 1]];
        this.x[i] = lon;
        this.y[i] = mercator(lat);
        // Meters of one outage share its place; they are drawn as a rosette around it.
        const key = `${lon.toFixed(3)} ${lat.toFixed(3)}`;
        this.rank[i] = seen.get(key) ?? 0;
        seen.set(key, this.rank[i] + 1);
        keys.push(key);
      }
      keys.forEach((key, i) => (this.crowd[i] = seen.get(key)));
    },
    // --- view ---
    stored() {
      try {
        return JSON.parse(sessionStorage.getItem(VIEW_KEY));
      } catch {
        return null;
      }
    },
    fit(view) {
      const { clientWidth: w, clientHeight: h } = this.$refs.box;
      if (view) this.view = view;
      else if (this.x.length) {
        // Leave out the outermost half percent: one lone meter must not shrink the rest.
        const at = (values, share) => Float32Array.from(values).sort()[Math.round(share * (values.length - 1))];
        const [x0, x1, y0, y1] = [at(this.x, 0.005), at(this.x, 0.995), at(this.y, 0.005), at(this.y, 0.995)];
        const k = Math.min((w - 60) / Math.max(x1 - x0, 0.2), (h - 60) / Math.max(y1 - y0, 0.2));
        this.view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, k: Math.max(10, k) };
      } else this.view = { x: -121, y: mercator(38.2), k: 60 };
      this.paint();
    },
    fitAll() {
      sessionStorage.removeItem(VIEW_KEY);
      this.fit(null);
    },
    zoom(factor, px, py) {
      if (!this.view) return;
      const { clientWidth: w, clientHeight: h } = this.$refs.box;
      const [dx, dy] = [(px ?? w / 2) - w / 2, (py ?? h / 2) - h / 2];
      const k = Math.min(20000, Math.max(20, this.view.k * factor));
      this.view.x += dx / this.view.k - dx / k;
      this.view.y += dy / this.view.k - dy / k;
      this.view.k = k;
      this.moved();
    },
    pan(dx, dy) {
      if (!this.view) return;
      this.view.x -= dx / this.view.k;
      this.view.y -= dy / this.view.k;
      this.moved();
    },
    moved() {
      this.tip = null;
      sessionStorage.setItem(VIEW_KEY, JSON.stringify(this.view));
      this.paint();
    },
    resized() {
      const { clientWidth: w, clientHeight: h } = this.$refs.box;
      if (!w || !h) return;
      this.dpr = Math.min(2, window.devicePixelRatio || 1);
      const size = { width: Math.round(w * this.dpr), height: Math.round(h * this.dpr) };
      Object.assign(this.$refs.land, size);
      Object.assign(this.$refs.canvas, size);
      this.sprites = null;
      this.landView = "";
      this.paint();
    },
    // --- painting ---
    paint() {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        if (this.view && this.dpr) this.draw();
      });
    },
    sprite(kind, size, alpha) {
      const side = Math.ceil((size + 4) * this.dpr);
      const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
      const g = canvas.getContext("2d");
      const colour = getComputedStyle(this.$refs.box).getPropertyValue(`--${kind.replace("_", "-")}`).trim();
      const shape = SHAPES[kind];
      g.globalAlpha = alpha;
      g.translate(side / 2, side / 2);
      g.scale((size / 16) * this.dpr, (size / 16) * this.dpr);
      g.translate(-8, -8);
      const path = new Path2D(shape.d);
      Object.assign(g, { strokeStyle: "#0d1218", lineWidth: 5, lineJoin: "round", lineCap: "round" });
      if (kind !== "utility" && alpha === 1) g.stroke(path);
      Object.assign(g, { strokeStyle: colour, fillStyle: colour, lineWidth: 2.4 });
      if (shape.fill) g.fill(path);
      else g.stroke(path);
      return { side, pixels: new Uint32Array(g.getImageData(0, 0, side, side).data.buffer) };
    },
    draw() {
      const key = `${this.view.x} ${this.view.y} ${this.view.k} ${this.counties.length}`;
      if (key !== this.landView) this.drawLand();
      this.landView = key;
      this.drawMeters();
    },
    drawLand() {
      const canvas = this.$refs.land;
      const g = canvas.getContext("2d");
      const { x, y, k } = this.view;
      const [w, h] = [canvas.width / this.dpr, canvas.height / this.dpr];
      const style = getComputedStyle(this.$refs.box);
      g.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
      g.clearRect(0, 0, w, h);
      g.setTransform(k * this.dpr, 0, 0, k * this.dpr, (w / 2 - x * k) * this.dpr, (h / 2 - y * k) * this.dpr);
      Object.assign(g, { fillStyle: style.getPropertyValue("--land"), strokeStyle: style.getPropertyValue("--border"), lineWidth: 1 / k });
      for (const county of this.counties) {
        g.fill(county.path);
        g.stroke(county.path);
      }
      g.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
      Object.assign(g, { fillStyle: style.getPropertyValue("--place"), font: "12px Roboto, sans-serif", textAlign: "center" });
      for (const county of this.counties) {
        if (county.width * k > g.measureText(county.name).width + 28) g.fillText(county.name, (county.x - x) * k + w / 2, (county.y - y) * k + h / 2);
      }
    },
    place(size) {
      const canvas = this.$refs.canvas;
      const { x, y, k } = this.view;
      const [w, h] = [canvas.width / this.dpr, canvas.height / this.dpr];
      // A rosette stays within about 2 km of its place, or within a few pixels where that is less than a dot.
      const reach = 4 + 0.02 * k;
      for (let i = 0; i < this.x.length; i++) {
        const r = Math.min(size * 0.42, reach / Math.sqrt(this.crowd[i])) * Math.sqrt(this.rank[i]);
        const a = GOLDEN_ANGLE * this.rank[i];
        this.sx[i] = (this.x[i] - x) * k + w / 2 + r * Math.cos(a);
        this.sy[i] = (this.y[i] - y) * k + h / 2 + r * Math.sin(a);
      }
    },
    drawMeters() {
      // Our own copying of small pictures: 11,000 calls of drawImage take ten times as long without a GPU.
      const canvas = this.$refs.canvas;
      const g = canvas.getContext("2d");
      const crowd = this.x.length > 4000 ? 0.75 : 1;
      const size = Math.round(Math.min(16, Math.max(8, 8 + 2 * Math.log2(this.view.k / 60))) * crowd);
      if (this.sprites?.size !== size) {
        const set = (alpha) => KINDS.map((kind) => this.sprite(kind, size, alpha));
        this.sprites = { size, plain: set(1), faint: set(0.15) };
      }
      this.place(size);
      const { width, height } = canvas;
      if (this.image?.width !== width || this.image.height !== height) this.image = g.createImageData(width, height);
      const target = new Uint32Array(this.image.data.buffer);
      target.fill(0);
      for (const status of ORDER) {
        const sprite = (this.filter && status !== this.filter ? this.sprites.faint : this.sprites.plain)[status];
        for (let i = 0; i < this.x.length; i++) if (this.status[i] === status) this.stamp(target, width, height, sprite, i);
      }
      g.putImageData(this.image, 0, 0);
      if (this.hover >= 0) {
        g.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
        g.beginPath();
        g.arc(this.sx[this.hover], this.sy[this.hover], size * 0.9, 0, 7);
        Object.assign(g, { strokeStyle: "#fff", lineWidth: 2 });
        g.stroke();
      }
    },
    stamp(target, width, height, { side, pixels }, i) {
      const left = Math.round(this.sx[i] * this.dpr - side / 2);
      const top = Math.round(this.sy[i] * this.dpr - side / 2);
      if (left < 0 || top < 0 || left + side > width || top + side > height) return;
      for (let row = 0, from = 0; row < side; row++) {
        let to = (top + row) * width + left;
        for (let column = 0; column < side; column++, from++, to++) {
          const over = pixels[from];
          const a = over >>> 24;
          if (!a) continue;
          const under = target[to];
          const b = under >>> 24;
          if (a === 255 || !b) {
            target[to] = over;
            continue;
          }
          // Porter-Duff "over" on straight alpha.
          const keep = (b * (255 - a)) / 255;
          const sum = a + keep;
          const mix = (shift) => Math.round((((over >>> shift) & 255) * a + ((under >>> shift) & 255) * keep) / sum);
          target[to] = ((Math.round(sum) << 24) | (mix(16) << 16) | (mix(8) << 8) | mix(0)) >>> 0;
        }
      }
    },
    // --- pointing ---
    nearest(px, py) {
      let best = -1;
      let least = 12 * 12;
      for (let i = 0; i < this.sx.length; i++) {
        if (this.filter && this.status[i] !== this.filter) continue;
        const d = (this.sx[i] - px) ** 2 + (this.sy[i] - py) ** 2;
        if (d <= least) [least, best] = [d, i];
      }
      return best;
    },
    at(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    },
    down(event) {
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, this.at(event));
      this.travelled = 0;
    },
    move(event) {
      const now = this.at(event);
      const before = this.pointers.get(event.pointerId);
      if (!before) return this.point(now);
      const others = [...this.pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, p]) => p);
      if (others.length) {
        const gap = (p) => Math.hypot(p[0] - others[0][0], p[1] - others[0][1]) || 1;
        this.zoom(gap(now) / gap(before), (now[0] + others[0][0]) / 2, (now[1] + others[0][1]) / 2);
      } else this.pan(now[0] - before[0], now[1] - before[1]);
      this.travelled += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
      this.pointers.set(event.pointerId, now);
    },
    up(event) {
      const pressed = this.pointers.delete(event.pointerId);
      if (!pressed || this.travelled > 6 || event.type === "pointercancel") return;
      const found = this.nearest(...this.at(event));
      if (found >= 0) this.$emit("open", this.ids[found]);
    },
    point([px, py]) {
      const found = this.nearest(px, py);
      if (found !== this.hover) {
        this.hover = found;
        this.paint();
      }
      const { clientWidth: w, clientHeight: h } = this.$refs.box;
      const flip = { left: px > w - 200 ? "auto" : `${px + 14}px`, right: px > w - 200 ? `${w - px + 14}px` : "auto" };
      this.tip = found < 0 ? null : {
        id: this.ids[found], place: this.places[this.placeOf[found]], words: this.words[this.status[found]] ?? "silent",
        style: { ...flip, top: `${Math.min(py + 14, h - 60)}px` },
      };
    },
    leave() {
      this.hover = -1;
      this.tip = null;
      this.paint();
    },
    key(event) {
      const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
      if (steps[event.key]) this.pan(...steps[event.key]);
      else if (event.key === "+" || event.key === "=") this.zoom(1.4);
      else if (event.key === "-") this.zoom(1 / 1.4);
      else if (event.key === "0") this.fitAll();
      else return;
      event.preventDefault();
    },
  },
  template: `
    <div class="map" ref="box">
      <canvas ref="land"></canvas>
      <canvas ref="canvas" tabindex="0" role="application"
        aria-label="Map of all meters. Arrow keys move it, plus and minus zoom, zero shows all. The list of meters holds the same for keyboard and screen reader."
        @pointerdown="down" @pointermove="move" @pointerup="up" @pointercancel="up" @pointerleave="leave" @keydown="key"
        @wheel.prevent="zoom(Math.exp(-$event.deltaY * 0.0015), ...at($event))"></canvas>
      <p v-if="failed" class="map-failed" role="alert">{{ failed }}</p>
      <div v-if="tip" class="map-tip" :style="tip.style"><b>{{ tip.id }}</b> {{ tip.words }}<br><span class="muted">{{ tip.place }}</span></div>
      <div class="map-buttons">
        <button class="button square" aria-label="Zoom in" @click="zoom(1.5)">+</button>
        <button class="button square" aria-label="Zoom out" @click="zoom(1 / 1.5)">&minus;</button>
        <button class="button" @click="fitAll">Show all</button>
      </div>
    </div>`,
};
