import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AuditRecord,
  linkRecord,
  type VersionEvidence,
  versionFault,
} from '../../../../../shared/core/audit/index.ts';

const sha256 = (text: string): string => hash('sha256', text);

const pinned = { version: 2, modelDigest: 'm', manifestDigest: 'f', artifactPrefix: 'models/toy/m/' };
const version = { home: 'model#toy', number: 2, itemDigest: 'digest' };
const record = linkRecord(
  { model: 'toy', seq: 6, hash: 'before' },
  { model: 'toy', atMs: 1, principal: 'ann', action: 'decide version', version },
  sha256,
);
const { version: _, ...digests } = pinned;
const evidence: VersionEvidence = { ...digests, ...version, auditSeq: 7, record: { position: 7, record } };

const fault = (change: Partial<VersionEvidence> = {}) =>
  versionFault('toy', pinned, { ...evidence, ...change }, sha256);
const withRecord = (change: Partial<AuditRecord>) =>
  fault({ record: { position: 7, record: { ...record, ...change } } });

describe('a version', () => {
  it('is served when its item is what was published and what its newest record says', () => {
    expect(fault()).toBeUndefined();
  });

  it('from before the log is served when its item is what was published', () => {
    const { auditSeq: _seq, record: _record, ...old } = evidence;

    expect(versionFault('toy', pinned, old, sha256)).toBeUndefined();
    expect(versionFault('toy', pinned, { ...old, manifestDigest: 'x' }, sha256)).toBe(
      'its manifestDigest is no longer the one that was published',
    );
  });

  it('is not served when it is gone, or its item is another one', () => {
    expect(versionFault('toy', pinned, undefined, sha256)).toBe('it is not registered');
    expect(fault({ artifactPrefix: 'models/toy/x/' })).toBe(
      'its artifactPrefix is no longer the one that was published',
    );
    expect(fault({ modelDigest: undefined })).toBe('its modelDigest is no longer the one that was published');
    expect(fault({ itemDigest: 'x' })).toBe('its item is not what record 7 says');
  });

  it('is not served when the record about it is gone, changed, moved or about another version', () => {
    const { record: _record, ...unrecorded } = evidence;
    const other = linkRecord(undefined, { ...record, version: { ...version, number: 3 } }, sha256);

    expect(versionFault('toy', pinned, unrecorded, sha256)).toBe('record 7 about it is missing');
    expect(fault({ record: { position: 7 } })).toBe('record 7 about it was changed');
    expect(withRecord({ principal: 'bob' })).toBe('record 7 about it was changed');
    expect(withRecord({ seq: 8 })).toBe('record 7 about it was changed');
    expect(withRecord({ model: 'other' })).toBe('record 7 about it was changed');
    expect(fault({ auditSeq: 1, record: { position: 1, record: other } })).toBe('record 1 is about something else');
  });
});
