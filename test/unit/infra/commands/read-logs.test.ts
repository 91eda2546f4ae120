import { describe, expect, it } from 'vitest';
import type { CallAws } from '../../../../infra/commands/doctor/signed-call.ts';
import { readDuration, readLogs } from '../../../../infra/commands/read-logs.ts';

describe('a duration', () => {
  it('has a unit', () => {
    expect(['90s', '15m', '2h', '3d'].map(readDuration)).toEqual([90_000, 900_000, 7_200_000, 259_200_000]);
    for (const wrong of ['', '5', 'h', '0m', '-1h', '1w', '1.5h']) {
      expect(() => readDuration(wrong)).toThrow(`such as 15m or 3d, got ${wrong}`);
    }
  });
});

/** Groups of numbered lines, one a page. */
const logsOf = (groups: Readonly<Record<string, readonly number[]>>): CallAws => {
  return async ({ body = '' }) => {
    const { logGroupName, startTime, nextToken = '0' } = JSON.parse(body);
    const times = groups[logGroupName]?.filter((atMs) => atMs >= startTime);
    if (times === undefined) return { status: 400, text: '{"__type":"ResourceNotFoundException"}' };
    const index = Number(nextToken);
    const events = times.slice(index, index + 1).map((timestamp) => ({ timestamp, message: `line ${timestamp}\n` }));
    const more = index + 1 < times.length ? { nextToken: String(index + 1) } : {};
    return { status: 200, text: JSON.stringify({ events, ...more }) };
  };
};

describe('logs of several groups', () => {
  it('are one stream by time, of which the newest lines are shown', async () => {
    const call = logsOf({ a: [10, 30], b: [20, 40] });

    const lines = await readLogs(call, { groups: ['a', 'b', 'absent'], fromMs: 15, limit: 2 });

    expect(lines).toEqual([
      { atMs: 30, group: 'a', text: 'line 30', isError: false },
      { atMs: 40, group: 'b', text: 'line 40', isError: false },
    ]);
  });

  it('are refused with the name of the error', async () => {
    const call: CallAws = async () => ({ status: 400, text: '{"__type":"AccessDeniedException"}' });

    await expect(readLogs(call, { groups: ['a'], fromMs: 0, limit: 2 })).rejects.toThrow(
      'CloudWatch Logs: AccessDeniedException for a',
    );
  });
});
