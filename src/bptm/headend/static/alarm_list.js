// Alarms, standing ones first, with the measured values in their text.
import { Glyph } from "bptm-console/glyph.js";
import { hm, day, when } from "bptm-console/words.js";

export default {
  components: { Glyph },
  props: { state: String },
  computed: {
    s() {
      return JSON.parse(this.state);
    },
  },
  methods: { hm, day, when },
  template: `
    <div class="list" role="region" aria-label="Alarms" tabindex="0">
      <p v-if="!s.alarms.length" class="empty">No alarm so far.</p>
      <ul v-else>
        <li v-for="a in s.alarms" :key="a.key" class="alarm" :class="['sev-' + a.severity, { cleared: a.cleared }]">
          <Glyph :kind="a.severity" />
          <div>
            <p class="row-head"><a :href="'/meter/' + a.meter">{{ a.meter }}</a> <span class="muted">{{ a.place }}</span>
              <span class="row-time"><time :title="when(a.raised)">{{ day(a.raised) }} {{ hm(a.raised) }}</time></span></p>
            <p class="row-text"><span class="severity">{{ a.cleared ? "cleared" : a.severity }}</span> {{ a.text }}</p>
            <p v-if="a.cleared" class="row-text muted">Cleared {{ when(a.cleared) }}</p>
          </div>
        </li>
      </ul>
    </div>`,
};
