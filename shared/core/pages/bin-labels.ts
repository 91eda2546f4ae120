import { shortNumber } from '../reports/index.ts';

/** Bins of numbers by their inner edges: bin i holds `edges[i − 1] < x ≤ edges[i]`. */
export const numberBinLabels = (edges: readonly number[]): readonly string[] => {
  if (edges.length === 0) return ['all'];
  const [first = 0] = edges;
  const last = edges.at(-1) ?? 0;
  const inner = edges.slice(1).map((edge, at) => `${shortNumber(edges[at] ?? 0)} to ${shortNumber(edge)}`);
  return [`to ${shortNumber(first)}`, ...inner, `above ${shortNumber(last)}`];
};

export const categoryBinLabels = (categories: readonly string[]): readonly string[] => [
  ...categories.map((category) => (category === '' ? '(empty)' : category)),
  'all others',
];
