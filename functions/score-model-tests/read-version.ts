import * as v from 'valibot';
import { EVALUATION_FILE, runPrefix } from '../../shared/contracts/artifacts.ts';
import { BILL_OF_MATERIALS_FILE, BillOfMaterialsSchema } from '../../shared/contracts/bill-of-materials.ts';
import { EvaluationSchema, REPORT_FILE } from '../../shared/contracts/evaluation.ts';
import { EXPLANATION_FILE, ExplanationBasisSchema } from '../../shared/contracts/explanation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { FEATURE_REPORT_FILE, FeatureReportSchema } from '../../shared/contracts/training-workflow.ts';
import type { ModelRecords, Recorded } from '../../shared/core/ml-test-score/index.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { type Bucket, ifOnRecord, mapRecord, readRecord } from './read-record.ts';

/** What a version's package and its run say of it: files of the package by the digests that the registry answers for. */

type VersionRecords = Pick<ModelRecords, 'materials' | 'evaluation' | 'report' | 'explanation' | 'featureReport'>;

const Interval = v.object({ lower: v.number(), upper: v.number() });

/** As far as it is read here. */
const ReportFile = v.object({
  slices: v.array(
    v.object({
      feature: v.string(),
      value: v.string(),
      rowCount: v.number(),
      labelMean: v.number(),
      loss: v.number(),
    }),
  ),
  explanation: v.object({
    importance: v.array(v.object({ feature: v.string(), lossIncrease: v.number(), interval: v.optional(Interval) })),
  }),
  simplerModel: v.optional(
    v.object({
      what: v.string(),
      loss: v.number(),
      lossAboveCandidate: v.object({ mean: v.number(), lower: v.optional(v.number()), upper: v.optional(v.number()) }),
    }),
  ),
});

const readFile = async <Schema extends v.GenericSchema>(
  files: Pick<VersionFiles, 'read'>,
  version: PackagedVersion,
  file: string,
  schema: Schema,
): Promise<Recorded<v.InferOutput<Schema>> | undefined> => {
  if (version.collectedAtMs !== undefined) return undefined;
  const where = `artifacts: ${version.artifactPrefix}${file}`;
  return ifOnRecord(where, async () => {
    const bytes = await files.read(version, file);
    return bytes && { where, atMs: version.registeredAtMs, content: parseJsonFile(schema, bytes, where) };
  });
};

/** Names of the features of a version, by its bill of materials. */
export const readFeatureNames = async (
  files: Pick<VersionFiles, 'read'>,
  version: PackagedVersion,
): Promise<readonly string[] | undefined> => {
  const bill = await readFile(files, version, BILL_OF_MATERIALS_FILE, BillOfMaterialsSchema);
  return bill?.content.definition.features.map(({ name }) => name);
};

export const readVersion = async (
  { files, artifacts }: { readonly files: Pick<VersionFiles, 'read'>; readonly artifacts: Bucket },
  version: PackagedVersion,
): Promise<VersionRecords> => {
  const { model, runId, registeredAtMs: atMs } = version;
  const [bill, evaluation, report, explanation, featureReport] = await Promise.all([
    readFile(files, version, BILL_OF_MATERIALS_FILE, BillOfMaterialsSchema),
    readFile(files, version, EVALUATION_FILE, EvaluationSchema),
    readFile(files, version, REPORT_FILE, ReportFile),
    readFile(files, version, EXPLANATION_FILE, ExplanationBasisSchema),
    readRecord(artifacts, {
      key: `${runPrefix(model, runId)}${FEATURE_REPORT_FILE}`,
      schema: FeatureReportSchema,
      atMs,
    }),
  ]);
  return {
    materials: mapRecord(bill, ({ definition, build }) => ({
      features: definition.features,
      functionCount: Object.keys(build.functions).length,
    })),
    evaluation: mapRecord(evaluation, ({ passed, findings, candidate, baseline }) => ({
      passed,
      findings,
      loss: candidate.quality.loss,
      baseline,
    })),
    report: mapRecord(report, ({ slices, explanation: { importance }, simplerModel }) => ({
      slices,
      importance,
      ...(simplerModel === undefined ? {} : { simplerModel }),
    })),
    explanation: mapRecord(explanation, ({ background, covers }) => ({
      backgroundRowCount: background.rowCount,
      coverCount: covers?.length ?? 0,
    })),
    featureReport: mapRecord(featureReport, ({ passed, findings, rowCounts }) => ({
      passed,
      findings,
      rowCount: rowCounts.all,
    })),
  };
};
