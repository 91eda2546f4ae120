#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_WRONG_USAGE } from './command-line.ts';
import { COMMANDS, nearestCommand, overview } from './command-table.ts';
import { requirePinnedNode } from './require-pinned-node.ts';

/** `npx millrace`: one command for a stage on AWS and for the embedded cloud alike. */

requirePinnedNode();

const ROOT = join(import.meta.dirname, '../..');
const [word = '--help', ...rest] = process.argv.slice(2);

const run = async (): Promise<void> => {
  const command = COMMANDS.find(({ name }) => name === word);
  if (command === undefined) {
    const meant = nearestCommand(word);
    console.error(
      `there is no command ${word}${meant === undefined ? '' : `; did you mean ${meant}?`}\n\n${overview()}`,
    );
    process.exitCode = EXIT_WRONG_USAGE;
    return;
  }
  const module = join(import.meta.dirname, `${command.module ?? command.name}.ts`);
  if (command.needsCdk) {
    const tsx = join(ROOT, 'node_modules/.bin/tsx');
    process.exitCode = spawnSync(tsx, [module, ...rest], { stdio: 'inherit' }).status ?? 1;
    return;
  }
  // Each module reads its own command line.
  process.argv.splice(1, 2, module);
  await import(module);
};

if (word === '--version') {
  console.log(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version);
} else if (word === '--help' || word === 'help') {
  console.log(overview());
} else {
  await run();
}
