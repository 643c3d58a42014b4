// How the console writes times, ages and quantities. The browser knows the time zones; Python's needs a package.

// The shipped events lie in PG&E's territory, so local time is Pacific.
export const ZONE = "America/Los_Angeles";
const LOCALE = "en-GB"; // 24-hour clock, day before month: what control rooms write.

const format = (options, timeZone = ZONE) => new Intl.DateTimeFormat(LOCALE, { timeZone, hourCycle: "h23", ...options });
const DAY = format({ weekday: "short", day: "numeric", month: "short" });
const DATE = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const HMS = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const HM = format({ hour: "2-digit", minute: "2-digit" });
const UTC = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, "UTC");
// en-US knows the American abbreviations (PDT); en-GB would say GMT-7.
const ABBREVIATION = new Intl.DateTimeFormat("en-US", { timeZone: ZONE, timeZoneName: "short" });

export const date = (s) => DATE.format(s * 1000);
export const day = (s) => DAY.format(s * 1000);
export const hms = (s) => HMS.format(s * 1000);
export const hm = (s) => HM.format(s * 1000);
export const utc = (s) => UTC.format(s * 1000);
export const zoneName = (s) => ABBREVIATION.formatToParts(s * 1000).find((p) => p.type === "timeZoneName").value;
export const when = (s) => `${day(s)} ${hms(s)}`;

/** Seconds to add to UTC for local time at this instant. */
export function offset(s) {
  const parts = Object.fromEntries(
    format({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" })
      .formatToParts(s * 1000)
      .map((p) => [p.type, Number(p.value)]),
  );
  const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) / 1000;
  return local - Math.floor(s);
}

/** A length of time in at most two units: 45 s, 12 min, 2 h 05 min, 3 d 4 h. */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return `${s} s`;
  const min = Math.round(s / 60);
  if (min < 90) return `${min} min`;
  if (min < 48 * 60) return `${Math.floor(min / 60)} h ${String(min % 60).padStart(2, "0")} min`;
  return `${Math.floor(min / 1440)} d ${Math.floor((min % 1440) / 60)} h`;
}

export const whole = (n) => n.toLocaleString("en-US");
export const fixed = (n, digits) => n.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const kw = (w) => `${fixed(w / 1000, 2)} kW`;
