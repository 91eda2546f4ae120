import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { metricKey, openMetricStore } from '../../../../../infra/local/cloudwatch/metric-store.ts';
import type { ServiceContext } from '../../../../../infra/local/contracts.ts';
import { TEST_START_MS } from '../../../../helpers/local-service.ts';

const keyOf = (dimensions: Readonly<Record<string, string>>, name = 'Latency', namespace = 'AWS/ApiGateway'): string =>
  metricKey({ namespace, name, dimensions });

it('is the same for the same dimensions, in whatever order and whether they are known again or not', () => {
  const frozen = Object.freeze({ Stage: 'live', ApiName: 'orders' });
  const first = keyOf(frozen);

  expect(keyOf(frozen)).toBe(first);
  expect(keyOf({ ApiName: 'orders', Stage: 'live' })).toBe(first);
});

it('tells apart metrics and namespaces of the same frozen dimensions', () => {
  const frozen = Object.freeze({ ApiName: 'orders' });
  const keys = [keyOf(frozen), keyOf(frozen, 'Count'), keyOf(frozen, 'Latency', 'Own'), keyOf(frozen, 'Count', 'Own')];

  expect(new Set(keys).size).toBe(4);
});

it('sees a change of dimensions that are not frozen', () => {
  const dimensions: Record<string, string> = { ApiName: 'orders' };
  const before = keyOf(dimensions);
  dimensions.Stage = 'live';

  expect(keyOf(dimensions)).not.toBe(before);
  expect(keyOf(dimensions)).toBe(keyOf({ ApiName: 'orders', Stage: 'live' }));
});

it('has every sample again when it is opened anew, to the last digit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const context = { store: { folder }, clock: { nowMs: () => TEST_START_MS } } as unknown as ServiceContext;
  const identity = { namespace: 'Own', name: 'Size', dimensions: {} };
  const values = [0.1 + 0.2, 1e21, 5e-324, -7, 0];
  const before = openMetricStore(context);
  for (const value of values) before.put({ ...identity, unit: 'None', atMs: TEST_START_MS, value, count: 2 });
  before.close();

  const after = openMetricStore(context);
  const found = after.find(identity);
  const total = found && after.aggregate(found, TEST_START_MS, TEST_START_MS + 60_000);
  after.close();

  expect(total?.values).toEqual(new Map(values.map((value) => [value, 2])));
});
