import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createServedModel, loadServedModel } from '../../../../functions/infer/load-served-model.ts';
import { placeModel } from '../../../../functions/profile-model/place-model.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import type { VersionEvidence } from '../../../../shared/core/audit/index.ts';
import { NotFoundError, UnavailableError } from '../../../../shared/kernel/errors.ts';
import type { ModelRuntime } from '../../../../shared/ports/model-runtime.ts';
import { fc } from '../../../helpers/properties.ts';

const failingWith = (error: Error) => createServedModel(() => Promise.reject(error));

describe('a model that cannot be loaded', () => {
  it('is told apart from one that cannot be fetched now', async () => {
    await expect(failingWith(new NotFoundError('no model.onnx'))()).rejects.toMatchObject({ name: 'ModelLoadError' });
    await expect(failingWith(new UnavailableError('S3 is not available'))()).rejects.toMatchObject({
      name: 'ModelUnavailableError',
      message: 'the pinned model was not loaded: S3 is not available',
    });
  });
});

describe('a load', () => {
  const signature = { task: 'regression', inputs: [], outputs: [] };
  const files = new Map([
    ['model.onnx', new TextEncoder().encode('the model')],
    ['signature.json', toJsonFile(signature)],
    ['reference-profile.json', toJsonFile({ features: [] })],
  ]);
  let released = 0;
  const runtime: ModelRuntime = {
    load: async () => ({
      engine: 'interpreter',
      inputs: [],
      outputs: [],
      run: () => [],
      predict: async () => new Float32Array(1),
      release: async () => {
        released += 1;
      },
    }),
  };

  let artifacts: ReturnType<typeof createMemoryArtifactStore>;
  let pins: Parameters<typeof loadServedModel>[1];
  let evidence: VersionEvidence | undefined;

  beforeEach(async () => {
    released = 0;
    artifacts = createMemoryArtifactStore();
    pins = { version: 1, ...(await placeModel(artifacts, { model: 'toy', runId: 'run-1', files })) };
    evidence = { ...pins, home: 'model#toy', number: 1, itemDigest: 'x' };
  });
  const load = () => loadServedModel({ model: 'toy', artifacts, runtime, readEvidence: async () => evidence }, pins);

  it('leaves what drift checks read to them, however large it is', async () => {
    const drift = ['drift-reference.bin', 'drift-calibration.json'].map((file) => [file, toJsonFile(file)] as const);
    const all = new Map([...files, ...drift]);
    const store = createMemoryArtifactStore();
    const placed = await placeModel(store, { model: 'toy', runId: 'run-1', files: all });
    const asked: string[] = [];
    artifacts = {
      ...store,
      get: (key, ...rest) => {
        asked.push(key);
        return store.get(key, ...rest);
      },
    };
    pins = { version: 1, ...placed };
    evidence = { ...pins, home: 'model#toy', number: 1, itemDigest: 'x' };

    await load();

    expect(asked.map((key) => key.split('/').at(-1)).toSorted()).toEqual([
      'manifest.json',
      'model.onnx',
      'reference-profile.json',
      'signature.json',
    ]);
  });

  it('gives the version with its signature', async () => {
    expect(await load()).toMatchObject({ version: 1, signature });
  });

  it('refuses any change of one byte in any file of the version, used or not, by the file’s name', async () => {
    const names = [...files.keys(), 'manifest.json'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), async (file, at, by) => {
        const key = `${pins.artifactPrefix}${file}`;
        const bytes = await artifacts.get(key);
        const index = at % bytes.length;
        const changed = bytes.with(index, (bytes[index] ?? 0) ^ by);
        await artifacts.put(key, changed);
        const digest = createHash('sha256').update(changed).digest('hex');
        await expect(load()).rejects.toMatchObject({
          name: 'DigestMismatchError',
          message: expect.stringContaining(`${file} has digest ${digest}`),
        });
        await artifacts.put(key, bytes);
      }),
      { numRuns: 60 },
    );
    expect((await load()).version).toBe(1);
  });

  it('refuses a version whose item is not what was published', async () => {
    evidence = evidence && { ...evidence, manifestDigest: 'another' };

    await expect(load()).rejects.toMatchObject({
      name: 'TamperedVersionError',
      message: 'version 1 of toy: its manifestDigest is no longer the one that was published',
    });
    await vi.waitFor(() => expect(released, 'what was loaded meanwhile is not kept').toBe(1));
  });
});
