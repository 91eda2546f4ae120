import type { Effect } from './effects.ts';
import type { ChaosFacts, ModelFacts } from './facts.ts';
import { type Invariant, ofEachModel } from './invariant.ts';

/** What `live` may point at, at every instant, and in which order a rollout's steps are written. */

type Of<K extends Effect['kind']> = Extract<Effect, { readonly kind: K }>;

interface Standing {
  readonly pins: Map<string, number>;
  readonly approved: Set<number>;
  readonly registered: Set<number>;
  /** By id: what stands on the rollout's item. */
  readonly rollouts: Map<string, { lambdaVersion?: string; weights: readonly number[] }>;
  readonly resting: Set<string>;
}

/** Share of the traffic that each Lambda version gets. */
const sharesOf = ({ lambdaVersion, weights }: ModelFacts['alias']): Readonly<Record<string, number>> => {
  const given = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return { ...weights, [lambdaVersion]: 1 - given };
};

const addsUp = (alias: ModelFacts['alias']): boolean => {
  const weights = Object.values(alias.weights);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.length <= 1 && weights.every((weight) => weight > 0 && weight < 1) && sum < 1;
};

const judgeAlias = (alias: Of<'alias'>, standing: Standing): readonly string[] => {
  const breaches: string[] = [];
  const shown = JSON.stringify(sharesOf(alias));
  if (!addsUp(alias)) breaches.push(`${alias.by} gave live the weights ${shown}`);
  for (const [lambdaVersion, share] of Object.entries(sharesOf(alias))) {
    const version = standing.pins.get(lambdaVersion);
    // The first Lambda version waits for a first model and pins none.
    if (share === 0 || (version === undefined && lambdaVersion === '1')) continue;
    if (version === undefined) breaches.push(`${alias.by} gave traffic to λ${lambdaVersion}, which pins no version`);
    else if (!standing.approved.has(version)) {
      breaches.push(`${alias.by} gave traffic to version ${version} before it was approved`);
    }
  }
  return alias.by.endsWith('shift-traffic') ? [...breaches, ...judgeShift(alias, standing)] : breaches;
};

/** What a rollout gives is on its item before: whoever finds the alias can say what it means. */
const judgeShift = (alias: Of<'alias'>, { rollouts, resting }: Standing): readonly string[] => {
  const shares = sharesOf(alias);
  const states = [...rollouts.values()].some(({ lambdaVersion, weights }) => {
    const recorded = weights.at(-1);
    return lambdaVersion === undefined ? recorded === 0 : recorded === (shares[lambdaVersion] ?? 0);
  });
  if (states) return [];
  const known = resting.size === 0 ? 'none' : [...resting].join(', ');
  return [`${alias.by} moved live to ${JSON.stringify(shares)}, which no rollout states (resting: ${known})`];
};

const apply = (effect: Effect, standing: Standing): readonly string[] => {
  switch (effect.kind) {
    case 'alias':
      return judgeAlias(effect, standing);
    case 'published':
      if (effect.version !== undefined) standing.pins.set(effect.lambdaVersion, effect.version);
      return [];
    case 'registered':
      standing.registered.add(effect.version);
      return [];
    case 'decided':
      if (effect.status === 'APPROVED') standing.approved.add(effect.version);
      return standing.registered.has(effect.version) ? [] : [`version ${effect.version} was decided, not registered`];
    case 'rollout': {
      const before = standing.rollouts.get(effect.rolloutId) ?? { weights: [] };
      standing.rollouts.set(effect.rolloutId, { ...before, ...effect });
      return [];
    }
    case 'deployed':
      standing.resting.add(effect.lambdaVersion);
      return standing.approved.has(effect.version) ? [] : [`version ${effect.version} was promoted, not approved`];
    case 'plan':
      return [];
    case 'event':
      return judgeEvent(effect, standing);
  }
};

/** An event is told after what it tells of, or a listener would look in vain. */
const judgeEvent = ({ type, version = 0 }: Of<'event'>, { approved, registered }: Standing): readonly string[] => {
  if (type === 'Model Version Registered' && !registered.has(version)) return [`${type} ${version} came too early`];
  if (type === 'Model Version Approved' && !approved.has(version)) return [`${type} ${version} came too early`];
  return [];
};

const stepsAreInOrder = ({ effects, models }: ChaosFacts): readonly string[] =>
  models.flatMap(({ name }) => {
    const standing: Standing = {
      pins: new Map(),
      approved: new Set(),
      registered: new Set(),
      rollouts: new Map(),
      resting: new Set(),
    };
    return effects
      .filter(({ model }) => model === name)
      .flatMap((effect) => apply(effect, standing))
      .map((breach) => `${name}: ${breach}`);
  });

/** At rest `live` points at what the registry says is deployed, and at nothing else. */
const restsOnChampion = ofEachModel(({ alias, deployment, rollouts, leaseOf }) => {
  const breaches: string[] = [];
  const running = rollouts.filter(({ status }) => status === 'RUNNING');
  if (running.length > 0) breaches.push(`rollout ${running[0]?.rolloutId} still runs`);
  if (leaseOf !== undefined) breaches.push(`rollout ${leaseOf} still holds the lease`);
  const resting = deployment?.lambdaVersion ?? '1';
  if (alias.lambdaVersion !== resting || Object.keys(alias.weights).length > 0) {
    breaches.push(`live is ${JSON.stringify(alias)}, deployed is λ${resting}`);
  }
  return breaches;
});

/** What is deployed is the champion, is approved, and is what its Lambda version pins. */
const deploymentIsSound = ofEachModel(({ deployment, champion, pins, versions }) => {
  if (deployment === undefined) return [];
  const breaches: string[] = [];
  const { version, lambdaVersion } = deployment;
  if (champion !== version) breaches.push(`champion is ${champion ?? 'nobody'}, deployed is ${version}`);
  if (pins[lambdaVersion] !== version) breaches.push(`λ${lambdaVersion} pins ${pins[lambdaVersion] ?? 0}`);
  const status = versions.find((one) => one.version === version)?.status;
  if (status !== 'APPROVED') breaches.push(`version ${version} serves and is ${status ?? 'unknown'}`);
  return breaches;
});

const loopCameToItsEnd = ofEachModel(({ deployment, expectedVersion }) =>
  (deployment?.version ?? 0) >= expectedVersion
    ? []
    : [`version ${deployment?.version ?? 0} serves in the end, expected is ${expectedVersion}`],
);

export const SERVING_INVARIANTS: readonly Invariant[] = [
  {
    name: 'live points at approved versions only, and every step is on record before it is taken',
    breaches: stepsAreInOrder,
  },
  { name: 'at rest live points at what is deployed', breaches: restsOnChampion },
  { name: 'what is deployed is the approved champion', breaches: deploymentIsSound },
  { name: 'what recovers comes to its end', breaches: loopCameToItsEnd },
];
