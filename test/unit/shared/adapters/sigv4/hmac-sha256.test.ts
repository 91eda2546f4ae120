import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacSha256 } from '../../../../../shared/adapters/sigv4/hmac-sha256.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('HMAC-SHA-256', () => {
  // https://www.rfc-editor.org/rfc/rfc4231#section-4: test cases 1, 2 and 6, whose key is longer than a block.
  it.each([
    [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['Jefe', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [
      Buffer.alloc(131, 0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('answers as RFC 4231 says', (key, text, expected) => {
    expect(hmacSha256(key, text).toString('hex')).toBe(expected);
  });

  it('answers as OpenSSL does, whatever the length of the key and the letters of the text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 130 }), fc.string({ unit: 'grapheme' }), (key, text) => {
        expect(hmacSha256(key, text)).toEqual(createHmac('sha256', key).update(text).digest());
      }),
    );
  });
});
