import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openChildRegistry } from '../../../../../infra/local/jobs/child-registry.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-children-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that runs until it is ended. */
const start = () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  return { child, pid: child.pid ?? 0 };
};

describe('the registry of child processes', () => {
  it('ends what an earlier cloud left, and forgets it', async () => {
    const { child, pid } = start();
    const exited = once(child, 'exit');
    openChildRegistry(folder).note(pid);

    const ended = openChildRegistry(folder).endLeftovers();

    expect(ended).toEqual([pid]);
    expect((await exited)[1]).toBe('SIGKILL');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves alone who has the number of a process that ended', async () => {
    const { child, pid } = start();
    const registry = openChildRegistry(folder);
    registry.note(pid);
    // As if the number had gone to a process that began at another time.
    writeFileSync(join(folder, String(pid)), 'Thu Jan  1 00:00:00 1970');

    expect(registry.endLeftovers()).toEqual([]);
    expect(child.exitCode).toBeNull();
    expect(existsSync(join(folder, String(pid)))).toBe(false);

    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('knows nothing of what ended by itself', () => {
    const registry = openChildRegistry(folder);
    registry.note(2 ** 22 + 1);

    expect(registry.endLeftovers()).toEqual([]);
  });
});
