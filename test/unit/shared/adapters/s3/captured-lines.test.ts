import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { capturedRecords } from '../../../../../shared/adapters/s3/captured-lines.ts';

const label = (predictionId: string) => ({
  kind: 'label' as const,
  predictionId,
  model: 'toy',
  label: 1,
  knownAtMs: 1,
  receivedAtMs: 2,
});

const packed = (ids: readonly string[]): Buffer =>
  gzipSync(ids.map((id) => `${JSON.stringify(label(id))}\n`).join(''), { level: 1 });

const idsIn = async (body: Uint8Array): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { predictionId } of capturedRecords(body)) ids.push(predictionId);
  return ids;
};

it('gives every record of an object, of a small one and of one that is streamed', async () => {
  const small = ['a', 'b'];
  // Too random to be packed well: above what is unpacked at once.
  const large = Array.from({ length: 90 }, (_, i) => `${i}-${randomBytes(60_000).toString('hex')}`);
  const body = packed(large);

  expect(body.length).toBeGreaterThan(4 * 2 ** 20);
  expect(await idsIn(packed(small))).toEqual(small);
  expect(await idsIn(body)).toEqual(large);
});

it('refuses a line of another form', async () => {
  await expect(idsIn(gzipSync('{"kind":"label"}\n'))).rejects.toThrow(/captured line/);
});
