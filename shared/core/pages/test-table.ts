import { type Cell, escapeHtml, renderNote, renderTable } from '../reports/index.ts';
import { DAY_NOTE, INTERVAL_NOTE, type JudgedNumbers, tellTest } from '../test-suite/index.ts';

/** What a model's test suite found, as far as a page tells it. */
export interface TestTable {
  readonly day: string;
  readonly status: 'pass' | 'fail' | 'nothing tested';
  readonly passCount: number;
  readonly failCount: number;
  readonly skippedCount: number;
  readonly cleanDays: { readonly statement: string };
  readonly tests: readonly (JudgedNumbers & {
    readonly check: string;
    readonly column?: string | undefined;
    readonly by?: string | undefined;
    readonly slice?: string | undefined;
    readonly metric?: string | undefined;
    readonly status: 'pass' | 'fail' | 'skipped';
    readonly severity: string;
    readonly conditionFrom?: string | undefined;
    readonly reason: string;
    readonly failingSince?: string | undefined;
  })[];
}

type Test = TestTable['tests'][number];

const STATUS = { pass: '✓ passed', fail: '✗ failed', skipped: '– skipped' } as const;

export const testName = ({
  check,
  column,
  by,
  slice,
  metric,
}: Pick<Test, 'check' | 'column' | 'by' | 'slice' | 'metric'>): string =>
  [check, metric, column, by === undefined ? undefined : `by ${by}`, slice]
    .filter((part) => part !== undefined)
    .join(', ');

const rowOf = (test: Test): readonly Cell[] => {
  const { status, failingSince, conditionFrom, severity, reason } = test;
  const { measured, condition } = tellTest(test);
  return [
    testName(test),
    `${STATUS[status]}${failingSince === undefined ? '' : ` since ${failingSince}`}`,
    measured,
    conditionFrom === undefined ? condition : `${condition}, ${conditionFrom}`,
    severity,
    reason,
  ];
};

const COLUMNS = ['test', 'result', 'measured', 'condition', 'severity', 'why'];

/** Failed tests first; what was skipped is told behind a click. */
export const renderTests = ({ day, passCount, failCount, skippedCount, cleanDays, tests }: TestTable): string => {
  const table = (label: string, some: readonly Test[]): string =>
    renderTable({ label, columns: COLUMNS, rows: some.map(rowOf) });
  const ran = tests.filter(({ status }) => status !== 'skipped');
  const skipped = tests.filter(({ status }) => status === 'skipped');
  const mark = failCount > 0 ? 'refused' : 'passed';
  return [
    `<p><strong class="${mark}">${escapeHtml(`${failCount} failed`)}</strong>, ${passCount} passed, ${skippedCount} skipped on ${escapeHtml(day)}.</p>`,
    renderNote(cleanDays.statement),
    ...(ran.length === 0 ? [] : [table('Tests that ran', ran), renderNote(DAY_NOTE)]),
    ...(ran.some(({ interval }) => interval !== undefined) ? [renderNote(INTERVAL_NOTE)] : []),
    ...(skipped.length === 0
      ? []
      : [
          `<details><summary>${skipped.length} skipped, and why</summary>\n${table('Skipped tests', skipped)}\n</details>`,
        ]),
  ].join('\n');
};
