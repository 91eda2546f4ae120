import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Experiment } from '../../../core/tracking/index.ts';
import type { Item } from '../attribute-value.ts';
import { encodeEntity } from '../entity.ts';
import { getItem } from '../table.ts';
import { packItem, unpackItem } from './packed-document.ts';
import type { TrackingContext } from './tracking-context.ts';

/** An experiment's item, and the one that claims its name. */

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
}

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

  const read = async (experimentId: string): Promise<StoredExperiment | undefined> => {
    const item = await getItem(client, table, keys.experiment(experimentId));
    return item && decode(item);
  };

  return { decode, read, putAction, claimAction };
};
