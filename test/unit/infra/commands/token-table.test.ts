import { expect, it } from 'vitest';
import { tokenTable } from '../../../../infra/commands/token-table.ts';

it('shows what each token is for and whether it still opens anything', () => {
  const token = { name: 'a', workspaces: ['x'], role: 'read', createdAtMs: 0 } as const;
  const DAY_MS = 86_400_000;

  const table = tokenTable(
    [
      { ...token, name: 'alice', workspaces: ['x', 'y'] },
      { ...token, expiresAtMs: DAY_MS },
      { ...token, expiresAtMs: 3 * DAY_MS },
      { ...token, revokedAtMs: DAY_MS },
    ],
    2 * DAY_MS,
  );

  expect(table.split('\n')).toEqual([
    'NAME   ROLE  WORKSPACES  CREATED     STATE',
    'alice  read  x,y         1970-01-01  valid',
    'a      read  x           1970-01-01  expired 1970-01-02',
    'a      read  x           1970-01-01  valid until 1970-01-04',
    'a      read  x           1970-01-01  revoked 1970-01-02',
  ]);
});
