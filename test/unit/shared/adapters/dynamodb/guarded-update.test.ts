import { describe, expect, it } from 'vitest';
import { guardedUpdate } from '../../../../../shared/adapters/dynamodb/guarded-update.ts';

const at = { table: 't', key: { pk: 'p', sk: 's' } };

describe('a guarded update', () => {
  it('writes what differs, if that still is as it was read', () => {
    const { Update } = guardedUpdate({
      ...at,
      before: { a: 1, gone: 'x', same: true, updatedAtMs: 1 },
      after: { a: 2, fresh: 'y', same: true, updatedAtMs: 2 },
      relied: ['same'],
    });

    expect(Update?.UpdateExpression).toBe('SET #a = :a, #updatedAtMs = :updatedAtMs, #fresh = :fresh REMOVE #gone');
    expect(Update?.ConditionExpression).toBe(
      'attribute_exists(#pk) AND #a = :was_a AND #gone = :was_gone AND attribute_not_exists(#fresh) AND #same = :was_same',
    );
    expect(Update?.ExpressionAttributeValues).toEqual({
      ':a': { N: '2' },
      ':fresh': { S: 'y' },
      ':updatedAtMs': { N: '2' },
      ':was_a': { N: '1' },
      ':was_gone': { S: 'x' },
      ':was_same': { BOOL: true },
    });
  });

  it('checks what it relies on when nothing differs', () => {
    const { ConditionCheck } = guardedUpdate({ ...at, before: { a: 1 }, after: { a: 1 }, relied: ['a', 'b'] });

    expect(ConditionCheck?.ConditionExpression).toBe(
      'attribute_exists(#pk) AND #a = :was_a AND attribute_not_exists(#b)',
    );
  });
});
