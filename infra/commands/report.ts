import { writeFile } from 'node:fs/promises';
import { type DailyReport, renderDailyReport, tellCondition } from '../../shared/core/test-suite/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform } from './open-platform.ts';
import { readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';
import { textTable } from './text-table.ts';

const USAGE = `millrace report MODEL [--day YYYY-MM-DD] [--html FILE] [--json]
  ${STAGE_USAGE}

What the daily check found: the test suite with what was measured and what it must be, what drifts, how well predictions
were met, and what to do next. Without --day, the newest day. --html writes the page, which needs nothing else.`;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Also of the calendar: 2001-02-30 is no day. */
const isDay = (text: string): boolean =>
  DAY.test(text) && new Date(Date.parse(text) || 0).toISOString().slice(0, 10) === text;
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, day: text, html: text, json: flag, help: flag }, USAGE);

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

const tell = ({ model, day, version, tests, drift, performance, next }: DailyReport): string => {
  const { passCount, failCount, skippedCount, cleanDays } = tests;
  const rows = tests.tests
    .filter(({ status }) => status !== 'skipped')
    .map(({ status, id, severity, measured = 0, condition = {}, conditionFrom = '' }) => [
      status,
      id,
      severity,
      String(Number(measured.toPrecision(4))),
      tellCondition(condition),
      conditionFrom,
    ]);
  return [
    `${model} on ${day}${version === undefined ? '' : `, version ${version}`}: ${failCount} ${failCount === 1 ? 'test' : 'tests'} failed, ${passCount} passed, ${skippedCount} skipped`,
    ...(rows.length === 0
      ? []
      : ['', textTable([['RESULT', 'TEST', 'SEVERITY', 'MEASURED', 'MUST BE', 'BY'], ...rows])]),
    ...skippedLines(tests.tests),
    '',
    cleanDays.statement,
    ...(drift === undefined ? [] : ['', `drift: ${drift.reason}`, ...namedLines(drift)]),
    ...(performance === undefined ? [] : [`quality: ${performance.reason}`]),
    '',
    'what to do next:',
    ...next.map(({ what, command }) => `- ${what}${command === undefined ? '' : `\n  ${command}`}`),
  ].join('\n');
};

const main = async (): Promise<void> => {
  const model = readModelName(words);
  const { day = 'latest' } = values;
  if (values.day !== undefined && !isDay(day))
    throw new InvalidRequestError(`--day must be a day as YYYY-MM-DD, got ${day}`);
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  const report = (await api.get(`/models/${model}/reports/${day}?format=json`)) as DailyReport;
  if (values.html !== undefined) await writeFile(values.html, renderDailyReport(report, 'files'));
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else console.log(values.html === undefined ? tell(report) : `${values.html}: ${model} on ${report.day}`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
