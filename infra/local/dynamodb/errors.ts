import { AwsError } from '../contracts.ts';

/** The one error for everything a request says wrong; DynamoDB tells cases apart by the message alone. */
export const validationError = (message: string): AwsError => new AwsError('ValidationException', message);

/** The request is not what the protocol says: a number where a string belongs, a list where a map does. */
export const serializationError = (message: string): AwsError => new AwsError('SerializationException', message);

export const tableNotFound = (message = 'Requested resource not found'): AwsError =>
  new AwsError('ResourceNotFoundException', message);

export const resourceInUse = (message: string): AwsError => new AwsError('ResourceInUseException', message);

export const conditionFailed = (item?: unknown): AwsError =>
  new AwsError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    item === undefined ? {} : { Item: item },
  );

/** AWS has it, this cloud does not: said by name, so that nobody believes it worked. */
export const unsupported = (what: string): AwsError =>
  validationError(`${what} is not supported by the embedded cloud`);
