import { describe, expect, it } from 'vitest';
import { lineageRoutes } from '../../../../functions/platform-api/lineage-route.ts';
import type { PlatformDeps } from '../../../../functions/platform-api/routes.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { datasetNode, datasetSnapshotNode, modelVersionNode, runNode } from '../../../../shared/contracts/lineage.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';

const open = async () => {
  const { lineage } = createMemoryRegistry();
  const run = runNode('toy', 'run-1');
  await lineage.record([
    { upstream: datasetNode('toys'), downstream: datasetSnapshotNode('s'), recordedAtMs: 1_000 },
    { upstream: datasetSnapshotNode('s'), downstream: run, recordedAtMs: 2_000 },
    { upstream: run, downstream: modelVersionNode('toy', 1), recordedAtMs: 3_000 },
  ]);
  const route = createRouter(lineageRoutes({ lineage } as unknown as PlatformDeps), renderProblem);
  const ask = async (path: string, query: Readonly<Record<string, string>> = {}) => {
    const rest = { queryLists: {}, headers: {}, body: new Uint8Array(), requestId: 'r' };
    const { status, body } = await route({ method: 'GET', path, query, ...rest });
    return { status, body: JSON.parse(String(body)) };
  };
  return { lineage, ask };
};

const idsOf = ({ edges }: { readonly edges: readonly { readonly downstream: { readonly id: string } }[] }) =>
  edges.map(({ downstream }) => downstream.id);

describe('the lineage of a node', () => {
  it('is the same under its whole id and below its model', async () => {
    const { ask } = await open();

    const whole = await ask('/lineage/run/toy/run-1');
    const below = await ask('/models/toy/lineage/run/run-1');

    expect(whole).toEqual(below);
    expect(idsOf(whole.body)).toEqual(['toy/run-1', 's']);
  });

  it('goes as far as the depth, and as what was known at the instant', async () => {
    const { ask } = await open();
    const downstream = { direction: 'downstream' };

    const near = await ask('/lineage/dataset/toys', { ...downstream, depth: '2' });
    const then = await ask('/lineage/dataset/toys', { ...downstream, at: '1970-01-01T00:00:01Z' });
    const never = await ask('/lineage/dataset/toys', { ...downstream, at: '1970-01-01T00:00:00Z' });

    expect(idsOf(near.body)).toEqual(['s', 'toy/run-1']);
    expect(idsOf(then.body)).toEqual(['s']);
    expect(never.status).toBe(404);
  });

  it('with more edges than an answer holds goes on at the cursor that the answer gives', async () => {
    const { lineage, ask } = await open();
    for (let from = 0; from < 1_500; from += 50) {
      await lineage.record(
        Array.from({ length: 50 }, (_, i) => ({
          upstream: datasetNode('wide'),
          downstream: datasetSnapshotNode(`s-${from + i}`),
          recordedAtMs: 1,
        })),
      );
    }
    const query = { direction: 'downstream', depth: '1' };

    const first = await ask('/lineage/dataset/wide', query);
    const [{ cursor }] = first.body.unfinished;
    const second = await ask('/lineage/dataset/wide', { ...query, cursor });

    expect(first.body.truncated).toBe(true);
    expect(new Set([...idsOf(first.body), ...idsOf(second.body)]).size).toBe(1_500);
    expect(second.body.truncated).toBe(false);
  });
});
