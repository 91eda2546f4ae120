import { describe, expect, it } from 'vitest';
import type { MetricPoint } from '../../../../shared/core/tracking/index.ts';
import { NotFoundError } from '../../../../shared/kernel/errors.ts';
import type { TrackingStore } from '../../../../shared/ports/tracking-store.ts';
import { callTracking, memoryPorts } from '../../../helpers/tracking-routes.ts';

/** A store that holds `count` points of every metric of every run, and tells what was asked for. */
const longHistory = (count: number) => {
  const asked: number[] = [];
  const metricHistory: TrackingStore['metricHistory'] = async (_runId, key, limit, after) => {
    asked.push(limit);
    const from = after === undefined ? 0 : after.step + 1;
    const points = Array.from(
      { length: Math.min(limit, count - from) },
      (_, index): MetricPoint => ({ key, value: index, timestampMs: 1_700_000_000_000, step: from + index }),
    );
    return { points, hasMore: from + points.length < count };
  };
  const ports = memoryPorts();
  return { asked, call: callTracking({ ...ports, tracking: { ...ports.tracking, metricHistory } }) };
};

describe('the history of a metric', () => {
  it('comes in pages of 25,000 points where no number is asked for', async () => {
    const { call } = longHistory(60_000);
    const pages: number[] = [];
    let token: string | undefined;
    do {
      const { body } = await call('GET', '2.0/mlflow/metrics/get-history', {
        run_id: 'r',
        metric_key: 'loss',
        ...(token === undefined ? {} : { page_token: token }),
      });
      pages.push(body.metrics.length);
      token = body.next_page_token;
    } while (token !== undefined);

    expect(pages).toEqual([25_000, 25_000, 10_000]);
  });

  it('comes in smaller pages where keys are long: an answer has 4.4 MB at most', async () => {
    const { call } = longHistory(60_000);

    const { body } = await call('GET', '2.0/mlflow/metrics/get-history', {
      run_id: 'r',
      metric_key: 'ü'.repeat(250),
      max_results: 60_000,
    });

    expect(body.metrics.length).toBeLessThan(8_000);
    expect(body.metrics.length).toBeGreaterThan(6_000);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(4_400_000);
    expect(body.next_page_token).toEqual(expect.any(String));
  });

  it('goes on only by a token of its own', async () => {
    const { call } = longHistory(10);
    const query = { run_id: 'r', metric_key: 'loss', max_results: 2 };
    const { body } = await call('GET', '2.0/mlflow/metrics/get-history', query);

    const other = await call('GET', '2.0/mlflow/metrics/get-history', {
      ...query,
      metric_key: 'accuracy',
      page_token: body.next_page_token,
    });

    expect(other).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
  });
});

describe('histories of several runs', () => {
  it('stop at 25,000 points together', async () => {
    const { call, asked } = longHistory(20_000);

    const { body } = await call('GET', '2.0/mlflow/metrics/get-history-bulk', {
      run_id: ['c', 'a', 'b'],
      metric_key: 'loss',
    });

    expect(body.metrics).toHaveLength(25_000);
    expect(body.metrics.at(-1).run_id).toBe('b');
    expect(asked).toEqual([25_000, 5_000]);
  });

  it('leave out a run that the store does not know', async () => {
    const ports = memoryPorts();
    const metricHistory = async (): Promise<never> => {
      throw new NotFoundError('no run');
    };
    const call = callTracking({ ...ports, tracking: { ...ports.tracking, metricHistory } });

    const answer = await call('GET', '2.0/mlflow/metrics/get-history-bulk', { run_id: ['gone'], metric_key: 'm' });

    expect(answer).toEqual({ status: 200, body: { metrics: [] } });
  });

  it('are sampled more coarsely than asked where the answer would be too long', async () => {
    const { call } = longHistory(3_000);
    const run_ids = Array.from({ length: 100 }, (_, index) => `${'r'.repeat(200)}${index}`);

    const { status, body } = await call('GET', '2.0/mlflow/metrics/get-history-bulk-interval', {
      run_ids,
      metric_key: 'loss',
    });

    expect(status).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(4_400_000);
    const runs = new Set(body.metrics.map(({ run_id }: { run_id: string }) => run_id));
    expect(runs.size).toBe(100);
    expect(body.metrics.length / 100).toBeGreaterThan(70);
  });

  it('are refused where they hold more than 500,000 points', async () => {
    const { call } = longHistory(200_000);

    const answer = await call('GET', '2.0/mlflow/metrics/get-history-bulk-interval', {
      run_ids: ['a', 'b', 'c'],
      metric_key: 'loss',
    });

    expect(answer.status).toBe(413);
    expect(answer.body.message).toContain('more than 500000 points');
  });
});
