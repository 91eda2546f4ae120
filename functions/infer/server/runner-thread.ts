import { parentPort } from 'node:worker_threads';
import { createMetrics, SERVING_FAMILIES } from '../../../shared/core/prometheus/index.ts';
import { linkCoordinator, type Wire } from './coordinator-link.ts';
import { createExecutor } from './executor.ts';
import type { ThreadData } from './messages.ts';
import { connectPeer } from './peer-runs.ts';
import { anyGraph } from './runtimes.ts';

/** A thread that runs models whose runs or loads take long: they hold up no request but their own. */
export const startRunnerThread = ({ settings, peers }: ThreadData): void => {
  const metrics = createMetrics(SERVING_FAMILIES);
  const executor = createExecutor(anyGraph(), settings, metrics);
  for (const port of peers) if (port !== undefined) connectPeer(port, executor);
  const link = linkCoordinator({
    wire: parentPort as unknown as Wire,
    executor,
    snapshot: metrics.snapshot,
    onListen: () => undefined,
    onReady: () => undefined,
    onInventory: () => undefined,
    onDrain: () => link.drained(),
  });
};
