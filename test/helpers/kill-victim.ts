import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DriverLine, DriverPlan } from './kill-driver.ts';

/** A cloud in another process, which the test ends by force. */
export interface Victim {
  readonly pid: number;
  /** Waits for the line of a step. @throws when the process ended before it. */
  reached(step: DriverLine['at']): Promise<DriverLine>;
  /** `kill -9`: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
}

const DRIVER = join(import.meta.dirname, 'kill-driver.ts');

export const launchVictim = (plan: DriverPlan): Victim => {
  const child = spawn(process.execPath, [DRIVER, JSON.stringify(plan)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const lines: DriverLine[] = [];
  let complaints = '';
  let wake = (): void => {};
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as DriverLine);
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString('utf8');
  });
  let ended = false;
  void exited.then(() => {
    ended = true;
    wake();
  });
  return {
    pid: child.pid ?? 0,
    async reached(step) {
      for (;;) {
        const line = lines.find(({ at }) => at === step);
        if (line) return line;
        if (ended) throw new Error(`the cloud ended before it was ${step}: ${complaints.slice(-2_000)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
