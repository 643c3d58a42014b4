// Last events of a meter: what happened, why, and the values measured then.
import { fixed, when } from "bptm-console/words.js";

export default {
  props: { state: String },
  computed: {
    s() {
      return JSON.parse(this.state);
    },
  },
  methods: {
    when,
    values(e) {
      const side = (name, a, b) => `${name} ${fixed(a, 1)} / ${fixed(b, 1)} V`;
      return [side("utility", ...e.utility), side("bus", ...e.bus), side("inlet", ...e.inlet), `${fixed(e.w / 1000, 2)} kW`, `U ${e.u}`, `B ${e.b}`];
    },
  },
  template: `
    <div class="list" role="region" aria-label="Events" tabindex="0">
      <p v-if="!s.events.length" class="empty">No event stored yet.</p>
      <ul v-else>
        <li v-for="e in s.events" :key="e.key" class="event">
          <p class="row-head"><b>{{ e.words }}</b><span class="row-time"><time>{{ when(e.at) }}</time></span></p>
          <p v-if="e.cause" class="row-text">{{ e.cause }}</p>
          <p class="row-values"><span v-for="v in values(e)" :key="v">{{ v }}</span></p>
        </li>
      </ul>
    </div>`,
};
