import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateInUseError, takeStateLock } from '../../../../../infra/local/story/state-lock.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
  folder = join(root, '.millrace');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const plant = (holder: object): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'start.lock'), JSON.stringify({ since: '2026-11-22T10:00:00.000Z', ...holder }));
};

const lockText = (): string => readFileSync(join(folder, 'start.lock'), 'utf8');

/** The number of a process that has run and is gone. */
const gonePid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

describe('the lock of the state', () => {
  it('is refused while its holder runs, in one line that says who runs and what to do', () => {
    takeStateLock(folder);
    const held = lockText();

    expect(() => takeStateLock(folder)).toThrow(StateInUseError);
    expect(() => takeStateLock(folder)).toThrow(
      new RegExp(
        `^npm start runs already on the state in .*\\(process ${process.pid}, since 20.*Z\\): stop that one first, with Ctrl-C in its terminal or kill ${process.pid}$`,
      ),
    );
    expect(lockText()).toBe(held);
    expect(readdirSync(folder)).toEqual(['start.lock']);
  });

  it('can be taken again when it was given back', () => {
    takeStateLock(folder)();

    expect(readdirSync(folder)).toEqual([]);
    expect(() => takeStateLock(folder)).not.toThrow();
  });

  it.each([
    ['is gone', () => ({ pid: gonePid() })],
    ['has its number no longer: another process has it', () => ({ pid: process.pid, processStart: 'long ago' })],
    ['was never written whole', () => ({})],
  ])('is taken over when its holder %s', (_, holder) => {
    plant(holder());

    const release = takeStateLock(folder);

    expect(JSON.parse(lockText())).toMatchObject({ pid: process.pid });
    expect(readdirSync(folder)).toEqual(['start.lock']);
    release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is left alone by a holder that lost it', () => {
    const release = takeStateLock(folder);
    plant({ pid: 1 });

    release();

    expect(JSON.parse(lockText())).toMatchObject({ pid: 1 });
  });

  it('keeps a second start from deleting or synthesising anything, whatever port it asks for', () => {
    takeStateLock(folder);
    for (const kept of ['local', 'cdk.out']) {
      mkdirSync(join(folder, kept));
      writeFileSync(join(folder, kept, 'kept'), '');
    }

    const second = spawnSync(process.execPath, [resolve('infra/local/main.ts'), '--fresh', '--port', '0'], {
      cwd: root,
      timeout: 60_000,
      encoding: 'utf8',
    });

    expect(second.status).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toMatch(/^npm start runs already on the state in .*\n$/);
    expect(existsSync(join(folder, 'local', 'kept'))).toBe(true);
    expect(existsSync(join(folder, 'cdk.out', 'kept'))).toBe(true);
  });
});
