import { describeRecord } from '../describe-table.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input } from '../input.ts';
import { namedTable } from '../named-table.ts';

export const describeTable = (engine: Engine, input: Input): unknown => {
  acceptOnly('DescribeTable', input, ['TableName']);
  return { Table: describeRecord(engine, namedTable(engine, input)) };
};
