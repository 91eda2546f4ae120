import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import type { FeatureValue, ModelInput } from './signature.ts';

const MAX_TEXT_LENGTH = 4_096;
const FLOAT32_MAX = 3.4028234663852886e38;

const expectedKind = (input: ModelInput): string =>
  `${input.datatype === 'FP32' ? 'a finite number in the range of float32' : `text of at most ${MAX_TEXT_LENGTH} characters`}${input.nullable ? ' or null' : ''}`;

/**
 * One value of one input, checked against the signature.
 * @param where how the message names the value's place in the request.
 * @throws InvalidRequestError that names the place, what came and what is allowed.
 */
export const checkFeatureValue = (input: ModelInput, value: unknown, where: string): FeatureValue => {
  if (value === null && input.nullable) return null;
  if (input.datatype === 'FP32' && typeof value === 'number' && Math.abs(value) <= FLOAT32_MAX) return value;
  if (input.datatype === 'BYTES' && typeof value === 'string' && value.length <= MAX_TEXT_LENGTH) return value;
  throw new InvalidRequestError(`${where} must be ${expectedKind(input)}, got ${showValue(value)}`);
};
