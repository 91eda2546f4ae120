import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CloudPorts } from '../../../../../infra/local/contracts.ts';
import { readLocalImages } from '../../../../../infra/local/jobs/local-images.ts';
import { downloadPrefix, parseS3Uri, relativePath } from '../../../../../infra/local/jobs/s3-transfer.ts';

it.each<readonly [string, string, string]>([
  ['runs/1/train/part.csv', 'runs/1/train/', 'part.csv'],
  ['runs/1/train/part.csv', 'runs/1/train', 'part.csv'],
  ['runs/1/train.parquet', 'runs/1/train.parquet', 'train.parquet'],
  ['runs/1/train-2.csv', 'runs/1/train', 'train-2.csv'],
  ['a/b', '', 'a/b'],
])('an object %s of the prefix %s lies at %s', (key, prefix, path) => {
  expect(relativePath(key, prefix)).toBe(path);
});

it('does not let a key lead out of the folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-transfer-'));
  const call = async (): Promise<unknown> => ({ Contents: [{ Key: 'p/../../outside' }] });

  const download = downloadPrefix(
    { ports: { call } as unknown as CloudPorts, roleArn: 'r' },
    { bucket: 'bkt', key: 'p/' },
    folder,
  );

  await expect(download).rejects.toThrow('leads out of the folder');
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

it('reads s3 URIs and nothing else', () => {
  expect(parseS3Uri('s3://bucket/a/b')).toEqual({ bucket: 'bucket', key: 'a/b' });
  expect(parseS3Uri('s3://bucket')).toEqual({ bucket: 'bucket', key: '' });
  expect(parseS3Uri('https://bucket/a')).toBeUndefined();
});

it('reads the local images and names what is wrong with them', () => {
  expect(readLocalImages(undefined)).toEqual({});
  expect(readLocalImages('{"a@sha256:1":["node","a.js"]}')).toEqual({ 'a@sha256:1': ['node', 'a.js'] });
  expect(() => readLocalImages('{"a":"node a.js"}')).toThrow(
    'MILLRACE_LOCAL_IMAGES must be a JSON object of image URI → command array: a is "node a.js"',
  );
});
