import type { DriftReport } from '../../shared/contracts/drift-report.ts';

const MOST_NAMED = 3;

const byShare = (parts: readonly { readonly name: string; readonly share: number }[]): string =>
  parts
    .slice(0, MOST_NAMED)
    .map(({ name, share }) => `${name} (${Math.round(100 * share)} %)`)
    .join(', ');

/** On the floor nothing is named by contribution: the features that are farthest by themselves. */
const farthest = ({ comparison, limits }: Pick<DriftReport, 'comparison' | 'limits'>): string =>
  comparison.columns
    .flatMap(({ name, psi = 0 }) => (psi > limits.predictionPsiLimit ? [{ name, psi }] : []))
    .toSorted((one, other) => other.psi - one.psi)
    .slice(0, MOST_NAMED)
    .map(({ name, psi }) => `${name} (PSI ${psi.toPrecision(2)})`)
    .join(', ');

/** A decision for people: with its numbers, and where the change is largest. */
export const tellDrift = (
  report: Pick<DriftReport, 'reason' | 'comparison' | 'limits'> & {
    readonly decision: Pick<DriftReport['decision'], 'columns' | 'slices'>;
  },
): string => {
  const { reason, decision } = report;
  const features = decision.columns.length > 0 ? byShare(decision.columns) : farthest(report);
  const slices = byShare(decision.slices);
  return `${reason}${features === '' ? '' : `; most in ${features}`}${slices === '' ? '' : `; by slice ${slices}`}`;
};
