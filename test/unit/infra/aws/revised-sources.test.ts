import { describe, expect, it } from 'vitest';
import { reviseSource } from '../../../../infra/aws/revised-sources.ts';

const revision = { file: 'a.ts', snippet: 'if (seen) return;', replacement: 'const price = "$&";' };

describe('a revision of a source', () => {
  it('replaces its one place, word for word', () => {
    expect(reviseSource('start(); if (seen) return; end();', revision)).toBe('start(); const price = "$&"; end();');
  });

  it.each([
    ['start();', 0],
    ['if (seen) return; if (seen) return;', 2],
  ])('is refused where its place is not there once: %j', (text, count) => {
    expect(() => reviseSource(text, revision)).toThrow(`must stand once in a.ts, stands ${count} times`);
  });
});
