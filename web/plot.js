// Where an instant stands in the server's chart, and what happened in the step around it. Pure.

/** The plot's place as the chart's data attributes tell it; null when the chart has none. */
export function readPlot(data) {
  const plot = {
    left: Number(data.left),
    right: Number(data.right),
    top: Number(data.top),
    bottom: Number(data.bottom),
    since: Date.parse(data.since),
    until: Date.parse(data.until),
    stepS: Number(data.stepS),
  };
  const known = Object.values(plot).every(Number.isFinite);
  return known && plot.right > plot.left && plot.until > plot.since && plot.stepS > 0 ? plot : null;
}

/** The instant at a column of the chart, in milliseconds, never outside the range. */
export function timeAt(plot, x) {
  const part = (x - plot.left) / (plot.right - plot.left);
  const time = plot.since + part * (plot.until - plot.since);
  return Math.min(Math.max(time, plot.since), plot.until - 1);
}

/** The counts of the step that holds an instant: the same sums that the chart shows. */
export function sumStep(rows, time, stepS) {
  const stepMs = stepS * 1000;
  const start = Math.floor(time / stepMs) * stepMs;
  const sum = { start, requests: 0, throttled: 0, server_errors: 0, no_response: 0 };
  for (const row of rows) {
    const at = Date.parse(row.window_start);
    if (at < start || at >= start + stepMs) continue;
    sum.requests += row.requests;
    sum.throttled += row.throttled;
    sum.server_errors += row.server_errors;
    sum.no_response += row.no_response;
  }
  return sum;
}
