// One shape a state, so that colour is never the only sign. The same outlines serve SVG and the map's canvas.
// Drawn in a box of 16 by 16; `fill` false means outline only.

export const SHAPES = {
  utility: { d: "M8 4.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 1 0 0-7.2Z", fill: true },
  dark: { d: "M8 3a5 5 0 1 0 0 10 5 5 0 1 0 0-10Z", fill: false },
  on_backup: { d: "M3.2 3.2h9.6v9.6H3.2Z", fill: true },
  transferring: { d: "M8 1.6 14.4 8 8 14.4 1.6 8Z", fill: false },
  locked_out: { d: "M3 3l10 10M13 3 3 13", fill: false },
  silent: { d: "M2.5 8h11", fill: false },
  issued: { d: "M8 3a5 5 0 1 0 0 10 5 5 0 1 0 0-10Z", fill: false },
  accepted: { d: "M2.5 8h10M8.5 4l4 4-4 4", fill: false },
  proven: { d: "M2.8 8.6l3.6 3.6 6.8-7.6", fill: false },
  refused: { d: "M3 3l10 10M13 3 3 13", fill: false },
  expired: { d: "M4 2.5h8L4 13.5h8Z", fill: false },
  unknown: { d: "M5 5.8a3 3 0 1 1 4.4 2.6C8.4 9 8 9.4 8 10.4M8 13v.6", fill: false },
  danger: { d: "M8 1.5 15 14H1ZM8 6v4M8 11.6v.9", fill: false },
  warning: { d: "M8 1.5 15 14H1ZM8 6v4M8 11.6v.9", fill: false },
  notice: { d: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2ZM8 7v4.2M8 4.6v.6", fill: false },
};

export const Glyph = {
  props: { kind: String },
  computed: {
    shape() {
      return SHAPES[this.kind] ?? SHAPES.unknown;
    },
  },
  template: `
    <svg class="glyph" :class="'is-' + kind" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path :d="shape.d" :fill="shape.fill ? 'currentColor' : 'none'" stroke="currentColor" stroke-width="2"
        stroke-linejoin="round" stroke-linecap="round" />
    </svg>`,
};
