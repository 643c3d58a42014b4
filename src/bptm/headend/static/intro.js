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
      <div class="intro-text"><h1>{{ s.title }}</h1><p>{{ s.sentences.join(" ") }}</p></div>
      <div class="intro-actions">
        <button class="button primary" :disabled="!!s.why" :aria-describedby="s.why ? 'why-no-home' : null" @click="$emit('home')">Open a home on backup</button>
        <button class="button" @click="$emit('region')">Hold a region</button>
        <p v-if="s.why" id="why-no-home" class="muted">{{ s.why }}</p>
      </div>
    </section>`,
};
