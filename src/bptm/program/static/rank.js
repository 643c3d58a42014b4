// The map, the sliders and the table of `bptm program rank`: re-ranks in the page with the formula of planning.opportunity.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("rank-data").textContent);
  const { kinds, counties } = data;
  const SAME = 1e-9;
  const CLASSES = 5;
  const FIRST = 25;
  const weights = new Float64Array(kinds.length);
  let shown = FIRST;
  let order = [];
  let places = [];
  let chosen = null;
  const at = new Map(counties.map((county, number) => [county.fips, number]));
  const shapes = new Map([...document.querySelectorAll(".county")].map((shape) => [shape.dataset.fips, shape]));
  const body = document.querySelector("#ranked tbody");
  const card = document.getElementById("county-card");
  const said = document.getElementById("said");
  const find = document.getElementById("find");
  const more = document.getElementById("more");
  const sliders = [...document.querySelectorAll(".sliders input")];
  const presets = [...document.querySelectorAll(".presets button")];

  const number = (value, digits) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  function placed(county, total) {
    let low = 0;
    let open = 0;
    let weighedHazard = false;
    let hazardUnknown = false;
    let hazardApplies = false;
    let unknown = false;
    kinds.forEach((kind, k) => {
      const weight = weights[k];
      if (!(weight > 0)) return;
      const need = county.need[k];
      const applies = typeof need === "number";
      const never = need === "never";
      if (applies) low += need * weight / total;
      if (!applies && !never) { unknown = true; open += weight / total; }
      if (kind.hazard) {
        weighedHazard = true;
        if (applies) hazardApplies = true;
        if (!applies && !never) hazardUnknown = true;
      }
    });
    const never = weighedHazard && !hazardUnknown && !hazardApplies;
    return { score: unknown || never ? null : low, low, high: low + 100 * open, never, rank: null };
  }

  function rerank() {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    places = counties.map((county) => (total > 0 ? placed(county, total)
      : { score: null, low: 0, high: 100, never: false, rank: null }));
    order = counties.map((_, number) => number).sort((a, b) => {
      const x = places[a].score;
      const y = places[b].score;
      if ((x === null) !== (y === null)) return x === null ? 1 : -1;
      if (x !== null && x !== y) return y - x;
      return counties[a].fips < counties[b].fips ? -1 : 1;
    });
    let rank = 0;
    let before = Infinity;
    order.forEach((county, position) => {
      const place = places[county];
      if (place.score === null) return;
      if (before - place.score > SAME) { rank = position + 1; before = place.score; }
      place.rank = rank;
    });
    paint();
  }

  function kindOf(place) {
    if (place.score !== null) return `c${Math.min(CLASSES - 1, Math.floor(place.score / (100 / CLASSES)))}`;
    return place.never ? "never" : "none";
  }

  function paint() {
    shapes.forEach((shape, fips) => {
      const known = at.get(fips);
      shape.setAttribute("class", `county ${kindOf(places[known])}${chosen === known ? " chosen" : ""}`);
    });
    fill();
    show(chosen, false);
  }

  function cell(row, text, kind) {
    const made = document.createElement(kind || "td");
    made.textContent = text;
    row.append(made);
    return made;
  }

  function fill() {
    const wanted = find.value.trim().toLowerCase();
    const rows = order.filter((county) => {
      const { name, state, fips } = counties[county];
      return !wanted || `${name} ${state} ${fips}`.toLowerCase().includes(wanted);
    });
    body.replaceChildren(...rows.slice(0, shown).map((county) => {
      const place = places[county];
      const row = document.createElement("tr");
      row.dataset.fips = counties[county].fips;
      if (county === chosen) row.className = "chosen";
      cell(row, place.rank === null ? "-" : String(place.rank)).className = "number";
      const name = cell(row, "", "th");
      name.scope = "row";
      name.textContent = `${counties[county].name}, ${counties[county].state}`;
      const score = cell(row, "");
      if (place.score === null) {
        score.className = "missing";
        score.textContent = why(county);
      } else {
        const bar = document.createElement("span");
        bar.className = "bar";
        bar.style.width = `${place.score * 0.05}rem`;
        score.append(bar, number(place.score, 1));
      }
      return row;
    }));
    more.hidden = rows.length <= shown;
    more.textContent = `Show all ${rows.length.toLocaleString("en-US")}`;
  }

  function why(county) {
    const place = places[county];
    if (place.never) return "no weighed hazard occurs there";
    const unknown = kinds.filter((kind, k) => weights[k] > 0 && counties[county].need[k] === null);
    if (!unknown.length) return "nothing is weighed";
    return `no data: ${unknown.map((kind) => kind.title.toLowerCase()).join(", ")}`
      + ` (score between ${number(place.low, 0)} and ${number(place.high, 0)})`;
  }

  function show(county, speak) {
    if (county === null || county === undefined) return;
    const place = places[county];
    const { name, state, fips, need, value, missing } = counties[county];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const head = document.createElement("h3");
    head.textContent = `${name}, ${state}`;
    const line = document.createElement("p");
    line.textContent = place.score === null ? `FIPS ${fips}. Not ranked: ${why(county)}.`
      : `FIPS ${fips}. Rank ${place.rank} of ${places.filter((p) => p.rank !== null).length}, score ${number(place.score, 1)}.`;
    const table = document.createElement("table");
    const top = table.createTHead().insertRow();
    ["Input", "Value", "Need", "Points"].forEach((text, column) => {
      const made = cell(top, text, "th");
      made.scope = "col";
      if (column) made.className = "number";
    });
    const rows = table.createTBody();
    kinds.forEach((kind, k) => {
      const row = rows.insertRow();
      cell(row, kind.title, "th").scope = "row";
      if (typeof need[k] === "number") {
        cell(row, number(value[k], value[k] >= 1000 ? 0 : 1)).className = "number";
        cell(row, number(need[k], 1)).className = "number";
        cell(row, total > 0 ? number(need[k] * weights[k] / total, 1) : "-").className = "number";
      } else {
        const gone = cell(row, missing[kind.name] || "no data");
        gone.colSpan = 3;
        gone.className = "missing";
      }
    });
    card.replaceChildren(head, line, table);
    if (speak) said.textContent = `${name}, ${state}. ${line.textContent}`;
  }

  function choose(county, speak) {
    if (chosen !== null) shapes.get(counties[chosen].fips)?.classList.remove("chosen");
    chosen = county;
    const shape = shapes.get(counties[county].fips);
    if (shape) { shape.classList.add("chosen"); shape.parentNode.append(shape); }
    body.querySelectorAll("tr").forEach((row) => row.classList.toggle("chosen", row.dataset.fips === counties[county].fips));
    show(county, speak);
  }

  function set(given, pressed) {
    kinds.forEach((kind, k) => { weights[k] = given[kind.name] || 0; });
    sliders.forEach((slider) => {
      slider.value = String(given[slider.name] || 0);
      slider.parentNode.querySelector("output").textContent = number(Number(slider.value), 2);
    });
    presets.forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
    rerank();
  }

  sliders.forEach((slider) => slider.addEventListener("input", () => {
    weights[kinds.findIndex((kind) => kind.name === slider.name)] = Number(slider.value);
    slider.parentNode.querySelector("output").textContent = number(Number(slider.value), 2);
    presets.forEach((button) => button.setAttribute("aria-pressed", "false"));
    rerank();
  }));
  presets.forEach((button) => button.addEventListener("click", () => set(JSON.parse(button.dataset.weights), button)));
  find.addEventListener("input", fill);
  more.addEventListener("click", () => { shown = counties.length; fill(); });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row) choose(at.get(row.dataset.fips), true);
  });
  document.querySelectorAll(".county-map").forEach((map) => {
    map.addEventListener("pointerover", (event) => {
      const fips = event.target.dataset.fips;
      if (fips) show(at.get(fips), false);
    });
    map.addEventListener("pointerleave", () => show(chosen, false));
    map.addEventListener("click", (event) => {
      const fips = event.target.dataset.fips;
      if (fips) choose(at.get(fips), true);
    });
    map.addEventListener("keydown", (event) => {
      const here = order.filter((county) => map.querySelector(`[data-fips="${counties[county].fips}"]`));
      const now = here.indexOf(chosen);
      const to = { ArrowDown: now + 1, ArrowRight: now + 1, ArrowUp: now - 1, ArrowLeft: now - 1, Home: 0, End: here.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(here[Math.max(0, Math.min(here.length - 1, to))], true);
    });
  });
  set(data.weights, presets.find((button) => button.dataset.given === "yes"));
  // For tests and for the curious: what the page holds at this moment.
  window.rankNow = () => order.map((county) => ({ fips: counties[county].fips, score: places[county].score, rank: places[county].rank }));
})();
