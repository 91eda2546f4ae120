import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage } from '../../infra/commands/open-stage.ts';
import { openUploadStage } from '../../infra/commands/open-upload-stage.ts';
import { uploadModel } from '../../infra/commands/upload-model.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { trainGradientBoostedTrees, writeOnnx } from '../../shared/core/training/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/** A model that was trained elsewhere comes into a stage where no pipeline has run yet, by the operator's command. */

const ROWS = 3_000;
const KINDS = ['a', 'b', 'c'];

/** Learnt from rows like the bench's, without its noise; or from labels turned round. */
const trainElsewhere = (turned: boolean): Uint8Array => {
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    x: ((i * 7_919) % 1_000) / 1_000,
    kind: KINDS[i % 3] ?? 'a',
  }));
  const late = rows.map(({ x, kind }) => x + (kind === 'a' ? 0.3 : 0) > 0.6);
  const model = trainGradientBoostedTrees({
    task: 'binary-classification',
    features: [
      { name: 'x', type: 'number', nullable: false },
      { name: 'kind', type: 'category', nullable: false },
    ],
    columns: new Map<string, Float64Array | string[]>([
      ['x', Float64Array.from(rows, ({ x }) => x)],
      ['kind', rows.map(({ kind }) => kind)],
    ]),
    label: Float64Array.from(late, (value) => Number(value !== turned)),
    settings: {
      rounds: 15,
      maxLeaves: 7,
      learningRate: 0.1,
      minRowsPerLeaf: 20,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    },
  });
  return writeOnnx(model);
};

let test: TestCloud;
let stage: Awaited<ReturnType<typeof openUploadStage>>;
beforeAll(async () => {
  test = await startTestCloud({
    assemblyFolder: await assemble([benchDefinition({ deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 } })]),
  });
  await test.loadToyDays(0, 14);
  stage = await openUploadStage('local', test.clientConfig);
}, 240_000);
afterAll(async () => {
  stage.close();
  await test.stop();
});

const upload = (bytes: Uint8Array) => {
  const wait = (ms: number): Promise<void> => test.cloud.clock.advanceTo(test.cloud.clock.nowMs() + ms);
  return uploadModel({ model: 'toy', bytes, attempt: 1, tell: () => {} }, { ...stage, wait });
};

describe('a model that was trained elsewhere', () => {
  it('becomes a version once, with its profile and MLmodel file, and serves when it is approved', async () => {
    const bytes = trainElsewhere(false);

    const { version, outcome } = await upload(bytes);
    const again = await upload(bytes);

    expect(outcome).toContain('the candidate passed its quality gate');
    expect([version, again.version]).toEqual([1, 1]);
    const { registry, close } = await openStage('local', test.clientConfig);
    const registered = requirePackaged(await registry.getVersion('toy', 1), 'tested');
    expect(registered).toMatchObject({ status: 'APPROVED', submittedBy: stage.principal });
    const { artifactPrefix } = registered;
    const manifest = await test.observer.readArtifact(`${artifactPrefix}manifest.json`);
    expect(Object.keys(JSON.parse(new TextDecoder().decode(manifest)).files)).toEqual(
      expect.arrayContaining(['MLmodel', 'model.onnx', 'reference-profile.json', 'signature.json']),
    );
    await test.until('version 1 serves', async () => (await registry.getDeployment('toy'))?.version === 1);
    close();
  }, 120_000);

  it('is refused by the definition’s gate when it is worse than guessing', async () => {
    const { passed, outcome, version } = await upload(trainElsewhere(true));

    expect({ passed, version }).toEqual({ passed: false, version: undefined });
    expect(outcome).toContain('refused');
  });

  it('is refused by name when the runtime cannot run it', async () => {
    await expect(upload(new TextEncoder().encode('no model'))).rejects.toThrow(
      /InvalidRequestError: the file is not an ONNX/,
    );
  });
});
