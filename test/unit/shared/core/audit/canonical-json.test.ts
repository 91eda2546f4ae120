import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../../shared/core/audit/index.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('canonical JSON', () => {
  it('sorts names by code units, leaves out white space and what is undefined', () => {
    const value = { b: [1, null, true], a: 'x "y"\n', é: 0.1, Z: undefined, A: { d: -0, c: 1e21 } };

    expect(canonicalJson(value)).toBe('{"A":{"c":1e+21,"d":0},"a":"x \\"y\\"\\n","b":[1,null,true],"é":0.1}');
  });

  it('is one text for a value however it was put together, and reads back as the value', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, (one) => {
        const text = canonicalJson(one);
        const reversed = JSON.parse(text, (_, inner: unknown) =>
          typeof inner === 'object' && inner !== null && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        );
        expect(canonicalJson(reversed)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(one)));
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what has no one text', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('only finite numbers');
    expect(() => canonicalJson('\ud800')).toThrow('well-formed');
    expect(() => canonicalJson({ a: () => 1 })).toThrow('a function has no canonical text');
  });
});
