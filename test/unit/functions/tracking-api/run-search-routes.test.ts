import { describe, expect, it } from 'vitest';
import type { MlflowCaller } from '../../../helpers/mlflow-call.ts';
import { callTracking, memoryPorts } from '../../../helpers/tracking-routes.ts';

const createRun = async (call: MlflowCaller, message: object = {}): Promise<string> =>
  (await call('POST', '2.0/mlflow/runs/create', { ...message })).body.run.info.run_id;

const searchAll = async (call: MlflowCaller): Promise<readonly string[][]> => {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const { body } = await call('POST', '2.0/mlflow/runs/search', {
      experiment_ids: ['0'],
      ...(token === undefined ? {} : { page_token: token }),
    });
    pages.push((body.runs ?? []).map(({ info }: { info: { run_id: string } }) => info.run_id));
    token = body.next_page_token;
  } while (token !== undefined && pages.length < 20);
  return pages;
};

describe('searching runs', () => {
  it('answers fewer than asked where they do not fit into one answer, and the rest with the token', async () => {
    const call = callTracking();
    const tags = Array.from({ length: 100 }, (_, index) => ({ key: `t${index}`, value: 'v'.repeat(8_000) }));
    for (let index = 0; index < 12; index += 1) {
      const run_id = await createRun(call, { start_time: 100 - index });
      await call('POST', '2.0/mlflow/runs/log-batch', { run_id, tags });
    }

    const pages = await searchAll(call);

    expect(pages.map(({ length }) => length)).toEqual([5, 5, 2]);
    expect(new Set(pages.flat()).size).toBe(12);
  });

  it('ends a page when time is short, with a token that leads on', async () => {
    const ports = memoryPorts();
    const whole = callTracking(ports);
    for (let index = 0; index < 1_500; index += 1) await createRun(whole, { start_time: index });
    const hurried = callTracking(ports, { remainingMs: () => 1_000 });

    const { body } = await hurried('POST', '2.0/mlflow/runs/search', {
      experiment_ids: ['0'],
      filter: "attributes.run_name = 'nobody'",
      max_results: 10,
    });

    expect(body).toEqual({ next_page_token: expect.any(String) });
  });

  it('takes at most 1,000 experiments', async () => {
    const experiment_ids = Array.from({ length: 1_001 }, (_, index) => String(index));

    const answer = await callTracking()('POST', '2.0/mlflow/runs/search', { experiment_ids });

    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toBe('a search takes at most 1000 experiment_ids, got 1001');
  });

  it('sums up the datasets under both spellings of the path', async () => {
    const call = callTracking();
    const run_id = await createRun(call);
    const dataset = { name: 'd', digest: 'x', source_type: 'l', source: 's' };
    await call('POST', '2.0/mlflow/runs/log-inputs', { run_id, datasets: [{ dataset }] });

    for (const path of ['2.0/mlflow/experiments/search-datasets', '2.0mlflow/experiments/search-datasets']) {
      const { body } = await call('POST', path, { experiment_ids: ['0'] });

      expect(body.dataset_summaries).toEqual([{ experiment_id: '0', name: 'd', digest: 'x' }]);
    }
  });
});
