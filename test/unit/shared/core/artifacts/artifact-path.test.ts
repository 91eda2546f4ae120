import { describe, expect, it } from 'vitest';
import { joinArtifactPath, localFileName, parseArtifactPath } from '../../../../../shared/core/artifacts/index.ts';
import { fc } from '../../../../helpers/properties.ts';

describe('an artifact path', () => {
  it.each([
    ['1/ab/artifacts/model/MLmodel', '1/ab/artifacts/model/MLmodel'],
    ['', ''],
    ['a//b/./c/', 'a/b/c'],
    ['with space+plus/ü.txt', 'with space+plus/ü.txt'],
    ['..a/b..', '..a/b..'],
    ['100%', '100%'],
    ['a%20b', 'a%20b'],
  ])('%j is %j', (given, plain) => {
    expect(parseArtifactPath(given)).toBe(plain);
  });

  it.each([
    '..',
    '../other',
    'a/../../b',
    'a/..',
    '/etc/passwd',
    '%2e%2e/other',
    'a/%2E%2e%2Fb',
    '%252e%252e/other',
    '%2Fetc',
    'a\\..\\b',
    'a%5c..%5cb',
    'C:/windows',
    'c:\\windows',
    'file:/etc/passwd',
    'a#b',
    'a\u0000b',
    'a\nb',
  ])('refuses %j', (given) => {
    expect(() => parseArtifactPath(given)).toThrow(/^Invalid path$/);
  });

  it('refuses a path that is encoded over and over', () => {
    let path = '..';
    for (let i = 0; i < 12; i += 1) path = encodeURIComponent(path.replaceAll('.', '%2e'));

    expect(() => parseArtifactPath(path)).toThrow(/^Invalid path$/);
  });

  it('refuses a path that no key can hold', () => {
    expect(() => parseArtifactPath('ü'.repeat(451))).toThrow(/902 bytes, at most 900/);
  });

  it('never leads out of its root, however it is written', () => {
    const piece = fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5C', '%25', 'a', 'b.c', '');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let path: string;
        try {
          path = parseArtifactPath(pieces.join(''));
        } catch {
          return;
        }
        const resolved = new URL(`http://host/root/${path}`).pathname;

        expect(resolved.startsWith('/root/')).toBe(true);
        expect(path.split('/')).not.toContain('..');
      }),
    );
  });
});

describe('a local file', () => {
  it('is called by its last part, on either kind of system', () => {
    expect(localFileName('/tmp/x/model.bin')).toBe('model.bin');
    expect(localFileName('C:\\work\\model.bin')).toBe('model.bin');
    expect(() => localFileName('/tmp/..')).toThrow(/Invalid path/);
    expect(() => localFileName('/tmp/')).toThrow(/Invalid path/);
  });
});

describe('joining', () => {
  it('leaves out what is empty', () => {
    expect(joinArtifactPath('1/ab', '', 'c')).toBe('1/ab/c');
  });
});
