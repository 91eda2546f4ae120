import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { StateFailure } from '../failure.ts';

/** AWS's limit of an input, a result, an output and an assigned set of variables. */
export const PAYLOAD_BYTES = 262_144;

/** AWS's limit of all variables of an execution together. */
export const VARIABLES_BYTES = 10 * 1_048_576;

/** The value as JSON text. @throws StateFailure States.DataLimitExceeded */
export const payloadText = (value: JsonValue, what: string): string => {
  const text = JSON.stringify(value);
  if (text.length * 3 > PAYLOAD_BYTES && Buffer.byteLength(text) > PAYLOAD_BYTES) {
    const cause = `${what} has a size exceeding the maximum number of bytes service limit (${PAYLOAD_BYTES}).`;
    throw new StateFailure('States.DataLimitExceeded', cause);
  }
  return text;
};
