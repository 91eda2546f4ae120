/**
 * One log line as JSON on standard output, which Lambda gives to CloudWatch Logs as it is. Fields name the request,
 * execution, model and version; feature values never.
 */
export const logLine = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void => {
  console.log(JSON.stringify({ level, message, ...fields }));
};

/** What of an error belongs in a log line. */
export const errorFields = (error: unknown): Readonly<Record<string, unknown>> =>
  error instanceof Error
    ? { errorName: error.name, errorMessage: error.message, stack: error.stack, cause: String(error.cause ?? '') }
    : { errorName: 'unknown', errorMessage: String(error) };
