import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalClock } from '../contracts.ts';
import { matchesStatus } from './choose-target.ts';
import type { LoopbackClient } from './loopback-http.ts';
import { type LoadBalancingTables, requireKnown, type Target, targetKey, targetsOf } from './records.ts';

/** A program behind a target group: where it listens on this machine. */
export interface TargetAddress {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
}

export interface TargetRegistry {
  register(address: TargetAddress): void;
  /** Looks until the target is healthy, or until it should not be looked at any longer. */
  untilHealthy(address: TargetAddress, isWanted: () => boolean): Promise<boolean>;
  /** Looks once at every target of a group that is not draining. */
  look(targetGroupArn: string): Promise<readonly Target[]>;
  /** Gives the target nothing new, waits for what it is answering, and forgets it. */
  drain(address: TargetAddress): Promise<void>;
  /** Forgets a target at once: its program has ended. */
  forget(address: TargetAddress): void;
  /** Counts a request that the target is answering. @returns what ends the count */
  answering(target: Target): () => void;
  /** Has this done before each request that a target is sent. */
  beforeAsking(prepare: () => void): void;
}

/** Programs start in the machine's time: looked at so often, and given up after so long. */
const LOOK_EVERY_MS = 50;
const LOOK_FOR_MS = 60_000;
const DRAIN_LOOK_MS = 10;
/** Nobody waits here for longer than a client would. */
const LONGEST_DRAIN_MS = 30_000;

export const createTargetRegistry = (
  tables: LoadBalancingTables,
  clock: LocalClock,
  client: LoopbackClient,
): TargetRegistry => {
  const inFlight = new Map<string, number>();
  const preparing: (() => void)[] = [];
  const keyOf = ({ targetGroupArn, id, port }: TargetAddress): string => targetKey(targetGroupArn, id, port);

  const setState = (address: TargetAddress, state: Pick<Target, 'state' | 'reason'>): void => {
    const standing = tables.targets.get(keyOf(address));
    if (standing === undefined || standing.state === 'draining') return;
    const { targetGroupArn, id, port } = standing;
    tables.targets.put(keyOf(address), { targetGroupArn, id, port, ...state });
  };

  const probe = async (address: TargetAddress): Promise<boolean> => {
    const { healthCheck } = requireKnown(tables, 'targetGroups', address.targetGroupArn);
    const answer = await client.send({
      port: address.port,
      method: 'GET',
      path: healthCheck.path,
      headers: { 'user-agent': 'ELB-HealthChecker/2.0' },
      timeoutMs: healthCheck.timeoutSeconds * 1_000,
    });
    if (answer.kind === 'answered' && matchesStatus(healthCheck.matcher, answer.status)) {
      setState(address, { state: 'healthy' });
      return true;
    }
    const reason = answer.kind === 'answered' ? 'Target.ResponseCodeMismatch' : 'Target.Timeout';
    const before = tables.targets.get(keyOf(address))?.state;
    setState(address, before === 'initial' ? { state: 'initial', reason } : { state: 'unhealthy', reason });
    return false;
  };

  return {
    register: (address) => {
      requireKnown(tables, 'targetGroups', address.targetGroupArn);
      tables.targets.put(keyOf(address), { ...address, state: 'initial', reason: 'Elb.RegistrationInProgress' });
    },
    untilHealthy: (address, isWanted) =>
      clock.native('health of a target', async () => {
        for (let waitedMs = 0; waitedMs < LOOK_FOR_MS && isWanted(); waitedMs += LOOK_EVERY_MS) {
          if (await probe(address)) return true;
          await sleep(LOOK_EVERY_MS);
        }
        setState(address, { state: 'unhealthy', reason: 'Target.Timeout' });
        return false;
      }),
    look: async (targetGroupArn) => {
      const looked = targetsOf(tables, targetGroupArn).filter(({ state }) => state !== 'draining');
      if (looked.length > 0)
        await clock.native('health of targets', async () => await Promise.all(looked.map((target) => probe(target))));
      return targetsOf(tables, targetGroupArn);
    },
    drain: async (address) => {
      const key = keyOf(address);
      const standing = tables.targets.get(key);
      if (standing === undefined) return;
      const reason = 'Target.DeregistrationInProgress';
      tables.targets.put(key, { ...address, state: 'draining', reason });
      const { deregistrationDelaySeconds } = requireKnown(tables, 'targetGroups', address.targetGroupArn);
      const limitMs = Math.min(deregistrationDelaySeconds * 1_000, LONGEST_DRAIN_MS);
      await clock.native('draining of a target', async () => {
        for (let waitedMs = 0; waitedMs < limitMs && (inFlight.get(key) ?? 0) > 0; waitedMs += DRAIN_LOOK_MS) {
          await sleep(DRAIN_LOOK_MS);
        }
      });
      tables.targets.delete(key);
    },
    forget: (address) => tables.targets.delete(keyOf(address)),
    beforeAsking: (prepare) => void preparing.push(prepare),
    answering: (target) => {
      const key = keyOf(target);
      for (const prepare of preparing) prepare();
      inFlight.set(key, (inFlight.get(key) ?? 0) + 1);
      return () => {
        const left = (inFlight.get(key) ?? 1) - 1;
        if (left > 0) inFlight.set(key, left);
        else inFlight.delete(key);
      };
    },
  };
};
