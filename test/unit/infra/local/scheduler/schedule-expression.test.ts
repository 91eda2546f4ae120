import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../../infra/local/scheduler/schedule-expression.ts';

const fires = (expression: string, count: number, { from = '2024-01-01T00:00:00Z', timeZoneName = 'UTC' } = {}) => {
  const schedule = parseSchedule({ expression, timeZoneName, rateStartMs: Date.parse(from) });
  const found: string[] = [];
  let atMs: number | undefined = Date.parse(from) - 1;
  while (found.length < count) {
    atMs = schedule.nextAfter(atMs);
    if (atMs === undefined) return found;
    found.push(new Date(atMs).toISOString().slice(0, 16));
  }
  return found;
};

describe('a schedule expression', () => {
  it.each<[expression: string, expected: readonly string[]]>([
    ['rate(12 hours)', ['2024-01-01T00:00', '2024-01-01T12:00', '2024-01-02T00:00']],
    ['cron(30 8 * * ? *)', ['2024-01-01T08:30', '2024-01-02T08:30', '2024-01-03T08:30']],
    ['cron(0/20 23 ? * SAT *)', ['2024-01-06T23:00', '2024-01-06T23:20', '2024-01-06T23:40']],
    ['cron(0 6 ? * MON-FRI *)', ['2024-01-01T06:00', '2024-01-02T06:00', '2024-01-03T06:00']],
    ['cron(0 0 L * ? *)', ['2024-01-31T00:00', '2024-02-29T00:00', '2024-03-31T00:00']],
    ['cron(0 0 15W * ? *)', ['2024-01-15T00:00', '2024-02-15T00:00', '2024-03-15T00:00']],
    ['cron(0 0 1W 6,9 ? *)', ['2024-06-03T00:00', '2024-09-02T00:00', '2025-06-02T00:00']],
    ['cron(0 0 ? * 6L *)', ['2024-01-26T00:00', '2024-02-23T00:00', '2024-03-29T00:00']],
    ['cron(0 0 ? * TUE#2 *)', ['2024-01-09T00:00', '2024-02-13T00:00', '2024-03-12T00:00']],
    ['cron(0 0 29 2 ? *)', ['2024-02-29T00:00', '2028-02-29T00:00', '2032-02-29T00:00']],
    ['cron(0 0 1 JAN ? 2026-2027)', ['2026-01-01T00:00', '2027-01-01T00:00']],
    ['at(2024-05-05T05:05:05)', ['2024-05-05T05:05']],
  ])('%s', (expression, expected) => {
    expect(fires(expression, 3)).toEqual(expected);
  });

  it('follows the local time of its zone across a change of the clocks', () => {
    const found = fires('cron(0 8 * * ? *)', 3, { from: '2024-03-09T00:00:00Z', timeZoneName: 'America/New_York' });

    expect(found).toEqual(['2024-03-09T13:00', '2024-03-10T12:00', '2024-03-11T12:00']);
  });

  it('skips a local time that does not exist and fires once at one that comes twice', () => {
    const spring = fires('cron(30 2 * * ? *)', 2, { from: '2024-03-09T08:00:00Z', timeZoneName: 'America/New_York' });
    const autumn = fires('cron(30 1 * * ? *)', 2, { from: '2024-11-03T00:00:00Z', timeZoneName: 'America/New_York' });

    expect(spring).toEqual(['2024-03-11T06:30', '2024-03-12T06:30']);
    expect(autumn).toEqual(['2024-11-03T05:30', '2024-11-04T06:30']);
  });

  it.each([
    'rate(1 hours)',
    'rate(2 hour)',
    'rate(0 minutes)',
    'cron(0 8 * * * *)',
    'cron(0 8 * * ?)',
    'cron(60 8 * * ? *)',
    'cron(0 8 ? * FUN *)',
    'at(2024-05-05)',
    'every(1 hour)',
  ])('refuses %s', (expression) => {
    expect(() => fires(expression, 1)).toThrow('Invalid Schedule Expression');
  });

  it('refuses an unknown time zone', () => {
    expect(() => fires('rate(1 hour)', 1, { timeZoneName: 'Mars/Base' })).toThrow('Mars/Base');
  });
});
