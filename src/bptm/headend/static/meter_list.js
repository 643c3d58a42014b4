// Search and list of meters: the map's equal for keyboard and screen reader. The server searches.
import { Glyph } from "bptm-console/glyph.js";
import { whole } from "bptm-console/words.js";

export default {
  components: { Glyph },
  props: { state: String },
  emits: ["search", "more"],
  data: () => ({ text: "", waiting: 0 }),
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    found() {
      const { rows, matches, filterWords } = this.s;
      const which = filterWords ? ` ${filterWords}` : "";
      if (!matches) return `No meter${which} matches.`;
      if (matches === 1) return `1 meter${which}`;
      return rows.length < matches ? `${whole(rows.length)} of ${whole(matches)} meters${which}` : `${whole(matches)} meters${which}`;
    },
  },
  methods: {
    typed() {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.$emit("search", this.text), 200);
    },
  },
  template: `
    <div class="meters">
      <div class="meters-head">
        <label class="field grow"><span class="unseen">Search meters by id or place</span>
          <input type="search" v-model="text" @input="typed" placeholder="Search id or place" autocomplete="off" spellcheck="false" /></label>
        <span class="muted" aria-live="polite">{{ found }}</span>
      </div>
      <div class="list" role="region" aria-label="Meters" tabindex="0">
        <table>
          <thead><tr><th scope="col">Meter</th><th scope="col">Status</th><th scope="col">Place</th><th scope="col">Backup</th></tr></thead>
          <tbody>
            <tr v-for="m in s.rows" :key="m.id">
              <th scope="row"><a :href="'/meter/' + m.id">{{ m.id }}</a></th>
              <td><span class="state" :class="'is-' + m.kind"><Glyph :kind="m.kind" />{{ m.words }}</span></td>
              <td>{{ m.place }}</td>
              <td>{{ m.backup }}<span v-if="m.medical" class="tag">medical</span><span v-if="m.note" class="tag" :title="m.note">planted fault</span></td>
            </tr>
          </tbody>
        </table>
        <button v-if="s.rows.length < s.matches" class="button wide" @click="$emit('more')">Show more</button>
      </div>
    </div>`,
};
