import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/seal-audit/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import type { StoredHead } from '../../../../shared/ports/audit-log.ts';

const head = (model: string, seq = 3): StoredHead => ({ model, head: { model, seq, hash: 'a'.repeat(64) } });
const event = { scheduledAt: '2001-02-03T00:05:00Z' };

let seals: ReturnType<typeof createMemoryArtifactStore>;
beforeEach(() => {
  seals = createMemoryArtifactStore();
});

/** Pages of two heads. */
const sealing = (heads: readonly StoredHead[]) =>
  createHandler({
    seals,
    log: {
      listHeads: async (_limit, cursor = '0') => {
        const from = Number(cursor);
        const more = from + 2 < heads.length ? { nextCursor: String(from + 2) } : {};
        return { items: heads.slice(from, from + 2), ...more };
      },
    },
  });

const stored = async () => (await seals.list('')).map(({ key }) => key);

describe('sealing', () => {
  it('writes the head of every chain under the day for which it was scheduled', async () => {
    expect(await sealing([head('a'), head('b'), head('team/c')])(event)).toEqual({ sealedCount: 3, standingCount: 0 });

    const keys = ['a', 'b', 'team%2Fc'].map((model) => `audit/heads/2001-02-03/${model}.json`);
    expect(await stored()).toEqual(keys);
    expect(JSON.parse(new TextDecoder().decode(await seals.get(keys[2] ?? '')))).toEqual({
      day: '2001-02-03',
      model: 'team/c',
      seq: 3,
      hash: 'a'.repeat(64),
    });
  });

  it('leaves what stands when it is run again', async () => {
    await sealing([head('a', 3)])(event);

    expect(await sealing([head('a', 4), head('b')])(event)).toEqual({ sealedCount: 1, standingCount: 1 });
    const first = await seals.get('audit/heads/2001-02-03/a.json');
    expect(JSON.parse(new TextDecoder().decode(first)).seq).toBe(3);
  });

  it('names a head that was tampered with, once the others are sealed', async () => {
    const heads = [head('a'), { model: 'b', head: 'malformed' } as const, head('c')];

    await expect(sealing(heads)(event)).rejects.toMatchObject({
      name: 'InvalidStateError',
      message: 'audit logs were tampered with, their heads are not sealed: b; npm run audit tells more',
    });
    expect(await stored()).toHaveLength(2);
  });

  it('refuses an event without the instant of its schedule', async () => {
    await expect(sealing([])({})).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
