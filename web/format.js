// Numbers, times and shares in words, and text of a log made harmless to look at. Pure.

export const UNKNOWN = '–';

/** `12,345`; what is no number is unknown. */
export function formatCount(value) {
  if (!Number.isFinite(value)) return UNKNOWN;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `7.8 %`, with as many digits as say something. */
export function formatPercent(share) {
  if (!Number.isFinite(share)) return UNKNOWN;
  const value = share * 100;
  if (value === 0) return '0 %';
  if (value < 0.01) return '< 0.01 %';
  if (value < 1) return `${value.toFixed(2)} %`;
  return value < 99.95 ? `${value.toFixed(1)} %` : `${value.toFixed(0)} %`;
}

/** A share, or null when there was nothing to have a share of. */
export function share(part, whole) {
  return whole > 0 ? part / whole : null;
}

/** `312 of 4,020 (7.8 %)`. */
export function formatPartOf(part, whole) {
  const text = `${formatCount(part)} of ${formatCount(whole)}`;
  return whole > 0 ? `${text} (${formatPercent(part / whole)})` : text;
}

/** `13×`. */
export function formatFactor(value) {
  if (!Number.isFinite(value)) return UNKNOWN;
  return Math.abs(value) >= 10 ? `${formatCount(value)}×` : `${value.toFixed(1)}×`;
}

/** `13× (9.8× to 17×)`. */
export function formatRise(verdict) {
  if (!Number.isFinite(verdict.rise_factor)) return UNKNOWN;
  const text = formatFactor(verdict.rise_factor);
  if (!Number.isFinite(verdict.rise_low) || !Number.isFinite(verdict.rise_high)) return text;
  return `${text} (${formatFactor(verdict.rise_low)} to ${formatFactor(verdict.rise_high)})`;
}

/** `912 ms`, `8.4 s`. */
export function formatMillis(value) {
  if (!Number.isFinite(value)) return UNKNOWN;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** `6 h 5 min`: the two largest units that are not zero. */
export function formatDuration(seconds) {
  if (!Number.isFinite(seconds)) return UNKNOWN;
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]) {
    if (rest >= size && parts.length < 2) {
      parts.push(`${Math.floor(rest / size)} ${unit}`);
      rest %= size;
    }
  }
  return parts.join(' ') || '0 s';
}

/** Minutes that the chosen zone is ahead of UTC at an instant. */
export function zoneOffset(instant, zone) {
  return zone === 'local' ? -instant.getTimezoneOffset() : 0;
}

/** `UTC`, `UTC+01:00`. */
export function zoneName(offset) {
  if (offset === 0) return 'UTC';
  const minutes = Math.abs(offset);
  return `UTC${offset < 0 ? '−' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2026-11-22 05:00 UTC`: with its zone, for a sentence. */
export function formatTime(iso, zone) {
  const at = new Date(iso ?? NaN);
  if (Number.isNaN(at.getTime())) return UNKNOWN;
  return `${formatClock(iso, zone)} ${zoneName(zoneOffset(at, zone))}`;
}

/** `2026-11-22 05:00`: without the zone, for a column whose head names it. */
export function formatClock(iso, zone) {
  const at = new Date(iso ?? NaN);
  if (Number.isNaN(at.getTime())) return UNKNOWN;
  const shifted = new Date(at.getTime() + zoneOffset(at, zone) * 60000);
  const seconds = shifted.getUTCSeconds() === 0 ? 16 : 19;
  return shifted.toISOString().slice(0, seconds).replace('T', ' ');
}

/** `2026-11-22 04:56 to 05:03 UTC`: the day stands once when it is the same. */
export function formatInterval(low, high, zone) {
  const [from, to] = [formatClock(low, zone), formatTime(high, zone)];
  const sameDay = from.slice(0, 10) === to.slice(0, 10);
  return `${from} to ${sameDay ? to.slice(11) : to}`;
}

function two(value) {
  return String(value).padStart(2, '0');
}

const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/** Text in which nothing is invisible: control characters and marks of direction are written out. */
export function visible(text) {
  return String(text).replace(/\r\n/g, '\n').replace(HIDDEN, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/** Text no longer than a page can hold, and how much was cut. */
export function clip(text, charsMax) {
  const all = String(text);
  if (all.length <= charsMax) return all;
  return `${all.slice(0, charsMax)}\n[cut after ${formatCount(charsMax)} of ${formatCount(all.length)} characters; the report has more]`;
}

/** Headers stored as JSON pairs or as an object become lines; anything else stays as it is. */
export function headerLines(stored) {
  if (!stored) return '';
  let parsed;
  try {
    parsed = JSON.parse(stored);
  } catch {
    return stored;
  }
  if (Array.isArray(parsed)) {
    const pairs = parsed.map((p) => (Array.isArray(p) ? p : [p?.name, p?.value]));
    return pairs.every((p) => typeof p[0] === 'string') ? pairs.map((p) => `${p[0]}: ${p[1]}`).join('\n') : stored;
  }
  if (parsed === null || typeof parsed !== 'object') return stored;
  return Object.entries(parsed).map(([name, value]) => `${name}: ${value}`).join('\n');
}
