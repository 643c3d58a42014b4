// Hold or allow return in a region: choose, see whom it reaches, confirm, follow to the last end.
import { whole } from "bptm-console/words.js";

const ENDS = ["issued", "accepted", "proven", "refused", "expired", "unknown"];

export default {
  props: { state: String },
  emits: ["choose", "send"],
  data: () => ({ region: "*", action: "hold_return", sure: false }),
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    words() {
      return this.action === "hold_return" ? "Hold return" : "Allow return";
    },
    effect() {
      return this.action === "hold_return"
        ? `Homes on backup stay there for up to ${this.s.holdHours} h even when the utility returns. Every meter decides by itself and refuses with its reasons where it cannot; a dark medical home is never held.`
        : "Holds end at once. Each home returns by itself once its utility voltage is good for the whole enter-service time.";
    },
    ends() {
      return ENDS.map((state) => [state, this.s.result?.[state] ?? 0]);
    },
  },
  methods: {
    whole,
    // --- called by the server ---
    open() {
      this.sure = false;
      this.$refs.dialog.showModal();
      this.$emit("choose", this.region);
    },
    choose() {
      this.sure = false;
      this.$emit("choose", this.region);
    },
    send() {
      if (!this.sure) {
        this.sure = true;
        this.$nextTick(() => this.$refs.confirm.focus());
        return;
      }
      this.sure = false;
      this.$emit("send", { action: this.action, region: this.region });
    },
  },
  template: `
    <dialog ref="dialog" class="dialog" aria-labelledby="region-title" @close="sure = false">
      <form method="dialog">
        <h2 id="region-title">Hold a region</h2>
        <label class="field stack"><span>Region</span>
          <select v-model="region" @change="choose"><option value="*">All regions</option>
            <option v-for="r in s.regions" :key="r" :value="r">{{ r }}</option></select></label>
        <fieldset><legend>Ask</legend>
          <label><input type="radio" value="hold_return" v-model="action" @change="sure = false" /> Hold return</label>
          <label><input type="radio" value="allow_return" v-model="action" @change="sure = false" /> Allow return</label></fieldset>
        <p class="reach" aria-live="polite"><b>{{ whole(s.reached) }}</b> meters are asked; <b>{{ whole(s.onBackup) }}</b> of them are on backup now, <b>{{ whole(s.silent) }}</b> silent or dark.</p>
        <p class="muted">{{ effect }}</p>
        <p v-if="s.refusal" class="refusal" role="alert">{{ s.refusal }}</p>
        <div v-if="s.result" class="ends" aria-live="polite">
          <p><b>{{ s.result.words }}</b>, {{ whole(s.result.total) }} commands:</p>
          <ul><li v-for="[state, n] in ends" :key="state" :class="'cmd-' + state"><span class="severity">{{ state }}</span> <b>{{ whole(n) }}</b></li></ul>
        </div>
        <p v-if="sure" class="confirm-text">Send {{ whole(s.reached) }} signed commands now?</p>
        <div class="dialog-buttons">
          <button class="button" value="close">Close</button>
          <button v-if="!sure" type="button" class="button primary" :disabled="!s.reached" @click="send">{{ words }} for {{ whole(s.reached) }} meters</button>
          <button v-else type="button" ref="confirm" class="button primary" @click="send">Yes, send</button>
        </div>
      </form>
    </dialog>`,
};
