import { HOUR_MS } from '../../../shared/kernel/time.ts';
import type { VirtualClock } from '../clock.ts';
import type { FaultSource, IdSource, LocalClock } from '../contracts.ts';
import { NO_FAULTS } from '../contracts.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { InProcessHost } from '../lambda/in-process-environment.ts';
import { createMemoryRequestHandler, type MemoryRequestHandler } from './request-handler.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { createSeededIds } from './seeded-ids.ts';
import { createSeededRandom } from './seeded-random.ts';
import { createTransport, type MemoryRequest, type MemoryResponse, type TransportOptions } from './transport.ts';

export interface SimulationOptions {
  /** The whole run is a function of it: same seed, same template, same calls from outside, same events. */
  readonly seed: number | string;
  readonly faults?: FaultSource;
  /** Virtual time for which an idle environment is kept; AWS does not say for how long it does. @default 2 hours */
  readonly idleEnvironmentMs?: number;
  /** Told of everything that happens, in words without real time: two runs of one seed tell the same. */
  readonly onEvent?: (line: string) => void;
  /** Told of every call that was served, when its effect has happened and before anybody knows the answer. */
  readonly onServed?: TransportOptions['onServed'];
}

export interface CallerIdentity {
  readonly kind: 'client' | 'service';
  readonly caller: string;
}

/** The parts of a cloud that runs by a seed instead of by the machine. */
export interface Simulation {
  readonly scheduler: Scheduler;
  readonly ids: IdSource;
  readonly faults: FaultSource;
  readonly onEvent: (line: string) => void;
  /** Call once, before anything is sent. */
  connect(parts: { readonly clock: VirtualClock; readonly dispatch: Dispatcher; readonly endpoint: string }): void;
  send(as: CallerIdentity, request: MemoryRequest): Promise<MemoryResponse>;
  /** For SDK v3 clients. */
  requestHandler(as: CallerIdentity): MemoryRequestHandler;
  environmentHost(nodePath: string): InProcessHost;
}

/** No port listens there: URLs need an address all the same. */
export const SIMULATED_ENDPOINT = 'http://127.0.0.1:4566';

type Connected = Parameters<Simulation['connect']>[0];

export const createSimulation = (
  options: SimulationOptions,
  onTaskError: (label: string, error: unknown) => void,
): Simulation => {
  const random = createSeededRandom(String(options.seed));
  const { faults = NO_FAULTS } = options;
  const ids = createSeededIds(random.fork('ids'));
  let connected: Connected | undefined;
  const parts = (): Connected => {
    if (connected === undefined) throw new Error('the simulation is used before it is connected');
    return connected;
  };
  const onEvent = (line: string): void => options.onEvent?.(`${connected?.clock.nowMs() ?? 0} ${line}`);
  const scheduler = createScheduler({
    random: random.fork('order'),
    onTaskError,
    ...(options.onEvent ? { onItem: onEvent } : {}),
  });
  const clock: LocalClock = {
    nowMs: () => parts().clock.nowMs(),
    at: (...given) => parts().clock.at(...given),
    hold: (label) => parts().clock.hold(label),
    during: (label, work) => parts().clock.during(label, work),
    native: (label, work) => parts().clock.native(label, work),
  };
  const transport = createTransport({
    scheduler,
    clock,
    ids,
    faults,
    dispatch: () => parts().dispatch,
    onEvent,
    ...(options.onServed ? { onServed: options.onServed } : {}),
  });
  let calls = 0;
  let unanswered = 0;

  /** What is asked from outside may need time to pass: a retry's pause, a time-out. Nobody drives while he waits for it. */
  const awaited = async <T>(answer: Promise<T>): Promise<T> => {
    unanswered += 1;
    try {
      if (unanswered === 1) void parts().clock.leapWhile(() => unanswered > 0);
      return await answer;
    } finally {
      unanswered -= 1;
    }
  };

  const send: Simulation['send'] = (as, request) => {
    const answer = new Promise<MemoryResponse>((resolve, reject) => {
      const origin = { ...as, ordinal: calls++, alive: () => true, receive: (task: () => void) => task() };
      transport.send(origin, request, (given) => (given instanceof Error ? reject(given) : resolve(given)));
    });
    return as.kind === 'client' ? awaited(answer) : answer;
  };

  return {
    scheduler,
    ids,
    faults,
    onEvent,
    connect: (given) => {
      connected = given;
    },
    send,
    requestHandler: (as) => createMemoryRequestHandler((request) => send(as, request)),
    environmentHost: (nodePath) => ({
      scheduler,
      transport,
      clock,
      faults,
      random: random.fork('environments'),
      nodePath,
      idleEnvironmentMs: options.idleEnvironmentMs ?? 2 * HOUR_MS,
      endpoint: () => parts().endpoint,
      onEvent,
    }),
  };
};
