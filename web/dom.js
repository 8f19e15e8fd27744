// Elements from text. There is no way in this page to make an element from a string of HTML, and every text is made
// visible on its way in, so text of a log is only ever text.

import { visible } from './format.js';

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes and children. Texts and numbers become text nodes; null and false become nothing. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** The server's SVG as an element, without anything that could act. */
export function parseSvg(text) {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (parsed.namespaceURI !== SVG || parsed.localName !== 'svg') return null;
  parsed.querySelectorAll('script, style, foreignObject, a, image, use').forEach((part) => part.remove());
  return document.importNode(parsed, true);
}

export function replace(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((c) => c !== null && c !== false).map(toNode));
}

/** Call before `host` is filled again, and the answer after: whoever uses the keyboard stays at the same control. */
export function rememberFocus(host) {
  const reachable = () => [...host.querySelectorAll('a[href], button, input, select, summary, [tabindex]')];
  const place = reachable().indexOf(document.activeElement);
  return () => {
    if (place >= 0) reachable()[place]?.focus({ preventScroll: true });
  };
}

/** A table with its heads as heads. Columns: `{title, number, wide, cell(row)}`; the first cell names its row. */
export function table({ caption, columns, rows, mark, name }) {
  const head = columns.map((c) => el('th', { scope: 'col', class: classOf(c) }, c.title));
  const body = rows.map((row) => el('tr', mark?.(row), ...columns.map((c, i) => cell(c, row, i))));
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', { [`data-test-${name}`]: '' },
      el('caption', { class: 'quiet-text' }, caption),
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...body)));
}

function cell(column, row, i) {
  const attributes = { class: classOf(column) };
  if (i > 0) return el('td', attributes, ...[column.cell(row)].flat());
  return el('th', { ...attributes, scope: 'row' }, ...[column.cell(row)].flat());
}

function classOf(column) {
  return [column.number && 'number', column.wide && 'wide-only', column.class].filter(Boolean).join(' ') || null;
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false).map(toNode));
  return element;
}

function toNode(child) {
  return child instanceof Node ? child : document.createTextNode(visible(child));
}
