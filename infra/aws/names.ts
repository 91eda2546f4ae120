/** Physical names that stay inside the CDK app; those that product code shares are in `shared/contracts/names.ts`. */

/** Every function but the inference functions, by its folder. */
export const functionName = (stage: string, folder: string): string => `millrace-${stage}-${folder}`;

/** `capture-model` → `CaptureModel`: construct ids, and with `FunctionArn` the tokens of the state machines. */
export const pascalCase = (kebab: string): string =>
  kebab
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');

export const stackName = (stage: string, stack: 'data' | 'training' | 'serving' | 'monitoring' | 'api'): string =>
  `Millrace-${stage}-${stack}`;
