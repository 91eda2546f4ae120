import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const COMMANDS = join(import.meta.dirname, '../../../../infra/commands');

it.each(['doctor', 'load', 'promote', 'restore', 'token'])(
  '%s tells a wrong option in a line, with its usage',
  (command) => {
    const { status, stderr } = spawnSync(process.execPath, [join(COMMANDS, `${command}.ts`), '--bogus'], {
      encoding: 'utf8',
    });

    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toMatch(/^Unknown option '--bogus'/);
    expect(stderr).toContain(`millrace ${command} `);
  },
);

it('a stage that does not exist is told in a line, with those that do', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(COMMANDS, 'doctor.ts'), '--stage', 'nope'], {
    encoding: 'utf8',
  });

  expect(status).toBe(2);
  expect(stderr.split('\n')[0]).toMatch(/^unknown stage "nope", must be one of /);
});
