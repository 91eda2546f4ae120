import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  type AuditEntry,
  type AuditRecord,
  linkRecord,
  verifyVersions,
} from '../../../../../shared/core/audit/index.ts';

const sha256 = (text: string): string => hash('sha256', text);

const changes = [
  { action: 'register version', version: { home: 'model#toy', number: 1, itemDigest: 'a' } },
  { action: 'move alias', after: { champion: 1 } },
  { action: 'register version', version: { home: 'model#toy', number: 2, itemDigest: 'b' } },
  { action: 'approve version', version: { home: 'model#toy', number: 1, itemDigest: 'c' } },
];
const records: AuditRecord[] = [];
const append = (change: Partial<AuditEntry> & { readonly action: string }): void => {
  records.push(linkRecord(records.at(-1), { model: 'toy', atMs: 10, principal: 'ann', ...change }, sha256));
};
for (const change of changes) append(change);
const version = (number: number, itemDigest: string, registeredAtMs = 10) => ({
  home: 'model#toy',
  number,
  itemDigest,
  registeredAtMs,
});

it('versions as the newest record of each says have no findings', () => {
  expect(verifyVersions('toy', [version(1, 'c'), version(2, 'b')], records)).toEqual([]);
});

it('names a version that was changed, one that is missing and one that nobody registered', () => {
  expect(verifyVersions('toy', [version(1, 'a'), version(3, 'x')], records)).toEqual([
    {
      model: 'toy',
      problem: 'changed',
      seq: 4,
      message: 'version 1 was changed: its item is not what record 4 says',
    },
    { model: 'toy', problem: 'unlogged', message: 'version 3 is registered, but no record says so' },
    { model: 'toy', problem: 'removed', seq: 3, message: 'version 2, which record 3 speaks of, is missing' },
  ]);
});

it('takes a version from before its model had a log as it is', () => {
  expect(verifyVersions('toy', [version(1, 'c'), version(2, 'b'), version(7, 'x', 9)], records)).toEqual([]);
});

it('does not miss a version that was deleted, alone or with its model', () => {
  const [first, ...others] = records;
  const deletion = { model: 'toy', atMs: 11, principal: 'ann', action: 'delete version' };
  const version = { home: 'model#toy', number: 1 };
  const deleted = linkRecord(records.at(-1), { ...deletion, version }, sha256);
  const ended = linkRecord(deleted, { ...deletion, action: 'delete model' }, sha256);

  expect(verifyVersions('toy', [], [first as AuditRecord, ...others, deleted])).toMatchObject([{ seq: 3 }]);
  expect(verifyVersions('toy', [], [...records, deleted, ended])).toEqual([]);
});
