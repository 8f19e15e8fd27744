// What a verdict is called, how it looks without colour, and what needs a person first. Pure.

export const KINDS = ['category2', 'undecided', 'category1', 'quiet'];

const WORDS = {
  category2: { word: 'Category 2', icon: '▲', says: 'really failing: open a support case' },
  undecided: { word: 'Undecided', icon: '◆', says: 'too little data to say' },
  category1: { word: 'Category 1', icon: '●', says: 'noise: retry' },
  quiet: { word: 'Quiet', icon: '○', says: 'nothing beyond the normal' },
};

const REASONS = {
  sustained_rise: 'sustained rise',
  reproducible: 'reproducible',
  novel: 'never seen before',
  sporadic: 'sporadic',
  too_little_data: 'too little data',
  quiet: 'quiet',
  silent: 'no data since',
};

const CLASSES = {
  '5xx': '5xx',
  429: '429',
  no_response: 'no answer',
  error_code: 'error code',
  silence: 'silence',
};

/** The API has `null` for undecided and for quiet; the reason tells them apart. */
export function kindOf(verdict) {
  if (verdict.category === 2) return 'category2';
  if (verdict.category === 1) return 'category1';
  return verdict.reason === 'quiet' ? 'quiet' : 'undecided';
}

export function wordsOf(kind) {
  return WORDS[kind];
}

export function reasonWord(reason) {
  return REASONS[reason] ?? String(reason);
}

export function className(name) {
  return CLASSES[name] ?? String(name);
}

export function seriesName(series) {
  const parts = [series.operation ?? 'all operations'];
  if (series.slice) parts.push(series.slice);
  return parts.join(', ');
}

/** What is to be done comes first: by verdict, going on before ended, then the larger rise, then the name. */
export function compareIntegrations(a, b) {
  const [x, y] = [a.headline, b.headline];
  return (
    KINDS.indexOf(kindOf(x)) - KINDS.indexOf(kindOf(y)) ||
    Number(y.state === 'ongoing') - Number(x.state === 'ongoing') ||
    (y.rise_factor ?? 0) - (x.rise_factor ?? 0) ||
    (a.integration < b.integration ? -1 : 1)
  );
}

/** Whether the range lies where no data are: a verdict of before would look like one of this range. */
export function isSilent(integrations) {
  return integrations.every(({ counts }) => counts.requests === 0 && counts.throttled_local === 0);
}

export function countKinds(integrations) {
  const counts = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  for (const row of integrations) counts[kindOf(row.headline)] += 1;
  return counts;
}
