import { describe, expect, it } from 'vitest';
import {
  INLINE_SHARE_BYTES,
  LONGEST_INLINE_BYTES,
  mayHaveTag,
  mergedTags,
  withTag,
  withTags,
} from '../../../../../shared/adapters/dynamodb/registry-tags.ts';
import { fc } from '../../../../helpers/properties.ts';

const place = { table: 't', keyOf: (key: string) => ({ pk: 'home', sk: `tag#${key}` }) };
const EMPTY: { readonly tags?: Readonly<Record<string, string>>; readonly hasLongTags?: boolean } = {};
const long = 'é'.repeat(LONGEST_INLINE_BYTES);
const bytes = (tags: Readonly<Record<string, string>> = {}): number =>
  Object.entries(tags).reduce((sum, tag) => sum + new TextEncoder().encode(tag.join('')).byteLength, 0);

describe('tags of an item', () => {
  it('stand in it while they are short, and in their own items otherwise', () => {
    const { fields, actions } = withTags(EMPTY, { short: 'x', long }, place);

    expect(fields).toEqual({ tags: { short: 'x' }, hasLongTags: true });
    expect(actions).toHaveLength(1);
    expect(actions[0]?.Put?.Item).toMatchObject({ sk: { S: 'tag#long' }, value: { S: long } });
    expect(mergedTags(fields.tags ?? {}, [actions[0]?.Put?.Item ?? {}])).toEqual({ short: 'x', long });
  });

  it('move between the two when their length does', () => {
    const grown = withTag({ tags: { k: 'x' } }, { key: 'k', value: long }, place);
    const shrunk = withTag(grown.fields, { key: 'k', value: 'y' }, place);

    expect(grown.fields).toEqual({ tags: {}, hasLongTags: true });
    expect(grown.actions[0]?.Put).toBeDefined();
    expect(shrunk.fields).toEqual({ tags: { k: 'y' }, hasLongTags: true });
    expect(shrunk.actions[0]?.Delete?.Key).toEqual({ pk: { S: 'home' }, sk: { S: 'tag#k' } });
    expect(withTag(shrunk.fields, { key: 'k', value: undefined }, place).fields.tags).toEqual({});
  });

  it('are known to be absent only where no long ones are', () => {
    expect(mayHaveTag({ tags: { a: '' } }, 'a')).toBe(true);
    expect(mayHaveTag({ tags: {} }, 'constructor')).toBe(false);
    expect(mayHaveTag({ hasLongTags: true }, 'a')).toBe(true);
  });

  it('never take more of the item than their share, and none is lost', () => {
    const tag = fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.string({ maxLength: 1_500 }));
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 120 }), (list) => {
        const tags = Object.fromEntries(list);
        const { fields, actions } = withTags(EMPTY, tags, place);

        expect(bytes(fields.tags)).toBeLessThanOrEqual(INLINE_SHARE_BYTES);
        const items = actions.map(({ Put }) => Put?.Item ?? {});
        expect(mergedTags(fields.tags ?? {}, items)).toEqual(tags);
      }),
      { numRuns: 30 },
    );
  });
});
