import { describe, expect, it } from 'vitest';
import type { LineageEdge, LineageNode, LineageNodeKind } from '../../../../../shared/core/lineage/index.ts';
import { lineagePicture } from '../../../../../shared/core/pages/lineage-picture.ts';
import { renderLineage } from '../../../../../shared/core/pages/render-lineage.ts';

const node = (kind: LineageNodeKind, id: string): LineageNode => ({ kind, id });
const edge = (upstream: LineageNode, downstream: LineageNode, recordedAtMs = 0): LineageEdge => ({
  upstream,
  downstream,
  recordedAtMs,
});
const version = (number: number) => node('model-version', `toy@${number}`);
const run = node('run', 'toy/run-1');
const rollout = node('rollout', 'toy/r-1');
const window = (day: string) => edge(version(1), node('prediction-window', `toy/${day}`));

const EDGES = [
  edge(node('dataset-snapshot', 'abc'), run),
  edge(run, version(1)),
  edge(version(1), rollout, 5),
  edge(rollout, node('deployment', 'toy/r-1')),
  window('2026-11-03'),
  window('2026-11-01'),
  edge(node('run', 'toy/run-2'), version(2)),
  edge(version(2), node('rollout', 'toy/r-2')),
];

const [first, second] = [
  {
    version: 1,
    serving: true,
    snapshots: ['abc'],
    runId: 'run-1',
    rollouts: [{ rolloutId: 'r-1', deployed: true }],
    windows: { count: 2, first: '2026-11-01', last: '2026-11-03' },
  },
  {
    version: 2,
    serving: false,
    snapshots: [],
    runId: 'run-2',
    rollouts: [{ rolloutId: 'r-2', deployed: false }],
  },
];

describe('the picture of lineage', () => {
  it('has a row a version, newest first, with all that led to it and that followed', () => {
    expect(lineagePicture('toy', EDGES, 1)).toEqual({ rows: [second, first] });
  });

  it('takes edges in any order and as often as they were read', () => {
    expect(lineagePicture('toy', [...EDGES.toReversed(), ...EDGES], 1)).toEqual({ rows: [second, first] });
  });

  it('knows nothing of versions of other models and stages', () => {
    const others = [
      edge(run, node('model-version', 'toy-two@1')),
      edge(node('model-version', 'prod/toy@4'), node('model-version', 'births@1')),
    ];

    expect(lineagePicture('toy', others, undefined)).toBeUndefined();
  });

  it('links to the platform API where it is read from there, and within the page where it is a file', () => {
    const picture = { rows: [first] };

    const [api, file] = (['api', 'files'] as const).map((place) => renderLineage(picture, { model: 'toy', place }));

    expect(api).toContain('href="../models/toy/versions/1/card?format=html"');
    expect(api).toContain('href="../models/toy/rollouts/r-1/report?format=html"');
    expect(file).not.toContain('../models');
    expect(file?.match(/<a href="#/g)).toHaveLength(5);
  });
});
