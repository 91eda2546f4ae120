import { startTestCloud } from '../helpers/local-cloud.ts';

/**
 * Brings a kept cloud up in a process of its own, asks for one prediction, and tells how long that took since the
 * process began; then stays up, idle, for as long as it is asked to, and tells what it holds. Argument and answer are
 * JSON.
 */

interface Plan {
  readonly assemblyFolder: string;
  readonly stateFolder: string;
  readonly idleMs: number;
}

export interface BootFacts {
  /** From the start of the process to the first answered prediction. */
  readonly seconds: number;
  /** Resident megabytes (10^6 bytes) at the end. */
  readonly residentMb: number;
}

const { assemblyFolder, stateFolder, idleMs } = JSON.parse(process.argv[2] ?? '{}') as Plan;
const test = await startTestCloud({ assemblyFolder, stateFolder });
test.cloud.clock.startWall();
const body = { features: { x: 0.9, kind: 'a' } };
const { status } = await test.api.call('POST', `${test.predictUrl}/models/toy/predict`, body);
const seconds = performance.now() / 1_000;
if (status !== 200) throw new Error(`the prediction answered ${status}`);
await new Promise((resolve) => setTimeout(resolve, idleMs));
const facts: BootFacts = { seconds, residentMb: process.memoryUsage().rss / 1e6 };
test.cloud.clock.stopWall();
await test.stop();
console.log(JSON.stringify(facts));
