import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLogFile } from '../../../../../infra/local/logs/log-file.ts';

const root = mkdtempSync(join(tmpdir(), 'millrace-log-file-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const line = (message: string) => ({ atMs: 1, ingestedAtMs: 2, stream: 's', message });

it('keeps what was appended before it was closed', () => {
  const folder = join(root, 'kept');
  const file = openLogFile(folder);
  file.append(line('before'));
  file.close();
  file.append(line('after'));

  expect(openLogFile(folder).read()).toEqual([line('before')]);
});

it('does not make its folder anew for a line that comes after it was closed', async () => {
  const folder = join(root, 'gone');
  const file = openLogFile(folder);
  file.append(line('before'));
  file.close();
  rmSync(folder, { recursive: true });
  file.append(line('after'));
  await new Promise((resolve) => setImmediate(resolve));

  expect(existsSync(folder)).toBe(false);
});
