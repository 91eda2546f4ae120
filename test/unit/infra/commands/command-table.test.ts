import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, nearestCommand, overview } from '../../../../infra/commands/command-table.ts';

const FOLDER = join(import.meta.dirname, '../../../../infra/commands');

describe('the commands', () => {
  it('each have a module and a line of help', () => {
    for (const { name, module = name, summary } of COMMANDS) {
      expect(existsSync(join(FOLDER, `${module}.ts`)), name).toBe(true);
      expect(overview()).toContain(summary);
    }
  });

  it.each([
    ['statsu', 'status'],
    ['aprove', 'approve'],
    ['roll-back', 'rollback'],
    ['reg', 'register'],
    ['logs2', 'logs'],
    ['xyzzy', undefined],
    ['q', undefined],
  ])('%s was probably %s', (word, meant) => {
    expect(nearestCommand(word)).toBe(meant);
  });
});
