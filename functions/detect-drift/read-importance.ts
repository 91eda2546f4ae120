import * as v from 'valibot';
import { REPORT_FILE } from '../../shared/contracts/evaluation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { DriftCalibration } from '../../shared/core/drift/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';

/** As far as it is read here. */
const ReportFile = v.object({
  explanation: v.object({ importance: v.array(v.object({ feature: v.string(), lossIncrease: v.number() })) }),
});

/** A feature that the model does not lean on counts for a little: what changed in it may matter tomorrow. */
const LEAST = 0.05;

/**
 * How much the loss leans on each feature, by the evaluation of the version: how much it rises without the feature's
 * order, the mean of all features being 1, which is what a column that is no feature counts for.
 * @returns undefined of a version whose evaluation does not say: all features count alike then, and drift is told anyway.
 */
export const readImportance = async (
  files: Pick<VersionFiles, 'read'>,
  packaged: Parameters<VersionFiles['read']>[0],
  calibration: Pick<DriftCalibration, 'limit'> | undefined,
): Promise<Readonly<Record<string, number>> | undefined> => {
  // The floor names no column.
  if (calibration?.limit === undefined) return undefined;
  const bytes = await files.read(packaged, REPORT_FILE);
  if (bytes === undefined) return undefined;
  try {
    const { importance } = parseJsonFile(ReportFile, bytes, REPORT_FILE).explanation;
    const known = importance.map(({ feature, lossIncrease }) => [feature, Math.max(0, lossIncrease)] as const);
    const mean = known.reduce((sum, [, loss]) => sum + loss, 0) / known.length;
    if (!(mean > 0)) return undefined;
    return Object.fromEntries(known.map(([feature, loss]) => [feature, Math.max(LEAST, loss / mean)]));
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    logLine('warn', 'columns are named without their importance', errorFields(error));
    return undefined;
  }
};
