import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceContext } from '../contracts.ts';
import type { LocalImage } from '../jobs/local-images.ts';

const CLOCK = pathToFileURL(join(import.meta.dirname, 'task-clock.ts')).href;

/**
 * The cloud's time for programs of this Node, which they take for the machine's: told before each request, and flowing
 * from there, so that it may be set back a little, as clocks are. Other programs live in the machine's time.
 */
export interface TaskTime {
  /** Before a task is started or asked. */
  tell(): void;
  environment(image: LocalImage): Readonly<Record<string, string>>;
}

export const createTaskTime = ({ clock, store }: Pick<ServiceContext, 'clock' | 'store'>): TaskTime => {
  const folder = join(store.folder, 'ecs');
  const file = join(folder, 'time');
  let told = false;
  return {
    tell: () => {
      if (!told) mkdirSync(folder, { recursive: true });
      told = true;
      // Whole: whoever reads meanwhile finds the one or the other.
      writeFileSync(`${file}.next`, `${clock.nowMs()} ${Date.now()}`);
      renameSync(`${file}.next`, file);
    },
    environment: (image) =>
      Array.isArray(image) && image.includes(process.execPath)
        ? { MILLRACE_TIME_FILE: file, NODE_OPTIONS: `--import ${CLOCK}` }
        : {},
  };
};
