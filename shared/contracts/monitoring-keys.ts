/** Where monitoring's objects lie: files of a version in the artifact bucket, all else in the data bucket. */

/** The rows that a version learnt from, profiled by day; beside its reference profile. */
export const DRIFT_REFERENCE_FILE = 'drift-reference.bin';
/** How large the evidence against "nothing has changed" gets when nothing has; beside the drift reference. */
export const DRIFT_CALIBRATION_FILE = 'drift-calibration.json';
/** What a version did on its hold-out, beside the version's other files; absent for one that was not evaluated. */
export const PERFORMANCE_REFERENCE_FILE = 'performance-reference.json';

/** What captured objects were folded into; it expires, days of it stay. */
export const PROFILE_DELTAS_PREFIX = 'profile-deltas/';
/** Longer than the longest window and the day before it, with days to spare for a check that did not run. */
export const PROFILE_DELTA_DAYS = 45;
export const PROFILES_PREFIX = 'profiles/';

/**
 * All that was folded by the same bins and slices lies together: another reference folds anew.
 * @param foldId names the bins and slices.
 */
const deltasPrefix = (model: string, foldId: string): string => `${PROFILE_DELTAS_PREFIX}${model}/${foldId}/`;

/** What says of a captured object that it is folded, by the UTC day of its arrival; written last. */
export const foldedPrefix = (model: string, foldId: string, arrivalDay?: string): string =>
  `${deltasPrefix(model, foldId)}folded/${arrivalDay === undefined ? '' : `${arrivalDay}/`}`;
/** The deltas of one UTC day of predictions, or of all, one a captured object. */
export const dayDeltasPrefix = (model: string, foldId: string, day?: string): string =>
  `${deltasPrefix(model, foldId)}days/${day === undefined ? '' : `${day}/`}`;

/** A UTC day's predictions in service: profiles by version, slice and hour. */
export const hourProfilesKey = (model: string, foldId: string, day: string): string =>
  `${PROFILES_PREFIX}${model}/hours/${foldId}/${day}.bin`;
/** The same without versions and hours: what windows are merged from. */
export const dayProfilesKey = (model: string, foldId: string, day: string): string =>
  `${PROFILES_PREFIX}${model}/days/${foldId}/${day}.bin`;

/** What one day's drift check leaves to the next. */
export const driftStatePrefix = (model: string): string => `reports/${model}/drift-state/`;
export const driftStateKey = (model: string, day: string): string => `${driftStatePrefix(model)}${day}.json`;

/**
 * The name of what an object was folded into: its last part of the key and its ETag, which change with its bytes. Firehose
 * ends each key in an id of its own.
 */
export const foldedName = (key: string, etag: string): string =>
  `${key.slice(key.lastIndexOf('/') + 1)}.${etag.replaceAll('"', '')}`;

/** Of a marker. */
export const markerName = (key: string, etag: string): string => `${foldedName(key, etag)}.json`;

const lastPartOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** Which captured objects the markers of a day name. */
export const foldedSources = (
  markers: readonly { readonly key: string }[],
): { has(key: string, etag: string): boolean } => {
  const names = new Set(markers.map(({ key }) => lastPartOf(key).slice(0, lastPartOf(key).lastIndexOf('.'))));
  return { has: (key, etag) => names.has(foldedName(key, etag)) };
};
