// What is being replayed, in three sentences, and the two ways in.
export default {
  props: { state: String },
  emits: ["home", "region"],
  computed: {
    s() {
      return JSON.parse(this.state);
    },
  },
  template: `
    <section class="intro" aria-label="What is being replayed">
      <h1>{{ s.title }}</h1>
      <div class="intro-actions">
        <span v-if="s.why" id="why-no-home" class="muted">{{ s.why }}</span>
        <button class="button primary" :disabled="!!s.why" :aria-describedby="s.why ? 'why-no-home' : null" @click="$emit('home')">Open a home on backup</button>
        <button class="button" @click="$emit('region')">Hold a region</button>
      </div>
      <p>{{ s.sentences.join(" ") }}</p>
    </section>`,
};
