import { describe, expect, it } from 'vitest';
import { timeOfId, timeOrderedId } from '../../../../shared/kernel/time-ordered-id.ts';
import { fc } from '../../../helpers/properties.ts';

const seed = (byte: number) => new Uint8Array(10).fill(byte);

describe('a time-ordered id', () => {
  it('is the version 7 UUID of RFC 9562’s own example', () => {
    // Appendix A.6: 2022-02-22T19:22:22Z, rand_a 0xCC3, rand_b 0b01 and 0x8C4DC0C0C07398F.
    const rfc = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);

    expect(timeOrderedId(0x017f22e279b0, rfc)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('tells its time whatever its seed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        fc.uint8Array({ minLength: 10, maxLength: 32 }),
        (atMs, bytes) => {
          expect(timeOfId(timeOrderedId(atMs, bytes))).toBe(atMs);
        },
      ),
    );
  });

  it('sorts by time', () => {
    expect(timeOrderedId(1_000, seed(255)) < timeOrderedId(1_001, seed(0))).toBe(true);
  });

  it('is told from other ids', () => {
    expect(timeOfId('p-1')).toBeUndefined();
    expect(timeOfId('2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d')).toBeUndefined();
    expect(timeOfId('9f0e4a2e-1b1f-4b53-a1a1-8ec1c8d2d4c6')).toBeUndefined();
  });
});
