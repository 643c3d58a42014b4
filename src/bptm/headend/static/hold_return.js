// Hold or allow return of one meter, each with a confirming step.
export default {
  props: { state: String },
  emits: ["send"],
  data: () => ({ asking: "" }),
  computed: {
    s() {
      return JSON.parse(this.state);
    },
    question() {
      return this.asking === "hold_return"
        ? `Hold the return of ${this.s.id}? It stays on its backup source for up to ${this.s.holdHours} h, even when the utility is back.`
        : `Allow ${this.s.id} to return? It goes back by itself once utility voltage has been good for the whole enter-service time.`;
    },
  },
  methods: {
    ask(action) {
      this.asking = action;
      this.$nextTick(() => this.$refs.yes.focus());
    },
    send() {
      this.$emit("send", this.asking);
      this.cancel();
    },
    cancel() {
      const action = this.asking;
      this.asking = "";
      this.$nextTick(() => this.$refs[action]?.focus());
    },
  },
  template: `
    <div class="hold" @keydown.esc="asking && cancel()">
      <div v-if="!asking" class="hold-buttons">
        <button ref="hold_return" class="button" @click="ask('hold_return')">Hold return</button>
        <button ref="allow_return" class="button" @click="ask('allow_return')">Allow return</button>
      </div>
      <div v-else class="confirm" role="group" aria-label="Confirm">
        <p class="confirm-text">{{ question }}</p>
        <div class="hold-buttons"><button ref="yes" class="button primary" @click="send">Yes, send the command</button>
          <button class="button" @click="cancel">Cancel</button></div>
      </div>
      <p v-if="s.refusal" class="refusal" role="alert">{{ s.refusal }}</p>
    </div>`,
};
