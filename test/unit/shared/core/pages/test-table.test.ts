import { expect, it } from 'vitest';
import { renderTests, type TestTable } from '../../../../../shared/core/pages/test-table.ts';

it('shows the interval that decides beside the value, as the report of the day does', () => {
  const table: TestTable = {
    day: '2001-02-17',
    status: 'pass',
    passCount: 1,
    failCount: 0,
    skippedCount: 0,
    cleanDays: { statement: 'no days' },
    tests: [
      {
        check: 'label-drift',
        status: 'pass',
        severity: 'low',
        measured: 0.043291,
        interval: [-0.0031, 0.0835],
        condition: { atLeast: -0.03924, atMost: 0.03924 },
        conditionFrom: 'training',
        reason: '',
      },
    ],
  };

  const html = renderTests(table);

  expect(html).toContain('0.0433 (−0.0031 to 0.0835)');
  expect(html).toContain('at least −0.0392 and at most 0.0392, training');
  expect(html).toContain('fails only where no value of the interval');
  expect(html).toContain('Tests are of the day alone');
});
