import { DAY_NOTE, type DailyReport, INTERVAL_NOTE, tellTest } from '../../shared/core/test-suite/index.ts';
import { textTable } from './text-table.ts';

/** A model's day as lines for a terminal. */

/** Why tests were skipped, and which, by reason. */
const skippedLines = (tests: DailyReport['tests']['tests']): readonly string[] => {
  const skipped = tests.filter(({ status }) => status === 'skipped');
  const byReason = Map.groupBy(skipped, ({ reason }) => reason);
  return byReason.size === 0
    ? []
    : ['', 'skipped:', ...[...byReason].map(([reason, some]) => `- ${some.map(({ id }) => id).join(', ')}: ${reason}`)];
};

const MOST_NAMED = 5;

/** Where a calibrated check found it, by contribution. */
const namedLines = ({ decision }: NonNullable<DailyReport['drift']>): readonly string[] =>
  (['columns', 'slices'] as const).flatMap((kind) => {
    const named = decision?.[kind].slice(0, MOST_NAMED) ?? [];
    if (named.length === 0) return [];
    return [`  ${kind}: ${named.map(({ name, share }) => `${name} ${Math.round(100 * share)} %`).join(', ')}`];
  });

export const dailyReportLines = ({ model, day, version, tests, drift, performance, next }: DailyReport): string => {
  const { passCount, failCount, skippedCount, cleanDays } = tests;
  const rows = tests.tests
    .filter(({ status }) => status !== 'skipped')
    .map((test) => {
      const { measured, condition } = tellTest(test);
      return [test.status, test.id, test.severity, measured, condition, test.conditionFrom ?? ''];
    });
  const hasInterval = tests.tests.some(({ status, interval }) => status !== 'skipped' && interval !== undefined);
  return [
    `${model} on ${day}${version === undefined ? '' : `, version ${version}`}: ${failCount} ${failCount === 1 ? 'test' : 'tests'} failed, ${passCount} passed, ${skippedCount} skipped`,
    ...(rows.length === 0
      ? []
      : ['', textTable([['RESULT', 'TEST', 'SEVERITY', 'MEASURED', 'MUST BE', 'BY'], ...rows])]),
    ...(hasInterval ? ['', INTERVAL_NOTE] : []),
    ...skippedLines(tests.tests),
    '',
    cleanDays.statement,
    ...(drift === undefined ? [] : ['', DAY_NOTE, `drift: ${drift.reason}`, ...namedLines(drift)]),
    ...(performance === undefined ? [] : [`quality: ${performance.reason}`]),
    '',
    'what to do next:',
    ...next.map(({ what, command }) => `- ${what}${command === undefined ? '' : `\n  ${command}`}`),
  ].join('\n');
};
