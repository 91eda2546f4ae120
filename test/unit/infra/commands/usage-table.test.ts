import { expect, it } from 'vitest';
import { usageTable } from '../../../../infra/commands/usage-table.ts';

const usage = (day: string, client: string, version: number, requestCount: number) => ({
  model: 'births',
  day,
  client,
  version,
  requestCount,
  rowCount: 10 * requestCount,
});
const ARN = 'arn:aws:iam::1:user/ann';
const all = [
  usage('2026-11-01', 'key:k1', 9, 1),
  usage('2026-11-02', 'key:k1', 9, 2),
  usage('2026-11-02', 'key:k1', 10, 4),
  usage('2026-11-02', ARN, 10, 8),
];
const clients = new Map([['k1', 'zeta']]);

it('usage is a table by client, model and version, with its sum', () => {
  expect(usageTable(all, { daily: false, clients }).split('\n')).toEqual([
    'CLIENT                   MODEL   VERSION  REQUESTS  ROWS',
    'arn:aws:iam::1:user/ann  births  10       8         80',
    'zeta                     births  9        3         30',
    'zeta                     births  10       4         40',
    'all                                       15        150',
  ]);
});

it('a key without a name is told by its id, and days by themselves when they are asked for', () => {
  expect(usageTable(all.slice(0, 2), { daily: true, clients: new Map() }).split('\n')).toEqual([
    'DAY         CLIENT  MODEL   VERSION  REQUESTS  ROWS',
    '2026-11-01  key:k1  births  9        1         10',
    '2026-11-02  key:k1  births  9        2         20',
    '            all                      3         30',
  ]);
});
