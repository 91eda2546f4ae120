import { beforeEach, describe, expect, it } from 'vitest';
import { usageRoutes } from '../../../../functions/platform-api/usage-routes.ts';
import { createMemoryUsageStore } from '../../../../shared/adapters/memory/usage-store.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const count = (day: string, client: string, more: object = {}) => ({
  day,
  version: 1,
  client,
  requestCount: 2,
  rowCount: 6,
  ...more,
});

let ask: (query: Readonly<Record<string, string>>) => Promise<{ readonly status: number; readonly body: Answer }>;
interface Answer {
  readonly usage: readonly { readonly model: string; readonly day: string; readonly client: string }[];
  readonly countedUntil: Readonly<Record<string, string | null>>;
  readonly nextCursor?: string;
  readonly detail?: string;
}

beforeEach(async () => {
  const usage = createMemoryUsageStore();
  await usage.raise('toy', [count('2026-11-20', 'key:a'), count('2026-11-21', 'key:a'), count('2026-11-21', 'key:b')]);
  await usage.raise('gem', [count('2026-11-21', 'key:a')]);
  const many = Array.from({ length: 1_500 }, (_, i) => count('2026-10-01', `key:${String(i).padStart(4, '0')}`));
  await usage.raise('gem', many);
  await usage.setCountedUntil('toy', Date.UTC(2026, 10, 22, 1, 40));
  const definitions = new Map(['toy', 'gem'].map((name) => [name, { ...benchDefinition(), name }]));
  const router = createRouter(usageRoutes({ definitions, usage }), renderProblem);
  ask = async (query) => {
    const request = { method: 'GET', path: '/usage', query, queryLists: {}, headers: {}, body: Buffer.of() };
    const { status, body } = await router({ ...request, requestId: 'r' });
    return { status, body: JSON.parse(String(body)) as Answer };
  };
});

describe('GET /usage', () => {
  it('tells the counts of all models between two days, and until when they are counted', async () => {
    const { status, body } = await ask({ from: '2026-11-21', to: '2026-11-21' });

    expect(status).toBe(200);
    expect(body).toEqual({
      usage: [
        { model: 'gem', ...count('2026-11-21', 'key:a') },
        { model: 'toy', ...count('2026-11-21', 'key:a') },
        { model: 'toy', ...count('2026-11-21', 'key:b') },
      ],
      countedUntil: { gem: null, toy: '2026-11-22T01:40:00.000Z' },
    });
  });

  it('tells those of one model or one client', async () => {
    const days = { from: '2026-11-01', to: '2026-11-30' };

    expect((await ask({ ...days, model: 'toy', client: 'key:a' })).body.usage.map(({ day }) => day)).toEqual([
      '2026-11-20',
      '2026-11-21',
    ]);
    expect((await ask({ ...days, client: 'key:b' })).body.usage).toHaveLength(1);
    expect((await ask({ ...days, model: 'gone' })).body).toEqual({ usage: [], countedUntil: { gone: null } });
  });

  it('comes in pages, each count once', async () => {
    const days = { from: '2026-10-01', to: '2026-11-30' };
    const told: Answer['usage'][number][] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { body } = await ask({ ...days, ...(cursor === undefined ? {} : { cursor }) });
      told.push(...body.usage);
      cursor = body.nextCursor;
      pages += 1;
    } while (cursor !== undefined);

    expect(pages).toBe(2);
    expect(told).toHaveLength(1_504);
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1_504);
  });

  it.each([
    [{ to: '2026-11-30' }, 'from'],
    [{ from: '2026-11', to: '2026-11-30' }, 'must be a UTC day'],
    [{ from: '2026-11-30', to: '2026-11-01' }, 'from must not be after to, got 2026-11-30 to 2026-11-01'],
    [{ from: '2026-11-01', to: '2026-11-30', cursor: 'eA' }, 'cursor is not one that this list gave out'],
    [{ from: '2026-11-01', to: '2026-11-30', model: 'A B' }, 'must be the name of a model'],
  ] as const)('refuses %j', async (query, message) => {
    const { status, body } = await ask(query);

    expect([status, body.detail]).toEqual([400, expect.stringContaining(message)]);
  });
});
