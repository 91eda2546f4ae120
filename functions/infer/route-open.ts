import { hash } from 'node:crypto';
import { isMainThread } from 'node:worker_threads';
import { createRoutingItems } from '../../shared/adapters/dynamodb/routing-items.ts';
import type { ReadItem } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createItemReader } from '../../shared/adapters/sigv4/read-item.ts';
import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { PLAN_TTL_MS, RosterSchema } from '../../shared/contracts/routing.ts';
import { rosterDigest } from '../../shared/core/routing/index.ts';
import { createHandler } from './handler.ts';
import type { HostDeps } from './inference-host.ts';
import { type createServedModel, DigestMismatchError, type Pins } from './load-served-model.ts';
import { createArms } from './route-arms.ts';
import { createPlanSource } from './route-plan.ts';
import { createRoutedHandler } from './route-requests.ts';

interface Wiring {
  /** What every version of the model is asked with. */
  readonly base: Omit<HostDeps, 'servedModel'>;
  /** What one of them is asked with beside that. */
  readonly askedOf: (pins: Pins) => Partial<HostDeps>;
  readonly client: SignedClient;
  readonly places: Readonly<Record<'REGISTRY_TABLE' | 'AUDIT_TABLE', string>>;
  /** What this published version was made for. */
  readonly pins: Pins;
  /** Of the list of versions that it may serve. */
  readonly rosterDigest: string;
  readonly open: (pins: Pins) => ReturnType<typeof createServedModel>;
  /** What Lambda gives the function. */
  readonly memoryMb: number;
}

/** Longest that a request waits for a newer plan while there is one. */
const PLAN_LIMIT_MS = 500;

/** Of a thread, what is resident is the other threads' too. */
const residentBytes = (): number => {
  if (isMainThread) return process.memoryUsage.rss();
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
};

const sha256 = (text: string): string => hash('sha256', text);

/** A handler that divides its requests over several versions. Loaded by those published versions alone that pin a roster. */
export const openRouted = (wiring: Wiring): ReturnType<typeof createRoutedHandler> => {
  const { client, places, pins, open, memoryMb, base, askedOf } = wiring;
  const { model, lambdaVersion, capture, clock } = base;
  const items = createRoutingItems({
    readItem: createItemReader(client) as ReadItem,
    registryTable: places.REGISTRY_TABLE,
    auditTable: places.AUDIT_TABLE,
  });

  /** @throws DigestMismatchError for a list that is not the one that was published. */
  const readRoster = async () => {
    const roster = parse(RosterSchema, await items.roster(model, wiring.rosterDigest), 'roster');
    const digest = rosterDigest(roster, sha256);
    if (digest === wiring.rosterDigest && roster.model === model) return roster.members;
    throw new DigestMismatchError(`the roster of ${model} has digest ${digest}, published is ${wiring.rosterDigest}`);
  };

  return createRoutedHandler({
    model,
    lambdaVersion,
    pinnedVersion: pins.version,
    currentPlan: createPlanSource({ model, items, sha256, clock, ttlMs: PLAN_TTL_MS, limitMs: PLAN_LIMIT_MS }),
    openArms: async (captureOfArm) =>
      createArms({
        model,
        roster: await readRoster(),
        open,
        answerBy: (servedModel, member) =>
          createHandler({ ...base, ...askedOf(member), servedModel, capture: captureOfArm }),
        residentBytes,
        memoryBytes: memoryMb * 2 ** 20,
      }),
    capture,
    sha256,
    random: Math.random,
    clock,
  });
};
