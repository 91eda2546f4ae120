import type { CloudPorts } from '../contracts.ts';
import { parseJsonLine } from './log-pattern.ts';

/**
 * Metrics inside log lines: CloudWatch's embedded metric format. A directive beyond its limits gives no metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

type Metric = Parameters<CloudPorts['putMetric']>[0];
type Plain = Readonly<Record<string, unknown>>;

const MAX_METRICS = 100;
const MAX_VALUES = 100;
const MAX_DIMENSIONS = 30;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const dimensionsOf = (line: Plain, set: unknown): Readonly<Record<string, string>> | undefined => {
  const names = listOf(set);
  const values = names.map((name) => [String(name), line[String(name)]] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(values.map(([name, value]) => [name, String(value)]));
};

const valuesOf = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is number => Number.isFinite(one));

const metricsOf = (line: Plain, directive: Plain, atMs: number): readonly Metric[] => {
  const namespace = String(directive.Namespace ?? '');
  const sets = directive.Dimensions === undefined ? [[]] : listOf(directive.Dimensions);
  const definitions = listOf(directive.Metrics).filter(isPlain);
  return sets.flatMap((set) => {
    const dimensions = dimensionsOf(line, set);
    if (dimensions === undefined) return [];
    return definitions.flatMap(({ Name, Unit }) =>
      valuesOf(line[String(Name)]).map((value) => ({
        namespace,
        name: String(Name),
        dimensions,
        value,
        unit: typeof Unit === 'string' ? Unit : 'None',
        atMs,
      })),
    );
  });
};

const isWithinLimits = (line: Plain, { Namespace, Dimensions, Metrics }: Plain): boolean => {
  const definitions = listOf(Metrics).filter(isPlain);
  return (
    typeof Namespace === 'string' &&
    Namespace.length >= 1 &&
    Namespace.length <= 256 &&
    definitions.length <= MAX_METRICS &&
    listOf(Dimensions).every((set) => listOf(set).length <= MAX_DIMENSIONS) &&
    definitions.every(({ Name }) => listOf(line[String(Name)]).length <= MAX_VALUES)
  );
};

export interface EmbeddedMetrics {
  readonly metrics: readonly Metric[];
  /** Directives that are wrong, and so give no metrics. */
  readonly errorCount: number;
}

const NONE: EmbeddedMetrics = { metrics: [], errorCount: 0 };

/** The metrics that a line carries; none for any other line. Cheap for lines that are not of this format. */
export const embeddedMetrics = (message: string): EmbeddedMetrics => {
  if (!message.startsWith('{') || !message.includes('"_aws"')) return NONE;
  const line = parseJsonLine(message);
  if (!isPlain(line) || !isPlain(line._aws)) return NONE;
  const { Timestamp, CloudWatchMetrics } = line._aws;
  if (typeof Timestamp !== 'number') return NONE;
  const directives = listOf(CloudWatchMetrics).filter(isPlain);
  const valid = directives.filter((directive) => isWithinLimits(line, directive));
  return {
    metrics: valid.flatMap((directive) => metricsOf(line, directive, Timestamp)),
    errorCount: directives.length - valid.length,
  };
};
