import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Fixture {
  readonly base64: string;
  /** What Python's onnx reads in a sound model. */
  readonly says?: object;
}

const { models } = JSON.parse(readFileSync(join(import.meta.dirname, 'models.json'), 'utf8')) as {
  readonly models: Readonly<Record<string, Fixture>>;
};

/** A model that `make-models.py` wrote. */
export const readOnnxFixture = (name: string): { readonly bytes: Uint8Array; readonly says: object | undefined } => {
  const fixture = models[name];
  if (fixture === undefined) throw new Error(`make-models.py writes no model ${name}`);
  return { bytes: Uint8Array.from(Buffer.from(fixture.base64, 'base64')), says: fixture.says };
};
