// Live counts of the six statuses; each is a filter for the map and the list.
import { Glyph } from "bptm-console/glyph.js";
import { whole } from "bptm-console/words.js";

export default {
  components: { Glyph },
  props: { state: String },
  emits: ["filter"],
  data: () => ({ spoken: "", spokenAt: 0 }),
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    total() {
      return this.s.tiles.reduce((sum, tile) => sum + tile.count, 0) || 1;
    },
  },
  watch: {
    state() {
      // A screen reader would drown in counts that change twice a second.
      const now = performance.now();
      if (now - this.spokenAt < 20000) return;
      this.spokenAt = now;
      this.spoken = this.s.tiles.map((tile) => `${tile.count} ${tile.words}`).join(", ");
    },
  },
  methods: { whole },
  template: `
    <div class="tiles" role="group" aria-label="Meters by status; choose one to filter map and list">
      <button v-for="tile in s.tiles" :key="tile.kind" class="tile" :class="'is-' + tile.kind"
        :aria-pressed="s.filter === tile.kind" :data-status="tile.kind"
        @click="$emit('filter', s.filter === tile.kind ? '' : tile.kind)">
        <span class="tile-name"><Glyph :kind="tile.kind" />{{ tile.words }}</span>
        <span class="tile-count">{{ whole(tile.count) }}</span>
        <span class="tile-share" aria-hidden="true"><i :style="{ width: (100 * tile.count / total).toFixed(1) + '%' }"></i></span>
      </button>
      <p class="unseen" aria-live="polite">{{ spoken }}</p>
    </div>`,
};
