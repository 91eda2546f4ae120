import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, CHAIN_START, hashOf, linkRecord } from '../../../../../shared/core/audit/index.ts';

const sha256 = (text: string): string => hash('sha256', text);
const entry: AuditEntry = {
  model: 'toy',
  atMs: 5,
  principal: 'ann',
  action: 'approve version',
  before: { status: 'PENDING_APPROVAL' },
  after: { status: 'APPROVED', version: 3 },
  reason: 'better',
};

describe('a record', () => {
  it('starts the chain of its model, and the next one holds its hash', () => {
    const first = linkRecord(undefined, entry, sha256);
    const second = linkRecord(first, { ...entry, action: 'reject version' }, sha256);

    expect(first).toMatchObject({ ...entry, seq: 1, previousHash: CHAIN_START });
    expect(second).toMatchObject({ seq: 2, previousHash: first.hash });
  });

  it('has the SHA-256 of its canonical JSON', () => {
    const { hash: own } = linkRecord(undefined, entry, sha256);

    expect(own).toBe(
      sha256(
        '{"action":"approve version","after":{"status":"APPROVED","version":3},"atMs":5,' +
          `"before":{"status":"PENDING_APPROVAL"},"model":"toy","previousHash":"${CHAIN_START}",` +
          '"principal":"ann","reason":"better","seq":1}',
      ),
    );
  });

  it('keeps the start of a long text and its digest', () => {
    const text = `${'a'.repeat(199)}😀${'b'.repeat(5_000)}`;

    const record = linkRecord(undefined, { ...entry, reason: text, after: { notes: [text] } }, sha256);

    const cut = `${'a'.repeat(199)}\ufffd… (5201 characters, sha256 ${sha256(text)})`;
    expect(record).toMatchObject({ reason: cut, after: { notes: [cut] } });
  });

  it('keeps the digest of a state that is too large', () => {
    const after = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`metric-${i}`, i]));

    const record = linkRecord(undefined, { ...entry, after }, sha256);

    expect(record.after).toEqual({
      cutCharacters: expect.any(Number),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('holds well-formed text only, which is read back as it was hashed', () => {
    const record = linkRecord(undefined, { ...entry, principal: 'a\ud800', after: { 'x\udc00': 'y\ud800' } }, sha256);

    expect(record).toMatchObject({ principal: 'a\ufffd', after: { 'x\ufffd': 'y\ufffd' } });
    expect(hashOf(JSON.parse(JSON.stringify(record)), sha256)).toBe(record.hash);
  });

  it('does not follow a record of another model', () => {
    expect(() => linkRecord({ model: 'other', seq: 1, hash: 'x' }, entry, sha256)).toThrow('another model');
  });
});
