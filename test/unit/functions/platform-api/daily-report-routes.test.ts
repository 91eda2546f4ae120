import { describe, expect, it } from 'vitest';
import { dailyReportRoutes } from '../../../../functions/platform-api/daily-report-routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { testReportKey } from '../../../../shared/contracts/test-suite.ts';

const openWith = async (days: readonly string[]) => {
  const captures = createMemoryArtifactStore();
  for (const day of days) await captures.put(testReportKey('toy', day), toJsonFile({ day }), 'application/json');
  const routes = dailyReportRoutes({ captures, definitions: new Map([['toy', {}]]) } as never);
  const route = routes.find(({ path }) => path.endsWith('/tests/{day}'));
  return async (day: string) => route?.handle({ query: {} } as never, { model: 'toy', day });
};

describe('a day that has no report', () => {
  it('is told with the days that have one', async () => {
    const ask = await openWith(['2001-02-01', '2001-02-02', '2001-03-30']);

    await expect(ask('1999-01-01')).rejects.toThrow(
      'there is no report of 1999-01-01: the first of toy is of 2001-02-01, the newest of 2001-03-30',
    );
    expect(await ask('latest')).toMatchObject({ status: 200, body: expect.stringContaining('2001-03-30') });
  });

  it('is told as such where none has one yet', async () => {
    const ask = await openWith([]);

    await expect(ask('1999-01-01')).rejects.toThrow(
      'there is no report of 1999-01-01: none of toy is written yet: the daily check writes the reports',
    );
    await expect(ask('latest')).rejects.toThrow('no day of toy is reported on yet');
  });
});
