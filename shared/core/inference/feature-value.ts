import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import type { FeatureValue, ModelInput } from './signature.ts';

export const MAX_TEXT_LENGTH = 4_096;
/** The largest number that rounds to a finite float32; the shortest name of the largest float32 lies beyond it itself. */
export const FLOAT32_MAX = 3.4028235677973362e38;

/** A lone surrogate is no character: it would reach the model as another text. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_TEXT_LENGTH && value.isWellFormed();

const expectedKind = (input: ModelInput): string =>
  `${input.datatype === 'FP32' ? 'a finite number in the range of float32' : `text of at most ${MAX_TEXT_LENGTH} characters without lone surrogates`}${input.nullable ? ' or null' : ''}`;

/**
 * One value of one input, checked against the signature.
 * @param where how the message names the value's place in the request.
 * @throws InvalidRequestError that names the place, what came and what is allowed.
 */
export const checkFeatureValue = (input: ModelInput, value: unknown, where: string): FeatureValue => {
  if (value === null && input.nullable) return null;
  if (input.datatype === 'FP32' && typeof value === 'number' && Math.abs(value) <= FLOAT32_MAX) return value;
  if (input.datatype === 'BYTES' && isText(value)) return value;
  throw new InvalidRequestError(`${where} must be ${expectedKind(input)}, got ${showValue(value)}`);
};
