"use strict";
/* Draws a run on one time axis, with a cursor and zoom. No request leaves this page. */
(() => {
  const run = JSON.parse(document.getElementById("run").textContent);
  const chart = document.getElementById("chart");
  const NS = "http://www.w3.org/2000/svg";
  const LEFT = () => (innerWidth < 640 ? 38 : 128), RIGHT = 24, BAR = 18, PLOT = 128;
  // On a narrow screen a lane's name stands above its bar, beside it everywhere else.
  const small = () => innerWidth < 640, LANE = () => (small() ? 36 : 24);
  const [from, to, at] = run.view || [0, run.duration_s, 0];
  const view = { from, to, at };
  const panels = [];
  // A frame that is not laid out yet is narrower than its labels.
  const wide = () => Math.max(chart.clientWidth, 240);
  const make = (name, attributes = {}, parent = null, text = "") => {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  };
  const html = (name, attributes = {}, parent = null, text = "") => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  };
  const step = (span, most) => {
    const raw = span / most, base = 10 ** Math.floor(Math.log10(raw));
    return [1, 2, 5, 10].map((k) => k * base).find((k) => k >= raw);
  };
  const places = (size) => Math.max(0, Math.min(5, -Math.floor(Math.log10(size) + 1e-9)));
  const ticks = (low, high, most) => {
    if (!(high > low)) return [low];
    const size = step(high - low, most), found = [];
    for (let k = Math.ceil(low / size - 1e-9); k * size <= high + 1e-9 * size; k++) found.push(+(k * size).toFixed(6));
    return found;
  };
  const valueAt = (trace, t) => {
    let low = 0, high = trace.t.length - 1;
    if (t <= trace.t[0]) return trace.v[0];
    if (t >= trace.t[high]) return trace.v[high];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (trace.t[middle] <= t) low = middle; else high = middle;
    }
    const share = (t - trace.t[low]) / (trace.t[high] - trace.t[low] || 1);
    return trace.v[low] + share * (trace.v[high] - trace.v[low]);
  };
  const laneAt = (lane, t) => lane.spans.find((s) => s[0] <= t && t < s[1]) || lane.spans[lane.spans.length - 1];
  const shown = (v) => (Math.abs(v) >= 1000 ? v.toFixed(0) : Math.abs(v) >= 100 ? v.toFixed(1) : v.toFixed(2));

  const build = () => {
    for (const panel of run.panels) {
      const box = html("div", { class: "panel" }, chart);
      const legend = html("div", { class: "legend" }, box);
      html("b", {}, legend, panel.unit ? `${panel.title}, ${panel.unit}` : panel.title);
      const values = [];
      for (const trace of panel.traces || []) {
        const item = html("span", {}, legend);
        html("span", { class: trace.dashed ? "key two" : "key", style: `color: var(--${trace.colour})` }, item);
        item.append(`${trace.label} `);
        values.push(html("span", { class: "val" }, item));
      }
      for (const key of panel.keys || []) {
        const item = html("span", {}, legend);
        html("span", { class: `swatch ${key.shape}` }, item);
        item.append(key.words);
      }
      const svg = make("svg", { role: "img", "aria-label": panel.words }, box);
      panels.push({ panel, svg, values, cursor: null });
    }
  };

  const x = (t, width) => LEFT() + ((t - view.from) / (view.to - view.from)) * (width - LEFT() - RIGHT);

  const axis = (svg, width, height) => {
    const marks = ticks(view.from, view.to, width < 600 ? 4 : 9), size = marks.length > 1 ? marks[1] - marks[0] : 1;
    for (const t of marks) {
      make("line", { class: "axis", x1: x(t, width), x2: x(t, width), y1: 4, y2: height - 20 }, svg);
      make("text", { x: x(t, width), y: height - 5, "text-anchor": "middle" }, svg, `${t.toFixed(places(size))} s`);
    }
  };
  const script = (svg, width, height) => {
    for (const change of run.changes) {
      if (change.at_s < view.from || change.at_s > view.to) continue;
      const at = x(change.at_s, width);
      const mark = make("line", { x1: at, x2: at, y1: 4, y2: height - 20, stroke: "var(--other)", "stroke-dasharray": "2 3" }, svg);
      make("title", {}, mark, `${change.at_s} s: ${change.words}`);
    }
  };

  const drawLanes = ({ panel, svg }, width) => {
    const height = panel.lanes.length * LANE() + 24, left = LEFT(), room = LANE() - BAR - 4;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    axis(svg, width, height);
    panel.lanes.forEach((lane, index) => {
      const top = index * LANE() + room, group = make("g", { class: "lane" }, svg);
      for (const [from, to, words, colour] of lane.spans) {
        if (to <= view.from || from >= view.to || !colour) continue;
        const a = Math.max(left, x(from, width)), b = Math.min(width - RIGHT, x(to, width));
        const frame = colour === "hollow";
        const paint = frame ? { fill: "var(--paper)", stroke: "var(--quiet)", "stroke-width": 1.2 } : { fill: `var(--${colour})` };
        const inset = frame ? 0.6 : 0;
        const bar = make("rect", { x: a + inset, y: top + 2 + inset, width: Math.max(1, b - a - 2 * inset), height: BAR - 2 * inset, rx: 2, ...paint }, group);
        make("title", {}, bar, `${lane.label}: ${words}, ${from.toFixed(3)} to ${to.toFixed(3)} s`);
        if (lane.names && b - a > words.length * 7.2 + 8) make("text", { x: a + 5, y: top + 15 }, group, words);
      }
      if (small()) make("text", { x: left + 4, y: top - 2 }, group, lane.label);
      else make("text", { x: left - 8, y: top + 15, "text-anchor": "end" }, group, lane.label);
    });
    script(svg, width, height);
    return height;
  };

  const drawPlot = ({ panel, svg }, width) => {
    const height = PLOT + 24, left = LEFT();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    let low = panel.low ?? Infinity, high = panel.high ?? -Infinity;
    for (const trace of panel.traces) {
      for (const t of [view.from, view.to]) { const v = valueAt(trace, t); low = Math.min(low, v); high = Math.max(high, v); }
      trace.t.forEach((t, k) => { if (t >= view.from && t <= view.to) { low = Math.min(low, trace.v[k]); high = Math.max(high, trace.v[k]); } });
    }
    if (high - low < panel.least) { const middle = (high + low) / 2; low = middle - panel.least / 2; high = middle + panel.least / 2; }
    const room = 0.06 * (high - low); low -= room; high += room;
    const y = (v) => 6 + ((high - v) / (high - low)) * (PLOT - 8);
    const marks = ticks(low, high, 5), size = marks.length > 1 ? marks[1] - marks[0] : 1;
    for (const v of marks) {
      make("line", { class: "axis", x1: left, x2: width - RIGHT, y1: y(v), y2: y(v) }, svg);
      make("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, svg, v.toFixed(places(size)));
    }
    axis(svg, width, height);
    script(svg, width, height);
    const clip = `clip-${run.panels.indexOf(panel)}`, defs = make("defs", {}, svg);
    make("rect", { x: left, y: 0, width: width - left - RIGHT, height: PLOT + 4 }, make("clipPath", { id: clip }, defs));
    for (const trace of panel.traces) {
      let path = "", pen = "M";
      const count = trace.t.length;
      for (let k = 0; k < count; k++) {
        if (k + 1 < count && trace.t[k + 1] < view.from) continue;
        path += `${pen}${x(trace.t[k], width).toFixed(1)} ${y(trace.v[k]).toFixed(1)}`;
        pen = "L";
        if (trace.t[k] > view.to) break;
      }
      make("path", { d: path, fill: "none", stroke: `var(--${trace.colour})`, "stroke-width": 1.8, "stroke-linejoin": "round",
        "stroke-dasharray": trace.dashed ? "6 4" : "none", "clip-path": `url(#${clip})` }, svg);
    }
    return height;
  };

  const draw = () => {
    const width = wide();
    for (const item of panels) {
      item.svg.replaceChildren();
      const height = item.panel.lanes ? drawLanes(item, width) : drawPlot(item, width);
      item.cursor = make("line", { y1: 0, y2: height - 20, stroke: "var(--cursor)", "stroke-width": 1.5 }, item.svg);
    }
    point();
  };

  const out = document.getElementById("at"), live = document.getElementById("live");
  const point = () => {
    const width = wide(), at = x(view.at, width);
    for (const { panel, values, cursor } of panels) {
      cursor.setAttribute("x1", at); cursor.setAttribute("x2", at);
      cursor.setAttribute("visibility", view.at < view.from || view.at > view.to ? "hidden" : "visible");
      (panel.traces || []).forEach((trace, k) => { values[k].textContent = shown(valueAt(trace, view.at)); });
    }
    const mode = laneAt(run.panels[0].lanes[0], view.at);
    out.textContent = `${view.at.toFixed(3)} s  ${mode ? mode[2] : ""}`;
  };
  const say = () => {
    const told = run.panels.flatMap((panel) => (panel.traces || []).map((trace) => `${panel.title} ${trace.label} ${shown(valueAt(trace, view.at))} ${panel.unit}`));
    live.textContent = `${out.textContent}. ${told.slice(0, 8).join(", ")}`;
  };
  const clamp = (v, a, b) => Math.min(b, Math.max(a, v));
  const zoom = (factor, about) => {
    const span = clamp((view.to - view.from) * factor, Math.min(0.05, run.duration_s), run.duration_s);
    const share = (about - view.from) / (view.to - view.from);
    view.from = clamp(about - share * span, 0, run.duration_s - span);
    view.to = view.from + span;
    draw();
  };
  const move = (by) => {
    const span = view.to - view.from;
    view.from = clamp(view.from + by * span, 0, run.duration_s - span);
    view.to = view.from + span;
    draw();
  };
  const whole = () => { view.from = 0; view.to = run.duration_s; draw(); };
  const goTo = (t) => {
    view.at = t;
    const span = Math.min(run.duration_s, 1);
    view.from = clamp(t - span / 2, 0, run.duration_s - span); view.to = view.from + span;
    draw(); say();
    chart.scrollIntoView({ block: "start" });
  };
  const timeOf = (event) => {
    const box = chart.getBoundingClientRect(), width = wide();
    return clamp(view.from + ((event.clientX - box.left - LEFT()) / (width - LEFT() - RIGHT)) * (view.to - view.from), 0, run.duration_s);
  };
  let drag = null;
  chart.addEventListener("pointermove", (event) => { view.at = timeOf(event); point(); });
  chart.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse") drag = timeOf(event); });
  chart.addEventListener("pointerup", (event) => {
    const to = timeOf(event);
    if (drag !== null && Math.abs(to - drag) > 0.01 * (view.to - view.from)) {
      [view.from, view.to] = [Math.min(drag, to), Math.max(drag, to)]; draw();
    } else { view.at = to; point(); say(); }
    drag = null;
  });
  chart.addEventListener("dblclick", whole);
  chart.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, timeOf(event));
  }, { passive: false });
  chart.addEventListener("keydown", (event) => {
    const small = event.shiftKey ? 1 / 120 : (view.to - view.from) / 60;
    const keys = { ArrowRight: () => { view.at = clamp(view.at + small, 0, run.duration_s); }, ArrowLeft: () => { view.at = clamp(view.at - small, 0, run.duration_s); },
      Home: () => { view.at = 0; }, End: () => { view.at = run.duration_s; }, "+": () => zoom(0.5, view.at), "-": () => zoom(2, view.at), "0": whole };
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
    if (view.at < view.from || view.at > view.to) move(view.at < view.from ? -0.5 : 0.5);
    point(); say();
  });
  for (const [id, act] of [["in", () => zoom(0.5, view.at >= view.from && view.at <= view.to ? view.at : (view.from + view.to) / 2)], ["out", () => zoom(2, (view.from + view.to) / 2)],
    ["back", () => move(-0.4)], ["on", () => move(0.4)], ["whole", whole]]) document.getElementById(id).addEventListener("click", act);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-at]");
    if (link) { event.preventDefault(); goTo(+link.dataset.at); }
  });

  const numbers = (text, scale) => {
    const raw = atob(text), found = new Float32Array(raw.length / 2);
    for (let k = 0; k < found.length; k++) {
      const word = raw.charCodeAt(2 * k) | (raw.charCodeAt(2 * k + 1) << 8);
      found[k] = (word > 32767 ? word - 65536 : word) * scale;
    }
    return found;
  };
  const drawWave = (box, wave, group) => {
    const width = box.clientWidth, height = 150, left = 44;
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${group.title} around ${wave.label}` });
    const traces = group.traces.map((trace) => ({ ...trace, v: numbers(trace.data, trace.scale) }));
    let most = group.least;
    for (const trace of traces) for (const v of trace.v) most = Math.max(most, Math.abs(v));
    const count = traces[0].v.length, span = count / wave.rate_hz;
    const px = (k) => left + (k / (count - 1)) * (width - left - 6), py = (v) => 8 + ((most - v) / (2 * most)) * (height - 32);
    for (const v of ticks(-most, most, 4)) {
      make("line", { class: "axis", x1: left, x2: width - 6, y1: py(v), y2: py(v) }, svg);
      make("text", { x: left - 5, y: py(v) + 4, "text-anchor": "end" }, svg, String(v));
    }
    const marks = ticks(wave.start_s, wave.start_s + span, width < 400 ? 3 : 6), size = marks.length > 1 ? marks[1] - marks[0] : 1;
    for (const t of marks) make("text", { x: px((t - wave.start_s) * wave.rate_hz), y: height - 4, "text-anchor": "middle" }, svg, `${t.toFixed(places(size))} s`);
    if (wave.at_s !== null) { const at = px((wave.at_s - wave.start_s) * wave.rate_hz); make("line", { x1: at, x2: at, y1: 4, y2: height - 20, stroke: "var(--cursor)", "stroke-dasharray": "3 3" }, svg); }
    for (const trace of traces) {
      let path = "";
      trace.v.forEach((v, k) => { path += `${k ? "L" : "M"}${px(k).toFixed(1)} ${py(v).toFixed(1)}`; });
      make("path", { d: path, fill: "none", stroke: `var(--${trace.colour})`, "stroke-width": 1.3, "stroke-dasharray": trace.dashed ? "5 3" : "none" }, svg);
    }
    box.append(svg);
  };
  const drawWaves = () => {
    const home = document.getElementById("waves");
    if (!home) return;
    home.replaceChildren();
    // All boxes first: a box alone in its row would be measured wider than it stays.
    const later = [];
    for (const wave of run.waves) {
      const box = html("div", { class: "wave" }, home);
      html("h3", {}, box, wave.label);
      for (const group of wave.groups) {
        const legend = html("div", { class: "legend" }, box);
        html("b", {}, legend, `${group.title}, ${group.unit}`);
        for (const trace of group.traces) {
          const item = html("span", {}, legend);
          html("span", { class: trace.dashed ? "key two" : "key", style: `color: var(--${trace.colour})` }, item);
          item.append(trace.label);
        }
        later.push([html("div", {}, box), wave, group]);
      }
    }
    for (const [box, wave, group] of later) drawWave(box, wave, group);
  };
  build();
  let width = 0;
  const redraw = () => { if (wide() !== width) { width = wide(); draw(); drawWaves(); } };
  addEventListener("resize", redraw);
  redraw();
})();
