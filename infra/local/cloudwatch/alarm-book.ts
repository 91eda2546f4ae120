import { AwsError, type ServiceContext } from '../contracts.ts';
import { type Alarm, type CompositeAlarm, isComposite } from './alarm.ts';
import { parseCompositeRule } from './composite-rule.ts';
import { type MetricIdentity, metricKey } from './metric-store.ts';

/** The durable alarms, with the ways back to them from metrics and from other alarms. */
export interface AlarmBook {
  readonly find: (nameOrArn: string) => Alarm | undefined;
  /** @throws AwsError ResourceNotFound */
  readonly get: (nameOrArn: string) => Alarm;
  /** By name. */
  readonly list: () => readonly Alarm[];
  readonly write: (alarm: Alarm) => void;
  readonly remove: (name: string) => void;
  readonly readingMetric: (metric: MetricIdentity) => ReadonlySet<string>;
  readonly readingAlarm: (alarm: Alarm) => readonly CompositeAlarm[];
}

const NONE: ReadonlySet<string> = new Set();

const metricsOf = (alarm: Alarm): readonly string[] =>
  alarm.kind === 'metric' ? alarm.queries.flatMap(({ metricStat }) => (metricStat ? [metricKey(metricStat)] : [])) : [];

export const createAlarmBook = ({ store }: ServiceContext): AlarmBook => {
  const table = store.table<Alarm>('cloudwatch.alarms');
  const alarms = new Map<string, Alarm>();
  const byMetric = new Map<string, Set<string>>();

  const forget = (name: string): void => {
    const before = alarms.get(name);
    for (const key of before === undefined ? [] : metricsOf(before)) byMetric.get(key)?.delete(name);
    alarms.delete(name);
  };
  const remember = (alarm: Alarm): void => {
    forget(alarm.name);
    alarms.set(alarm.name, alarm);
    for (const key of metricsOf(alarm)) byMetric.set(key, (byMetric.get(key) ?? new Set()).add(alarm.name));
  };
  for (const [, alarm] of table.entries()) remember(alarm);

  // The name is what follows `:alarm:` in an ARN.
  const find = (nameOrArn: string): Alarm | undefined =>
    alarms.get(nameOrArn.replace(/^arn:aws:cloudwatch:.*?:alarm:/, ''));

  return {
    find,
    get: (name) => {
      const found = find(name);
      if (found === undefined) throw new AwsError('ResourceNotFound', `alarm ${name} does not exist`, 404);
      return found;
    },
    list: () => [...alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    write: (alarm) => {
      table.put(alarm.name, alarm);
      remember(alarm);
    },
    remove: (name) => {
      forget(name);
      table.delete(name);
    },
    readingMetric: (metric) => byMetric.get(metricKey(metric)) ?? NONE,
    readingAlarm: (alarm) =>
      [...alarms.values()]
        .filter(isComposite)
        .filter(({ rule }) => parseCompositeRule(rule).alarms.some((one) => one === alarm.name || one === alarm.arn)),
  };
};
