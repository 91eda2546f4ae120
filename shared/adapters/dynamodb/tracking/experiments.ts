import type { Experiment } from '../../../core/tracking/index.ts';
import { AlreadyExistsError, LimitExceededError, NotFoundError } from '../../../kernel/errors.ts';
import type { TrackingStore } from '../../../ports/tracking-store.ts';
import { fromItem, toItem } from '../attribute-value.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { getItem, queryItems, transact } from '../table.ts';
import { type ExperimentItems, experimentItems, type StoredExperiment } from './experiment-items.ts';
import type { TrackingContext } from './tracking-context.ts';

/** Experiments: an item of each, one that claims its name, and while it is deleted some that keep new runs out. */

type Experiments = Pick<
  TrackingStore,
  'createExperiment' | 'getExperiment' | 'findExperiment' | 'listExperiments' | 'changeExperiment'
>;

const DEFAULT_EXPERIMENT_ID = '0';
const DEFAULT_NAME = 'Default';
const MAX_EXPERIMENTS = 50_000;

export interface ExperimentOptions {
  /** Where the runs of "Default" have their artifacts. */
  readonly defaultArtifactLocation: string;
}

const alreadyExists = (name: string): AlreadyExistsError =>
  new AlreadyExistsError(`Experiment(name=${name}) already exists.`);

const creation = (context: TrackingContext, items: ExperimentItems, options: ExperimentOptions) => {
  /** @throws AlreadyExistsError when the name or the id is another's. */
  const create = (experiment: Experiment): Promise<void> =>
    retryWhileContended(
      `creating experiment ${experiment.experimentId}`,
      context.deadlineMs,
      async () => {
        const outcome = await transact(context.client, [
          items.claimAction(experiment),
          await items.putAction(experiment),
        ]);
        if (outcome.outcome === 'written') return undefined;
        if (outcome.outcome === 'contended') return CONTENDED;
        const [claim] = outcome.refusals;
        const holder = claim?.item && fromItem(claim.item).experimentId;
        // The same experiment holds it: this call came through before.
        if (holder === experiment.experimentId) return undefined;
        if (claim?.refused) throw alreadyExists(experiment.name);
        throw new AlreadyExistsError(`experiment id ${experiment.experimentId} is another experiment's`);
      },
      context.pacing,
    );

  let defaultExists: Promise<void> | undefined;
  const makeDefault = async (): Promise<void> => {
    const nowMs = context.clock.nowMs();
    try {
      await create({
        experimentId: DEFAULT_EXPERIMENT_ID,
        name: DEFAULT_NAME,
        artifactLocation: options.defaultArtifactLocation,
        lifecycleStage: 'active',
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
        tags: {},
      });
    } catch (error) {
      // It exists under another name.
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  };
  /** Once in a process; one that failed is tried again. */
  const ensureDefault = (): Promise<void> => {
    defaultExists ??= makeDefault().catch((error: unknown) => {
      defaultExists = undefined;
      throw error;
    });
    return defaultExists;
  };

  return { create, ensureDefault };
};

export const experiments = (context: TrackingContext, options: ExperimentOptions): Experiments => {
  const { client, table, keys } = context;
  const items = experimentItems(context);
  const { create, ensureDefault } = creation(context, items, options);

  const require = async (experimentId: string): Promise<StoredExperiment> => {
    let stored = await items.read(experimentId);
    if (stored === undefined && experimentId === DEFAULT_EXPERIMENT_ID) {
      await ensureDefault();
      stored = await items.read(experimentId);
    }
    if (stored === undefined) throw new NotFoundError(`No Experiment with id=${experimentId} exists`);
    return stored;
  };

  const changeOnce = async (
    experimentId: string,
    change: (experiment: Experiment) => Experiment,
  ): Promise<Experiment | typeof CONTENDED> => {
    const { rev, experiment: former } = await require(experimentId);
    const experiment = { ...change(former), experimentId };
    if (experiment.name !== former.name && experiment.name === DEFAULT_NAME) await ensureDefault();
    const put = await items.putAction(experiment, rev);
    const renames =
      experiment.name === former.name
        ? []
        : [
            items.claimAction(experiment),
            { Delete: { TableName: table, Key: toItem(keys.experimentName(former.name)) } },
          ];
    const gates = experiment.lifecycleStage === former.lifecycleStage ? [] : items.gateActions(experiment);
    const outcome = await transact(client, [put, ...renames, ...gates]);
    if (outcome.outcome === 'written') return experiment;
    // When the revision passed, nothing but the name stands in the way.
    if (outcome.outcome === 'refused' && !outcome.refusals[0]?.refused) throw alreadyExists(experiment.name);
    return CONTENDED;
  };

  return {
    createExperiment: async (experiment) => {
      if (experiment.name === DEFAULT_NAME) await ensureDefault();
      await create(experiment);
    },

    getExperiment: async (experimentId) => (await require(experimentId)).experiment,

    findExperiment: async (name) => {
      if (name === DEFAULT_NAME) await ensureDefault();
      const claim = await getItem(client, table, keys.experimentName(name));
      if (claim === undefined) return undefined;
      const found = await items.read(String(fromItem(claim).experimentId));
      // Renamed between the two reads: the name is free.
      return found?.experiment.name === name ? found.experiment : undefined;
    },

    listExperiments: async () => {
      await ensureDefault();
      const { items: found, hasMore } = await queryItems(
        client,
        {
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: keys.experiments } },
          ConsistentRead: true,
        },
        MAX_EXPERIMENTS,
      );
      if (hasMore) throw new LimitExceededError(`the workspace has more than ${MAX_EXPERIMENTS} experiments`);
      return Promise.all(found.map(async (item) => (await items.decode(item)).experiment));
    },

    changeExperiment: (experimentId, change) =>
      retryWhileContended(
        `changing experiment ${experimentId}`,
        context.deadlineMs,
        () => changeOnce(experimentId, change),
        context.pacing,
      ),
  };
};
