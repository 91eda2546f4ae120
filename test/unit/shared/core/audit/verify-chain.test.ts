import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type AuditFinding,
  type AuditRecord,
  hashOf,
  linkRecord,
  type StoredChain,
  verifyChain,
} from '../../../../../shared/core/audit/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const sha256 = (text: string): string => hash('sha256', text);

const chainOf = (count: number, model = 'toy', note = 'as it was'): readonly AuditRecord[] => {
  const records: AuditRecord[] = [];
  for (let i = 0; i < count; i += 1) {
    const after = { version: i, note };
    const entry = { model, atMs: i, principal: 'ann', action: 'register version', after };
    records.push(linkRecord(records.at(-1), entry, sha256));
  }
  return records;
};

const headOf = (record: AuditRecord) => ({ model: record.model, seq: record.seq, hash: record.hash });

const stored = (records: readonly AuditRecord[], change: Partial<StoredChain> = {}): StoredChain => {
  const last = records.at(-1);
  return {
    model: 'toy',
    records: records.map((record, i) => ({ position: i + 1, record })),
    head: last && headOf(last),
    sealedHeads: [],
    ...change,
  };
};
const verify = (chain: StoredChain): readonly AuditFinding[] => verifyChain(chain, sha256);
const whole = chainOf(6);
const sealOf = (record: AuditRecord) => ({ ...headOf(record), day: '2001-01-02' });

describe('a chain', () => {
  it('that is as it was written has no findings, nor has an empty one', () => {
    expect(verify(stored(whole, { sealedHeads: whole.map(sealOf) }))).toEqual([]);
    expect(verify(stored([]))).toEqual([]);
  });

  it('names the record that was changed', () => {
    const changed = whole.map((record) => (record.seq === 3 ? { ...record, principal: 'bob' } : record));

    expect(verify(stored(changed))).toEqual([
      {
        model: 'toy',
        problem: 'changed',
        seq: 3,
        message: 'record 3 was changed: its hash is not that of what it says',
      },
    ]);
  });

  it('names the record whose hash was made to fit by the one that follows', () => {
    const { hash: _, ...third } = { ...(whole[2] as AuditRecord), principal: 'bob' };
    const forged = linkRecord(whole[1], third, sha256);

    expect(verify(stored(whole.with(2, forged)))).toMatchObject([
      { problem: 'inserted', seq: 4, message: 'record 4 does not follow record 3: one of the two was replaced' },
    ]);
  });

  it('names records that are missing in its middle and at its end', () => {
    const records = stored(whole).records.filter(({ position }) => ![2, 3, 6].includes(position));

    expect(verify(stored(whole, { records }))).toMatchObject([
      { problem: 'removed', seq: 2, message: 'records 2 to 3 are missing' },
      { problem: 'removed', seq: 6, message: 'record 6 is missing at the end: the head is at 6' },
    ]);
  });

  it('names what has not the form of a record or of a head', () => {
    const records = stored(whole).records.with(4, { position: 5 });

    expect(verify(stored(whole, { records, head: 'malformed' }))).toMatchObject([
      { problem: 'changed', seq: 5, message: "record 5 is not of a record's form" },
      { problem: 'changed', message: "the head of the chain is not of a head's form" },
    ]);
  });

  it('names a head that is missing, moved back or changed', () => {
    expect(verify(stored(whole, { head: undefined }))).toMatchObject([{ problem: 'removed' }]);
    expect(verify(stored(whole, { head: headOf(whole[4] as AuditRecord) }))).toMatchObject([
      { problem: 'inserted', seq: 6, message: 'the head is at 5, but records go on to 6' },
    ]);
    expect(verify(stored(whole, { head: { model: 'toy', seq: 6, hash: 'x' } }))).toMatchObject([
      { problem: 'changed', seq: 6 },
    ]);
    expect(verify(stored(whole, { head: { ...headOf(whole[5] as AuditRecord), model: 'other' } }))).toMatchObject([
      { problem: 'changed' },
    ]);
  });

  it('that was written anew from its start is told by the heads that were sealed', () => {
    const anew = chainOf(6, 'toy', 'as it should have been');

    expect(verify(stored(anew))).toEqual([]);
    expect(verify(stored(anew, { sealedHeads: [sealOf(whole[3] as AuditRecord)] }))).toMatchObject([
      { problem: 'rewritten', seq: 4, message: 'record 4 is not the one that was sealed on 2001-01-02' },
    ]);
  });

  it('that was cut off with its head is told by a head that was sealed', () => {
    const cut = whole.slice(0, 2);

    expect(verify(stored(cut, { sealedHeads: [sealOf(whole[3] as AuditRecord)] }))).toMatchObject([
      { problem: 'removed', seq: 4, message: 'record 4, which was sealed on 2001-01-02, is missing' },
    ]);
  });

  it("tells of items that are under no record's key", () => {
    const records = [...stored(whole).records, { position: 0 }];

    expect(verify(stored(whole, { records }))).toMatchObject([
      { problem: 'inserted', message: "1 items of the chain have no record's key" },
    ]);
  });

  it('names a record of another model', () => {
    const foreign = chainOf(6, 'other');

    expect(verify(stored(whole.with(1, foreign[1] as AuditRecord)))).toMatchObject([
      { problem: 'reordered', seq: 2, message: 'record 2 holds what was written as record other 2' },
    ]);
  });
});

describe('any', () => {
  const count = whole.length;

  it('order of records but their own is found, and every moved record is named', () => {
    const orders = fc.shuffledSubarray([...whole], { minLength: count, maxLength: count });
    fc.assert(
      fc.property(orders, (order) => {
        const moved = order.flatMap(({ seq }, i) => (seq === i + 1 ? [] : [i + 1]));
        const named = verify(stored(order, { head: headOf(whole[count - 1] as AuditRecord) }))
          .filter(({ problem }) => problem === 'reordered')
          .map(({ seq }) => seq);
        expect(named).toEqual(moved);
      }),
    );
  });

  it('records removed are found, and the first of each gap is named', () => {
    fc.assert(
      fc.property(fc.subarray([...whole], { maxLength: count - 1 }), (left) => {
        const records = left.map((record) => ({ position: record.seq, record }));
        const gone = whole.map(({ seq }) => seq).filter((seq) => !left.some((record) => record.seq === seq));
        const firsts = gone.filter((seq) => !gone.includes(seq - 1));
        const findings = verify(stored(whole, { records }));
        expect(findings.map(({ problem, seq }) => [problem, seq])).toEqual(firsts.map((seq) => ['removed', seq]));
      }),
    );
  });

  it('record changed in one field is found and named, even with its hash made to fit', () => {
    const fields = fc.constantFrom('atMs', 'principal', 'action', 'previousHash');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: count - 1 }), fields, fc.boolean(), (index, field, fits) => {
        const record = whole[index] as AuditRecord;
        const changed = { ...record, [field]: field === 'atMs' ? 99 : 'another' };
        const forged = fits ? { ...changed, hash: hashOf(changed, sha256) } : changed;
        const findings = verify(stored(whole.with(index, forged), { head: headOf(whole[count - 1] as AuditRecord) }));
        expect(findings.some(({ seq }) => seq === index + 1 || seq === index + 2)).toBe(true);
      }),
    );
  });
});
