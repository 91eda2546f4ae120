import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { dailyQuality, measureQuality } from '../../shared/core/evaluation/index.ts';
import {
  type Columns,
  type FeatureInput,
  meanContributions,
  openExplainer,
  type Predict,
  partialDependence,
  permutationImportance,
  pickRows,
  rankImportance,
  seededRandom,
  spreadRows,
  tensorsOf,
} from '../../shared/core/explanation/index.ts';
import type { GlobalExplanation } from '../../shared/core/reports/index.ts';
import type { LoadedModel } from '../../shared/ports/model-runtime.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';
import type { StoredModel } from './find-champion.ts';

/** Rows of the holdout, spread over its time: enough for means to three digits, and a few seconds of work. */
const EXPLAINED_ROWS = 100;
/** Each asks the model with thousands of rows. */
const SAMPLED_ROWS = 8;
const BACKGROUND_ROWS = 50;
const PERMUTED_ROWS = 2_000;
const DEPENDENCE_ROWS = 200;
const DEPENDENCE_FEATURES = 6;
const SEED = 1;

const sampleOf = (table: TrainingTable, inputs: readonly FeatureInput[], wanted: number) => {
  const rows = spreadRows(table.rowCount, wanted);
  const columns: Columns = Object.fromEntries(
    inputs.map(({ name }) => {
      const values = table.columns.get(name) ?? [];
      return [name, values instanceof Float64Array ? Float32Array.from(values) : values];
    }),
  );
  return {
    rowCount: rows.length,
    columns: pickRows(columns, rows),
    labels: Float64Array.from(rows, (row) => table.labels[row] as number),
    eventAtMs: Float64Array.from(rows, (row) => table.eventAtMs[row] as number),
  };
};

const contributionsOf = async (
  asked: Parameters<typeof openExplainer>[0],
  table: TrainingTable,
): Promise<
  { readonly method: string; readonly rowCount: number; readonly means: Readonly<Record<string, number>> } | string
> => {
  const opened = await openExplainer(asked);
  if ('refused' in opened) return opened.refused;
  const { explainer } = opened;
  const wanted = Math.min(explainer.mostRows, explainer.method === 'kernel' ? SAMPLED_ROWS : EXPLAINED_ROWS);
  const sample = sampleOf(table, asked.inputs, wanted);
  const tensors = tensorsOf(asked.inputs, sample.columns, sample.rowCount);
  const outputs = await asked.predict(tensors, sample.rowCount);
  const explanations = await explainer.explain(tensors, outputs);
  return { method: explainer.method, rowCount: sample.rowCount, means: meanContributions(explanations) };
};

/** What the candidate leans on, on a part of the holdout. */
export const explainCandidate = async (
  loaded: Pick<LoadedModel, 'inputs' | 'run'>,
  {
    task,
    candidate: { bytes, signature },
    table,
    covers,
  }: {
    readonly task: ModelDefinition['task'];
    readonly candidate: StoredModel;
    readonly table: TrainingTable;
    readonly covers: readonly number[] | undefined;
  },
): Promise<GlobalExplanation> => {
  const datatypes = new Map(signature.inputs.map(({ name, datatype }) => [name, datatype]));
  const inputs = loaded.inputs.map(({ name }) => ({ name, datatype: datatypes.get(name) ?? 'FP32' }));
  const output = signature.outputs[0]?.name ?? '';
  const predict: Predict = async (tensors) => (await loaded.run(tensors, [output]))[0]?.data as Float32Array;
  const { rowCount, columns } = sampleOf(table, inputs, BACKGROUND_ROWS);
  const basis = { covers, background: { rowCount, columns } };
  const found = await contributionsOf({ bytes, task, inputs, predict, basis }, table);
  const permuted = sampleOf(table, inputs, PERMUTED_ROWS);
  const increases = await permutationImportance({
    inputs,
    columns: permuted.columns,
    rowCount: permuted.rowCount,
    predict,
    loss: (predictions) => measureQuality(task, { labels: permuted.labels, predictions }).loss,
    dayLosses: (predictions) => dailyQuality(task, permuted, predictions).map(({ loss }) => loss),
    random: seededRandom(SEED),
  });
  const importance = rankImportance(increases, typeof found === 'string' ? undefined : found.means);
  const dependence = sampleOf(table, inputs, DEPENDENCE_ROWS);
  const curves = [];
  for (const { feature } of importance.slice(0, DEPENDENCE_FEATURES)) {
    curves.push(await partialDependence({ inputs, predict }, dependence, feature));
  }
  return {
    ...(typeof found === 'string' ? { note: `contributions are missing: ${found}` } : { method: found.method }),
    rowCount: typeof found === 'string' ? 0 : found.rowCount,
    importance,
    partialDependence: curves,
  };
};
