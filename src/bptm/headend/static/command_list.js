// Commands and how far each has come: issued, accepted, then exactly one end.
import { Glyph } from "bptm-console/glyph.js";
import { hms, span, when } from "bptm-console/words.js";

const WORDS = {
  issued: "issued: sent, no answer yet",
  accepted: "accepted: waiting for proof from voltages and contacts",
  proven: "proven",
  refused: "refused",
  expired: "expired: not answered in time",
  unknown: "unknown: treat as unsafe",
};

export default {
  components: { Glyph },
  props: { state: String },
  computed: {
    s() {
      return JSON.parse(this.state);
    },
  },
  methods: {
    hms, span, when,
    words: (state) => WORDS[state] ?? state,
  },
  template: `
    <div class="list" role="region" aria-label="Commands" tabindex="0">
      <p v-if="!s.commands.length" class="empty">{{ s.empty }}</p>
      <ul v-else aria-live="polite" aria-relevant="additions text">
        <li v-for="c in s.commands" :key="c.id" class="command" :class="'cmd-' + c.state" :data-command="c.state" :data-action="c.action">
          <Glyph :kind="c.state" />
          <div>
            <p class="row-head"><b>{{ c.action }}</b>
              <a v-if="s.links" :href="'/meter/' + c.meter">{{ c.meter }}</a>
              <span class="muted">no. {{ c.seq }} by {{ c.by }}</span>
              <span class="row-time"><time :title="when(c.issued)">{{ hms(c.issued) }}</time></span></p>
            <p class="row-text"><span class="severity">{{ words(c.state) }}</span>
              <span v-if="c.ended" class="muted"> after {{ span(c.ended - c.issued) }}</span></p>
            <p v-if="c.reason" class="row-text">{{ c.reason }}</p>
          </div>
        </li>
      </ul>
    </div>`,
};
