import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { placeModel } from '../../../../functions/profile-model/place-model.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');
const files = (evaluation: string) =>
  new Map([
    ['model.onnx', bytes('onnx')],
    ['evaluation.json', bytes(evaluation)],
  ]);

describe('placing a model', () => {
  it('never changes a file that stands, and names what stands in its manifest', async () => {
    const artifacts = createMemoryArtifactStore();
    const prefix = `models/toy/${sha256(bytes('onnx'))}/`;
    // Another run died here after its first file.
    await artifacts.put(`${prefix}evaluation.json`, bytes('first'));

    const placed = await placeModel(artifacts, { model: 'toy', runId: 'run-2', files: files('second') });

    const manifest = JSON.parse(new TextDecoder().decode(await artifacts.get(`${prefix}manifest.json`)));
    expect(placed.artifactPrefix).toBe(prefix);
    expect(manifest.files['evaluation.json'].sha256).toBe(sha256(bytes('first')));
    expect(placed.manifestDigest).toBe(sha256(await artifacts.get(`${prefix}manifest.json`)));
  });

  it('returns the same for a later run with the same model', async () => {
    const artifacts = createMemoryArtifactStore();

    const first = await placeModel(artifacts, { model: 'toy', runId: 'run-1', files: files('a') });
    const second = await placeModel(artifacts, { model: 'toy', runId: 'run-2', files: files('b') });

    expect(second).toEqual(first);
  });
});
