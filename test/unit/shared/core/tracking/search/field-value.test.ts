import { describe, expect, it } from 'vitest';
import { compareTexts } from '../../../../../../shared/core/tracking/index.ts';
import { fc } from '../../../../../helpers/properties.ts';

describe('comparing texts', () => {
  it('puts what lies beyond 16 bits last, as UTF-8 does', () => {
    expect(compareTexts('\u{1f600}', '\u{e000}')).toBeGreaterThan(0);
    expect(compareTexts('a\u{10000}', 'a\u{ffff}')).toBeGreaterThan(0);
    expect(compareTexts('ab', 'a')).toBeGreaterThan(0);
    expect(compareTexts('a', 'a')).toBe(0);
  });

  it('is the order of the UTF-8 bytes', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', 'é', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}'),
    });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(compareTexts(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
