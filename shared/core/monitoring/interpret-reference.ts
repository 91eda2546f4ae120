import { InvalidRequestError } from '../../kernel/errors.ts';
import { type CountedReference, countedProfile, countedTraining } from './counted-reference.ts';
import { decodeReference, readReferenceBins } from './encode-reference.ts';
import { type FoldPlan, foldPlan } from './fold-plan.ts';
import type { ReferenceProfile } from './reference-profile.ts';
import type { TrainingReference } from './training-reference.ts';

/** A version's reference, and by what captured rows are folded to be held against it. */
export interface VersionReference {
  readonly plan: FoldPlan;
  readonly counted: CountedReference;
  /** Absent of a version that was trained before there were profiles by day. */
  readonly training?: TrainingReference;
}

/**
 * A version's reference from its files.
 * @param profile the reference profile, JSON.
 * @throws InvalidRequestError without a reference profile, and for other bytes.
 */
export const interpretReference = (
  profile: Uint8Array | undefined,
  driftReference: Uint8Array | undefined,
): VersionReference => {
  if (profile === undefined) throw new InvalidRequestError('a version must have a reference profile, got none');
  const reference: ReferenceProfile = JSON.parse(new TextDecoder().decode(profile));
  if (driftReference === undefined) {
    const counted = countedProfile(reference);
    return { plan: foldPlan(counted.bins, [], 'captured'), counted };
  }
  const training = decodeReference(driftReference);
  return {
    plan: foldPlan(training.bins, training.slices),
    counted: countedTraining(training, reference),
    training,
  };
};

/**
 * By what captured rows are folded, without what they are held against: of a large reference the header alone is read.
 * @param readProfile asked for a version that was trained before there were profiles by day.
 * @throws InvalidRequestError for a version without a reference, and for other bytes.
 */
export const interpretPlan = async (
  driftReference: Uint8Array | undefined,
  readProfile: () => Promise<Uint8Array | undefined>,
): Promise<FoldPlan> => {
  if (driftReference === undefined) return interpretReference(await readProfile(), undefined).plan;
  const { bins, slices } = readReferenceBins(driftReference);
  return foldPlan(bins, slices);
};
