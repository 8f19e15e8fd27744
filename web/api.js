// The only file that fetches. Answers are values; a refusal is an ApiError with the server's own words.

const BASE = '/api/v1';

/** An answer that is not a success: an RFC 9457 problem document, or what stands in for one. */
export class ApiError extends Error {
  constructor(status, title, detail) {
    super(detail || title);
    this.name = 'ApiError';
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

export function listIntegrations(range, signal) {
  return fetchJson(`${BASE}/integrations`, range, signal);
}

export function findIntegration(name, range, signal) {
  return fetchJson(`${BASE}/integrations/${encodeURIComponent(name)}`, range, signal);
}

/** The server's chart as SVG text. */
export async function fetchChart(params, signal) {
  const response = await request(`${BASE}/chart.svg`, params, signal);
  return response.text();
}

/** The address of the report, for a link. */
export function reportPath(name, form, range) {
  return withQuery(`${BASE}/integrations/${encodeURIComponent(name)}/report.${form}`, range);
}

async function fetchJson(path, params, signal) {
  const response = await request(path, params, signal);
  return response.json();
}

async function request(path, params, signal) {
  const response = await fetch(withQuery(path, params), { signal });
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response) {
  try {
    const problem = await response.json();
    return new ApiError(response.status, problem.title ?? response.statusText, problem.detail ?? '');
  } catch {
    return new ApiError(response.status, response.statusText || `status ${response.status}`, '');
  }
}

function withQuery(path, params) {
  const query = new URLSearchParams(params).toString();
  return query ? `${path}?${query}` : path;
}
