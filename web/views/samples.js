// Masked requests and responses, as text: failing ones first, then the nearest that succeeded.

import { el } from '../dom.js';
import { clip, formatMillis, formatTime, headerLines } from '../format.js';

/** Of one message; a page with megabytes in it scrolls badly, and the report has the rest. */
const CHARS_MAX = 16000;

export function showSamples(samples, zone) {
  if (samples.length === 0) return [el('p', { class: 'quiet-text' }, 'No request or response was kept in this range.')];
  return samples.map((sample, i) => showSample(sample, zone, i === 0));
}

function showSample(sample, zone, open) {
  const good = sample.outcome === 'ok' || sample.outcome === 'redirect';
  const title = `${formatTime(sample.ts, zone)} `;
  return el('details', { class: 'sample', open: open ? '' : null, 'data-test-sample': sample.id },
    el('summary', {},
      el('span', { class: good ? 'outcome good' : 'outcome bad' }, good ? '✓ succeeded' : '✕ failed'), ` ${title}`,
      el('code', {}, `${sample.operation} → ${sample.status ?? sample.outcome}`)),
    el('dl', { class: 'facts' }, ...facts(sample)),
    el('div', { class: 'pair' },
      message('Request', `${sample.method} ${sample.host}${sample.url}`, sample.request_headers, sample.request_body),
      message('Response', `${sample.status ?? ''} ${sample.outcome}`.trim(), sample.response_headers, sample.response_body)),
    hasParts(sample) || !sample.raw ? null : message('The log line', sample.raw, null, null));
}

function hasParts(sample) {
  return Boolean(sample.request_headers || sample.request_body || sample.response_headers || sample.response_body);
}

function facts(sample) {
  const list = [
    ['Our request id', sample.request_id ?? 'none in the log'],
    ["Vendor's request id", sample.vendor_request_id ?? 'none in the log'],
    ['Error', [sample.error_code, sample.error_message].filter(Boolean).join(' ')],
    ['Attempt', String(sample.attempt)],
    ['Duration', formatMillis(sample.duration_ms)],
    ['Retry-After', Number.isFinite(sample.retry_after_s) ? `${sample.retry_after_s} s` : ''],
    ['Logged at', `${sample.source} line ${sample.line}`],
  ];
  return list.filter(([, value]) => value).map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, el('code', {}, clip(value, 1000)))));
}

function message(label, first, headers, body) {
  const parts = [first];
  if (headers) parts.push(`\n${headerLines(headers)}`);
  if (body) parts.push(`\n\n${body}`);
  return el('figure', {}, el('figcaption', {}, label), el('pre', { tabindex: '0' }, clip(parts.join(''), CHARS_MAX)));
}
