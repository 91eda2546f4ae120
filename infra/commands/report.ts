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
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, day: text, html: text, json: flag, help: flag }, USAGE);

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
    `${model} on ${day}${version === undefined ? '' : `, version ${version}`}: ${failCount} tests failed, ${passCount} passed, ${skippedCount} skipped`,
    ...(rows.length === 0
      ? []
      : ['', textTable([['RESULT', 'TEST', 'SEVERITY', 'MEASURED', 'MUST BE', 'BY'], ...rows])]),
    '',
    cleanDays.statement,
    ...(drift === undefined ? [] : ['', `drift: ${drift.reason}`]),
    ...(performance === undefined ? [] : [`quality: ${performance.reason}`]),
    '',
    'what to do next:',
    ...next.map(({ what, command }) => `- ${what}${command === undefined ? '' : `\n  ${command}`}`),
  ].join('\n');
};

const main = async (): Promise<void> => {
  const model = readModelName(words);
  const { day = 'latest' } = values;
  if (day !== 'latest' && !DAY.test(day)) throw new InvalidRequestError(`--day must be written YYYY-MM-DD, got ${day}`);
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  const report = (await api.get(`/models/${model}/reports/${day}?format=json`)) as DailyReport;
  if (values.html !== undefined) await writeFile(values.html, renderDailyReport(report));
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else console.log(values.html === undefined ? tell(report) : `${values.html}: ${model} on ${report.day}`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
