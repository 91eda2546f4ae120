import { readFileSync } from 'node:fs';
import { showVirtualTime } from '../virtual-date.ts';

/**
 * Loaded before the program of a task, in each of its threads: `Date` tells what the file of the cloud's time says, and
 * what has passed since that was written.
 */

const { MILLRACE_TIME_FILE: file = '' } = process.env;

showVirtualTime((realNowMs) => {
  try {
    const [toldMs = 0, atMs = 0] = readFileSync(file, 'utf8').split(' ').map(Number);
    return toldMs + Math.max(0, realNowMs() - atMs);
  } catch {
    return realNowMs();
  }
});
