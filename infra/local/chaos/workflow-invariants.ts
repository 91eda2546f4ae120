import { tellMinute } from '../../../shared/kernel/time.ts';
import type { ChaosFacts } from './facts.ts';
import type { Invariant } from './invariant.ts';

/** What became of executions, alarms and what nobody could handle. */

const FAILED = ['FAILED', 'TIMED_OUT', 'ABORTED'];

const everythingEnded = ({ executions }: ChaosFacts): readonly string[] =>
  executions
    .filter(({ status }) => status !== 'SUCCEEDED' && !FAILED.includes(status))
    .map(({ workflow, name, status }) => `${workflow} ${name} is ${status}`);

const detailsOf = (mails: readonly unknown[]): readonly Readonly<Record<string, unknown>>[] =>
  mails.map((mail) => ((mail as { readonly detail?: unknown }).detail ?? {}) as Readonly<Record<string, unknown>>);

const failuresAreTold = ({ executions, mails, deadLetters, alarms }: ChaosFacts): readonly string[] => {
  const told = new Set(detailsOf(mails).map(({ executionArn }) => executionArn));
  const silent = executions
    .filter(({ status, arn }) => FAILED.includes(status) && !told.has(arn))
    .map(({ workflow, name, status }) => `nobody was told that ${workflow} ${name} is ${status}`);
  const filled = Object.entries(deadLetters).filter(([, count]) => count > 0);
  const rang = alarms.some(({ name, to }) => name.endsWith('-dead-letters') && to === 'ALARM');
  return filled.length > 0 && !rang
    ? [...silent, `${filled.map(([queue, count]) => `${queue} holds ${count}`).join(', ')}, and no alarm rang`]
    : silent;
};

const causeKey = (cause: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([cause.alarmName, cause.stateChangedAt, cause.coolDownEndedAt]);

/** As the mail of a refused training tells of the alarm that asked for it. */
const REFUSED = /^a training of \S+ was refused\n.*^Asked for by alarm: (\S+, which rang at [^.]+)\./ms;

const refusedBy = (mails: readonly unknown[]): ReadonlySet<string | undefined> =>
  new Set(mails.flatMap((mail) => (typeof mail === 'string' ? [REFUSED.exec(mail)?.[1]] : [])));

/** One training for each time an alarm began to ring, or a refusal that says why there is none. */
const alarmsRetrainOnce = ({ models, alarms, mails, deadLetters }: ChaosFacts): readonly string[] => {
  const byAlarm = models.flatMap(({ runs }) => runs.filter(({ cause }) => cause.kind === 'alarm'));
  const counts = new Map<string, number>();
  for (const { cause } of byAlarm) counts.set(causeKey(cause), (counts.get(causeKey(cause)) ?? 0) + 1);
  const doubled = [...counts]
    .filter(([, count]) => count > 1)
    .map(([key, count]) => `${key} started ${count} trainings`);

  const refused = refusedBy(mails);
  const answeredAt = new Set(
    byAlarm.map(({ cause: { alarmName, stateChangedAt } }) => `${alarmName} ${stateChangedAt}`),
  );
  // What EventBridge could not hand over lies in a dead-letter queue, whose own alarm is judged elsewhere.
  const undelivered = Object.values(deadLetters).some((count) => count > 0);
  const unheard = alarms
    .filter(({ name, to }) => name.endsWith('-drift') && to === 'ALARM')
    .filter(({ name, atMs }) => !refused.has(`${name}, which rang at ${tellMinute(atMs)}`))
    .map(({ name, atMs }) => `${name} ${new Date(atMs).toISOString()}`)
    .filter((rang) => !answeredAt.has(rang) && !undelivered)
    .map((rang) => `${rang} started no training, and nobody refused it`);
  return [...doubled, ...unheard];
};

/** A bug of the embedded cloud must not pass for a fault. */
const cloudHasNoProblems = ({ problems }: ChaosFacts): readonly string[] => problems;

export const WORKFLOW_INVARIANTS: readonly Invariant[] = [
  { name: 'every execution ended', breaches: everythingEnded },
  { name: 'every failure reached a person', breaches: failuresAreTold },
  { name: 'an alarm starts one training', breaches: alarmsRetrainOnce },
  { name: 'the embedded cloud itself did not fail', breaches: cloudHasNoProblems },
];
