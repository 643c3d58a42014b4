// What a meter says of itself, in words: mode and its cause, hold, age of the last message, facts, energy by source.
import { Glyph } from "bptm-console/glyph.js";
import { fixed, span, when } from "bptm-console/words.js";

export default {
  components: { Glyph },
  props: { state: String },
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    energies() {
      return this.s.energy.filter((e) => e.always || e.wh !== 0);
    },
  },
  methods: { fixed, span, when },
  template: `
    <div class="facts">
      <p class="state big" :class="'is-' + s.kind" :data-status="s.kind" aria-live="polite"><Glyph :kind="s.kind" />{{ s.words }}</p>
      <p class="mode">{{ s.mode }}</p>
      <p v-if="s.cause" class="muted">Since {{ when(s.cause.at) }} ({{ span(s.now - s.cause.at) }}): {{ s.cause.words }}.</p>
      <dl>
        <div><dt>Heard</dt><dd :class="{ warn: s.stale }">{{ s.heard === null ? "never" : span(s.now - s.heard) + " ago" }}</dd></div>
        <div data-hold><dt>Return</dt><dd>{{ s.held ? (s.holdLeft === null ? "held" : "held, " + span(s.holdLeft) + " left") : "not held" }}</dd></div>
        <div><dt>Transfers</dt><dd>{{ s.transfers === null ? "unknown" : s.transfers }}</dd></div>
        <div v-for="flag in s.flags" :key="flag"><dt>Fact</dt><dd class="warn">{{ flag }}</dd></div>
      </dl>
      <h3>Energy by source</h3>
      <dl v-if="s.energy.length"><div v-for="e in energies" :key="e.label"><dt>{{ e.label }}</dt><dd>{{ fixed(e.wh / 1000, 2) }} kWh</dd></div></dl>
      <p v-else class="muted">No report from this meter yet.</p>
    </div>`,
};
