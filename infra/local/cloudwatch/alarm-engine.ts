import type { ServiceContext } from '../contracts.ts';
import {
  type Alarm,
  type AlarmSettings,
  type AlarmState,
  alarmArn,
  alarmType,
  type CompositeAlarm,
  type MetricAlarm,
  returnedQuery,
} from './alarm.ts';
import { type AlarmBook, createAlarmBook } from './alarm-book.ts';
import { evaluateAlarm, evaluationRange, nextChangeMs, nextLookMs } from './alarm-evaluation.ts';
import { type AlarmHistory, createAlarmHistory } from './alarm-history.ts';
import { createAlarmTimers } from './alarm-timers.ts';
import { type AlarmTransition, createAlarmTransition, type NextState } from './alarm-transition.ts';
import { alarmReason, alarmReasonData } from './alarm-words.ts';
import { parseCompositeRule } from './composite-rule.ts';
import type { TimeSeries } from './metric-math.ts';
import { type Range, runMetricQueries } from './metric-query.ts';
import type { MetricIdentity, MetricStore } from './metric-store.ts';

/** Alarms and their timers. An alarm is looked at when its metric gets data, and when time alone would change it. */
export interface AlarmEngine {
  readonly book: AlarmBook;
  readonly history: AlarmHistory;
  readonly put: (settings: AlarmSettings) => Alarm;
  readonly delete: (name: string) => void;
  readonly setState: (name: string, state: NextState) => void;
  readonly enableActions: (names: readonly string[], enabled: boolean) => void;
  /** Tells that a metric has new data. */
  readonly touch: (metric: MetricIdentity) => void;
  readonly start: () => void;
}

const EMPTY: TimeSeries = new Map();

interface Watch {
  /** Makes the alarm what `next` says, with all that follows. */
  readonly become: (alarm: Alarm, next: NextState) => void;
  /** Looks at the alarm no later than `atMs`. */
  readonly lookBy: (name: string, atMs: number) => void;
  readonly forget: (name: string) => void;
}

interface WatchParts {
  readonly metrics: MetricStore;
  readonly book: AlarmBook;
  readonly transition: AlarmTransition;
}

const createWatch = (context: ServiceContext, { metrics, book, transition }: WatchParts): Watch => {
  const { clock } = context;
  const readOver =
    (alarm: MetricAlarm) =>
    (range: Range): TimeSeries =>
      runMetricQueries(metrics, alarm.queries, range).get(returnedQuery(alarm).id) ?? EMPTY;

  const follow = (alarm: MetricAlarm): void => {
    const nextMs = nextChangeMs(alarm, alarm.state.value, clock.nowMs(), readOver(alarm));
    if (nextMs !== undefined) timers.set(alarm.name, nextMs);
  };

  const become = (alarm: Alarm, next: NextState): void => {
    const changed = transition.change(alarm, next);
    for (const parent of book.readingAlarm(alarm)) lookAtComposite(parent);
    if (changed.kind === 'metric') follow(changed);
  };

  const lookAtComposite = (alarm: CompositeAlarm): void => {
    const holds = parseCompositeRule(alarm.rule).holds((one) => book.find(one)?.state.value);
    const value = holds ? 'ALARM' : 'OK';
    if (value !== alarm.state.value) become(alarm, { value, reason: `${alarm.rule} is ${holds ? 'TRUE' : 'FALSE'}` });
  };

  const lookAtMetric = (alarm: MetricAlarm): void => {
    const nowMs = clock.nowMs();
    const evaluation = evaluateAlarm(alarm, readOver(alarm)(evaluationRange(alarm, nowMs)), nowMs);
    const steady = evaluation.state === 'retain' || evaluation.state === alarm.state.value;
    if (steady) follow(alarm);
    else
      become(alarm, {
        value: evaluation.state,
        reason: alarmReason(alarm, evaluation),
        reasonData: alarmReasonData(alarm, evaluation, nowMs),
      });
  };

  const timers = createAlarmTimers(context, (name) => {
    const alarm = book.find(name);
    if (alarm?.kind === 'metric') lookAtMetric(alarm);
    else if (alarm !== undefined) lookAtComposite(alarm);
  });

  return { become, lookBy: timers.set, forget: timers.cancel };
};

const unchecked = (nowMs: number): AlarmState => ({
  value: 'INSUFFICIENT_DATA',
  reason: 'Unchecked: Initial alarm creation',
  updatedAtMs: nowMs,
  transitionedAtMs: nowMs,
});

export const createAlarmEngine = (context: ServiceContext, metrics: MetricStore): AlarmEngine => {
  const { clock } = context;
  const book = createAlarmBook(context);
  const history = createAlarmHistory(context);
  const transition = createAlarmTransition(context, { history, book });
  const watch = createWatch(context, { metrics, book, transition });

  const lookSoon = (alarm: Alarm): void => {
    const nowMs = clock.nowMs();
    watch.lookBy(alarm.name, alarm.kind === 'metric' ? nextLookMs(alarm, nowMs) : nowMs);
  };

  const noteConfiguration = (alarm: Alarm, word: 'created' | 'updated'): void =>
    history.add({
      alarmName: alarm.name,
      alarmType: alarmType(alarm),
      atMs: clock.nowMs(),
      type: 'ConfigurationUpdate',
      summary: `Alarm "${alarm.name}" ${word}`,
      data: JSON.stringify({ version: '1.0', type: word === 'created' ? 'Create' : 'Update' }),
    });

  return {
    book,
    history,
    put: (settings) => {
      if (settings.kind === 'composite') parseCompositeRule(settings.rule).alarms.forEach(book.get);
      const before = book.find(settings.name);
      const nowMs = clock.nowMs();
      const state = before?.state ?? unchecked(nowMs);
      const alarm: Alarm = { ...settings, arn: alarmArn(context, settings.name), configuredAtMs: nowMs, state };
      book.write(alarm);
      noteConfiguration(alarm, before === undefined ? 'created' : 'updated');
      lookSoon(alarm);
      return alarm;
    },
    delete: (name) => {
      watch.forget(name);
      book.remove(name);
      history.deleteOf(name);
    },
    setState: (name, state) => {
      const alarm = book.get(name);
      if (alarm.state.value !== state.value) watch.become(alarm, state);
      // A state set by hand lasts until the next evaluation, as on AWS.
      if (alarm.kind === 'metric') watch.lookBy(name, nextLookMs(alarm, clock.nowMs() + 1));
    },
    enableActions: (names, enabled) => {
      for (const alarm of names.map(book.find)) {
        if (alarm !== undefined) book.write({ ...alarm, actions: { ...alarm.actions, actionsEnabled: enabled } });
      }
    },
    touch: (metric) => {
      for (const name of book.readingMetric(metric)) lookSoon(book.get(name));
    },
    start: () => {
      transition.resume();
      for (const alarm of book.list()) lookSoon(alarm);
    },
  };
};
