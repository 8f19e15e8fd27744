// The small curve of a row: the share of 5xx, of 429 and of missing answers over the range. Pure; the page turns paths into elements.

/** A share below this does not fill the curve: a quiet day must not look like an outage. */
const TOP_MIN = 0.02;

/** SVG path data of a series as steps; a window without calls is a gap. */
export function stepPath(shares, width, height, top) {
  const step = width / Math.max(shares.length, 1);
  let path = '';
  let open = false;
  shares.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    const y = round(height - Math.min(value / top, 1) * height);
    path += `${open ? 'L' : 'M'}${round(i * step)} ${y}H${round((i + 1) * step)}`;
    open = true;
  });
  return path;
}

/** Shares by window, the height of the curve, and the last window that had a failure. */
export function readSpark(windows, baseline) {
  const part = (n, all) => (all > 0 ? Math.min(n / all, 1) : null);
  const s5xx = windows.map((w) => part(w.server_errors, w.requests));
  const s429 = windows.map((w) => part(w.throttled, w.requests));
  const none = windows.map((w) => part(w.no_response, w.requests));
  const top = Math.max(TOP_MIN, baseline ?? 0, ...s5xx, ...s429, ...none);
  const failed = windows.filter((w) => w.server_errors + w.throttled + w.no_response > 0);
  return { s5xx, s429, none, top, lastFailure: failed.at(-1)?.window_start ?? null };
}

function round(value) {
  return Math.round(value * 10) / 10;
}
