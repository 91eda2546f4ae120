import { writeFile } from 'node:fs/promises';
import { type DailyReport, renderDailyReport } from '../../shared/core/test-suite/index.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { dailyReportLines } from './daily-report-lines.ts';
import { openPlatform } from './open-platform.ts';
import { readDay, readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace report MODEL [--day YYYY-MM-DD] [--html FILE] [--json]
  ${STAGE_USAGE}

What the daily check found: the test suite with what was measured and what it must be, what drifts, how well predictions
were met, and what to do next. Without --day, the newest day. --html writes the page, which needs nothing else.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, day: text, html: text, json: flag, help: flag }, USAGE);

const main = async (): Promise<void> => {
  const model = readModelName(words);
  const day = readDay(values.day) ?? 'latest';
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  const report = (await api.get(`/models/${model}/reports/${day}?format=json`)) as DailyReport;
  if (values.html !== undefined) await writeFile(values.html, renderDailyReport(report, 'files'));
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else console.log(values.html === undefined ? dailyReportLines(report) : `${values.html}: ${model} on ${report.day}`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
