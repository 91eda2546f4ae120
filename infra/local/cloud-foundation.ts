import { mkdirSync } from 'node:fs';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { createCloudLog } from './cloud-log.ts';
import { type CloudPorts, type FaultSource, type IdSource, NO_FAULTS } from './contracts.ts';
import { createMachineIds } from './ids.ts';
import { createSimulation, type Simulation, type SimulationOptions } from './simulation/simulation.ts';
import { type OpenStateStore, openStateStore } from './state-store.ts';

export interface FoundationOptions {
  readonly stateFolder: string;
  readonly startMs: number;
  readonly onProblem?: (message: string) => void;
  readonly simulation?: SimulationOptions;
}

/** What a cloud stands on before there are services: state, time, chance and its own log. */
export interface Foundation {
  readonly store: OpenStateStore;
  readonly clock: VirtualClock;
  readonly log: CloudPorts['log'];
  readonly ids: IdSource;
  readonly faults: FaultSource;
  readonly simulation: Simulation | undefined;
  close(): void;
}

/** Leaps are kept as they happen; flowing time is at most so old after a kill. */
const SAVE_TIME_EVERY_MS = 200;

export const openFoundation = (options: FoundationOptions): Foundation => {
  const { stateFolder: folder, onProblem } = options;
  mkdirSync(folder, { recursive: true });
  const onTaskError = (label: string, error: unknown): void =>
    log({ level: 'error', message: `timer ${label} failed: ${String(error)}` });
  const simulation = options.simulation && createSimulation(options.simulation, onTaskError);
  const store = openStateStore({ folder, inMemory: simulation !== undefined });
  const time = store.table<number>('virtual-time');
  const clock = createVirtualClock({
    startMs: time.get('now') ?? options.startMs,
    onTaskError,
    ...(simulation ? { scheduler: simulation.scheduler } : { onLeap: (nowMs) => time.put('now', nowMs) }),
  });
  const writeLog = createCloudLog(folder, clock.nowMs, onProblem);
  const log: CloudPorts['log'] = (line) => {
    simulation?.onEvent(`log ${JSON.stringify(line)}`);
    writeLog(line);
  };
  const saveTime = (): void => time.put('now', clock.nowMs());
  // Nothing of a simulation is kept, and a timer of the machine's would have no place in its order.
  const saving = simulation ? undefined : setInterval(saveTime, SAVE_TIME_EVERY_MS);
  return {
    store,
    clock,
    log,
    ids: simulation?.ids ?? createMachineIds(),
    faults: simulation?.faults ?? NO_FAULTS,
    simulation,
    close: () => {
      clearInterval(saving);
      saveTime();
      clock.stop();
      simulation?.scheduler.stop();
      store.close();
    },
  };
};
