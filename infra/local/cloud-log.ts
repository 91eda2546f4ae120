import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudPorts } from './contracts.ts';

/** The cloud's own log: `<folder>/cloud.log`, one JSON line each; problems also reach `onProblem`. */
export const createCloudLog = (
  folder: string,
  nowMs: () => number,
  onProblem: (message: string) => void = () => {},
): CloudPorts['log'] => {
  const file = join(folder, 'cloud.log');
  return (line) => {
    appendFileSync(file, `${JSON.stringify({ at: new Date(nowMs()).toISOString(), ...line })}\n`);
    if (line.level !== 'info') onProblem(JSON.stringify(line));
  };
};
