import { showAnyValue } from './show-any-value.ts';
import type { AnyValue, KeyValue, Span } from './span.ts';
import { type TokenUsage, tokenUsageOf } from './token-usage.ts';
import type { RootSpan, SpanSummary } from './trace.ts';

/** Beyond it the tokens of further spans are not counted: what is kept of a trace must fit into one item. */
export const MOST_USAGES = 3_000;
export const LONGEST_PREVIEW = 1_000;

/** MLflow's own attribute first, then those of the common OpenTelemetry conventions. */
const INPUT_KEYS = ['mlflow.spanInputs', 'input.value', 'gen_ai.input.messages', 'traceloop.entity.input'] as const;
const OUTPUT_KEYS = [
  'mlflow.spanOutputs',
  'output.value',
  'gen_ai.output.messages',
  'traceloop.entity.output',
] as const;

export const attributeOf = (attributes: readonly KeyValue[], key: string): AnyValue | undefined =>
  attributes.findLast((attribute) => attribute.key === key)?.value;

export const cutPreview = (text: string): string =>
  text.length <= LONGEST_PREVIEW ? text : `${text.slice(0, LONGEST_PREVIEW - 3)}...`;

/** Foreign conventions put JSON into a text: it is shown as it is. */
const previewOf = (attributes: readonly KeyValue[], keys: readonly string[]): string | undefined => {
  for (const key of keys) {
    const value = attributeOf(attributes, key);
    if (value === undefined) continue;
    const asItIs = key.startsWith('mlflow.') ? undefined : value.stringValue;
    return cutPreview(asItIs ?? showAnyValue(value));
  }
  return undefined;
};

const rootOf = (span: Span): RootSpan => {
  const requestPreview = previewOf(span.attributes, INPUT_KEYS);
  const responsePreview = previewOf(span.attributes, OUTPUT_KEYS);
  const ended = span.status.code === 2 ? 'ERROR' : 'OK';
  return {
    spanId: span.spanId,
    startUnixNano: span.startTimeUnixNano,
    ...(span.endTimeUnixNano === undefined ? {} : { endUnixNano: span.endTimeUnixNano }),
    name: span.name,
    state: span.endTimeUnixNano === undefined ? 'IN_PROGRESS' : ended,
    ...(requestPreview === undefined ? {} : { requestPreview }),
    ...(responsePreview === undefined ? {} : { responsePreview }),
  };
};

const summaryOf = (span: Span): SpanSummary => {
  const usage = tokenUsageOf(span.attributes);
  return {
    startUnixNano: span.startTimeUnixNano,
    ...(span.endTimeUnixNano === undefined ? {} : { endUnixNano: span.endTimeUnixNano }),
    ...(span.parentSpanId === undefined ? { root: rootOf(span) } : {}),
    usageBySpan: usage === undefined ? {} : { [span.spanId]: usage },
  };
};

/** @returns undefined of no spans. */
export const summarizeSpans = (spans: readonly Span[]): SpanSummary | undefined => {
  const [first, ...others] = spans.map(summaryOf);
  if (first === undefined) return undefined;
  const usages = [first, ...others].flatMap(({ usageBySpan }) => Object.entries(usageBySpan));
  // Joined without the usages, which would be copied once per span.
  const joined = others.reduce<SpanSummary>((all, one) => join(all, one, {}), { ...first, usageBySpan: {} });
  return { ...joined, usageBySpan: joinUsages(usages) };
};

export const joinSummaries = (a: SpanSummary | undefined, b: SpanSummary | undefined): SpanSummary | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return join(a, b, joinUsages([...Object.entries(a.usageBySpan), ...Object.entries(b.usageBySpan)]));
};

const join = (a: SpanSummary, b: SpanSummary, usageBySpan: SpanSummary['usageBySpan']): SpanSummary => {
  const endUnixNano = later(a.endUnixNano, b.endUnixNano);
  const root = a.root === undefined || b.root === undefined ? (a.root ?? b.root) : betterRoot(a.root, b.root);
  return {
    startUnixNano: BigInt(a.startUnixNano) <= BigInt(b.startUnixNano) ? a.startUnixNano : b.startUnixNano,
    ...(endUnixNano === undefined ? {} : { endUnixNano }),
    ...(root === undefined ? {} : { root }),
    usageBySpan,
  };
};

const later = (a: string | undefined, b: string | undefined): string | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return BigInt(a) >= BigInt(b) ? a : b;
};

/** By what decides which of two roots is the trace's: the earlier one; of one span told twice, the ended telling. */
const rankOf = ({ startUnixNano, endUnixNano, spanId }: RootSpan): readonly (bigint | string)[] => [
  BigInt(startUnixNano),
  spanId,
  -BigInt(endUnixNano ?? 0),
];

const betterRoot = (a: RootSpan, b: RootSpan): RootSpan => {
  const [ranksA, ranksB] = [rankOf(a), rankOf(b)];
  for (const [index, rankA] of ranksA.entries()) {
    const rankB = ranksB[index] as bigint | string;
    if (rankA !== rankB) return rankA < rankB ? a : b;
  }
  return JSON.stringify(a) <= JSON.stringify(b) ? a : b;
};

/** The greater telling of a span's usage stands; of too many spans those with the least ids are kept. */
const joinUsages = (usages: readonly (readonly [string, TokenUsage])[]): SpanSummary['usageBySpan'] => {
  const joined = new Map<string, TokenUsage>();
  for (const [spanId, usage] of usages) {
    const standing = joined.get(spanId);
    if (standing === undefined || compareUsages(usage, standing) > 0) joined.set(spanId, usage);
  }
  const sorted = [...joined].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.slice(0, MOST_USAGES));
};

const compareUsages = (a: TokenUsage, b: TokenUsage): number =>
  a.totalTokens - b.totalTokens || a.inputTokens - b.inputTokens || a.outputTokens - b.outputTokens;
