import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/meter-usage/handler.ts';
import { type MeterDeps, meterModel } from '../../../../functions/meter-usage/meter-model.ts';
import { createMemoryUsageStore } from '../../../../shared/adapters/memory/usage-store.ts';
import { captureDayPrefix } from '../../../../shared/contracts/artifacts.ts';
import type { DailyUsage } from '../../../../shared/core/metering/index.ts';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS, utcDay } from '../../../../shared/kernel/time.ts';
import { fc } from '../../../helpers/properties.ts';

const START_MS = Date.UTC(2026, 10, 1);

interface Request {
  readonly id: string;
  readonly atMs: number;
  readonly version: number;
  readonly apiKeyId: string;
  readonly rowCount: number;
}

/** Lines of a request, of some of its rows, as an object of Firehose that was begun and written at these times. */
interface Delivery {
  readonly request: Request;
  readonly rows: readonly number[];
  readonly begunMs: number;
  readonly writtenMs: number;
}

const linesOf = ({ request: { id, atMs, version, apiKeyId, rowCount }, rows }: Delivery): string =>
  rows
    .map((row) => {
      const request = { id, rowCount, apiKeyId, principal: 'arn:aws:iam::1:user/ann' };
      return `${JSON.stringify({ kind: 'prediction', predictionId: `row-${row}`, atMs, version, inputs: {}, request })}\n`;
    })
    .join('');

/** The bucket as Firehose filled it until now. */
const bucket = (deliveries: readonly Delivery[], clock: { nowMs: number }): MeterDeps['data'] => {
  const objects = deliveries.map((delivery, index) => {
    const { begunMs, writtenMs } = delivery;
    const key = `${captureDayPrefix('toy', utcDay(begunMs))}${isoTime(begunMs).slice(11, 13)}/object-${index}`;
    return { key, writtenMs, body: gzipSync(linesOf(delivery)) };
  });
  return {
    list: async (prefix) =>
      objects
        .filter(({ key, writtenMs }) => key.startsWith(prefix) && writtenMs <= clock.nowMs)
        .map(({ key, writtenMs, body }) => ({ key, sizeBytes: body.length, etag: key, lastModifiedMs: writtenMs })),
    get: async (key) => objects.find((object) => object.key === key)?.body ?? new Uint8Array(),
  };
};

/** Everything that is counted at last, and what should be. */
const everyDay = { from: '2026-01-01', to: '2027-01-01' };
const truthOf = (requests: readonly Request[]): readonly DailyUsage[] => {
  const counts = new Map<string, DailyUsage>();
  for (const { atMs, version, apiKeyId, rowCount } of requests) {
    const place = { day: utcDay(atMs), version, client: `key:${apiKeyId}` };
    const key = JSON.stringify(place);
    const counted = counts.get(key) ?? { ...place, requestCount: 0, rowCount: 0 };
    counts.set(key, {
      ...place,
      requestCount: counted.requestCount + 1,
      rowCount: counted.rowCount + rowCount,
    });
  }
  const order = ({ day, version, client }: DailyUsage): string => `${day} ${version} ${client}`;
  return [...counts.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
};

/** Throws at the n-th call of anything, as a function that is killed there. */
const dyingAfter = (deps: MeterDeps, callCount: number): MeterDeps => {
  let left = callCount;
  const orDie = <A extends readonly unknown[], R>(work: (...given: A) => Promise<R>) => {
    return async (...given: A): Promise<R> => {
      left -= 1;
      if (left < 0) throw new Error('killed');
      return work(...given);
    };
  };
  const { data, usage } = deps;
  return {
    data: { list: orDie(data.list), get: orDie(data.get) },
    usage: {
      // Counts are written one by one.
      raise: async (model, counts) => {
        for (const one of counts) await orDie(usage.raise)(model, [one]);
      },
      countedUntilMs: orDie(usage.countedUntilMs),
      setCountedUntil: orDie(usage.setCountedUntil),
    },
  };
};

/** Minutes since the start: any time of four days, midnights above all. */
const MINUTE = fc.oneof(
  fc.integer({ min: 0, max: 4 * 1_440 - 1 }),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -3, max: 3 })).map(([day, near]) => day * 1_440 + near),
);
const DELIVERY = fc.record({
  bufferedMinutes: fc.integer({ min: 0, max: 15 }),
  /** An object begins with what it was begun for, or with this very line, which took a while to arrive. */
  begunBefore: fc.integer({ min: -2, max: 15 }),
  lateMinutes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_440 })),
  rows: fc.subarray([0, 1, 2], { minLength: 1 }),
});
const REQUEST = fc.record({
  minute: MINUTE,
  version: fc.constantFrom(3, 4),
  apiKeyId: fc.constantFrom('a', 'b'),
  deliveries: fc.array(DELIVERY, { minLength: 1, maxLength: 3 }),
});
const RUN = fc.record({
  minute: fc.integer({ min: 0, max: 5 * 1_440 }),
  /** Calls until it is killed; none: it lives. */
  dies: fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined }),
  atOnce: fc.boolean(),
  /** It sees the bucket as it was so long before, and writes only now. */
  slowMinutes: fc.integer({ min: 0, max: 15 }),
});

describe('metering', () => {
  it('counts each request once, whatever is repeated, late, reordered, killed, or done twice at once', async () => {
    const drawn = fc.record({ requests: fc.array(REQUEST, { maxLength: 12 }), runs: fc.array(RUN, { maxLength: 8 }) });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ requests: asked, runs }) => {
        const deliveries = asked.flatMap(({ minute, version, apiKeyId, deliveries: all }, index) => {
          const atMs = START_MS + minute * MINUTE_MS;
          const request = { id: `request-${index}`, atMs, version, apiKeyId, rowCount: 3 };
          return all.map(({ begunBefore, bufferedMinutes, lateMinutes, rows }) => ({
            request,
            rows,
            begunMs: atMs - begunBefore * MINUTE_MS,
            writtenMs: atMs + (2 + bufferedMinutes + lateMinutes) * MINUTE_MS,
          }));
        });
        const clock = { nowMs: START_MS };
        const usage = createMemoryUsageStore();
        const deps = { data: bucket(deliveries, clock), usage };
        for (const { minute, dies, atOnce, slowMinutes } of runs.toSorted((a, b) => a.minute - b.minute)) {
          clock.nowMs = START_MS + minute * MINUTE_MS;
          if (atOnce) await meterModel(deps, 'toy', clock.nowMs);
          const before = { nowMs: clock.nowMs - slowMinutes * MINUTE_MS };
          const seen = { data: bucket(deliveries, before), usage };
          const run = meterModel(dies === undefined ? seen : dyingAfter(seen, dies), 'toy', before.nowMs);
          await run.catch((error: Error) => expect(error.message).toBe('killed'));
        }
        clock.nowMs = START_MS + 6 * DAY_MS;
        await meterModel(deps, 'toy', clock.nowMs);

        const { items } = await usage.list('toy', everyDay, { limit: 1_000 });
        expect(items).toEqual(
          truthOf(deliveries.map(({ request }) => request).filter((r, i, all) => all.indexOf(r) === i)),
        );
      }),
      { numRuns: 40 },
    );
  });

  const request: Request = { id: 'r', atMs: START_MS + HOUR_MS, version: 3, apiKeyId: 'a', rowCount: 2 };
  const delivery: Delivery = { request, rows: [0, 1], begunMs: request.atMs, writtenMs: request.atMs + MINUTE_MS };

  it('corrects a day by what comes late, and reads nothing anew when nothing came', async () => {
    const late = { ...request, id: 's', rowCount: 5 };
    const clock = { nowMs: START_MS + DAY_MS + 2 * HOUR_MS };
    const usage = createMemoryUsageStore();
    const lateDelivery = { ...delivery, request: late, writtenMs: clock.nowMs + DAY_MS };
    const deps = { data: bucket([delivery, lateDelivery], clock), usage };
    const counted = async () => {
      const days = await meterModel(deps, 'toy', clock.nowMs);
      const { items } = await usage.list('toy', everyDay, { limit: 10 });
      return [days, items.map(({ requestCount, rowCount }) => [requestCount, rowCount])];
    };

    expect(await counted()).toEqual([['2026-11-01'], [[1, 2]]]);
    clock.nowMs += 12 * HOUR_MS;
    expect(await counted()).toEqual([[], [[1, 2]]]);
    clock.nowMs += 13 * HOUR_MS;
    expect(await counted()).toEqual([['2026-11-01'], [[2, 7]]]);
  });

  it('keeps what lies in the folder of the next day when a day is counted anew', async () => {
    const clock = { nowMs: START_MS + DAY_MS + 2 * HOUR_MS };
    const usage = createMemoryUsageStore();
    const atMidnight = { ...request, atMs: START_MS + DAY_MS - 1_000 };
    const nextDay = { ...delivery, request: atMidnight, begunMs: START_MS + DAY_MS, writtenMs: START_MS + DAY_MS };
    const late = { ...delivery, request: { ...request, id: 's' }, writtenMs: clock.nowMs + 12 * HOUR_MS };
    const deps = { data: bucket([nextDay, late], clock), usage };

    await meterModel(deps, 'toy', clock.nowMs);
    clock.nowMs += DAY_MS;
    await meterModel(deps, 'toy', clock.nowMs);

    expect((await usage.list('toy', everyDay, { limit: 10 })).items).toMatchObject([{ requestCount: 2 }]);
  });

  it('is not set back by one that saw less and wrote later', async () => {
    const clock = { nowMs: START_MS + DAY_MS };
    const usage = createMemoryUsageStore();
    const second = { ...delivery, request: { ...request, id: 's' }, writtenMs: clock.nowMs };
    const deliveries = [delivery, second];
    await meterModel({ data: bucket(deliveries, clock), usage }, 'toy', clock.nowMs);

    const before = { nowMs: clock.nowMs - MINUTE_MS };
    const kept = { ...usage, countedUntilMs: async () => undefined };
    await meterModel({ data: bucket(deliveries, before), usage: kept }, 'toy', before.nowMs);

    expect((await usage.list('toy', everyDay, { limit: 10 })).items).toMatchObject([{ requestCount: 2 }]);
  });

  it('finds an object that carries the time at which its writing began', async () => {
    const clock = { nowMs: START_MS + DAY_MS };
    const usage = createMemoryUsageStore();
    const appears = { nowMs: 0 };
    const deps = { data: bucket([{ ...delivery, writtenMs: clock.nowMs - 30 * MINUTE_MS }], appears), usage };
    await meterModel(deps, 'toy', clock.nowMs);
    appears.nowMs = clock.nowMs + HOUR_MS;

    await meterModel(deps, 'toy', appears.nowMs);

    expect((await usage.list('toy', everyDay, { limit: 10 })).items).toHaveLength(1);
  });

  it('finds what arrived while nobody counted for weeks', async () => {
    const clock = { nowMs: START_MS };
    const usage = createMemoryUsageStore();
    const deps = { data: bucket([delivery], clock), usage };

    await meterModel(deps, 'toy', clock.nowMs);
    clock.nowMs += 20 * DAY_MS;
    await meterModel(deps, 'toy', clock.nowMs);

    expect((await usage.list('toy', everyDay, { limit: 10 })).items).toHaveLength(1);
  });

  it('counts the other models though one fails, and fails', async () => {
    const clock = { nowMs: START_MS + DAY_MS };
    const usage = createMemoryUsageStore();
    const data = bucket([delivery], clock);
    const broken: MeterDeps['data'] = {
      ...data,
      list: async (prefix) => {
        if (prefix.includes('/broken/')) throw new Error('no such bucket');
        return data.list(prefix);
      },
    };
    const handler = createHandler({
      models: ['broken', 'toy'],
      data: broken,
      usage,
      clock: { nowMs: () => clock.nowMs },
    });

    await expect(handler()).rejects.toThrow('no such bucket');
    expect((await usage.list('toy', everyDay, { limit: 10 })).items).toHaveLength(1);
  });
});
