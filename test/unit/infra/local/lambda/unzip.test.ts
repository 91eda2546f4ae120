import { expect, test } from 'vitest';
import { unzip } from '../../../../../infra/local/lambda/unzip.ts';
import { zip } from '../../../../helpers/zip.ts';

const shown = (archive: Buffer) => unzip(archive).map(({ path, bytes }) => [path, bytes.toString()]);

test('gives the files of an archive with their folders', () => {
  expect(shown(zip({ 'index.js': 'exports.a = 1;', 'lib/b.txt': 'ü'.repeat(1_000) }))).toEqual([
    ['index.js', 'exports.a = 1;'],
    ['lib/b.txt', 'ü'.repeat(1_000)],
  ]);
});

test('finds the directory in front of a comment', () => {
  const archive = zip({ 'a.txt': 'a' });
  archive.writeUInt16LE(5, archive.length - 2);

  expect(shown(Buffer.concat([archive, Buffer.from('hello')]))).toEqual([['a.txt', 'a']]);
});

test.each([
  ['no archive', Buffer.from('nothing of the kind')],
  ['an archive that ends early', zip({ 'a.txt': 'a'.repeat(100) }).subarray(40)],
  ['a path out of the folder', zip({ '../a.txt': 'a' })],
  ['an absolute path', zip({ '/etc/a.txt': 'a' })],
])('refuses %s', (_what, archive) => {
  expect(() => unzip(archive)).toThrow('Could not unzip uploaded file');
});

test('refuses an archive that would be larger than a function may be', () => {
  const archive = zip({ 'a.txt': 'a' });
  // The size that the directory tells of its only entry.
  archive.writeUInt32LE(262_144_001, archive.indexOf('PK\x01\x02', 0, 'latin1') + 24);

  expect(() => unzip(archive)).toThrow('Unzipped size must be smaller than 262144000 bytes');
});
