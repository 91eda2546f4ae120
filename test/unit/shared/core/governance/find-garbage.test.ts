import { describe, expect, it } from 'vitest';
import {
  type Folder,
  foldersOf,
  isUnreferenced,
  MARKED_MS,
  planCollection,
} from '../../../../../shared/core/governance/find-garbage.ts';
import type { ModelVersion } from '../../../../../shared/core/registry/index.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const file = (key: string, lastModifiedMs = 0) => ({ key, sizeBytes: 2, lastModifiedMs });
const version = (change: object = {}): ModelVersion =>
  ({
    model: 'toy',
    version: 1,
    runId: 'run-1',
    modelDigest: 'd1',
    artifactPrefix: 'models/toy/d1/',
    source: 'mlflow-artifacts:/models/toy/d1',
    ...change,
  }) as unknown as ModelVersion;
const [PACKAGE, RUN] = foldersOf([file('models/toy/d1/model.onnx'), file('runs/toy/run-1/features/all.parquet')]) as [
  Folder,
  Folder,
];
const retention = { packageDays: 30, runDays: 90 };
const NOW = 100 * DAY_MS;
const judge = (folder: Folder, ...versions: readonly ModelVersion[]) =>
  isUnreferenced(folder, { versions, retention, nowMs: NOW });
const archived = (daysAgo: number) => ({ lifecycle: 'ARCHIVED', lifecycleAtMs: NOW - daysAgo * DAY_MS });

describe('folders', () => {
  it('gather what lies below a package or a run, and nothing else', () => {
    const folders = foldersOf([
      file('models/toy/d1/manifest.json', 3),
      file('models/toy/d1/sub/deep', 9),
      file('models/toy/loose'),
      file('cards/toy/1/1.json'),
      file('tracking/default/models/toy/x'),
      file('runs/toy/run-1/snapshot.json'),
    ]);

    expect(folders).toEqual([
      {
        prefix: 'models/toy/d1/',
        kind: 'models',
        model: 'toy',
        id: 'd1',
        keys: ['models/toy/d1/manifest.json', 'models/toy/d1/sub/deep'],
        sizeBytes: 4,
        newestAtMs: 9,
      },
      expect.objectContaining({ prefix: 'runs/toy/run-1/', kind: 'runs', id: 'run-1' }),
    ]);
  });
});

describe('a package', () => {
  it.each([
    ['no version refers to', [], true],
    ['a version in use refers to', [version()], false],
    ['a retired version refers to', [version({ lifecycle: 'RETIRED', lifecycleAtMs: 0 })], false],
    ['a version refers to that was archived just now', [version(archived(29))], false],
    ['only versions refer to that were archived long ago', [version(archived(30)), version(archived(90))], true],
    ['another version in use shares', [version(archived(90)), version({ version: 2 })], false],
    [
      'a version with another package does not need',
      [version({ artifactPrefix: 'models/toy/d2/', source: 'x' })],
      true,
    ],
    [
      'a client’s version names as its source',
      [version({ model: 'other', modelDigest: undefined, source: 'mlflow-artifacts:/models/toy/d1' })],
      false,
    ],
    [
      'a client’s version keeps its files in',
      [version({ modelDigest: undefined, source: 'models:/toy/1', storageLocation: 's3://b/models/toy/d1/' })],
      false,
    ],
    [
      'a longer digest only begins like',
      [version({ modelDigest: undefined, source: 'mlflow-artifacts:/models/toy/d12' })],
      true,
    ],
  ])('that %s is garbage: %s', (_what, versions, expected) => {
    expect(judge(PACKAGE, ...versions)).toBe(expected);
  });

  it('stays while its newest file is young', () => {
    expect(judge({ ...PACKAGE, newestAtMs: NOW - 29 * DAY_MS })).toBe(false);
  });
});

describe('working files of a run', () => {
  it.each([
    ['whose version is in use', [version()], false],
    ['whose version is retired', [version({ lifecycle: 'RETIRED', lifecycleAtMs: 0 })], false],
    ['whose version was archived long ago', [version(archived(30))], true],
    ['that gave no version', [version({ runId: 'run-2' })], true],
    ['of a name that another model’s run has', [version({ model: 'other' })], true],
  ])('%s are garbage: %s', (_what, versions, expected) => {
    expect(judge(RUN, ...versions)).toBe(expected);
  });

  it('stay while the newest is young', () => {
    expect(judge({ ...RUN, newestAtMs: NOW - 89 * DAY_MS })).toBe(false);
    expect(judge({ ...RUN, newestAtMs: NOW - 90 * DAY_MS })).toBe(true);
  });
});

describe('a collection', () => {
  it('removes what was marked a day ago, marks what is new, and forgets what is needed again', () => {
    const marks = [
      { prefix: PACKAGE.prefix, markedAtMs: NOW - MARKED_MS },
      { prefix: 'models/toy/needed/', markedAtMs: 0 },
    ];

    expect(planCollection([PACKAGE, RUN], marks, NOW)).toEqual({
      mark: [RUN],
      unmark: ['models/toy/needed/'],
      collect: [PACKAGE],
    });
    expect(planCollection([PACKAGE], marks, NOW - 1).collect).toEqual([]);
  });

  it('never removes in the pass that marks', () => {
    const folders = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
    fc.assert(
      fc.property(folders, folders, fc.integer({ min: 0, max: 3 * DAY_MS }), (found, marked, nowMs) => {
        const garbage = found.map((id) => ({ ...PACKAGE, prefix: id }));
        const plan = planCollection(
          garbage,
          marked.map((prefix) => ({ prefix, markedAtMs: DAY_MS })),
          nowMs,
        );
        const collected: readonly string[] = plan.collect.map(({ prefix }) => prefix);
        expect(collected.every((prefix) => [...marked].some((one) => one === prefix))).toBe(true);
        expect(plan.mark.some(({ prefix }) => collected.includes(prefix))).toBe(false);
        if (nowMs < 2 * DAY_MS) expect(collected).toEqual([]);
      }),
    );
  });
});
