import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type CloudPorts } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { parseSelector } from './json-pattern.ts';
import type { LogEvent } from './log-file.ts';
import { type LogTest, parseJsonLine, parseLogPattern } from './log-pattern.ts';

/** Metrics counted from log lines. */
export interface MetricFilter {
  readonly group: string;
  readonly name: string;
  readonly pattern: string;
  readonly createdAtMs: number;
  readonly transformations: readonly MetricTransformation[];
}

export interface MetricTransformation {
  readonly namespace: string;
  readonly name: string;
  /** A number, or `$.path` of a JSON pattern. */
  readonly value: string;
  readonly defaultValue?: number | undefined;
  /** Name → `$.path`. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit?: string | undefined;
}

export interface RunningFilter {
  readonly filter: MetricFilter;
  readonly test: LogTest;
  /** Minute for which the default value has been given. */
  defaultMinuteMs: number;
}

/** @throws AwsError InvalidParameterException */
export const startFilter = (filter: MetricFilter): RunningFilter => {
  for (const { value, dimensions } of filter.transformations) {
    for (const selector of [value, ...Object.values(dimensions)]) {
      if (selector.startsWith('$')) parseSelector(selector);
      else if (Number.isNaN(Number(selector))) {
        throw new AwsError('InvalidParameterException', `metric value must be a number or $.path, got ${selector}`);
      }
    }
  }
  return { filter, test: parseLogPattern(filter.pattern), defaultMinuteMs: Number.NEGATIVE_INFINITY };
};

const select = (selector: string, line: unknown): unknown =>
  selector.startsWith('$') ? parseSelector(selector)(line) : Number(selector);

const putMatch = (transformation: MetricTransformation, event: LogEvent, put: CloudPorts['putMetric']): void => {
  const { namespace, name, unit = 'None' } = transformation;
  const line = parseJsonLine(event.message);
  const value = Number(select(transformation.value, line));
  if (!Number.isFinite(value)) return;
  const pairs = Object.entries(transformation.dimensions).map(([key, path]) => [key, select(path, line)] as const);
  if (pairs.some(([, found]) => found === undefined)) return;
  const dimensions = Object.fromEntries(pairs.map(([key, found]) => [key, String(found)]));
  put({ namespace, name, dimensions, value, unit, atMs: event.atMs });
};

/** Counts a line. The default value is given once for a minute in which a line came that does not match. */
export const countLine = (running: RunningFilter, event: LogEvent, put: CloudPorts['putMetric']): void => {
  const { filter, test } = running;
  if (test(event.message)) {
    for (const transformation of filter.transformations) putMatch(transformation, event, put);
    return;
  }
  const minuteMs = Math.floor(event.atMs / MINUTE_MS) * MINUTE_MS;
  if (minuteMs === running.defaultMinuteMs) return;
  running.defaultMinuteMs = minuteMs;
  for (const { namespace, name, defaultValue, unit = 'None' } of filter.transformations) {
    if (defaultValue === undefined) continue;
    put({ namespace, name, dimensions: {}, value: defaultValue, unit, atMs: event.atMs });
  }
};

/** The fields of one transformation; `casing` is the API's (metricName) or the template's (MetricName). */
export const readTransformation = (fields: Fields, casing: 'api' | 'template'): MetricTransformation => {
  const named = (name: string): string => (casing === 'template' ? name : name.charAt(0).toLowerCase() + name.slice(1));
  const dimensions =
    casing === 'api'
      ? fields.textMap('dimensions')
      : Object.fromEntries(
          fields.list('Dimensions', (one) => [one.requiredText('Key'), one.requiredText('Value')] as const) ?? [],
        );
  const transformation: MetricTransformation = {
    namespace: fields.requiredText(named('MetricNamespace')),
    name: fields.requiredText(named('MetricName')),
    value: fields.requiredText(named('MetricValue')),
    defaultValue: fields.number(named('DefaultValue')),
    dimensions: dimensions ?? {},
    unit: fields.text(named('Unit')),
  };
  if (transformation.defaultValue !== undefined && Object.keys(transformation.dimensions).length > 0) {
    throw fields.refuse(named('DefaultValue'), 'must be absent with dimensions');
  }
  return transformation;
};
