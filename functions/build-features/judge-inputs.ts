import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import {
  checkColumns,
  checkInputs,
  datasetViewSql,
  decodeInputAggregates,
  eventSpanSql,
  featureColumnsSql,
  featureTableSql,
  inputAggregatesSql,
  planTrainingSplit,
  type TableColumn,
  type TrainingSplit,
} from '../../shared/core/features/index.ts';
import { transformSql } from '../../shared/core/features/online/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

const planSplit = async (
  engine: TableEngine,
  { data, evaluation }: ModelDefinition,
  asOfMs: number,
): Promise<TrainingSplit> => {
  const [span] = await engine.query(eventSpanSql());
  if (!span?.rowCount) {
    throw new InvalidRequestError(`the data is refused: no label was known by ${isoTime(asOfMs)}`);
  }
  return planTrainingSplit({
    oldestEventAtMs: Number(span.oldestEventAtMs),
    newestEventAtMs: Number(span.newestEventAtMs),
    warmUpDays: data.warmUpDays,
    trainingDays: data.trainingDays,
    holdoutDays: evaluation.holdoutDays,
    asOfMs,
  });
};

/**
 * Builds the table `feature_rows` and judges it by the definition's checks. Findings are sentences with their numbers.
 * @throws InvalidRequestError when the query itself does not fit the definition, or gives too little to divide.
 */
export const judgeInputs = async (
  engine: TableEngine,
  {
    definition,
    files,
    asOfMs,
  }: { readonly definition: ModelDefinition; readonly files: readonly string[]; readonly asOfMs: number },
): Promise<{ readonly split: TrainingSplit; readonly findings: readonly string[] }> => {
  const { task, features, checks } = definition;
  const featuresSql = transformSql(definition.data);
  await engine.execute(datasetViewSql({ files, asOfMs }));
  const columns = (await engine.query(featureColumnsSql(featuresSql))) as unknown as readonly TableColumn[];
  const unfit = checkColumns(features, columns);
  if (unfit.length > 0) {
    throw new InvalidRequestError(`the data is refused: ${unfit.map(({ message }) => message).join('; ')}`);
  }
  await engine.execute(featureTableSql({ featuresSql, features, asOfMs }));
  const split = await planSplit(engine, definition, asOfMs);
  const [row] = await engine.query(inputAggregatesSql({ task, features, split }));
  const aggregates = decodeInputAggregates(features, row);
  const { findings } = checkInputs({ task, features, limits: checks, aggregates, asOfMs });
  return { split, findings: findings.map(({ message }) => message) };
};
