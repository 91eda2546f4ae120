import { randomBytes } from 'node:crypto';
import type { CreateService } from '../../infra/local/contracts.ts';
import { type LocalServiceOptions, startLocalService } from './local-service.ts';

/**
 * What a contract suite runs against: the embedded services, or AWS itself when `TEST_TARGET=aws` and credentials
 * are given (`AWS_PROFILE` or the usual variables, `AWS_REGION`). A suite is written once, for both.
 */
export interface ContractTarget {
  readonly name: 'local' | 'aws';
  /** For any SDK v3 client. */
  readonly clientConfig: object;
  /** Starts the names of everything that a suite creates; unique to this run. */
  readonly prefix: string;
  /** Lets so much of the target's time pass. */
  wait(durationMs: number): Promise<void>;
  /** Asks again, a second of the target's time apart, until the answer holds. @throws when it never does. */
  eventually(what: string, holds: () => Promise<boolean>, limitMs?: number): Promise<void>;
  /** Runs at the end, last registered first: deletes what the suite created. */
  afterwards(cleanUp: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

const POLL_MS = 1_000;
const DEFAULT_LIMIT_MS = 120_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A suite that needs more than AWS offers without a template (a role, say) is skipped there by this. */
export const ON_AWS = process.env.TEST_TARGET === 'aws';

const assemble = (parts: Pick<ContractTarget, 'name' | 'clientConfig' | 'wait'> & { close(): Promise<void> }) => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  const target: ContractTarget = {
    name: parts.name,
    clientConfig: parts.clientConfig,
    prefix: `millrace-contract-${randomBytes(4).toString('hex')}`,
    wait: parts.wait,
    async eventually(what, holds, limitMs = DEFAULT_LIMIT_MS) {
      for (let waitedMs = 0; waitedMs <= limitMs; waitedMs += POLL_MS) {
        if (await holds()) return;
        await parts.wait(POLL_MS);
      }
      throw new Error(`never within ${limitMs} ms: ${what}`);
    },
    afterwards: (cleanUp) => cleanUps.push(cleanUp),
    async stop() {
      // Every clean-up is tried: one that fails must not leave the others' resources behind.
      const outcomes: PromiseSettledResult<unknown>[] = [];
      for (const cleanUp of cleanUps.toReversed()) outcomes.push(...(await Promise.allSettled([cleanUp()])));
      await parts.close();
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
      if (failed.length > 0)
        throw new AggregateError(
          failed.map(({ reason }) => reason),
          'a clean-up failed',
        );
    },
  };
  return target;
};

/** Opens the target of this run: these embedded services, started with these options, or AWS. */
export const openContractTarget = async (
  services: readonly CreateService[],
  localOptions: LocalServiceOptions = {},
): Promise<ContractTarget> => {
  if (ON_AWS) {
    const region = process.env.AWS_REGION;
    if (region === undefined) throw new Error('TEST_TARGET=aws needs AWS_REGION');
    return assemble({ name: 'aws', clientConfig: { region }, wait: sleep, close: async () => {} });
  }
  const local = await startLocalService(services, localOptions);
  return assemble({
    name: 'local',
    clientConfig: local.clientConfig,
    wait: (ms) => local.clock.advanceBy(ms),
    close: () => local.stop(),
  });
};
