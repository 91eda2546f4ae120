import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Experiment } from '../../../core/tracking/index.ts';
import { type Item, toItem } from '../attribute-value.ts';
import { encodeEntity } from '../entity.ts';
import { getItem } from '../table.ts';
import { packItem, unpackItem } from './packed-document.ts';
import type { TrackingContext } from './tracking-context.ts';

/** An experiment's item, the one that claims its name, and those that keep runs out of a deleted experiment. */

export interface StoredExperiment {
  readonly rev: number;
  readonly experiment: Experiment;
}

export interface ExperimentItems {
  decode(item: Item): Promise<StoredExperiment>;
  read(experimentId: string): Promise<StoredExperiment | undefined>;
  /** @param former revision that must still stand; undefined for an experiment that must not exist. */
  putAction(experiment: Experiment, former?: number): Promise<TransactWriteItem>;
  /** Refused with the item that holds the name. */
  claimAction(experiment: Experiment): TransactWriteItem;
  /** Closes all gates of a deleted experiment, opens those of an active one. */
  gateActions(experiment: Experiment): readonly TransactWriteItem[];
  /** Refused while the experiment is deleted. */
  openAction(experimentId: string): TransactWriteItem;
}

/**
 * A run is written on condition that a gate of its experiment is open. The experiment's own item would be locked by each
 * such transaction, so that runs of the same moment cancelled each other's; with so many gates, one of them picked by
 * chance each time, they seldom meet. Deleting the experiment closes all in the transaction that marks it.
 */
const GATES = 32;

export const experimentItems = (context: TrackingContext): ExperimentItems => {
  const { client, table, keys } = context;

  const decode = async (item: Item): Promise<StoredExperiment> => ({
    rev: Number(item.rev?.N),
    experiment: await unpackItem<Experiment>(context, 'Experiment', item),
  });

  const putAction: ExperimentItems['putAction'] = async (experiment, former) => {
    const fields = { ...keys.experiment(experiment.experimentId), rev: (former ?? 0) + 1 };
    const { item } = await packItem(context, 'Experiment', fields, experiment);
    const condition =
      former === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': { N: String(former) } } };
    return { Put: { TableName: table, Item: item, ...condition } };
  };

  const claimAction: ExperimentItems['claimAction'] = ({ name, experimentId }) => ({
    Put: {
      TableName: table,
      Item: encodeEntity('ExperimentName', keys.experimentName(name), { experimentId }),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  });

  const gateActions: ExperimentItems['gateActions'] = ({ experimentId, lifecycleStage }) =>
    Array.from({ length: GATES }, (_, gate) => {
      const key = keys.gate(experimentId, gate);
      if (lifecycleStage === 'active') return { Delete: { TableName: table, Key: toItem(key) } };
      return { Put: { TableName: table, Item: encodeEntity('ClosedGate', key, {}) } };
    });

  const openAction: ExperimentItems['openAction'] = (experimentId) => ({
    ConditionCheck: {
      TableName: table,
      Key: toItem(keys.gate(experimentId, Math.floor(context.pacing.random() * GATES))),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  });

  const read = async (experimentId: string): Promise<StoredExperiment | undefined> => {
    const item = await getItem(client, table, keys.experiment(experimentId));
    return item && decode(item);
  };

  return { decode, read, putAction, claimAction, gateActions, openAction };
};
