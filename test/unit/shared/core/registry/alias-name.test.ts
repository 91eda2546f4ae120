import { describe, expect, it } from 'vitest';
import { requireAliasName, requireFreeAliasName } from '../../../../../shared/core/registry/index.ts';

describe('an alias', () => {
  it.each(['champion', 'Latest-1', 'vv1', 'v1a', '1', 'größe', '_', 'x'.repeat(255)])('may be called %s', (alias) => {
    expect(() => requireFreeAliasName(alias)).not.toThrow();
  });

  it.each(['latest', 'LaTeSt', 'v1', 'V012', 'a b', 'a/b', 'a.b', 'a\n', 'x'.repeat(256)])(
    'may not be called %j',
    (alias) => {
      expect(() => requireFreeAliasName(alias)).toThrow(expect.objectContaining({ name: 'InvalidRequestError' }));
    },
  );

  it('may be looked for by a reserved name', () => {
    expect(() => requireAliasName('latest')).not.toThrow();
  });
});
