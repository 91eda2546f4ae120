import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { LineageEdge } from '../../core/lineage/index.ts';
import { assert } from '../../kernel/assert.ts';
import type { Item } from './attribute-value.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { edgeKeys } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';

/** Both items of an edge, as actions of the transaction that makes it true. Writing an edge again changes nothing. */
export const edgeActions = (context: RegistryContext, edge: LineageEdge): readonly TransactWriteItem[] => {
  const { lineageTable } = context;
  assert(lineageTable !== undefined, 'the registry was opened without a lineage table');
  return edgeKeys(edge.upstream, edge.downstream).map((key) => ({
    Put: { TableName: lineageTable, Item: encodeEntity('LineageEdge', key, edge) },
  }));
};

export const decodeEdge = (item: Item): LineageEdge => decodeEntity('LineageEdge', item);
