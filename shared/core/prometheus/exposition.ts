import type { MetricFamily, MetricSnapshot } from './metrics.ts';

/**
 * Text format 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const escapedValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const escapedHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const labelText = (names: readonly string[], values: readonly string[], extra = ''): string => {
  const pairs = names.map((name, i) => `${name}="${escapedValue(values[i] ?? '')}"`);
  if (extra !== '') pairs.push(extra);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const histogramLines = (
  { name, labels, bounds = [] }: MetricFamily,
  labelValues: readonly string[],
  values: readonly number[],
): readonly string[] => {
  let total = 0;
  const buckets = [...bounds.map(String), '+Inf'].map((bound, i) => {
    total += values[i] ?? 0;
    return `${name}_bucket${labelText(labels, labelValues, `le="${bound}"`)} ${total}`;
  });
  const own = labelText(labels, labelValues);
  return [...buckets, `${name}_sum${own} ${values[bounds.length + 1] ?? 0}`, `${name}_count${own} ${total}`];
};

/** What was counted, family by family in the order of their declaration; a family without series has none of its lines. */
export const writeExposition = (families: readonly MetricFamily[], snapshot: MetricSnapshot): string => {
  const lines = families.flatMap((family) => {
    const series = Object.entries(snapshot[family.name] ?? {});
    if (series.length === 0) return [];
    const { name, kind, help, labels } = family;
    return [
      `# HELP ${name} ${escapedHelp(help)}`,
      `# TYPE ${name} ${kind}`,
      ...series.flatMap(([key, values]) => {
        const labelValues = JSON.parse(key) as readonly string[];
        return kind === 'histogram'
          ? histogramLines(family, labelValues, values)
          : [`${name}${labelText(labels, labelValues)} ${values[0] ?? 0}`];
      }),
    ];
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
};
