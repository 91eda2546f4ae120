import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchRow, ReportRow } from './bench-row.ts';
import { measureRow } from './measure-row.ts';

const MIN_SAMPLES = 3;
const MAX_SAMPLES = 101;

const USAGE = `npm run bench -- [--only NAME]... [--samples N] [--report FILE]

  --only NAME    measure this row only; may be repeated (default: every row)
  --samples N    samples of each row and of its baseline, ${MIN_SAMPLES} to ${MAX_SAMPLES} (default: ${MIN_SAMPLES}); the median counts
  --report FILE  also write the rows as JSON
  --help         show this text and the names of the rows
`;

/** Every file of rows/ exports one `row`. */
const loadRows = async (): Promise<readonly BenchRow[]> => {
  const folder = join(import.meta.dirname, 'rows');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(files.toSorted().map((file) => import(join(folder, file))));
  return modules.map(({ row }: { readonly row: BenchRow }) => row);
};

const choose = (rows: readonly BenchRow[], only: readonly string[]): readonly BenchRow[] => {
  const unknown = only.filter((name) => !rows.some((row) => row.name === name));
  if (unknown.length > 0) {
    throw new Error(`unknown row ${unknown.join(', ')}, known are ${rows.map(({ name }) => name).join(', ')}`);
  }
  return only.length === 0 ? rows : rows.filter(({ name }) => only.includes(name));
};

const sampleCountOf = (text: string): number => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < MIN_SAMPLES || count > MAX_SAMPLES) {
    throw new Error(`--samples must be an integer in [${MIN_SAMPLES}, ${MAX_SAMPLES}], got ${text}`);
  }
  return count;
};

const summary = ({ name, value, unit, betterIs, baseline, ratio }: ReportRow): string =>
  `${name}: ${value.toPrecision(4)} ${unit} (${betterIs} is better), ${ratio.toPrecision(3)} × the baseline's ${baseline.value.toPrecision(4)} ${unit}: ${baseline.name}`;

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      samples: { type: 'string', default: String(MIN_SAMPLES) },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const rows = await loadRows();
  if (values.help) {
    console.log(`${USAGE}\nRows:\n${rows.map(({ name }) => `  ${name}`).join('\n')}`);
    return;
  }
  const chosen = choose(rows, values.only);
  const sampleCount = sampleCountOf(values.samples);
  const report: ReportRow[] = [];
  // One after another: two rows at once would measure each other.
  for (const row of chosen) report.push(await measureRow(row, sampleCount, (line) => console.error(line)));
  for (const row of report) console.log(summary(row));
  if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify({ rows: report }, null, 2)}\n`);
};

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
