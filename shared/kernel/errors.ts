/**
 * The errors a caller may meet. `name` is a literal because the bundler renames classes and state machines
 * match errors by name; `code` and `httpStatus` are what the renderers in `shared/http` answer.
 */
abstract class PlatformError extends Error {
  abstract override readonly name: string;
  abstract readonly code: string;
  abstract readonly httpStatus: number;
}

export class InvalidRequestError extends PlatformError {
  override readonly name = 'InvalidRequestError';
  readonly code = 'INVALID_PARAMETER_VALUE';
  readonly httpStatus = 400;
}

export class NotFoundError extends PlatformError {
  override readonly name = 'NotFoundError';
  readonly code = 'RESOURCE_DOES_NOT_EXIST';
  readonly httpStatus = 404;
}

export class AlreadyExistsError extends PlatformError {
  override readonly name = 'AlreadyExistsError';
  readonly code = 'RESOURCE_ALREADY_EXISTS';
  readonly httpStatus = 409;
}

export class UnauthenticatedError extends PlatformError {
  override readonly name = 'UnauthenticatedError';
  readonly code = 'UNAUTHENTICATED';
  readonly httpStatus = 401;
}

export class ForbiddenError extends PlatformError {
  override readonly name = 'ForbiddenError';
  readonly code = 'PERMISSION_DENIED';
  readonly httpStatus = 403;
}

/** A feature of the protocol that is not built; `message` names it. */
export class NotImplementedError extends PlatformError {
  override readonly name = 'NotImplementedError';
  readonly code = 'NOT_IMPLEMENTED';
  readonly httpStatus = 501;
}

export class InvalidStateError extends PlatformError {
  override readonly name = 'InvalidStateError';
  readonly code = 'INVALID_STATE';
  readonly httpStatus = 409;
}

/** A conditional write was lost to another writer: read again and decide again. */
export class ConflictError extends PlatformError {
  override readonly name = 'ConflictError';
  readonly code = 'RESOURCE_CONFLICT';
  readonly httpStatus = 409;
}

export class LimitExceededError extends PlatformError {
  override readonly name = 'LimitExceededError';
  readonly code = 'RESOURCE_EXHAUSTED';
  readonly httpStatus = 429;
}

export class PayloadTooLargeError extends PlatformError {
  override readonly name = 'PayloadTooLargeError';
  readonly code = 'PAYLOAD_TOO_LARGE';
  readonly httpStatus = 413;
}

/** A body in a form that is not read, by its Content-Type or Content-Encoding. */
export class UnsupportedMediaTypeError extends PlatformError {
  override readonly name = 'UnsupportedMediaTypeError';
  readonly code = 'UNSUPPORTED_MEDIA_TYPE';
  readonly httpStatus = 415;
}

export class UnavailableError extends PlatformError {
  override readonly name = 'UnavailableError';
  readonly code = 'TEMPORARILY_UNAVAILABLE';
  readonly httpStatus = 503;
}

export type { PlatformError };

/** True for the errors above; anything else is a bug and answers 500 with a generic body. */
export const isPlatformError = (error: unknown): error is PlatformError => error instanceof PlatformError;
